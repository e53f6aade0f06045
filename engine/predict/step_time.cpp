// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/step_time.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace engine {
namespace {

constexpr std::size_t index(Constant constant)
{
    return std::size_t(constant);
}

std::optional<FlopsPerSecond> rateOf(const DeviceSpec &device, DType type)
{
    const auto found = device.denseRate.find(type);
    if (found == device.denseRate.end() || !(found->second.value > 0))
        return std::nullopt;
    return found->second;
}

FlopsPerSecond widestRate(const DeviceSpec &device)
{
    for (DType type : {DType::Bf16, DType::Fp16, DType::Fp32}) {
        if (const auto rate = rateOf(device, type))
            return *rate;
    }
    return FlopsPerSecond(0);
}

// (a^p + b^p)^(1/p), the usual exponents without a call to pow.
double smoothMaximum(double a, double b, double p)
{
    if (p == 4) {
        const double a2 = a * a;
        const double b2 = b * b;
        return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
    }
    if (p == 1)
        return a + b;
    const double high = std::max(a, b);
    const double low = std::min(a, b);
    return low > 0 ? high * std::pow(1 + std::pow(low / high, p), 1 / p) : high;
}

// How far the whole follows one of its two parts: share^(p - 1).
double pull(double share, double p)
{
    if (p == 4)
        return share * share * share;
    return p == 1 ? 1 : std::pow(share, p - 1);
}

} // namespace

std::string_view boundName(Bound bound)
{
    switch (bound) {
    case Bound::Compute:
        return "compute";
    case Bound::Memory:
        return "memory";
    case Bound::Overhead:
        return "overhead";
    case Bound::Network:
        return "network";
    }
    return "";
}

StepRates ratesOf(const DeviceSpec &device, DType dtype, const EngineHabits &habits, double overlap)
{
    StepRates rates;
    rates.attention = widestRate(device);
    rates.bandwidth = device.bandwidth;
    rates.paddingRows = habits.paddingRows;
    rates.elementwise = habits.elementwise;
    rates.overlap = overlap;
    if (const auto native = rateOf(device, dtype)) {
        const auto share = habits.ofBf16Share.find(dtype);
        rates.gemm = *native;
        rates.gemmFactor = share == habits.ofBf16Share.end() ? 1 : share->second;
    } else {
        rates.gemm = widestRate(device);
        if (dtype == DType::Fp32)
            rates.gemmFactor = habits.fp32OfBf16;
        else if (dtype != DType::Bf16 && dtype != DType::Fp16)
            rates.gemmFactor = habits.unpacking;
    }
    return rates;
}

ConstantVector valuesOf(const ConstantVector &logarithms)
{
    ConstantVector values;
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::exp(logarithms[i]);
    return values;
}

OperatorSplit operatorTime(const OperatorWork &work, const StepRates &rates,
                           const ConstantVector &constants)
{
    OperatorSplit split;
    if (work.kind == OperatorKind::Attention) {
        split.compute = work.flops / rates.attention / constants[index(Constant::AttentionCompute)];
    } else if (work.rows > 0) {
        split.compute = work.flops * ((work.rows + rates.paddingRows) / work.rows) / rates.gemm /
                        (constants[index(Constant::GemmCompute)] * rates.gemmFactor);
    }
    split.kvMemory = (work.kvReadBytes + work.kvWriteBytes) / rates.bandwidth /
                     constants[index(Constant::KvBandwidth)];
    split.memory = (work.weightBytes + work.activationBytes * rates.elementwise) / rates.bandwidth /
                       constants[index(Constant::WeightBandwidth)] +
                   split.kvMemory;
    split.time = Seconds(smoothMaximum(split.compute.value, split.memory.value, rates.overlap));
    return split;
}

StepTime stepTime(std::span<const OperatorWork> operators, int layers, const StepShape &shape,
                  const StepRates &rates, const ConstantVector &constants)
{
    StepTime step;
    ConstantVector &slope = step.gradient; // d total / d ln(constant) until the end
    double computeBound = 0;
    double memoryBound = 0;
    double sum = 0;
    for (const OperatorWork &work : operators) {
        const OperatorSplit split = operatorTime(work, rates, constants);
        const double time = split.time.value;
        if (!(time > 0))
            continue;
        sum += time;
        const bool compute = split.compute > split.memory;
        (compute ? computeBound : memoryBound) += time;
        // t = (c^p + m^p)^(1/p): dt = (c/t)^(p-1) dc + (m/t)^(p-1) dm, and each part falls with its
        // rate.
        const double c = pull(split.compute.value / time, rates.overlap);
        const double m = pull(split.memory.value / time, rates.overlap);
        const Constant own = work.kind == OperatorKind::Attention ? Constant::AttentionCompute
                                                                  : Constant::GemmCompute;
        slope[index(own)] -= c * split.compute.value;
        const double kv = split.kvMemory.value;
        slope[index(Constant::KvBandwidth)] -= m * kv;
        slope[index(Constant::WeightBandwidth)] -= m * (split.memory.value - kv);
    }
    const double chunks = double(shape.chunks());
    slope[index(Constant::PerLayer)] = constants[index(Constant::PerLayer)] * layers * chunks;
    slope[index(Constant::PerStep)] = constants[index(Constant::PerStep)] * chunks;
    slope[index(Constant::PerSequence)] =
        constants[index(Constant::PerSequence)] * double(shape.sequences);
    const double overhead = slope[index(Constant::PerLayer)] + slope[index(Constant::PerStep)] +
                            slope[index(Constant::PerSequence)];
    step.overhead = Seconds(overhead);
    step.total = Seconds(sum + overhead);
    for (double &value : slope)
        value /= step.total.value;
    step.bound = computeBound >= memoryBound ? Bound::Compute : Bound::Memory;
    if (overhead > std::max(computeBound, memoryBound))
        step.bound = Bound::Overhead;
    return step;
}

} // namespace engine
