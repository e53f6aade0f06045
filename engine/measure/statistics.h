// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/spec/percentile.h"
#include "engine/spec/point.h"

namespace engine {

// Rank k (from 1) of the 95 % interval [x_(k), x_(n+1-k)] of the median by order statistics: the
// largest with 1 - 2 P(Bin(n, 1/2) <= k-1) >= 0.95. 0 below six samples: there is none.
std::int64_t medianIntervalRank(std::int64_t n);

// Median with its interval; the median is absent below five samples, the interval below six.
MedianInterval medianInterval(std::vector<double> samples);

// Larger side of the interval over the median: max(hi - med, med - lo) / med. Absent without one.
std::optional<double> relativeWidth(const MedianInterval &median);

// Samples of one quantity, round by round; empty rounds are allowed and do not count.
using Rounds = std::vector<std::vector<double>>;

std::vector<double> pooled(const Rounds &rounds);
std::int64_t roundsWithSamples(const Rounds &rounds);

// (max - min) / median of the medians of the last `latest` rounds that have samples; absent below
// two of them.
std::optional<double> roundSpread(const Rounds &rounds, std::int64_t latest);

struct StoppingRule
{
    std::int64_t leastRounds = 3;
    std::int64_t leastSamples = 30;
    double width = 0.03; // of the pooled median, either side
    // Of the medians of the last `leastRounds` rounds. Over all of them the range could only grow:
    // a cell that was unlucky once would never stop. hasDrift() still sees the first round.
    double spread = 0.03;
};

// Whether the pooled median is known well enough to stop.
bool isConverged(const Rounds &rounds, const StoppingRule &rule = {});

// The rule on figures already formed; for callers that hold no samples.
bool isConverged(std::int64_t rounds, const MedianInterval &median, double spread,
                 const StoppingRule &rule = {});

// The last round's median lies outside the first round's interval and more than 3 % away.
bool hasDrift(const Rounds &rounds);

// Interquartile range over median; absent below five samples.
std::optional<double> relativeQuartileRange(const Rounds &rounds);

// Samples over five medians; they stay where they are.
std::int64_t outlierCount(const Rounds &rounds);

// Decides when a run has warmed up: three consecutive windows with medians within 0.5 %. A window
// is full with 20 steps or 0.2 s, whichever comes first.
class WarmUp
{
public:
    void add(double stepMs);
    bool isSteady() const;

private:
    std::vector<double> m_window;
    double m_windowMs = 0;
    std::vector<double> m_medians;
};

} // namespace engine
