// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/predicted_steps.h"

#include <algorithm>

namespace engine {
namespace {

constexpr std::int64_t kShortestContext = 64;
constexpr std::int64_t kLongestContext = 1 << 20;

// 1, 2, 4 … and the last one itself.
std::vector<double> doublingKnots(std::int64_t first, std::int64_t last)
{
    std::vector<double> knots;
    for (std::int64_t knot = first; knot < last; knot *= 2)
        knots.push_back(double(knot));
    knots.push_back(double(last));
    return knots;
}

// Time of attention, a pair of positions, in a prompt of `tokens` tokens.
Result<double> attentionPerPair(const Predictor &predictor, std::int64_t tokens)
{
    const Result<Breakdown> breakdown = predictor.explain({1, tokens, 1}, Phase::Prefill);
    if (!breakdown)
        return tl::make_unexpected(breakdown.error());
    double seconds = 0;
    for (const OperatorTime &entry : breakdown->operators) {
        if (entry.work.kind == OperatorKind::Attention)
            seconds += entry.time.value;
    }
    const double q = double(tokens);
    return seconds / (q * (q + 1) / 2);
}

} // namespace

Result<StepTables> predictedSteps(const Predictor &given, const Serving &serving)
{
    const std::int64_t limit = given.model().maxPositions > 0
                                   ? std::min(given.model().maxPositions, kLongestContext)
                                   : kLongestContext;
    Deployment deployment = given.deployment();
    deployment.prefillChunkTokens = kLongestContext; // a chunk is one step here
    const Result<Predictor> predictor =
        Predictor::create(given.model(), given.device(), deployment, given.calibration());
    if (!predictor)
        return tl::make_unexpected(predictor.error());

    StepTables steps;
    steps.batches = doublingKnots(1, serving.maxSequences);
    steps.contexts = doublingKnots(kShortestContext, std::max(limit, 2 * kShortestContext));
    std::vector<Workload> workloads;
    for (double batch : steps.batches) {
        for (double context : steps.contexts)
            workloads.push_back({std::int64_t(batch), std::int64_t(context), 1});
    }
    std::vector<Estimate> estimates;
    if (Result<void> done = predictor->at(workloads, estimates); !done)
        return tl::make_unexpected(done.error());
    for (const Estimate &estimate : estimates)
        steps.decodeSeconds.push_back(estimate.tpot.mid.value);

    const std::int64_t longest = std::clamp<std::int64_t>(serving.stepTokens, 2, limit);
    const Result<double> pair = attentionPerPair(*predictor, longest);
    if (!pair)
        return tl::make_unexpected(pair.error());
    steps.pairSeconds = *pair;
    steps.promptLatency = Seconds(given.calibration().prefill.value(Constant::PerSequence));
    steps.chunkTokens = doublingKnots(1, longest);
    workloads.clear();
    for (double tokens : steps.chunkTokens)
        workloads.push_back({1, std::int64_t(tokens), 1});
    if (Result<void> done = predictor->at(workloads, estimates); !done)
        return tl::make_unexpected(done.error());
    for (std::size_t i = 0; i < estimates.size(); ++i) {
        const double q = steps.chunkTokens[i];
        const double flat = estimates[i].ttftIdle.mid.value - steps.promptLatency.value -
                            steps.pairSeconds * q * (q + 1) / 2;
        steps.chunkSeconds.push_back(std::max(flat, 0.0));
    }
    return steps;
}

std::int64_t cacheTokens(const Predictor &predictor, std::int64_t tokensEach)
{
    const std::int64_t prompt = std::max<std::int64_t>(1, tokensEach - 1);
    const MemoryNeed need =
        memoryNeed(predictor.model(), predictor.device(), predictor.deployment(), {1, prompt, 1});
    const double room = (need.available - need.weights - need.workspace).value;
    const double perToken = need.kv.value / double(prompt + 1);
    return room > 0 && perToken > 0 ? std::int64_t(room / perToken) : 0;
}

} // namespace engine
