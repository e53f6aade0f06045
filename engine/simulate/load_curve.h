// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "engine/simulate/serving.h"
#include "engine/simulate/step_tables.h"
#include "engine/simulate/summary.h"
#include "engine/simulate/traffic.h"

namespace engine {

// What a curve of latency against load asks for.
struct LoadCurveSpec
{
    enum class Axis { Rate, Concurrency };

    Axis axis = Axis::Rate;
    std::vector<double> loads;                   // requests a second, or users; any order
    std::vector<std::int64_t> stages{200, 1000}; // requests a point: first rough, then finer
    Traffic traffic;                             // its rate is not used
    Serving serving;
    LatencyLimits limits;
    std::uint64_t seed = 1;

    friend bool operator==(const LoadCurveSpec &, const LoadCurveSpec &) = default;
};

struct LoadPoint
{
    double load = 0;
    std::int64_t requests = 0; // that the figures are of, the warm-up not included
    ServingSummary summary;

    friend bool operator==(const LoadPoint &, const LoadPoint &) = default;
};

// How far a curve is: `point` has just been made, `done` of `total` of all stages.
struct LoadProgress
{
    const LoadPoint &point;
    std::size_t index = 0; // into loads
    std::int64_t done = 0;
    std::int64_t total = 0;
};

// Every point at the first stage, then every point again at the next, finer one; returns the points
// of the last stage in the order of `loads`. A point's figures depend on the spec alone, so stages
// and order change nothing else. `progress` may be empty; it runs on the calling thread. BadInput,
// DoesNotFit or Cancelled as simulate().
Result<std::vector<LoadPoint>> loadCurve(const StepTables &steps, const LoadCurveSpec &spec,
                                         const std::function<void(const LoadProgress &)> &progress,
                                         std::stop_token stop = {});

// One load of it with `requests` requests after the warm-up, which is a tenth of them more in an
// open loop, the first wave of users in a closed one; there it takes three waves at least.
Result<LoadPoint> loadPoint(const StepTables &steps, const LoadCurveSpec &spec, double load,
                            std::int64_t requests, std::stop_token stop = {});

// Requests a second that the replicas can answer at most in the long run, in closed form: a request
// takes its prompt's time and its share of full decode steps. A guide for where to look, exact
// where steps do not mix. Mean lengths; no prefix hits.
double capacityPerSecond(const StepTables &steps, const Serving &serving, const Traffic &traffic);

// Cuts the tails of both lengths so that no request exceeds a replica's cache, which is divided
// between prompt and answer as their means are; DoesNotFit where not even the means fit.
Result<void> cutLengthsToCache(Traffic &traffic, const Serving &serving);

// Sequences that one replica runs at most: its slots, or what its cache holds at mean lengths.
double mostRunning(const Serving &serving, const Traffic &traffic);

// `count` loads for an axis, rising evenly in ratio: rates from a twentieth to 1.1 times of the
// capacity, or whole users from 1 to twice of what the replicas run.
std::vector<double> usualLoads(const StepTables &steps, const LoadCurveSpec &spec,
                               std::size_t count);

} // namespace engine
