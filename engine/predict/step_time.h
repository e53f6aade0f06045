// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "engine/predict/calibration.h"
#include "engine/predict/deployment.h"
#include "engine/predict/operators.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/units.h"

namespace engine {

// What most of a phase's or an operator's time goes to.
enum class Bound { Compute, Memory, Overhead, Network };
std::string_view boundName(Bound bound); // "compute", "memory", "overhead", "network"

// The rates of a device that a deployment's types meet. A type that the device does not compute in
// is unpacked to the widest 16-bit (else fp32) type that it does; `gemmFactor` is what products of
// the type reach relative to bf16's share of the peak.
struct StepRates
{
    FlopsPerSecond gemm;
    double gemmFactor = 1;
    FlopsPerSecond attention;
    BytesPerSecond bandwidth;
    double paddingRows = 0;
    double elementwise = 1; // of the listed passes over the hidden state
    double overlap = 4;     // p of time = (compute^p + memory^p)^(1/p)
};
StepRates ratesOf(const DeviceSpec &device, DType dtype, const EngineHabits &habits,
                  double overlap);

struct OperatorSplit
{
    Seconds time; // smooth maximum of the next two
    Seconds compute;
    Seconds memory;
    Seconds kvMemory; // the part of `memory` that is KV
};
OperatorSplit operatorTime(const OperatorWork &work, const StepRates &rates,
                           const ConstantVector &constants);

// Time of a step and how its logarithm moves with the logarithm of each constant.
struct StepTime
{
    Seconds total;
    Seconds overhead;
    Bound bound = Bound::Memory;
    ConstantVector gradient{}; // d ln(total) / d ln(constant)
};

// Sum over operators plus overheads: PerLayer for every layer of every chunk, PerStep for every
// chunk, PerSequence for every sequence. `constants` are values, not logarithms.
StepTime stepTime(std::span<const OperatorWork> operators, int layers, const StepShape &shape,
                  const StepRates &rates, const ConstantVector &constants);

// exp of each element.
ConstantVector valuesOf(const ConstantVector &logarithms);

} // namespace engine
