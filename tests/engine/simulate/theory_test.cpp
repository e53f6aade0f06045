// SPDX-License-Identifier: Apache-2.0
// The simulator against queueing theory: a server of one request at a time is M/D/1 and M/G/1,
// whose mean waits are known (Pollaczek and Khinchine), and Little's law holds for every one.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "engine/simulate/simulate.h"
#include "engine/simulate/summary.h"

namespace {

using namespace engine;

constexpr std::int64_t kRequests = 400'000;

Serving oneAtATime()
{
    Serving serving;
    serving.maxSequences = 1;
    serving.stepTokens = 1'000'000;
    return serving;
}

double meanWaitForService(const Simulation &simulation)
{
    double sum = 0;
    for (const Outcome &outcome : simulation.outcomes)
        sum += outcome.scheduled - outcome.request.arrival.value;
    return sum / double(simulation.outcomes.size());
}

// Mean and mean square of the time in service.
struct Moments
{
    double first = 0;
    double second = 0;
};
Moments serviceMoments(const Simulation &simulation)
{
    Moments moments;
    for (const Outcome &outcome : simulation.outcomes) {
        const double time = outcome.lastToken - outcome.scheduled;
        moments.first += time;
        moments.second += time * time;
    }
    moments.first /= double(simulation.outcomes.size());
    moments.second /= double(simulation.outcomes.size());
    return moments;
}

class TheoryAtLoad : public ::testing::TestWithParam<double>
{
};

TEST_P(TheoryAtLoad, DeterministicServiceWaitsAsMd1)
{
    const double load = GetParam();
    const StepTables steps = linearStepTables({.chunkBase = 0.1}); // every prompt takes 0.1 s
    Traffic traffic;
    traffic.arrivals.perSecond = load / 0.1;
    traffic.output.mean = 1;
    const auto requests = makeRequests(traffic, kRequests, 7).value();
    const Simulation simulation = simulate(steps, oneAtATime(), requests).value();
    const double expected = load * 0.1 / (2 * (1 - load));
    EXPECT_NEAR(meanWaitForService(simulation) / expected, 1, 0.04) << "load " << load;
}

TEST_P(TheoryAtLoad, VariedServiceWaitsAsMg1)
{
    const double load = GetParam();
    // 1 ms a token, lengths of answers log-normal: E[S^2] is 2.5 times E[S]^2 or so.
    const StepTables steps = linearStepTables({.base = 1e-3, .chunkBase = 1e-3});
    Traffic traffic;
    traffic.output = {LengthDistribution::Kind::LogNormal, 100, 1.25};
    traffic.arrivals.perSecond = load / 0.1;
    const auto requests = makeRequests(traffic, kRequests, 11).value();
    const Simulation simulation = simulate(steps, oneAtATime(), requests).value();
    const Moments service = serviceMoments(simulation);
    EXPECT_NEAR(service.first, 0.1, 0.001);
    const double rho = traffic.arrivals.perSecond * service.first;
    const double expected = traffic.arrivals.perSecond * service.second / (2 * (1 - rho));
    EXPECT_NEAR(meanWaitForService(simulation) / expected, 1, 0.08) << "load " << load;
}

INSTANTIATE_TEST_SUITE_P(Loads, TheoryAtLoad, ::testing::Values(0.3, 0.5, 0.7, 0.85));

TEST(Theory, ExponentialServiceWaitsAsMm1)
{
    const StepTables steps = linearStepTables({.base = 1e-3, .chunkBase = 1e-3});
    Traffic traffic;
    traffic.output = {LengthDistribution::Kind::Exponential, 100};
    traffic.arrivals.perSecond = 6;
    const auto requests = makeRequests(traffic, kRequests, 3).value();
    const Simulation simulation = simulate(steps, oneAtATime(), requests).value();
    EXPECT_NEAR(meanWaitForService(simulation) / (0.6 * 0.1 / 0.4), 1, 0.04);
}

TEST(Theory, LittleHoldsForEveryLoadAndKindOfArrival)
{
    const StepTables steps = linearStepTables({.base = 8e-3,
                                               .perSequence = 2e-5,
                                               .perPosition = 2e-8,
                                               .chunkBase = 4e-3,
                                               .perToken = 2e-5});
    for (Arrivals::Kind kind :
         {Arrivals::Kind::Even, Arrivals::Kind::Poisson, Arrivals::Kind::Bursty}) {
        for (double rate : {0.5, 5.0, 20.0}) {
            Traffic traffic;
            traffic.arrivals = {kind, rate, 2};
            traffic.prompt = {LengthDistribution::Kind::LogNormal, 800, 1};
            traffic.output = {LengthDistribution::Kind::Uniform, 200, 0.5};
            const auto requests = makeRequests(traffic, 20'000, 5).value();
            const Simulation simulation = simulate(steps, {}, requests).value();
            const ServingSummary summary = summarise(simulation, {.whole = true});
            // In flight = arrivals a second x mean time in the system, an identity over the whole.
            const double little =
                double(summary.requests) / summary.windowSeconds * *summary.e2e.mean / 1e3;
            EXPECT_NEAR(summary.inFlight / little, 1, 1e-9);
            EXPECT_NEAR(summary.offeredPerSecond / rate, 1, 0.1);
        }
    }
}

TEST(Theory, AClosedLoopKeepsItsUsersInFlight)
{
    const StepTables steps =
        linearStepTables({.base = 0.01, .perSequence = 1e-4, .chunkBase = 0.02, .perToken = 1e-5});
    Traffic traffic;
    traffic.arrivals.kind = Arrivals::Kind::AtOnce;
    traffic.output = {LengthDistribution::Kind::Uniform, 100, 0.5};
    const auto requests = makeRequests(traffic, 8'000, 5).value();
    for (std::int64_t users : {1, 7, 64}) {
        const Simulation simulation = simulate(steps, {}, requests, users).value();
        const ServingSummary summary =
            summarise(simulation, {.warmUpRequests = users, .closedLoop = true});
        EXPECT_NEAR(summary.inFlight, double(users), 1e-6 * double(users));
        // X (TTFT + (O - 1) TPOT) = C.
        EXPECT_NEAR(summary.requestsPerSecond * *summary.e2e.mean / 1e3 / double(users), 1, 0.02);
    }
}

TEST(Theory, RandomDrawsHaveTheMomentsTheyClaim)
{
    struct Case
    {
        LengthDistribution lengths;
        double variation;
    };
    for (const Case &each : {Case{{LengthDistribution::Kind::Uniform, 5000, 0.4}, 0.4},
                             Case{{LengthDistribution::Kind::Exponential, 5000}, 1},
                             Case{{LengthDistribution::Kind::LogNormal, 5000, 0.8}, 0.8}}) {
        Traffic traffic;
        traffic.prompt = each.lengths;
        traffic.arrivals = {Arrivals::Kind::Bursty, 4, 2.5};
        const auto requests = makeRequests(traffic, 200'000, 17).value();
        double sum = 0;
        double squares = 0;
        double gapSquares = 0;
        double before = 0;
        for (const UserRequest &request : requests) {
            const double length = double(request.promptTokens);
            sum += length;
            squares += length * length;
            gapSquares += std::pow(request.arrival.value - before, 2);
            before = request.arrival.value;
        }
        const double n = double(requests.size());
        const double mean = sum / n;
        EXPECT_NEAR(mean / 5000, 1, 0.01);
        EXPECT_NEAR(std::sqrt(squares / n - mean * mean) / mean / each.variation, 1, 0.02);
        const double gap = before / n;
        EXPECT_NEAR(gap, 0.25, 0.005);
        EXPECT_NEAR(std::sqrt(gapSquares / n - gap * gap) / gap, 2.5, 0.1);
    }
}

} // namespace
