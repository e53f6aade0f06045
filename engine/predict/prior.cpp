// SPDX-License-Identifier: Apache-2.0
// What is believed of a kind of device before anything is measured on it.
#include <cmath>

#include "engine/predict/calibration.h"

namespace engine {
namespace {

// Median and spread (sd of the logarithm) of one constant.
struct Belief
{
    double median = 1;
    double spread = 0.5;
};
using Beliefs = std::array<Belief, kConstantCount>;

// GPUs: typical values of joint fits to public serving measurements of 2025 and 2026 (vLLM,
// SGLang, TensorRT-LLM on H100 to B300), spreads from their 10 to 90 % ranges. Bandwidth shares
// are of the data sheet.
constexpr Beliefs kGpuDecode{{
    {0.75, 0.25},   // GemmCompute
    {0.40, 0.50},   // AttentionCompute
    {0.90, 0.12},   // WeightBandwidth
    {0.75, 0.25},   // KvBandwidth
    {50e-6, 0.40},  // PerLayer
    {200e-6, 0.80}, // PerStep
    {20e-6, 0.60},  // PerSequence
}};
constexpr Beliefs kGpuPrefill{{
    {0.70, 0.25},
    {0.40, 0.50},
    {0.90, 0.12},
    {0.75, 0.25},
    {80e-6, 0.60},
    {300e-6, 0.80},
    {5e-3, 1.00},
}};

// CPUs: shares of measured ceilings, the compute shares before cpuComputeShare().
constexpr Beliefs kCpuDecode{{
    {1.00, 0.50},
    {0.35, 0.80},
    {0.92, 0.12},
    {0.70, 0.35},
    {15e-6, 0.70},
    {100e-6, 0.90},
    {20e-6, 0.90},
}};
constexpr Beliefs kCpuPrefill{{
    {1.00, 0.40},
    {0.90, 0.60},
    {0.92, 0.12},
    {0.70, 0.35},
    {30e-6, 0.70},
    {100e-6, 0.90},
    {100e-6, 0.90},
}};

constexpr double kGpuPaddingRows = 32;
constexpr double kCpuPaddingRows = 2;
constexpr double kDecodeStructure = 0.08;
constexpr double kPrefillStructure = 0.10;
// A CPU whose rates are defaults by instruction set, not ceilings measured here.
constexpr double kDefaultRateSpread = 0.45;

// Matrix units outrun what feeds them: the share of the peak that products reach falls as the FLOPs
// per byte of bandwidth rise, from 0.85 at 20 (AVX-512) to 0.25 at 230 (AMX).
double cpuComputeShare(const DeviceSpec &device)
{
    const auto rate = device.denseRate.find(DType::Bf16);
    if (rate == device.denseRate.end() || !(device.bandwidth.value > 0))
        return 1;
    const double ridge = rate->second.value / device.bandwidth.value;
    return 1.1 / (1 + ridge / 66);
}

PhaseFit fitOf(const Beliefs &beliefs, double structure)
{
    PhaseFit fit;
    for (std::size_t i = 0; i < kConstantCount; ++i) {
        fit.logValue[i] = std::log(beliefs[i].median);
        fit.covariance[i][i] = beliefs[i].spread * beliefs[i].spread;
    }
    fit.structuralSpread = structure;
    return fit;
}

void widen(PhaseFit &fit, Constant constant, double spread)
{
    fit.covariance[std::size_t(constant)][std::size_t(constant)] += spread * spread;
}

} // namespace

Calibration priorCalibration(const DeviceSpec &device)
{
    const bool cpu = device.kind == DeviceKind::Cpu;
    Calibration prior;
    prior.deviceId = device.id;
    prior.decode = fitOf(cpu ? kCpuDecode : kGpuDecode, kDecodeStructure);
    prior.prefill = fitOf(cpu ? kCpuPrefill : kGpuPrefill, kPrefillStructure);
    prior.paddingRows = cpu ? kCpuPaddingRows : kGpuPaddingRows;
    if (!cpu)
        return prior;
    const double share = std::log(cpuComputeShare(device));
    for (PhaseFit *fit : {&prior.decode, &prior.prefill}) {
        fit->logValue[std::size_t(Constant::GemmCompute)] += share;
        fit->logValue[std::size_t(Constant::AttentionCompute)] += share;
        if (device.measuredHere)
            continue;
        for (Constant constant : {Constant::GemmCompute, Constant::AttentionCompute,
                                  Constant::WeightBandwidth, Constant::KvBandwidth})
            widen(*fit, constant, kDefaultRateSpread);
    }
    return prior;
}

} // namespace engine
