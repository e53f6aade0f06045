// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "engine/simulate/simulate.h"
#include "engine/spec/percentile.h"

namespace engine {

// What a user may be asked to wait at most; absent = not judged by it.
struct LatencyLimits
{
    std::optional<Seconds> ttft;
    std::optional<Seconds> tpot; // does not apply to an answer of one token

    bool any() const { return ttft || tpot; }
    friend bool operator==(const LatencyLimits &, const LatencyLimits &) = default;
};

// Requests within all limits, of those judged, with the Wilson 95 % interval of the share.
struct Goodput
{
    std::int64_t good = 0;
    std::int64_t judged = 0;
    double ratio = 0;
    double low = 0;
    double high = 0;
    double perSecond = 0; // good requests / window

    friend bool operator==(const Goodput &, const Goodput &) = default;
};

// One latency in milliseconds over requests; percentiles are absent where n is too small for them.
struct LatencySummary
{
    std::optional<double> mean;
    Percentiles percentiles;

    friend bool operator==(const LatencySummary &, const LatencySummary &) = default;
};

// One load, summed up. Latencies are of the requests after the warm-up; rates are of the window
// from the first of their arrivals to the last arrival, or to the last token where `whole`.
struct ServingSummary
{
    std::int64_t requests = 0;
    std::int64_t warmUpRequests = 0; // left out of everything below
    LatencySummary ttft;
    LatencySummary tpot;
    LatencySummary e2e;
    std::optional<Goodput> goodput; // where there are limits
    double windowSeconds = 0;
    double offeredPerSecond = 0;  // arrivals / window
    double requestsPerSecond = 0; // answered in the window / window
    double outputTps = 0;         // tokens stamped in the window / window
    double totalTps = 0;          // and prompt tokens of the first tokens in it
    double inFlight = 0;          // mean number of requests between arrival and last token
    double utilisation = 0;       // share of all replicas' time in steps
    double batch = 0;             // mean running sequences of a busy replica
    double cachedShare = 0;       // prompt tokens found in the prefix cache / prompt tokens
    std::int64_t preemptions = 0; // of the whole run
    bool saturated = false;       // open loop: answers keep up with less than 95 % of arrivals

    friend bool operator==(const ServingSummary &, const ServingSummary &) = default;
};

struct SummaryOptions
{
    LatencyLimits limits = {};
    std::int64_t warmUpRequests = 0; // fewer are left out where half of the requests are fewer
    bool whole = false;              // a recorded trace: rates to the last token
    bool closedLoop = false;
};
ServingSummary summarise(const Simulation &simulation, const SummaryOptions &options);

} // namespace engine
