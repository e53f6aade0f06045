// SPDX-License-Identifier: Apache-2.0
// What is believed of a kind of device before anything is measured on it.
#include <cmath>

#include "engine/predict/calibration.h"
#include "engine/predict/constants.h"

namespace engine {
namespace {

// Matrix units outrun what feeds them: the share of the peak that products reach falls as the FLOPs
// per byte of bandwidth rise.
double cpuComputeShare(const DeviceSpec &device, const EstimateConstants &constants)
{
    const auto rate = device.denseRate.find(DType::Bf16);
    if (rate == device.denseRate.end() || !(device.bandwidth.value > 0))
        return 1;
    const double ridge = rate->second.value / device.bandwidth.value;
    return constants.cpuMostCompute / (1 + ridge / constants.cpuHalfAtFlopsPerByte);
}

PhaseFit fitOf(const PhasePrior &prior)
{
    PhaseFit fit;
    for (std::size_t i = 0; i < kConstantCount; ++i) {
        fit.logValue[i] = std::log(prior.constants[i].median);
        fit.covariance[i][i] = prior.constants[i].spread * prior.constants[i].spread;
    }
    fit.structuralSpread = prior.structure;
    fit.overlap = prior.overlap;
    return fit;
}

void widen(PhaseFit &fit, Constant constant, double spread)
{
    fit.covariance[std::size_t(constant)][std::size_t(constant)] += spread * spread;
}

} // namespace

Calibration priorCalibration(const DeviceSpec &device)
{
    return priorCalibration(device, shippedConstants());
}

Calibration priorCalibration(const DeviceSpec &device, const EstimateConstants &constants)
{
    const bool cpu = device.kind == DeviceKind::Cpu;
    const EnginePrior &believed = cpu ? constants.cpu : constants.gpu;
    Calibration prior;
    prior.deviceId = device.id;
    prior.decode = fitOf(believed.decode);
    prior.prefill = fitOf(believed.prefill);
    prior.habits = believed.habits;
    prior.serving = constants.serving;
    if (!cpu)
        return prior;
    const double share = std::log(cpuComputeShare(device, constants));
    for (PhaseFit *fit : {&prior.decode, &prior.prefill}) {
        fit->logValue[std::size_t(Constant::GemmCompute)] += share;
        fit->logValue[std::size_t(Constant::AttentionCompute)] += share;
        if (device.measuredHere)
            continue;
        for (Constant constant : {Constant::GemmCompute, Constant::AttentionCompute,
                                  Constant::WeightBandwidth, Constant::KvBandwidth})
            widen(*fit, constant, constants.unmeasuredCeilingSpread);
    }
    return prior;
}

} // namespace engine
