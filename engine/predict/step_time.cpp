// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/step_time.h"

#include <cmath>
#include <optional>

namespace engine {
namespace {

constexpr std::size_t index(Constant constant)
{
    return std::size_t(constant);
}

// Share of the peak that products of a type reach, relative to bf16 (fits to public serving
// measurements gave 0.87 bf16, 0.54 fp8, 0.48 fp4 of their peaks).
double nativeFactor(DType type)
{
    switch (type) {
    case DType::Fp8:
    case DType::Int8:
        return 0.62;
    case DType::Fp4:
    case DType::Int4:
        return 0.55;
    default:
        return 1;
    }
}

// Unpacking weights to the type of the product costs about a quarter of the rate.
constexpr double kUnpackFactor = 0.75;
// A device that lists no fp32 rate runs it at half of bf16's.
constexpr double kFp32OfBf16 = 0.5;

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
    }
    return "";
}

StepRates ratesOf(const DeviceSpec &device, DType dtype, double paddingRows)
{
    StepRates rates;
    rates.attention = widestRate(device);
    rates.bandwidth = device.bandwidth;
    rates.paddingRows = paddingRows;
    if (const auto native = rateOf(device, dtype)) {
        rates.gemm = *native;
        rates.gemmFactor = nativeFactor(dtype);
    } else {
        rates.gemm = widestRate(device);
        if (dtype == DType::Fp32)
            rates.gemmFactor = kFp32OfBf16;
        else if (dtype != DType::Bf16 && dtype != DType::Fp16)
            rates.gemmFactor = kUnpackFactor;
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
    split.memory = (work.weightBytes + work.activationBytes) / rates.bandwidth /
                       constants[index(Constant::WeightBandwidth)] +
                   split.kvMemory;
    const double c = split.compute.value * split.compute.value;
    const double m = split.memory.value * split.memory.value;
    split.time = Seconds(std::sqrt(std::sqrt(c * c + m * m)));
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
        // t = (c^4 + m^4)^(1/4): dt = (c/t)^3 dc + (m/t)^3 dm, and each part falls with its rate.
        const double c = split.compute.value / time;
        const double m = split.memory.value / time;
        const Constant own = work.kind == OperatorKind::Attention ? Constant::AttentionCompute
                                                                  : Constant::GemmCompute;
        slope[index(own)] -= c * c * c * split.compute.value;
        const double kv = split.kvMemory.value;
        slope[index(Constant::KvBandwidth)] -= m * m * m * kv;
        slope[index(Constant::WeightBandwidth)] -= m * m * m * (split.memory.value - kv);
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
