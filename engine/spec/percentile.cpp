// SPDX-License-Identifier: Apache-2.0
#include "engine/spec/percentile.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace engine {

Grade gradeOf(std::int64_t n, double p)
{
    const double beyond = 1 / (1 - p);
    if (n < std::max<std::int64_t>(5, std::llround(beyond)))
        return Grade::Refused;
    if (n < std::max<std::int64_t>(30, std::llround(10 * beyond)))
        return Grade::Indicative;
    return Grade::Solid;
}

double percentile(std::span<const double> sorted, double p)
{
    const double h = double(sorted.size() - 1) * p;
    const auto i = std::min(std::size_t(h), sorted.size() - 1);
    const auto next = std::min(i + 1, sorted.size() - 1);
    return sorted[i] + (h - double(i)) * (sorted[next] - sorted[i]);
}

std::optional<double> gradedPercentile(std::vector<double> samples, double p)
{
    if (gradeOf(std::int64_t(samples.size()), p) == Grade::Refused)
        return std::nullopt;
    std::sort(samples.begin(), samples.end());
    return percentile(samples, p);
}

Percentiles percentilesOf(std::vector<double> samples)
{
    Percentiles result;
    result.n = std::int64_t(samples.size());
    std::sort(samples.begin(), samples.end());
    const auto graded = [&](double p) -> std::optional<double> {
        if (gradeOf(result.n, p) == Grade::Refused)
            return std::nullopt;
        return percentile(samples, p);
    };
    result.p50 = graded(0.5);
    result.p95 = graded(0.95);
    result.p99 = graded(0.99);
    return result;
}

} // namespace engine
