// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/predict/predictor.h"
#include "engine/simulate/load_curve.h"
#include "engine/simulate/trace.h"

namespace engine {

// What `simulate` prints.
struct SimulateReport
{
    const Predictor *predictor = nullptr;
    LoadCurveSpec spec;
    std::int64_t kvTokens = 0;     // of a replica, as the memory or the user has it
    std::vector<LoadPoint> points; // one where a trace was given
    bool fromTrace = false;
    std::optional<ServingSummary> recorded; // what the trace's own times say
};

// What a trace's recorded times say, summed up as a simulation of it is. Absent without times.
std::optional<ServingSummary> recordedSummary(const Trace &trace, const LatencyLimits &limits);

// One object: schema, model, device, serving, traffic, points. Percentiles of too few requests are
// null with the reason under `why`.
std::string toJson(const SimulateReport &report);

// Lines for people: what was simulated and one row a load.
std::string toTable(const SimulateReport &report);

} // namespace engine
