// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <stop_token>

#include "engine/predict/calibration.h"
#include "engine/simulate/serving.h"
#include "engine/simulate/step_tables.h"
#include "engine/simulate/trace.h"
#include "engine/spec/result.h"

namespace engine {

// What a recorded trace can teach: how far some constants of an engine lie from what is believed of
// them beforehand, as logarithms, so that they can be carried to another device or model. Those
// that a trace cannot tell from these, or that are a device's own (the share of the dense rate that
// prompts meet), are not among them.
struct TraceConstants
{
    enum Index {
        KvBandwidth,
        DecodePerSequence,
        Overlap, // of the odds of StepTables::overlap
        Count
    };

    std::array<double, Count> shift{};

    // The calibration with its constants moved.
    Calibration applied(Calibration prior) const;
    // The tables with their overlap moved.
    StepTables applied(StepTables steps) const;

    friend bool operator==(const TraceConstants &, const TraceConstants &) = default;
};

// Step times for constants: usually predictedSteps() of a Predictor made with them.
using StepsFor = std::function<Result<StepTables>(const TraceConstants &)>;

// Moves the constants until the simulated requests take the times of the recorded ones: least sum
// over requests of the distances of log TTFT and log (last - first token), the large ones counted
// less, and of the shifts over their prior spreads (Nelder and Mead's simplex, 200 rounds).
// BadInput for a trace without times; else as simulate() and `stepsFor`.
Result<TraceConstants> fitTrace(const Trace &trace, const Serving &serving,
                                const StepsFor &stepsFor, std::stop_token stop = {});

} // namespace engine
