// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/worker/number_text.h"
#include "engine/worker/simulate_output.h"

namespace engine {
namespace {

constexpr std::size_t kColumn = 10;

std::string cell(const std::string &text)
{
    return (text.size() < kColumn ? std::string(kColumn - text.size(), ' ') : " ") + text;
}

std::string duration(const std::optional<double> &ms)
{
    return ms ? durationText(*ms) : "-";
}

std::string heading(const SimulateReport &report)
{
    const Predictor &predictor = *report.predictor;
    const Serving &serving = report.spec.serving;
    std::string text = predictor.model().name + " in " +
                       std::string(dtypeName(predictor.deployment().dtype)) + " on " +
                       predictor.device().name + ", ";
    if (serving.disaggregation) {
        text += std::to_string(serving.disaggregation->prefillReplicas) +
                " replicas for prompts, " + std::to_string(serving.disaggregation->decodeReplicas) +
                " for decoding";
    } else {
        text +=
            std::to_string(serving.replicas) + (serving.replicas == 1 ? " replica" : " replicas");
    }
    return text + ": at most " + std::to_string(serving.maxSequences) + " sequences and " +
           std::to_string(serving.stepTokens) + " tokens a step, a cache of " +
           (report.kvTokens > 0 ? countText(report.kvTokens) : std::string("unlimited")) +
           " tokens each.\n";
}

std::string row(const std::string &name, const ServingSummary &summary, bool limits)
{
    std::string text = cell(name);
    text += cell(duration(summary.ttft.percentiles.p50)) +
            cell(duration(summary.ttft.percentiles.p95)) +
            cell(duration(summary.ttft.percentiles.p99)) +
            cell(duration(summary.tpot.percentiles.p50)) +
            cell(duration(summary.tpot.percentiles.p95)) +
            cell(duration(summary.e2e.percentiles.p50)) + cell(threeDigits(summary.outputTps)) +
            cell(threeDigits(summary.batch)) + cell(threeDigits(100 * summary.utilisation) + " %");
    if (limits)
        text += cell(summary.goodput ? threeDigits(100 * summary.goodput->ratio) + " %" : "-");
    return text + (summary.saturated ? "  saturated" : "") + "\n";
}

std::string meansLine(const char *name, const ServingSummary &summary)
{
    return std::string(name) + ": mean TTFT " + duration(summary.ttft.mean) + ", mean TPOT " +
           duration(summary.tpot.mean) + ", mean E2E " + duration(summary.e2e.mean) + ".\n";
}

} // namespace

std::string toTable(const SimulateReport &report)
{
    const bool closed = report.spec.axis == LoadCurveSpec::Axis::Concurrency;
    const bool limits = report.spec.limits.any();
    std::string text = heading(report) + "\n";
    text += cell(report.fromTrace ? "" : closed ? "users" : "req/s");
    for (const char *name :
         {"TTFT p50", "p95", "p99", "TPOT p50", "p95", "E2E p50", "output/s", "batch", "busy"})
        text += cell(name);
    text += (limits ? cell("good") : "") + "\n";
    for (const LoadPoint &point : report.points) {
        const std::string name = report.fromTrace ? "simulated" : threeDigits(point.load);
        text += row(name, point.summary, limits);
    }
    if (report.fromTrace && !report.points.empty())
        text += "\n" + meansLine("Simulated", report.points.front().summary);
    if (report.recorded)
        text += meansLine("Recorded", *report.recorded);
    const bool saturated = std::any_of(report.points.begin(), report.points.end(),
                                       [](const LoadPoint &p) { return p.summary.saturated; });
    if (saturated) {
        text += "\nsaturated: requests come faster than they are answered, so waits grow with the "
                "length of the run.\n";
    }
    return text;
}

std::optional<ServingSummary> recordedSummary(const Trace &trace, const LatencyLimits &limits)
{
    if (trace.times.empty())
        return std::nullopt;
    Simulation recorded;
    for (std::size_t i = 0; i < trace.requests.size(); ++i) {
        Outcome outcome;
        outcome.request = trace.requests[i];
        outcome.firstToken = trace.times[i].firstToken.value;
        outcome.lastToken = trace.times[i].lastToken.value;
        recorded.endSeconds = std::max(recorded.endSeconds, outcome.lastToken);
        recorded.outcomes.push_back(outcome);
    }
    SummaryOptions options;
    options.limits = limits;
    options.whole = true;
    return summarise(recorded, options);
}

} // namespace engine
