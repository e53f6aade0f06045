// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/predictor.h"

#include <algorithm>
#include <cmath>

#include "engine/predict/cost.h"
#include "engine/predict/phase_estimate.h"
#include "engine/predict/serving/serving_fit.h"

namespace engine {
namespace {

constexpr std::int64_t kMostCount = 1'000'000'000;
constexpr double kTenthPercentile = 1.2815515655446004; // sds from the median to P10 and P90

// A time and the spread of its logarithm.
struct Spread
{
    Seconds mid;
    double log = 0;

    Seconds low() const { return mid * std::exp(-kTenthPercentile * log); }
    Seconds high() const { return mid * std::exp(kTenthPercentile * log); }
    Banded<Seconds> banded() const { return {mid, low(), high()}; }
    Spread times(double factor) const { return {mid * factor, log}; }
    // Work per time: a longer time is a lower rate.
    Banded<double> rateOf(double work) const
    {
        return {work / mid.value, work / high().value, work / low().value};
    }
};

// The two phases are taken to err independently.
Spread sumOf(const Spread &a, const Spread &b)
{
    const Seconds total = a.mid + b.mid;
    const double x = a.mid.value * a.log;
    const double y = b.mid.value * b.log;
    return {total, std::sqrt(x * x + y * y) / total.value};
}

std::optional<Banded<MicroUsd>> costOf(const Spread &perToken, const Deployment &deployment)
{
    if (!deployment.pricePerHour)
        return std::nullopt;
    const auto at = [&](Seconds time) {
        return costPerMillion(deployment.layout.devices(), *deployment.pricePerHour, time,
                              deployment.utilisation);
    };
    const auto mid = at(perToken.mid);
    const auto low = at(perToken.low());
    const auto high = at(perToken.high());
    if (!mid || !low || !high)
        return std::nullopt;
    return Banded<MicroUsd>{*mid, *low, *high};
}

bool isDense(const LayerSpec &layer)
{
    return layer.attention.kind == AttentionKind::Grouped && layer.ffn.kind == FfnKind::SwiGlu &&
           layer.ffn.experts == 0;
}

bool hasShape(const LayerSpec &layer)
{
    const AttentionSpec &a = layer.attention;
    const FfnSpec &ffn = layer.ffn;
    if (a.heads < 1 || ffn.intermediate < 1)
        return false;
    if (ffn.kind == FfnKind::MixtureOfExperts &&
        (ffn.expertsPerToken < 1 || ffn.expertsPerToken > ffn.experts))
        return false;
    switch (a.kind) {
    case AttentionKind::Grouped:
        return a.kvHeads > 0 && a.headDim > 0;
    case AttentionKind::Latent:
        return a.latent.latentRank > 0 && a.latent.nopeDim > 0 && a.latent.valueDim > 0;
    case AttentionKind::Linear:
        return a.linear.keyHeads > 0 && a.linear.valueHeads > 0 && a.linear.keyDim > 0 &&
               a.linear.valueDim > 0;
    }
    return false;
}

bool hasShape(const ModelSpec &model)
{
    return model.hidden > 0 && model.vocabulary > 0 && !model.layers.empty() &&
           std::all_of(model.layers.begin(), model.layers.end(),
                       [](const LayerSpec &layer) { return hasShape(layer); });
}

Result<void> checkCreation(const ModelSpec &model, const DeviceSpec &device,
                           const Deployment &deployment)
{
    if (!hasShape(model))
        return fail(ErrorKind::BadInput, "The model " + model.name + " has no layers to estimate.");
    const StepRates rates = ratesOf(device, deployment.dtype, {}, 1);
    if (!(rates.bandwidth.value > 0) || !(rates.gemm.value > 0) || !(device.memory.value > 0)) {
        return fail(ErrorKind::BadInput, "The device " + device.id +
                                             " has no memory, bandwidth or dense rate to "
                                             "estimate with.");
    }
    if (!(deployment.utilisation > 0) || deployment.utilisation > 1) {
        return fail(ErrorKind::BadInput, "The utilisation must be above 0 and at most 1.");
    }
    if (const std::string fault = layoutFault(deployment.layout); !fault.empty())
        return fail(ErrorKind::BadInput, fault);
    if (deployment.pricePerHour && *deployment.pricePerHour < 0)
        return fail(ErrorKind::BadInput, "The price per hour must not be negative.");
    return {};
}

Result<void> checkWorkload(const Workload &workload)
{
    for (std::int64_t count : {workload.batch, workload.contextTokens, workload.outputTokens}) {
        if (count < 1 || count > kMostCount) {
            return fail(ErrorKind::BadInput, "Batch, context and output must be between 1 and " +
                                                 std::to_string(kMostCount) + ", not " +
                                                 std::to_string(count) + ".");
        }
    }
    return {};
}

int runOf(const Calibration &calibration, const ModelSpec &model, const Deployment &deployment)
{
    for (std::size_t i = 0; i < calibration.runs.size(); ++i) {
        const Calibration::Run &run = calibration.runs[i];
        if (run.dtype == deployment.dtype && run.kvDType == deployment.kvDType &&
            run.model.layers == model.layers && run.model.hidden == model.hidden &&
            run.model.vocabulary == model.vocabulary)
            return int(i);
    }
    return -1;
}

StepShape shapeOf(const Workload &workload, Phase phase, std::int64_t chunkTokens)
{
    StepShape shape;
    shape.phase = phase;
    shape.sequences = phase == Phase::Decode ? workload.batch : 1;
    shape.context = workload.contextTokens;
    shape.chunkTokens = chunkTokens;
    return shape;
}

Basis basisOf(const PhaseFit &fit, int run, double batch, double context)
{
    Basis basis;
    basis.points = fit.points;
    basis.sameModel = run >= 0 && hasRun(fit, run);
    basis.extrapolating = isExtrapolating(fit, run, batch, context);
    return basis;
}

} // namespace

std::string basisSentence(const Basis &basis)
{
    if (basis.serving) {
        return basis.extrapolating
                   ? "Estimated from public measurements of other models or devices."
                   : "Estimated from public measurements of this model on this device.";
    }
    if (basis.points == 0)
        return "Estimated from the device's data, nothing measured.";
    std::string text = "Estimated and calibrated by " + std::to_string(basis.points) +
                       (basis.points == 1 ? " measured point" : " measured points");
    if (!basis.sameModel)
        text += " of another model or type";
    if (basis.extrapolating)
        text += ", outside the measured range";
    return text + ".";
}

Seconds Breakdown::total() const
{
    Seconds sum = overhead + correction;
    for (const OperatorTime &entry : operators)
        sum += entry.time;
    return sum;
}

Result<Predictor> Predictor::create(ModelSpec model, DeviceSpec device, Deployment deployment,
                                    Calibration calibration)
{
    if (Result<void> checked = checkCreation(model, device, deployment); !checked)
        return tl::make_unexpected(checked.error());
    Predictor predictor;
    predictor.m_plan = planOf(model);
    predictor.m_run = runOf(calibration, model, deployment);
    predictor.m_decodeRates =
        ratesOf(device, deployment.dtype, calibration.habits, calibration.decode.overlap);
    predictor.m_prefillRates =
        ratesOf(device, deployment.dtype, calibration.habits, calibration.prefill.overlap);
    predictor.m_decodeConstants = valuesOf(calibration.decode.logValue);
    predictor.m_prefillConstants = valuesOf(calibration.prefill.logValue);
    if (Result<void> made = predictor.makeStep(model, device, deployment, calibration); !made)
        return tl::make_unexpected(made.error());
    predictor.m_model = std::move(model);
    predictor.m_device = std::move(device);
    predictor.m_deployment = deployment;
    predictor.m_calibration = std::move(calibration);
    return predictor;
}

Result<void> Predictor::makeStep(const ModelSpec &model, const DeviceSpec &device,
                                 const Deployment &deployment, const Calibration &calibration)
{
    static const ServingKnowledge nothing;
    const ServingKnowledge &known = calibration.serving ? *calibration.serving : nothing;
    m_key = keyOf(model, device, deployment);
    m_tier = tierOf(known.tree, m_key);
    Result<StepModel> step =
        StepModel::create(model, device, stepTypesOf(model, deployment.dtype, deployment.kvDType),
                          deployment.layout, known.tree.resolve(m_key));
    if (!step)
        return tl::make_unexpected(step.error());
    m_anyStep = std::move(*step);
    const bool dense = std::all_of(model.layers.begin(), model.layers.end(), isDense);
    if (device.kind == DeviceKind::Cpu && (!dense || deployment.layout != Layout{})) {
        return fail(ErrorKind::Unsupported,
                    "No estimate for " + model.name +
                        ": on a CPU only one device with layers of grouped attention and SwiGLU is "
                        "estimated.");
    }
    if (!dense || deployment.layout != Layout{} || !deployment.servingEngine.empty())
        m_step = m_anyStep;
    return {};
}

Seconds Predictor::mixedStepTime(const StepLoad &load) const
{
    return m_anyStep->time(load);
}

// Of what the serving engines' constants time: the middle of the band's width as a spread.
PhaseEstimate Predictor::servingPhase(const Workload &workload, Phase phase, Bound &bound) const
{
    const bool decode = phase == Phase::Decode;
    PhaseEstimate estimate;
    if (decode) {
        StepLoad load;
        load.decodeSequences = double(workload.batch);
        load.decodePositions = double(workload.contextTokens);
        estimate.time = m_step->time(load, &bound);
    } else {
        StepLoad load;
        load.prefillTokens = double(workload.contextTokens);
        m_step->time(load, &bound);
        estimate.time = m_step->prefillTime(double(workload.contextTokens), 0,
                                            double(chunkTokensOf(m_device, m_deployment)));
    }
    static const ServingBands nothing;
    const ServingBands &bands = m_calibration.serving ? m_calibration.serving->bands : nothing;
    const LogBand band = bands.of(m_tier, decode ? ServingFigure::Tpot : ServingFigure::Ttft, m_key,
                                  decode ? double(workload.batch) : 1);
    estimate.logSpread = (band.high - band.low) / (2 * kTenthPercentile);
    return estimate;
}

PhaseEstimate Predictor::phase(const Workload &workload, Phase phase,
                               std::vector<OperatorWork> &scratch, Bound &bound) const
{
    if (m_step)
        return servingPhase(workload, phase, bound);
    const StepShape shape = shapeOf(workload, phase, chunkTokensOf(m_device, m_deployment));
    listOperators(m_plan, m_deployment.dtype, m_deployment.kvDType, shape, scratch);
    const bool decode = phase == Phase::Decode;
    const StepTime step =
        stepTime(scratch, m_plan.layers, shape, decode ? m_decodeRates : m_prefillRates,
                 decode ? m_decodeConstants : m_prefillConstants);
    bound = step.bound;
    return estimatePhase(decode ? m_calibration.decode : m_calibration.prefill, m_run,
                         double(shape.sequences), double(shape.context), step);
}

Estimate Predictor::estimate(const Workload &workload, std::vector<OperatorWork> &scratch) const
{
    const double batch = double(workload.batch);
    const double context = double(workload.contextTokens);
    const double output = double(workload.outputTokens);
    Estimate result;
    result.workload = workload;
    result.memory = memoryNeed(m_model, m_device, m_deployment, workload);
    const PhaseEstimate first = phase(workload, Phase::Prefill, scratch, result.prefillBound);
    const PhaseEstimate each = phase(workload, Phase::Decode, scratch, result.decodeBound);
    const Spread prefill{first.time, first.logSpread};
    const Spread step{each.time, each.logSpread};
    const Spread wait = prefill.times((batch + 1) / 2); // median of i prefills, i = 1 … B
    const Spread life = sumOf(prefill.times(batch), step.times(output - 1)); // of the whole batch

    result.ttftIdle = prefill.banded();
    result.ttft = wait.banded();
    result.tpot = step.banded();
    result.e2e = sumOf(wait, step.times(output - 1)).banded();
    result.outputTps = step.rateOf(batch);
    result.userTps = step.rateOf(1);
    result.prefillTps = prefill.rateOf(context);
    result.totalTps = life.rateOf(batch * (context + output));
    result.cost.total = costOf(life.times(1 / (batch * (context + output))), m_deployment);
    result.cost.outputAlone = costOf(life.times(1 / (batch * output)), m_deployment);
    result.cost.input = costOf(prefill.times(1 / context), m_deployment);
    result.cost.output = costOf(step.times(1 / batch), m_deployment);
    result.prefillBasis = basisOf(m_calibration.prefill, m_run, 1, context);
    result.decodeBasis = basisOf(m_calibration.decode, m_run, batch, context);
    if (m_step) {
        result.prefillBasis = {.extrapolating = m_tier != Tier::Known, .serving = true};
        result.decodeBasis = result.prefillBasis;
    }
    return result;
}

Result<Estimate> Predictor::at(const Workload &workload) const
{
    if (Result<void> checked = checkWorkload(workload); !checked)
        return tl::make_unexpected(checked.error());
    std::vector<OperatorWork> scratch;
    return estimate(workload, scratch);
}

Result<void> Predictor::at(std::span<const Workload> workloads, std::vector<Estimate> &out) const
{
    out.clear();
    out.reserve(workloads.size());
    std::vector<OperatorWork> scratch;
    for (const Workload &workload : workloads) {
        if (Result<void> checked = checkWorkload(workload); !checked)
            return checked;
        out.push_back(estimate(workload, scratch));
    }
    return {};
}

Breakdown Predictor::servingBreakdown(const Workload &workload, Phase phase) const
{
    StepLoad load;
    if (phase == Phase::Decode) {
        load.decodeSequences = double(workload.batch);
        load.decodePositions = double(workload.contextTokens);
    } else {
        load.prefillTokens = double(workload.contextTokens);
    }
    const StepSeconds step = m_step->explain(load);
    Breakdown breakdown;
    breakdown.overhead = step.overhead;
    for (const OperatorSeconds &entry : step.operators) {
        OperatorWork work;
        work.kind = entry.work.kind;
        work.count = entry.work.count;
        work.rows = entry.work.rows;
        work.flops = entry.work.flops;
        work.weightBytes = entry.work.weightBytes;
        work.kvReadBytes = entry.work.cacheBytes;
        work.activationBytes = entry.work.passBytes;
        work.sentBytes = entry.work.sentBytes;
        breakdown.operators.push_back({work, entry.time, entry.bound});
    }
    // A long prompt is prefilled in chunks; the operators are listed for the whole of it.
    Bound bound = Bound::Memory;
    breakdown.correction = servingPhase(workload, phase, bound).time - step.total;
    return breakdown;
}

Result<Breakdown> Predictor::explain(const Workload &workload, Phase phaseWanted) const
{
    if (Result<void> checked = checkWorkload(workload); !checked)
        return tl::make_unexpected(checked.error());
    if (m_step)
        return servingBreakdown(workload, phaseWanted);
    std::vector<OperatorWork> operators;
    Bound bound = Bound::Memory;
    const PhaseEstimate estimated = phase(workload, phaseWanted, operators, bound);
    const ConstantVector &constants =
        phaseWanted == Phase::Decode ? m_decodeConstants : m_prefillConstants;
    const StepRates &rates = phaseWanted == Phase::Decode ? m_decodeRates : m_prefillRates;
    Breakdown breakdown;
    Seconds sum;
    for (const OperatorWork &work : operators) {
        const OperatorSplit split = operatorTime(work, rates, constants);
        breakdown.operators.push_back(
            {work, split.time, split.compute > split.memory ? Bound::Compute : Bound::Memory});
        sum += split.time;
    }
    breakdown.correction = estimated.correction;
    breakdown.overhead = estimated.time - estimated.correction - sum;
    return breakdown;
}

} // namespace engine
