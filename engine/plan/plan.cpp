// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/plan.h"

#include <algorithm>
#include <cmath>

#include "engine/plan/steady_load.h"
#include "engine/simulate/load_curve.h"
#include "engine/simulate/predicted_steps.h"

namespace engine {
namespace {

constexpr double kMostTokens = 1e9;
constexpr double kSecondsPerDay = 86'400;
constexpr double kLengthVariation = 0.5;
constexpr std::int64_t kStepTokens = 8192;

// A model put on a number of devices in one way.
struct Placement
{
    Deployment deployment;
    int devices = 1;
};

Placement placementOf(const PlanRequest &request, const DeviceSpec &device, DType dtype)
{
    Placement placement;
    placement.deployment.dtype = dtype;
    placement.deployment.kvDType = request.kvDType.value_or(DType::Bf16);
    placement.deployment.pricePerHour = device.prices.front().perHour;
    return placement;
}

// Batches to choose from, about a fifth apart.
std::vector<std::int64_t> batchesUpTo(std::int64_t most)
{
    std::vector<std::int64_t> batches;
    for (std::int64_t batch = 1; batch <= most; batch = std::max(batch + 1, batch * 6 / 5))
        batches.push_back(batch);
    return batches;
}

enum class Verdict { Good, TooLarge, TooSlow };

// One combination; remembers what it found last.
class Candidate
{
public:
    Candidate(const PlanRequest &request, const Predictor &predictor)
        : m_request(request), m_predictor(predictor)
    {
    }

    Verdict tryBatch(std::int64_t batch)
    {
        const auto prompt = std::int64_t(std::llround(m_request.promptTokens));
        const auto output = std::int64_t(std::llround(m_request.outputTokens));
        const Result<Estimate> whole = m_predictor.at({batch, prompt, output});
        const Result<Estimate> middle =
            m_predictor.at({batch, prompt + std::max<std::int64_t>(1, output / 2), 1});
        if (!whole || !middle || whole->memory.fit != Fit::Fits)
            return Verdict::TooLarge;
        ReplicaTimes times;
        times.prefill = whole->ttftIdle.mid;
        times.decode = middle->tpot.mid;
        times.batch = batch;
        times.promptTokens = m_request.promptTokens;
        times.outputTokens = m_request.outputTokens;
        m_steady = steadyLoad(times, m_request.load);
        const LatencyLimits &limits = m_request.limits;
        const bool good = (!limits.ttft || m_steady.ttft <= *limits.ttft) &&
                          (!limits.tpot || m_steady.tpot <= *limits.tpot);
        return good ? Verdict::Good : Verdict::TooSlow;
    }

