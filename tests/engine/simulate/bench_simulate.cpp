// SPDX-License-Identifier: Apache-2.0
// Simulated tokens a second on one core, and what a curve of latency against load costs.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "engine/simulate/load_curve.h"

namespace {

using namespace engine;
using Clock = std::chrono::steady_clock;

double medianSeconds(const std::function<void()> &work)
{
    std::vector<double> times;
    for (int i = 0; i < 5; ++i) {
        const auto start = Clock::now();
        work();
        times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times[2];
}

StepTables steps()
{
    return linearStepTables({.base = 8e-3,
                             .perSequence = 2e-5,
                             .perPosition = 2e-8,
                             .chunkBase = 4e-3,
                             .perToken = 2e-5,
                             .overlap = 0.7});
}

LoadCurveSpec spec()
{
    LoadCurveSpec s;
    s.traffic.prompt = {LengthDistribution::Kind::LogNormal, 850, 0.7};
    s.traffic.output = {LengthDistribution::Kind::LogNormal, 650, 0.7};
    s.loads = usualLoads(steps(), s, 20);
    return s;
}

void rate(const char *what, const Serving &serving, double load, std::int64_t users)
{
    LoadCurveSpec s = spec();
    s.traffic.arrivals.perSecond = load;
    const auto requests = makeRequests(s.traffic, 4000, 1).value();
    Simulation simulation;
    const double seconds =
        medianSeconds([&] { simulation = simulate(steps(), serving, requests, users).value(); });
    std::printf("  %-44s %7.1f M tokens/s  %6.2f M steps/s\n", what,
                double(simulation.outputTokens) / seconds / 1e6,
                double(simulation.steps) / seconds / 1e6);
}

} // namespace

int main()
{
    std::printf("Simulated output tokens and steps a second, one core, median of 5:\n");
    Serving serving;
    rate("one user after another", serving, 1, 1);
    rate("Poisson, half of the capacity", serving, 4, 0);
    rate("Poisson, saturated", serving, 20, 0);
    Serving tight = serving;
    tight.kvTokens = 30'000;
    rate("saturated, cache too small (preemptions)", tight, 20, 0);
    Serving wide = serving;
    wide.replicas = 8;
    wide.routing = ReplicaChoice::LeastLoaded;
    rate("8 replicas, closed loop of 512 users", wide, 1, 512);
    Serving split = serving;
    split.disaggregation = Disaggregation{2, 6, Seconds(1e-3), Seconds(1e-7)};
    rate("disaggregated, 2 + 6 replicas", split, 20, 0);

    std::printf("A curve of 20 points, 850 tokens in and 650 out each:\n");
    for (const std::int64_t requests : {200, 1000, 10'000}) {
        LoadCurveSpec s = spec();
        s.stages = {requests};
        const double seconds = medianSeconds([&] {
            if (!loadCurve(steps(), s, {}))
                std::abort();
        });
        std::printf("  %6lld requests a point  %8.1f ms\n", static_cast<long long>(requests),
                    1e3 * seconds);
    }
    return 0;
}
