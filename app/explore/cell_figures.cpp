// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/cell_figures.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "app/explore/own_cost.h"

namespace app {

namespace {

constexpr std::int64_t kFewestForWhisker = 6;
const std::string kProvisional = "provisional";

// A value with bounds, in the metric's unit; bounds may be absent together.
struct Span
{
    double mid = 0;
    std::optional<double> low;
    std::optional<double> high;
};

Figure estimated(double mid, double low, double high)
{
    return {mid, low, high, Evidence::Estimated, 0, Absence::None};
}

Figure inMilliseconds(const engine::Banded<engine::Seconds> &time)
{
    return estimated(engine::milliseconds(time.mid), engine::milliseconds(time.low),
                     engine::milliseconds(time.high));
}

Figure plain(const engine::Banded<double> &band)
{
    return estimated(band.mid, band.low, band.high);
}

void setCosts(CellFigures &figures, const engine::Estimate &estimate, const Scenario &scenario)
{
    const auto tokens = static_cast<double>(estimate.workload.contextTokens);
    const auto batch = static_cast<double>(estimate.workload.batch);
    const auto pricesAt = [&](engine::Seconds prefill, engine::Seconds step) {
        return ownPrices(scenario, prefill.value / tokens, step.value / batch);
    };
    const auto mid = pricesAt(estimate.ttftIdle.mid, estimate.tpot.mid);
    const auto low = pricesAt(estimate.ttftIdle.low, estimate.tpot.low);
    const auto high = pricesAt(estimate.ttftIdle.high, estimate.tpot.high);
    if (!mid || !low || !high) {
        at(figures, Metric::Cost).absence = Absence::NoPrice;
        at(figures, Metric::RequestCost).absence = Absence::NoPrice;
        return;
    }
    at(figures, Metric::Cost) = estimated(blendedUsd(scenario, *mid), blendedUsd(scenario, *low),
                                          blendedUsd(scenario, *high));
    const std::int64_t context = estimate.workload.contextTokens;
    at(figures, Metric::RequestCost) =
        estimated(requestUsd(scenario, context, *mid), requestUsd(scenario, context, *low),
                  requestUsd(scenario, context, *high));
}

std::optional<Span> spanOf(const engine::MedianInterval &median, bool provisional)
{
    if (!median.p50)
        return std::nullopt;
    if (provisional || !median.lo || !median.hi)
        return Span{*median.p50, std::nullopt, std::nullopt};
    return Span{*median.p50, median.lo, median.hi};
}

Figure measured(const Span &span, std::int64_t samples)
{
    return {span.mid, span.low, span.high, Evidence::Measured, samples, Absence::None};
}

// k / x: the bounds change places.
Span inverse(double k, const Span &span)
{
    Span result{k / span.mid, std::nullopt, std::nullopt};
    if (span.low && span.high) {
        result.low = k / *span.high;
        result.high = k / *span.low;
    }
    return result;
}

// f(a, b) with f growing in both; bounds only where both have them.
template <class F>
Span combined(const Span &a, const Span &b, const F &f)
{
    Span result{f(a.mid, b.mid), std::nullopt, std::nullopt};
    if (a.low && a.high && b.low && b.high) {
        result.low = f(*a.low, *b.low);
        result.high = f(*a.high, *b.high);
    }
    return result;
}

void setMeasuredCosts(CellFigures &figures, const engine::Point &point, const Scenario &scenario,
                      const Span &prefillMs, const Span &stepMs)
{
    if (scenario.usdPerHour <= 0) {
        at(figures, Metric::Cost).absence = Absence::NoPrice;
        at(figures, Metric::RequestCost).absence = Absence::NoPrice;
        return;
    }
    const auto tokens = static_cast<double>(point.workload.contextTokens);
    const auto batch = static_cast<double>(point.workload.batch);
    const auto pricesAt = [&](double prefill, double step) {
        return ownPrices(scenario, prefill * 1e-3 / tokens, step * 1e-3 / batch)
            .value_or(OwnPrices{});
    };
    const std::int64_t samples = std::min(point.tpotMs.n, point.ttftIdleMs.n);
    at(figures, Metric::Cost) =
        measured(combined(prefillMs, stepMs,
                          [&](double prefill, double step) {
                              return blendedUsd(scenario, pricesAt(prefill, step));
                          }),
                 samples);
    at(figures, Metric::RequestCost) =
        measured(combined(prefillMs, stepMs,
                          [&](double prefill, double step) {
                              return requestUsd(scenario, point.workload.contextTokens,
                                                pricesAt(prefill, step));
                          }),
                 samples);
}

} // namespace

Absence absenceOf(engine::Fit fit)
{
    switch (fit) {
    case engine::Fit::Fits:
        return Absence::None;
    case engine::Fit::OverMemory:
        return Absence::DoesNotFit;
    case engine::Fit::OverContextLimit:
        return Absence::OverContext;
    }
    return Absence::NotMeasured;
}

CellFigures figuresOf(const engine::Estimate &estimate, const Scenario &scenario)
{
    CellFigures figures;
    if (estimate.memory.fit != engine::Fit::Fits) {
        for (Figure &figure : figures)
            figure.absence = absenceOf(estimate.memory.fit);
        return figures;
    }
    at(figures, Metric::Ttft) = inMilliseconds(estimate.ttft);
    at(figures, Metric::Tpot) = inMilliseconds(estimate.tpot);
    at(figures, Metric::Speed) = plain(estimate.userTps);
    at(figures, Metric::Throughput) = plain(estimate.outputTps);
    at(figures, Metric::EndToEnd) = inMilliseconds(estimate.e2e);
    const double bytes = estimate.memory.needed().value;
    at(figures, Metric::Memory) = estimated(bytes, bytes, bytes);
    setCosts(figures, estimate, scenario);
    return figures;
}

CellFigures figuresOf(const engine::Point &point, const Scenario &scenario)
{
    CellFigures figures;
    const bool provisional = point.hasFlag(kProvisional);
    const std::optional<Span> ttft = spanOf(point.ttftMs, provisional);
    const std::optional<Span> prefill = spanOf(point.ttftIdleMs, provisional);
    const std::optional<Span> tpot = spanOf(point.tpotMs, provisional);
    if (ttft)
        at(figures, Metric::Ttft) = measured(*ttft, point.ttftMs.n);
    if (point.memPeakBytes)
        at(figures, Metric::Memory) =
            measured({static_cast<double>(*point.memPeakBytes), {}, {}}, 1);
    if (!tpot || tpot->mid <= 0)
        return figures;
    at(figures, Metric::Tpot) = measured(*tpot, point.tpotMs.n);
    at(figures, Metric::Speed) = measured(inverse(1e3, *tpot), point.tpotMs.n);
    at(figures, Metric::Throughput) =
        measured(inverse(1e3 * static_cast<double>(point.workload.batch), *tpot), point.tpotMs.n);
    if (ttft) {
        const auto further = static_cast<double>(scenario.workload.outputTokens - 1);
        at(figures, Metric::EndToEnd) = measured(
            combined(*ttft, *tpot,
                     [further](double first, double each) { return first + further * each; }),
            std::min(point.ttftMs.n, point.tpotMs.n));
    }
    if (prefill)
        setMeasuredCosts(figures, point, scenario, *prefill, *tpot);
    return figures;
}

bool isHollow(const engine::Point &point, Metric metric, const Figure &figure)
{
    return point.hasFlag(kProvisional) ||
           (metric != Metric::Memory && figure.samples < kFewestForWhisker);
}

bool isWarned(const engine::Point &point)
{
    static constexpr std::array<std::string_view, 13> kCareful{
        "above_limit", "sum_rule",     "not_steady",    "not_converged",  "drift",
        "noisy",       "throttled",    "steal",         "busy_neighbour", "suspended",
        "errors",      "power_capped", "cache_resident"};
    return std::ranges::any_of(point.flags, [](const std::string &flag) {
        return std::ranges::find(kCareful, std::string_view(flag)) != kCareful.end();
    });
}

} // namespace app
