// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/step_tables.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace engine {
namespace {

// The knot at or left of x, and how far x lies towards the next one; beyond 0 to 1 outside.
struct Place
{
    std::size_t index = 0;
    double share = 0;
};

Place placeOf(const std::vector<double> &knots, double x)
{
    if (knots.size() < 2)
        return {};
    const auto above = std::upper_bound(knots.begin() + 1, knots.end() - 1, x);
    const std::size_t i = std::size_t(above - knots.begin()) - 1;
    return {i, (x - knots[i]) / (knots[i + 1] - knots[i])};
}

double between(double a, double b, double share)
{
    return a + share * (b - a);
}

bool isAscending(const std::vector<double> &knots)
{
    return !knots.empty() && knots.front() >= 0 &&
           std::adjacent_find(knots.begin(), knots.end(), std::greater_equal<>()) == knots.end() &&
           std::isfinite(knots.back());
}

bool areTimes(const std::vector<double> &seconds, std::size_t count)
{
    return seconds.size() == count && std::all_of(seconds.begin(), seconds.end(), [](double s) {
               return std::isfinite(s) && s >= 0;
           });
}

} // namespace

double StepTables::decode(double sequences, double meanContext) const
{
    if (sequences <= 0)
        return 0;
    const Place b = placeOf(batches, sequences);
    const Place s = placeOf(contexts, meanContext);
    const std::size_t width = contexts.size();
    const auto at = [&](std::size_t row) {
        const double *line = decodeSeconds.data() + row * width;
        return width < 2 ? line[0] : between(line[s.index], line[s.index + 1], s.share);
    };
    const double time = batches.size() < 2 ? at(0) : between(at(b.index), at(b.index + 1), b.share);
    return std::max(time, 0.0);
}

double StepTables::prefill(double tokens, double pairs) const
{
    if (tokens <= 0)
        return 0;
    const Place q = placeOf(chunkTokens, tokens);
    const double flat = chunkTokens.size() < 2
                            ? chunkSeconds[0]
                            : between(chunkSeconds[q.index], chunkSeconds[q.index + 1], q.share);
    return std::max(flat, 0.0) + pairSeconds * pairs;
}

Seconds StepTables::step(const StepContents &load) const
{
    const double decodes = decode(double(load.sequences), load.meanContext);
    const double prefills = prefill(double(load.promptTokens), load.promptPairs);
    return Seconds(decodes + prefills - overlap * std::min(decodes, prefills));
}

Result<void> checkStepTables(const StepTables &model)
{
    const bool sound =
        isAscending(model.batches) && isAscending(model.contexts) &&
        isAscending(model.chunkTokens) &&
        areTimes(model.decodeSeconds, model.batches.size() * model.contexts.size()) &&
        areTimes(model.chunkSeconds, model.chunkTokens.size()) && model.pairSeconds >= 0 &&
        std::isfinite(model.pairSeconds) && model.overlap >= 0 && model.overlap <= 1 &&
        model.promptLatency.value >= 0;
    if (!sound) {
        return fail(ErrorKind::BadInput,
                    "The step times to simulate with are incomplete: every table needs ascending "
                    "knots and a time of 0 or more at each of them.");
    }
    return {};
}

StepTables linearStepTables(const LinearSteps &steps)
{
    StepTables model;
    model.batches = {1, 2};
    model.contexts = {0, 1};
    for (double batch : model.batches) {
        for (double context : model.contexts) {
            model.decodeSeconds.push_back(steps.base + steps.perSequence * batch +
                                          steps.perPosition * batch * context);
        }
    }
    model.chunkTokens = {0, 1};
    model.chunkSeconds = {steps.chunkBase, steps.chunkBase + steps.perToken};
    model.pairSeconds = steps.perPair;
    model.overlap = steps.overlap;
    return model;
}

} // namespace engine