    const SteadyLoad &steady() const { return m_steady; }

private:
    const PlanRequest &m_request;
    const Predictor &m_predictor;
    SteadyLoad m_steady;
};

Result<void> checkRequest(const PlanRequest &request)
{
    const auto isLength = [](double tokens) { return tokens >= 1 && tokens <= kMostTokens; };
    if (!isLength(request.promptTokens) || !isLength(request.outputTokens)) {
        return fail(ErrorKind::BadInput,
                    "Prompt and output must have between 1 and a thousand million tokens.");
    }
    if (!(request.load > 0 && request.load < 1))
        return fail(ErrorKind::BadInput, "The planned load must be above 0 and below 1.");
    if (!(request.tokensPerDay >= 0 && request.tokensPerDay <= 1e18))
        return fail(ErrorKind::BadInput, "The tokens per day must be between 0 and 1e18.");
    if (request.mostBatch < 1 || request.mostBatch > 1'000'000)
        return fail(ErrorKind::BadInput, "The largest batch must be between 1 and a million.");
    for (const std::optional<Seconds> &limit : {request.limits.ttft, request.limits.tpot}) {
        if (limit && !(limit->value > 0))
            return fail(ErrorKind::BadInput, "A limit on a wait must be above 0.");
    }
    if (request.dtypes.empty())
        return fail(ErrorKind::BadInput, "A plan needs at least one type of weights.");
    return {};
}

PlanOption optionOf(const PlanRequest &request, const DeviceSpec &device,
                    const Placement &placement, std::int64_t batch, const SteadyLoad &steady)
{
    PlanOption option;
    option.device = device;
    option.deployment = placement.deployment;
    option.devicesPerReplica = placement.devices;
    option.batch = batch;
    option.ttft = steady.ttft;
    option.tpot = steady.tpot;
    option.requestsPerSecond = request.load * steady.requestsPerSecond;
    option.rates = {option.requestsPerSecond * request.promptTokens,
                    option.requestsPerSecond * request.outputTokens, steady.prefillShare};
    const double replicaTps = option.rates.inputTps + option.rates.outputTps;
    option.replicas = replicasFor(request.tokensPerDay / kSecondsPerDay, replicaTps, 1);
    option.devices = option.replicas * placement.devices;
    const MicroUsd each = *placement.deployment.pricePerHour;
    option.usdPerHour = rentOf(double(option.devices), each, 1);
    option.usdPerDay = rentOf(double(option.devices), each, 24);
    option.cost = servedCost(placement.devices, each, option.rates, 1);
    option.energy = servedEnergy(placement.devices, device.watts, option.rates, request.load);
    if (request.listPrices) {
        const TokenFlow second{option.rates.inputTps * 1e6, 0, option.rates.outputTps * 1e6};
        option.margin = marginOf(billOf(second, *request.listPrices),
                                 rentOf(placement.devices, each, 1e6 / 3600));
    }
    return option;
}

struct DeviceSearch
{
    std::vector<PlanOption> options;
    std::int64_t considered = 0;
    bool anyFits = false;
    std::optional<SteadyLoad> quickest; // of what fits, at batch 1
    std::string error;                  // of the performance model
};

void searchPlacement(const PlanRequest &request, const DeviceSpec &device,
                     const Placement &placement, const Calibration &calibration,
                     const std::vector<std::int64_t> &batches, DeviceSearch &search)
{
    ++search.considered;
    const Result<Predictor> predictor =
        Predictor::create(request.model, device, placement.deployment, calibration);
    if (!predictor) {
        search.error = predictor.error().message;
        return;
    }
    Candidate candidate(request, *predictor);
    const Verdict alone = candidate.tryBatch(1);
    if (alone == Verdict::TooLarge)
        return;
    search.anyFits = true;
    if (!search.quickest || candidate.steady().tpot < search.quickest->tpot)
        search.quickest = candidate.steady();
    if (alone == Verdict::TooSlow)
        return;
    // Waits and memory grow with the batch, so the good ones are the first ones.
    std::size_t good = 0;
    SteadyLoad best = candidate.steady();
    for (std::size_t bad = batches.size(); bad - good > 1;) {
        const std::size_t middle = (good + bad) / 2;
        if (candidate.tryBatch(batches[middle]) == Verdict::Good) {
            good = middle;
            best = candidate.steady();
        } else {
            bad = middle;
        }
    }
    search.options.push_back(optionOf(request, device, placement, batches[good], best));
}

std::string wholeMs(Seconds time)
{
    return std::to_string(std::llround(milliseconds(time))) + " ms";
}

std::string refusalOf(const PlanRequest &request, const DeviceSearch &search)
{
    if (!search.anyFits && !search.error.empty())
        return search.error;
    if (!search.anyFits)
        return "The model does not fit into the memory of one device.";
    return "Even one user alone waits " + wholeMs(search.quickest->ttft) +
           " for the first token and " + wholeMs(search.quickest->tpot) + " for each other" +
           (request.limits.any() ? ", over the limits." : ".");
}

} // namespace

Result<Plan> makePlan(const PlanRequest &request, std::span<const DeviceSpec> devices,
                      const EstimateConstants &constants)
{
    if (Result<void> checked = checkRequest(request); !checked)
        return tl::make_unexpected(checked.error());
    const std::vector<std::int64_t> batches = batchesUpTo(request.mostBatch);
    Plan plan;
    for (const DeviceSpec &device : devices) {
        if (device.prices.empty()) {
            plan.refusals.push_back({device.id, "No price per hour is known."});
            continue;
        }
        const Calibration calibration = priorCalibration(device, constants);
        DeviceSearch search;
        for (DType dtype : request.dtypes) {
            searchPlacement(request, device, placementOf(request, device, dtype), calibration,
                            batches, search);
        }
        plan.considered += search.considered;
        if (search.options.empty())
            plan.refusals.push_back({device.id, refusalOf(request, search)});
        plan.options.insert(plan.options.end(), search.options.begin(), search.options.end());
    }
    const bool byDay = request.tokensPerDay > 0;
    std::stable_sort(plan.options.begin(), plan.options.end(),
                     [byDay](const PlanOption &a, const PlanOption &b) {
                         if (byDay && a.usdPerDay != b.usdPerDay)
                             return a.usdPerDay < b.usdPerDay;
                         return a.cost.total < b.cost.total;
                     });
    return plan;
}

Result<ServingSummary> simulateOption(const PlanRequest &request, const PlanOption &option,
                                      const EstimateConstants &constants, std::int64_t requests,
                                      std::uint64_t seed)
{
    const Result<Predictor> predictor =
        Predictor::create(request.model, option.device, option.deployment,
                          priorCalibration(option.device, constants));
    if (!predictor)
        return tl::make_unexpected(predictor.error());
    LoadCurveSpec spec;
    spec.traffic.prompt = {LengthDistribution::Kind::LogNormal, request.promptTokens,
                           kLengthVariation};
    spec.traffic.output = {LengthDistribution::Kind::LogNormal, request.outputTokens,
                           kLengthVariation};
    spec.limits = request.limits;
    spec.seed = seed;
    spec.serving.maxSequences = option.batch;
    spec.serving.stepTokens = std::max(kStepTokens, option.batch);
    const double each = request.promptTokens + request.outputTokens;
    spec.serving.kvTokens = cacheTokens(*predictor, std::int64_t(each));
    if (Result<void> cut = cutLengthsToCache(spec.traffic, spec.serving); !cut)
        return tl::make_unexpected(cut.error());
    const Result<StepTables> steps = predictedSteps(*predictor, spec.serving);
    if (!steps)
        return tl::make_unexpected(steps.error());
    const Result<LoadPoint> point = loadPoint(*steps, spec, option.requestsPerSecond, requests);
    if (!point)
        return tl::make_unexpected(point.error());
    return point->summary;
}

} // namespace engine
