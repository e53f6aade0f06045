// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

namespace engine {
namespace {

constexpr double kWilsonZ = 1.959963984540054; // 95 %
constexpr double kKeepUp = 0.95;

struct Window
{
    double start = 0;
    double end = 0;

    double length() const { return end - start; }
    bool holds(double time) const { return time >= start && time <= end; }
    // Of the time from `from` to `to`, the part inside.
    double overlap(double from, double to) const
    {
        return std::max(0.0, std::min(to, end) - std::max(from, start));
    }
};

LatencySummary latencyOf(std::vector<double> ms)
{
    LatencySummary latency;
    if (!ms.empty())
        latency.mean = std::accumulate(ms.begin(), ms.end(), 0.0) / double(ms.size());
    latency.percentiles = percentilesOf(std::move(ms));
    return latency;
}

double ttftOf(const Outcome &outcome)
{
    return outcome.firstToken - outcome.request.arrival.value;
}

std::optional<double> tpotOf(const Outcome &outcome)
{
    if (outcome.request.outputTokens < 2)
        return std::nullopt;
    return (outcome.lastToken - outcome.firstToken) / double(outcome.request.outputTokens - 1);
}

bool isGood(const Outcome &outcome, const LatencyLimits &limits)
{
    if (limits.ttft && ttftOf(outcome) > limits.ttft->value)
        return false;
    const std::optional<double> tpot = tpotOf(outcome);
    return !limits.tpot || !tpot || *tpot <= limits.tpot->value;
}

Goodput goodputOf(std::span<const Outcome> outcomes, const LatencyLimits &limits, double window)
{
    Goodput goodput;
    goodput.judged = std::int64_t(outcomes.size());
    goodput.good = std::count_if(outcomes.begin(), outcomes.end(),
                                 [&](const Outcome &outcome) { return isGood(outcome, limits); });
    const double n = double(goodput.judged);
    const double p = double(goodput.good) / n;
    const double z2 = kWilsonZ * kWilsonZ;
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = kWilsonZ * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    goodput.ratio = p;
    goodput.low = std::max(0.0, centre - half);
    goodput.high = std::min(1.0, centre + half);
    goodput.perSecond = window > 0 ? double(goodput.good) / window : 0;
    return goodput;
}

// Tokens of one answer inside the window, taken as evenly spread from first to last.
double tokensInside(const Outcome &outcome, const Window &window)
{
    double tokens = window.holds(outcome.firstToken) ? 1 : 0;
    const double span = outcome.lastToken - outcome.firstToken;
    const double later = double(outcome.request.outputTokens - 1);
    if (span > 0)
        tokens += later * window.overlap(outcome.firstToken, outcome.lastToken) / span;
    else if (window.holds(outcome.lastToken))
        tokens += later;
    return tokens;
}

void addRates(const Simulation &simulation, const Window &window, ServingSummary &summary)
{
    double output = 0;
    double prompt = 0;
    double flight = 0;
    std::int64_t answered = 0;
    for (const Outcome &outcome : simulation.outcomes) {
        output += tokensInside(outcome, window);
        if (window.holds(outcome.firstToken))
            prompt += double(outcome.request.promptTokens);
        flight += window.overlap(outcome.request.arrival.value, outcome.lastToken);
        answered += window.holds(outcome.lastToken);
    }
    const double length = window.length();
    summary.windowSeconds = length;
    if (!(length > 0))
        return;
    summary.requestsPerSecond = double(answered) / length;
    summary.outputTps = output / length;
    summary.totalTps = (output + prompt) / length;
    summary.inFlight = flight / length;
}

} // namespace

ServingSummary summarise(const Simulation &simulation, const SummaryOptions &options)
{
    const std::vector<Outcome> &all = simulation.outcomes;
    ServingSummary summary;
    const auto count = std::int64_t(all.size());
    summary.warmUpRequests = std::clamp<std::int64_t>(options.warmUpRequests, 0, count / 2);
    summary.requests = count - summary.warmUpRequests;
    const std::span<const Outcome> judged =
        std::span(all).subspan(std::size_t(summary.warmUpRequests));
    std::vector<double> ttft;
    std::vector<double> tpot;
    std::vector<double> e2e;
    double prompts = 0;
    double cached = 0;
    for (const Outcome &outcome : judged) {
        ttft.push_back(1e3 * ttftOf(outcome));
        e2e.push_back(1e3 * (outcome.lastToken - outcome.request.arrival.value));
        if (const std::optional<double> each = tpotOf(outcome))
            tpot.push_back(1e3 * *each);
        prompts += double(outcome.request.promptTokens);
        cached += double(outcome.cachedTokens);
    }
    summary.ttft = latencyOf(std::move(ttft));
    summary.tpot = latencyOf(std::move(tpot));
    summary.e2e = latencyOf(std::move(e2e));
    summary.cachedShare = prompts > 0 ? cached / prompts : 0;
    summary.preemptions = simulation.preemptions;
    if (judged.empty())
        return summary;

    Window window{judged.front().request.arrival.value, judged.back().request.arrival.value};
    if (options.whole || !(window.length() > 0))
        window.end = simulation.endSeconds;
    addRates(simulation, window, summary);
    if (options.limits.any())
        summary.goodput = goodputOf(judged, options.limits, window.length());
    if (window.length() > 0)
        summary.offeredPerSecond = double(judged.size()) / window.length();
    if (simulation.endSeconds > 0) {
        summary.utilisation =
            simulation.busySeconds / (simulation.endSeconds * double(simulation.replicas));
    }
    if (simulation.busySeconds > 0)
        summary.batch = simulation.sequenceSeconds / simulation.busySeconds;
    summary.saturated = !options.closedLoop && !options.whole &&
                        summary.requestsPerSecond < kKeepUp * summary.offeredPerSecond;
    return summary;
}

} // namespace engine
