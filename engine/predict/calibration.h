// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/predict/deployment.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/point.h"
#include "engine/spec/units.h"

namespace engine {

// The fitted constants of one phase, in this order; all are positive and live as logarithms.
enum class Constant {
    GemmCompute,      // share of the dense rate that matrix products reach
    AttentionCompute, // share of it that attention reaches
    WeightBandwidth,  // share of the read bandwidth while weights stream
    KvBandwidth,      // the same for the KV cache
    PerLayer,         // seconds a layer and step: launches, norms, barriers
    PerStep,          // seconds a step
    PerSequence,      // seconds a sequence and step: sampling, scheduling
};
inline constexpr std::size_t kConstantCount = 7;
std::string_view constantName(Constant constant);

using ConstantVector = std::array<double, kConstantCount>;
using ConstantMatrix = std::array<ConstantVector, kConstantCount>;

// Most cells that are fitted; of more, every second (third …) is left out.
inline constexpr std::size_t kMostSites = 96;

// A measured cell that a phase was fitted to.
struct FitSite
{
    int run = 0; // which model and types
    double logBatch = 0;
    double logContext = 0;
};

// How an engine's kernels behave on a kind of device, not fitted to measured points.
struct EngineHabits
{
    double paddingRows = 0;    // rows that a matrix product wastes
    double unpacking = 0.75;   // rate of a product whose weights are unpacked to 16 bits first
    double fp32OfBf16 = 0.5;   // rate of fp32 where a device lists none
    double elementwise = 0.38; // of the passes of unfused code over the hidden state
    std::map<DType, double> ofBf16Share; // what products of a type reach relative to bf16's share

    friend bool operator==(const EngineHabits &, const EngineHabits &) = default;
};

// Constants of one phase with their uncertainty, and what measured cells say beyond the constants:
// a smooth residual over log batch and log context, for the very model that was measured.
struct PhaseFit
{
    ConstantVector logValue{};
    ConstantMatrix covariance{};
    double structuralSpread = 0; // sd of the logarithm that the constants cannot explain
    double overlap = 4;    // of computing and moving bytes: 1 = one after the other, large = both
    int points = 0;        // cells fitted
    int ignored = 0;       // points of status Ok left out: no figure, or not plausible here
    bool rejected = false; // the points explain nothing: the prior stands
    std::vector<FitSite> sites;
    std::vector<double> weights;          // sites.size(): residual mean = kernel . weights
    std::vector<double> precision;        // sites x sites, row-major: inverse of kernel + noise
    std::vector<ConstantVector> jacobian; // one a site

    double value(Constant constant) const;
};

// One run: points of one model in one deployment on the device.
struct MeasuredRun
{
    ModelSpec model;
    Deployment deployment;
    std::vector<Point> points;
};

struct ServingKnowledge;

// What is known of a device's speed. A value; build once as points arrive and share.
struct Calibration
{
    std::string deviceId;
    PhaseFit decode;
    PhaseFit prefill;
    EngineHabits habits;
    std::shared_ptr<const ServingKnowledge> serving; // for what the seven constants do not cover
    struct Run
    {
        ModelSpec model;
        DType dtype = DType::Bf16;
        DType kvDType = DType::Bf16;
    };
    std::vector<Run> runs;
};

struct EstimateConstants;

// What is believed before anything is measured: typical shares of the data sheet and their spread,
// by kind of device. Without constants, those compiled in.
Calibration priorCalibration(const DeviceSpec &device, const EstimateConstants &constants);
Calibration priorCalibration(const DeviceSpec &device);

// The prior bent to measured points (maximum a posteriori, Gauss-Newton in logarithms): provisional
// and flagged points count less, outliers are weighed down, cells of status other than Ok or
// implausible by a factor of 30 are ignored, and where points predict each other no better than
// the prior does, the prior stands. tpot_ms fits decode; ttft_idle_ms fits prefill, and where it is
// absent ttft_ms over (B + 1) / 2.
Calibration calibrate(const DeviceSpec &device, std::span<const MeasuredRun> runs,
                      const EstimateConstants &constants);
Calibration calibrate(const DeviceSpec &device, std::span<const MeasuredRun> runs);

} // namespace engine
