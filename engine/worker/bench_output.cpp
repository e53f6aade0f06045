// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/bench_output.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "engine/infer/memory.h"
#include "engine/worker/number_text.h"

namespace engine {
namespace {

using Row = std::vector<std::string>;

std::string textOf(const Environment &environment, const std::string &key)
{
    const auto found = environment.find(key);
    if (found == environment.end())
        return "unknown";
    if (const auto *text = std::get_if<std::string>(&found->second))
        return *text;
    if (const auto *count = std::get_if<std::int64_t>(&found->second))
        return std::to_string(*count);
    if (const auto *number = std::get_if<double>(&found->second))
        return threeDigits(*number);
    return "unknown";
}

std::string orDash(const std::optional<double> &value, std::string (*format)(double))
{
    return value ? format(*value) : "-";
}

std::string percent(double value)
{
    return threeDigits(value) + "%";
}

Row rowOf(const Point &point)
{
    std::string notes;
    for (const std::string &flag : point.flags)
        notes += (notes.empty() ? "" : " ") + flag;
    if (point.status != PointStatus::Ok)
        notes = point.message;
    return {std::to_string(point.workload.contextTokens),
            std::to_string(point.workload.batch),
            orDash(point.ttftMs.p50, durationText),
            orDash(point.ttftIdleMs.p50, durationText),
            orDash(point.tpotMs.p50, durationText),
            orDash(point.e2eMs.p50, durationText),
            orDash(point.outputTps, threeDigits),
            orDash(point.prefillTps, threeDigits),
            orDash(point.bwPct, percent),
            orDash(point.flopPct, percent),
            orDash(point.prefillFlopPct, percent),
            point.memPeakBytes     ? byteText(*point.memPeakBytes)
            : point.memNeededBytes ? byteText(*point.memNeededBytes)
                                   : "-",
            notes};
}

std::string statusText(PointStatus status)
{
    switch (status) {
    case PointStatus::Ok:
        return {};
    case PointStatus::DoesNotFit:
        return "does not fit: ";
    case PointStatus::Cancelled:
        return "cancelled: ";
    case PointStatus::Failed:
        return "failed: ";
    }
    return {};
}

// Every column as wide as its widest cell, numbers to the right, the last column as it comes.
std::string aligned(const std::vector<Row> &rows)
{
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const Row &row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const Row &row : rows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            text += std::string(widths[i] - row[i].size(), ' ') + row[i] + "  ";
        text += row.back() + "\n";
    }
    return text;
}

std::string legend(const std::vector<Point> &points)
{
    static const std::pair<const char *, const char *> kMeanings[] = {
        {"provisional", "not enough rounds yet for a median within 3%"},
        {"ttft_composed", "waits of a batch made up of the measured lone prefill"},
        {"cache_resident", "weights and KV may live in the cache: no share of the memory"},
        {"not_converged", "the time for the cell was over before the median was within 3%"},
        {"not_steady", "the warm-up ended before three windows agreed within 0.5%"},
        {"drift", "the machine became faster or slower by over 3% meanwhile"},
        {"noisy", "half of the steps differ by over 10%"},
        {"few_samples", "fewer than 30 samples"},
        {"steal", "the host took over 1% of the processor away"},
        {"busy_neighbour", "other programs took over half a core"},
        {"throttled", "the cores ran well below their base clock"},
        {"above_limit", "faster than the measured ceiling allows: do not trust it"},
        {"suspended", "the machine slept or its clock was set meanwhile"}};
    std::string text;
    for (const auto &[flag, meaning] : kMeanings) {
        const bool isUsed = std::any_of(points.begin(), points.end(),
                                        [name = flag](const Point &p) { return p.hasFlag(name); });
        if (isUsed)
            text += std::string("  ") + flag + ": " + meaning + "\n";
    }
    return text;
}

} // namespace

std::string runTable(const RunDocument &run)
{
    std::string text = textOf(run.model, "name") + ", " + textOf(run.environment, "weight_type") +
                       ", on " + textOf(run.environment, "cpu_model") + ", " +
                       textOf(run.environment, "cpu_threads_used") + " threads, " +
                       textOf(run.environment, "engine_isa") + "; ceilings " +
                       textOf(run.environment, "ceiling_read_gbs") + " GB/s, " +
                       textOf(run.environment, "ceiling_dense_tflops") + " TFLOP/s\n\n";
    std::vector<Row> rows{{"context", "batch", "TTFT", "lone TTFT", "TPOT", "end to end", "tok/s",
                           "prefill tok/s", "read", "flops", "prefill", "memory", "notes"}};
    for (const Point &point : run.points) {
        rows.push_back(rowOf(point));
        rows.back().back() = statusText(point.status) + rows.back().back();
    }
    text += aligned(rows);
    const std::string meanings = legend(run.points);
    return meanings.empty() ? text : text + "\n" + meanings;
}

std::string progressLine(const SweepProgress &progress, int width)
{
    const double share = progress.phase == "loading" ? progress.loaded.value_or(0)
                                                     : std::clamp(progress.fraction, 0.0, 1.0);
    constexpr int kBar = 24;
    const int filled = int(std::lround(share * kBar));
    std::string line = "[" + std::string(std::size_t(filled), '#') +
                       std::string(std::size_t(kBar - filled), '.') + "] " +
                       std::to_string(int(std::lround(100 * share))) + "% ";
    if (progress.phase == "loading") {
        line += "loading the weights";
    } else if (progress.phase == "ceilings") {
        line += "measuring what this machine can do at best";
    } else {
        line += std::to_string(progress.cellsDone) + "/" + std::to_string(progress.cellsTotal) +
                " cells, round " + std::to_string(progress.round);
        if (progress.batch > 0)
            line += ", batch " + std::to_string(progress.batch) + " at " +
                    std::to_string(progress.contextTokens);
        if (progress.secondsLeft)
            line += ", " + clockText(*progress.secondsLeft) + " left";
    }
    return line.substr(0, std::size_t(std::max(width, 0)));
}

} // namespace engine
