// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace engine {
namespace {

constexpr double kDriftShare = 0.03;
constexpr std::size_t kWindowSteps = 20;
constexpr double kWindowMs = 200;
constexpr std::size_t kSteadyWindows = 3;
constexpr double kSteadyShare = 0.005;

double medianOf(std::vector<double> samples)
{
    std::sort(samples.begin(), samples.end());
    return percentile(samples, 0.5);
}

std::vector<double> roundMedians(const Rounds &rounds)
{
    std::vector<double> medians;
    for (const std::vector<double> &round : rounds) {
        if (!round.empty())
            medians.push_back(medianOf(round));
    }
    return medians;
}

} // namespace

std::int64_t medianIntervalRank(std::int64_t n)
{
    // Terms C(n, j) / 2^n by logarithms: exact enough at any n, and no overflow.
    const double logHalf = double(n) * std::log(0.5);
    double below = 0; // P(Bin(n, 1/2) <= k-1)
    std::int64_t rank = 0;
    for (std::int64_t j = 0; j < (n + 1) / 2; ++j) {
        below += std::exp(std::lgamma(double(n) + 1) - std::lgamma(double(j) + 1) -
                          std::lgamma(double(n - j) + 1) + logHalf);
        if (1 - 2 * below < 0.95)
            break;
        rank = j + 1;
    }
    return rank;
}

MedianInterval medianInterval(std::vector<double> samples)
{
    MedianInterval result;
    result.n = std::int64_t(samples.size());
    if (gradeOf(result.n, 0.5) == Grade::Refused)
        return result;
    std::sort(samples.begin(), samples.end());
    result.p50 = percentile(samples, 0.5);
    if (const std::int64_t rank = medianIntervalRank(result.n); rank > 0) {
        result.lo = samples[std::size_t(rank - 1)];
        result.hi = samples[std::size_t(result.n - rank)];
    }
    return result;
}

std::optional<double> relativeWidth(const MedianInterval &median)
{
    if (!median.p50 || !median.lo || !median.hi || *median.p50 <= 0)
        return std::nullopt;
    return std::max(*median.hi - *median.p50, *median.p50 - *median.lo) / *median.p50;
}

std::vector<double> pooled(const Rounds &rounds)
{
    std::vector<double> all;
    for (const std::vector<double> &round : rounds)
        all.insert(all.end(), round.begin(), round.end());
    return all;
}

std::int64_t roundsWithSamples(const Rounds &rounds)
{
    return std::count_if(rounds.begin(), rounds.end(),
                         [](const std::vector<double> &round) { return !round.empty(); });
}

std::optional<double> roundSpread(const Rounds &rounds, std::int64_t latest)
{
    std::vector<double> medians = roundMedians(rounds);
    if (medians.size() > std::size_t(latest))
        medians.erase(medians.begin(), medians.end() - latest);
    if (medians.size() < 2)
        return std::nullopt;
    const auto [least, most] = std::minmax_element(medians.begin(), medians.end());
    return (*most - *least) / medianOf(medians);
}

bool isConverged(std::int64_t rounds, const MedianInterval &median, double spread,
                 const StoppingRule &rule)
{
    const std::optional<double> width = relativeWidth(median);
    return rounds >= rule.leastRounds && median.n >= rule.leastSamples && width &&
           *width <= rule.width && spread <= rule.spread;
}

bool isConverged(const Rounds &rounds, const StoppingRule &rule)
{
    const std::optional<double> spread = roundSpread(rounds, rule.leastRounds);
    if (!spread && rule.leastRounds > 1)
        return false;
    return isConverged(roundsWithSamples(rounds), medianInterval(pooled(rounds)),
                       spread.value_or(0), rule);
}

bool hasDrift(const Rounds &rounds)
{
    Rounds filled;
    for (const std::vector<double> &round : rounds) {
        if (!round.empty())
            filled.push_back(round);
    }
    if (filled.size() < 2)
        return false;
    const MedianInterval first = medianInterval(filled.front());
    if (!first.lo || !first.hi)
        return false;
    const double last = medianOf(filled.back());
    const bool outside = last < *first.lo || last > *first.hi;
    return outside && std::abs(last - *first.p50) > kDriftShare * *first.p50;
}

std::optional<double> relativeQuartileRange(const Rounds &rounds)
{
    std::vector<double> samples = pooled(rounds);
    if (gradeOf(std::int64_t(samples.size()), 0.5) == Grade::Refused)
        return std::nullopt;
    std::sort(samples.begin(), samples.end());
    const double median = percentile(samples, 0.5);
    if (median <= 0)
        return std::nullopt;
    return (percentile(samples, 0.75) - percentile(samples, 0.25)) / median;
}

std::int64_t outlierCount(const Rounds &rounds)
{
    const std::vector<double> samples = pooled(rounds);
    if (samples.empty())
        return 0;
    const double limit = 5 * medianOf(samples);
    return std::count_if(samples.begin(), samples.end(),
                         [limit](double sample) { return sample > limit; });
}

void WarmUp::add(double stepMs)
{
    m_window.push_back(stepMs);
    m_windowMs += stepMs;
    if (m_window.size() < kWindowSteps && m_windowMs < kWindowMs)
        return;
    m_medians.push_back(medianOf(std::exchange(m_window, {})));
    m_windowMs = 0;
}

bool WarmUp::isSteady() const
{
    if (m_medians.size() < kSteadyWindows)
        return false;
    const auto [least, most] =
        std::minmax_element(m_medians.end() - kSteadyWindows, m_medians.end());
    return *most - *least <= kSteadyShare * *least;
}

} // namespace engine
