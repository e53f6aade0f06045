// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/observations.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

namespace engine {
namespace {

constexpr double kLeastNoise = 0.02; // of a settled cell

// What a flag says of the noise of a figure (sd of its logarithm).
struct FlagNoise
{
    const char *flag;
    double noise;
};
constexpr FlagNoise kFlagNoise[] = {
    {"provisional", 0.04},    {"not_steady", 0.05},  {"noisy", 0.08},
    {"drift", 0.08},          {"throttled", 0.15},   {"steal", 0.10},
    {"busy_neighbour", 0.15}, {"above_limit", 0.15}, {"suspended", 0.15}};

double noiseOf(const Point &point, const MedianInterval &figure)
{
    double noise = kLeastNoise;
    if (figure.lo && figure.hi && *figure.lo > 0 && *figure.hi > *figure.lo)
        noise = std::max(noise, std::log(*figure.hi / *figure.lo) / (2 * 1.96));
    for (const FlagNoise &known : kFlagNoise) {
        if (point.hasFlag(known.flag))
            noise = std::max(noise, known.noise);
    }
    return noise;
}

// Figures of one cell (of one context, in prefill: a lone prompt's wait does not know the batch).
struct Cell
{
    Observation first;
    std::vector<double> logTimes;
    double leastNoise = 1;

    // Their median; where they disagree the cell is no surer than that.
    Observation merged() const
    {
        Observation result = first;
        result.logTime = medianOf(logTimes);
        std::vector<double> deviations = logTimes;
        for (double &value : deviations)
            value -= result.logTime;
        const double spread = medianSize(deviations) / kMedianOfNormal;
        result.noise = std::max(leastNoise, 1.25 * spread / std::sqrt(double(logTimes.size())));
        return result;
    }
};

// A lone prompt's wait; where too few of them were timed, what the waits of a batch that is
// prefilled in order say of it.
MedianInterval lonePrefillOf(const Point &point)
{
    if (point.ttftIdleMs.p50 || !point.ttftMs.p50)
        return point.ttftIdleMs;
    MedianInterval lone;
    lone.p50 = *point.ttftMs.p50 * 2 / double(point.workload.batch + 1);
    return lone;
}

std::optional<Observation> observationOf(const Point &point, int run, Phase phase)
{
    const Workload &work = point.workload;
    if (work.batch < 1 || work.contextTokens < 1)
        return std::nullopt;
    const MedianInterval figure = phase == Phase::Decode ? point.tpotMs : lonePrefillOf(point);
    if (!figure.p50 || !std::isfinite(*figure.p50) || *figure.p50 <= 0)
        return std::nullopt;
    Observation seen;
    seen.batch = phase == Phase::Decode ? double(work.batch) : 1;
    seen.context = double(work.contextTokens);
    seen.site = {run, std::log(seen.batch), std::log(seen.context)};
    seen.logTime = std::log(*figure.p50 * 1e-3);
    seen.noise = noiseOf(point, figure);
    return seen;
}

} // namespace

double medianOf(std::vector<double> values)
{
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1)
        return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double medianSize(std::vector<double> values)
{
    for (double &value : values)
        value = std::abs(value);
    return medianOf(std::move(values));
}

std::vector<Observation> observationsOf(std::span<const MeasuredRun> runs, Phase phase,
                                        int &ignored)
{
    std::map<std::tuple<int, double, double>, Cell> cells;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        for (const Point &point : runs[r].points) {
            if (point.status != PointStatus::Ok)
                continue;
            const std::optional<Observation> seen = observationOf(point, int(r), phase);
            if (!seen) {
                ++ignored;
                continue;
            }
            Cell &cell = cells[{seen->site.run, seen->context, seen->batch}];
            cell.first = *seen;
            cell.logTimes.push_back(seen->logTime);
            cell.leastNoise = std::min(cell.leastNoise, seen->noise);
        }
    }
    std::vector<Observation> result;
    for (const auto &[key, cell] : cells)
        result.push_back(cell.merged());
    return result;
}

} // namespace engine
