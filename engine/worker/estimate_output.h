// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/predict/predictor.h"
#include "engine/spec/result.h"

namespace engine {

// What `estimate` prints.
struct EstimateReport
{
    const Predictor *predictor = nullptr;
    std::vector<Estimate> estimates;
    bool explain = false; // operator by operator
};

// One object: schema, model, device, deployment, calibration, points. Figures of a point that does
// not fit are null with the reason under `why`.
std::string toJson(const EstimateReport &report);

// Lines for people: what the estimate rests on, one row a point, and the breakdowns if asked for.
std::string toTable(const EstimateReport &report);

} // namespace engine
