// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/predict/calibration.h"
#include "engine/predict/deployment.h"
#include "engine/predict/memory_need.h"
#include "engine/predict/operators.h"
#include "engine/predict/phase_estimate.h"
#include "engine/predict/serving/serving_tree.h"
#include "engine/predict/serving/step_model.h"
#include "engine/predict/step_time.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"
#include "engine/spec/workload.h"

namespace engine {

// A value with the bounds that hold four of five times: low is P10, high is P90.
template <class T>
struct Banded
{
    T mid{};
    T low{};
    T high{};

    friend bool operator==(const Banded &, const Banded &) = default;
};

// What an estimate rests on: the data sheet alone (points 0), or measured cells as well.
struct Basis
{
    int points = 0;             // measured cells that this phase was fitted to
    bool sameModel = false;     // some of them are of this model and these types
    bool extrapolating = false; // more than a factor of two outside the measured cells
    bool serving = false;       // on constants of public serving engines

    friend bool operator==(const Basis &, const Basis &) = default;
};
// "Estimated from the device's data, nothing measured.", "Estimated and calibrated by 6 measured
// points, outside the measured range." …
std::string basisSentence(const Basis &basis);

// Integer micro-dollars per million tokens; absent where the price is unknown. total spreads a
// batch's whole life over prompt and output tokens; outputAlone puts all of it on output tokens;
// input and output split it by the time of prefill and of decode steps.
struct TokenCost
{
    std::optional<Banded<MicroUsd>> total;
    std::optional<Banded<MicroUsd>> outputAlone;
    std::optional<Banded<MicroUsd>> input;
    std::optional<Banded<MicroUsd>> output;

    friend bool operator==(const TokenCost &, const TokenCost &) = default;
};

// One point of every curve. Plain value, no heap. Where memory.fit is not Fits the times are what
// they would be if it did: show a gap and the reason.
struct Estimate
{
    Workload workload;
    MemoryNeed memory;
    Banded<Seconds> ttft; // median wait of the B prompts, prefilled in order: (B + 1) / 2 prefills
    Banded<Seconds> ttftIdle;  // a lone prompt: one prefill, first token sampled
    Banded<Seconds> tpot;      // one decode step
    Banded<Seconds> e2e;       // ttft + (output - 1) tpot
    Banded<double> outputTps;  // batch / tpot
    Banded<double> userTps;    // 1 / tpot
    Banded<double> prefillTps; // prompt tokens / ttftIdle
    Banded<double> totalTps;   // prompt and output tokens of the batch / its whole life
    TokenCost cost;
    Bound prefillBound = Bound::Compute;
    Bound decodeBound = Bound::Memory;
    Basis prefillBasis;
    Basis decodeBasis;

    friend bool operator==(const Estimate &, const Estimate &) = default;
};

// One line of the breakdown of a phase.
struct OperatorTime
{
    OperatorWork work;
    Seconds time; // of all `work.count` layers
    Bound bound = Bound::Memory;
};
struct Breakdown
{
    std::vector<OperatorTime> operators;
    Seconds overhead;   // per layer, per step, per sequence
    Seconds correction; // what measured cells add to or take from the sum
    Seconds total() const;
};

// Estimates for one model on one device in one deployment. Immutable; any number of threads may
// ask it at once.
class Predictor
{
public:
    // BadInput for a malformed deployment, an impossible layout or an empty device.
    static Result<Predictor> create(ModelSpec model, DeviceSpec device, Deployment deployment,
                                    Calibration calibration);

    // BadInput when a count is below 1 or over a thousand million.
    Result<Estimate> at(const Workload &workload) const;

    // One Estimate a workload, into `out` (its storage is used again).
    Result<void> at(std::span<const Workload> workloads, std::vector<Estimate> &out) const;

    // One engine step with prompts and decoding sequences mixed, of one replica.
    Seconds mixedStepTime(const StepLoad &load) const;
    // What times steps: for those who ask for millions of them.
    const StepModel &stepModel() const { return *m_anyStep; }

    // Operator by operator, for the "why".
    Result<Breakdown> explain(const Workload &workload, Phase phase) const;

    const ModelSpec &model() const { return m_model; }
    const DeviceSpec &device() const { return m_device; }
    const Deployment &deployment() const { return m_deployment; }
    const Calibration &calibration() const { return m_calibration; }

private:
    Predictor() = default;

    Result<void> makeStep(const ModelSpec &model, const DeviceSpec &device,
                          const Deployment &deployment, const Calibration &calibration);
    PhaseEstimate servingPhase(const Workload &workload, Phase phase, Bound &bound) const;
    Breakdown servingBreakdown(const Workload &workload, Phase phase) const;
    PhaseEstimate phase(const Workload &workload, Phase phase, std::vector<OperatorWork> &scratch,
                        Bound &bound) const;
    Estimate estimate(const Workload &workload, std::vector<OperatorWork> &scratch) const;

    ModelSpec m_model;
    DeviceSpec m_device;
    Deployment m_deployment;
    Calibration m_calibration;
    ModelPlan m_plan;
    StepRates m_decodeRates;
    StepRates m_prefillRates;
    ConstantVector m_decodeConstants{};
    ConstantVector m_prefillConstants{};
    int m_run = -1; // of m_calibration.runs, when this very model was measured
    // Of models and layouts that the seven constants do not cover: several devices, experts, latent
    // or linear attention. Times are those of public serving engines.
    std::optional<StepModel> m_step;
    std::optional<StepModel> m_anyStep; // the same for every model, for mixed steps
    ServingKey m_key;
    Tier m_tier = Tier::NewDevice;
};

} // namespace engine
