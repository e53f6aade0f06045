// SPDX-License-Identifier: Apache-2.0
// Schedules small enough to work out by hand, and what is conserved in all of them.
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "engine/simulate/kv_pool.h"
#include "engine/simulate/simulate.h"
#include "engine/simulate/summary.h"

namespace {

using namespace engine;

UserRequest request(double arrival, std::int64_t prompt, std::int64_t output)
{
    UserRequest r;
    r.arrival = Seconds(arrival);
    r.promptTokens = prompt;
    r.outputTokens = output;
    return r;
}

// A prompt step takes 1 s and 1 ms a token, a decode step 0.1 s and 1 us a position; nothing is
// saved by mixing.
StepTables plainSteps()
{
    return linearStepTables({.base = 0.1, .perPosition = 1e-6, .chunkBase = 1, .perToken = 1e-3});
}

StepTables servingSteps()
{
    return linearStepTables({.base = 8e-3,
                             .perSequence = 2e-5,
                             .perPosition = 2e-8,
                             .chunkBase = 4e-3,
                             .perToken = 2e-5,
                             .perPair = 1e-10,
                             .overlap = 0.7});
}

std::vector<UserRequest> mixedRequests(double rate, std::int64_t count)
{
    Traffic traffic;
    traffic.arrivals.perSecond = rate;
    traffic.prompt = {LengthDistribution::Kind::LogNormal, 800, 1, 1, 8000};
    traffic.output = {LengthDistribution::Kind::LogNormal, 200, 1, 1, 2000};
    return makeRequests(traffic, count, 5).value();
}

TEST(Batching, ALoneRequestTakesItsPromptAndItsSteps)
{
    const std::vector<UserRequest> requests{request(0, 500, 4)};
    const Simulation simulation = simulate(plainSteps(), {}, requests).value();
    EXPECT_NEAR(simulation.outcomes[0].firstToken, 1.5, 1e-12);
    // Steps attend to 501, 502 and 503 positions.
    EXPECT_NEAR(simulation.outcomes[0].lastToken, 1.5 + 0.3 + (501 + 502 + 503) * 1e-6, 1e-12);
    EXPECT_EQ(simulation.steps, 4);
    EXPECT_EQ(simulation.promptTokens, 500);
}

TEST(Batching, AnArrivalDuringAStepJoinsTheNextOne)
{
    // The second comes at 1.55 s, while the first decodes from 1.5 to 1.6: its prompt rides on the
    // step that begins there.
    const std::vector<UserRequest> requests{request(0, 500, 100), request(1.55, 300, 2)};
    const Simulation simulation = simulate(plainSteps(), {}, requests).value();
    const double begin = 1.5 + 0.1 + 501e-6;
    EXPECT_NEAR(simulation.outcomes[1].scheduled, begin, 1e-12);
    EXPECT_NEAR(simulation.outcomes[1].firstToken, begin + 1.3 + 0.1 + 502e-6, 1e-12);
}

TEST(Batching, ChunksFillWhatTheStepHasLeft)
{
    Serving serving;
    serving.stepTokens = 256;
    const std::vector<UserRequest> requests{request(0, 600, 1)};
    const Simulation simulation = simulate(plainSteps(), serving, requests).value();
    EXPECT_EQ(simulation.steps, 3); // 256 + 256 + 88
    EXPECT_NEAR(simulation.outcomes[0].firstToken, 3 + 0.6, 1e-12);
}

TEST(Batching, WholePromptsComeBeforeDecodes)
{
    Serving serving;
    serving.chunkedPrefill = false;
    serving.stepTokens = 512;
    const std::vector<UserRequest> requests{request(0, 500, 3), request(0, 400, 3),
                                            request(0, 90, 3)};
    const Simulation simulation = simulate(plainSteps(), serving, requests).value();
    EXPECT_NEAR(simulation.outcomes[0].firstToken, 1.5, 1e-12); // 400 more would pass the budget
    EXPECT_NEAR(simulation.outcomes[1].firstToken, 1.5 + 1.49, 1e-12); // with the third
    EXPECT_NEAR(simulation.outcomes[2].firstToken, 1.5 + 1.49, 1e-12);
    EXPECT_GT(simulation.outcomes[0].lastToken, 1.5 + 1.49 + 0.2); // it waited for them
}

TEST(Batching, SlotsLimitTheBatch)
{
    Serving serving;
    serving.maxSequences = 2;
    const std::vector<UserRequest> requests{request(0, 10, 5), request(0, 10, 50),
                                            request(0, 10, 5)};
    const Simulation simulation = simulate(plainSteps(), serving, requests).value();
    EXPECT_DOUBLE_EQ(simulation.outcomes[2].scheduled, simulation.outcomes[0].lastToken);
}

TEST(Batching, AFullCachePreemptsTheYoungestAndComputesItAnew)
{
    Serving serving;
    serving.kvTokens = 64;
    serving.kvBlockTokens = 1;
    const std::vector<UserRequest> requests{request(0, 20, 30), request(0, 20, 30)};
    const Simulation simulation = simulate(plainSteps(), serving, requests).value();
    EXPECT_EQ(simulation.outcomes[0].preemptions, 0);
    EXPECT_GE(simulation.outcomes[1].preemptions, 1);
    EXPECT_GT(simulation.promptTokens, 40); // the second's prompt and answer once more
    EXPECT_GT(simulation.outcomes[1].lastToken, simulation.outcomes[0].lastToken);
    EXPECT_EQ(simulation.outputTokens, 60);
}

TEST(Batching, APromptJoinsWhenItHasRoomAsAWhole)
{
    Serving serving;
    serving.kvTokens = 640;
    const std::vector<UserRequest> requests{request(0, 400, 20), request(1.6, 300, 2)};
    const Simulation simulation = simulate(plainSteps(), serving, requests).value();
    EXPECT_DOUBLE_EQ(simulation.outcomes[1].scheduled, simulation.outcomes[0].lastToken);
    EXPECT_EQ(simulation.preemptions, 0);
}

TEST(Batching, APreemptedRequestFindsWhatIsLeftOfItsCache)
{
    const auto requests = mixedRequests(10, 400);
    Serving serving;
    serving.kvTokens = 12'000;
    const Simulation anew = simulate(servingSteps(), serving, requests).value();
    serving.prefixCache = true;
    const Simulation kept = simulate(servingSteps(), serving, requests).value();
    ASSERT_GT(anew.preemptions, 10);
    ASSERT_GT(kept.preemptions, 10);
    std::int64_t prompts = 0;
    for (const UserRequest &r : requests)
        prompts += r.promptTokens;
    EXPECT_GT(anew.promptTokens, prompts);
    EXPECT_LT(kept.promptTokens, anew.promptTokens);
}

TEST(Batching, ARequestLargerThanTheCacheIsRefusedWithTheFigures)
{
    Serving serving;
    serving.kvTokens = 1000;
    const std::vector<UserRequest> requests{request(0, 900, 200)};
    const auto simulation = simulate(plainSteps(), serving, requests);
    ASSERT_FALSE(simulation);
    EXPECT_EQ(simulation.error().kind, ErrorKind::DoesNotFit);
    EXPECT_NE(simulation.error().message.find("1100 tokens"), std::string::npos);
    EXPECT_NE(simulation.error().message.find("992"), std::string::npos); // whole blocks of 16
}

TEST(Batching, ACommonPrefixIsComputedOnce)
{
    Serving serving;
    serving.prefixCache = true;
    std::vector<UserRequest> requests{request(0, 500, 2), request(10, 500, 2), request(20, 500, 2)};
    for (UserRequest &r : requests) {
        r.prefixId = 9;
        r.prefixTokens = 400;
    }
    const Simulation simulation = simulate(plainSteps(), serving, requests).value();
    EXPECT_EQ(simulation.outcomes[0].cachedTokens, 0);
    EXPECT_EQ(simulation.outcomes[1].cachedTokens, 400);
    EXPECT_EQ(simulation.promptTokens, 500 + 100 + 100);
    EXPECT_NEAR(simulation.outcomes[1].firstToken - 10, 1.1, 1e-9);
    serving.prefixCache = false;
    EXPECT_EQ(simulate(plainSteps(), serving, requests).value().promptTokens, 1500);
}

TEST(Batching, PrefixAffinityFindsWhatRoundRobinMisses)
{
    Serving serving;
    serving.prefixCache = true;
    serving.replicas = 2;
    std::vector<UserRequest> requests;
    for (int i = 0; i < 40; ++i) {
        requests.push_back(request(3.0 * i, 1000, 4));
        requests.back().prefixId = std::uint64_t(1 + i / 2 % 4);
        requests.back().prefixTokens = 800;
    }
    serving.routing = ReplicaChoice::RoundRobin;
    const auto spread = simulate(plainSteps(), serving, requests).value();
    serving.routing = ReplicaChoice::PrefixAffinity;
    const auto kept = simulate(plainSteps(), serving, requests).value();
    EXPECT_EQ(kept.promptTokens, 40 * 1000 - 36 * 800); // each of four prefixes missed once
    EXPECT_GT(spread.promptTokens, kept.promptTokens);
}

TEST(Batching, DisaggregatedPromptsDoNotDisturbDecodes)
{
    Serving serving;
    serving.disaggregation = Disaggregation{1, 1, Seconds(0.02), Seconds(1e-5)};
    const std::vector<UserRequest> requests{request(0, 500, 40), request(2, 500, 1)};
    const Simulation simulation = simulate(plainSteps(), serving, requests).value();
    EXPECT_NEAR(simulation.outcomes[1].firstToken, 3.5, 1e-12);
    // The first one's steps go on undisturbed: 39 of them after the transfer.
    double steps = 0;
    for (int i = 0; i < 39; ++i)
        steps += 0.1 + (501 + i) * 1e-6;
    EXPECT_NEAR(simulation.outcomes[0].lastToken, 1.5 + 0.02 + 500e-5 + steps, 1e-9);
    EXPECT_EQ(simulation.replicas, 2);
}

TEST(Batching, TwoReplicasHalveTheLoadOfEach)
{
    const auto requests = mixedRequests(12, 4000);
    Serving two;
    two.replicas = 2;
    two.routing = ReplicaChoice::LeastLoaded;
    const ServingSummary one = summarise(simulate(servingSteps(), {}, requests).value(), {});
    const ServingSummary both = summarise(simulate(servingSteps(), two, requests).value(), {});
    EXPECT_LT(*both.ttft.percentiles.p95, *one.ttft.percentiles.p95);
    EXPECT_LT(both.batch, 0.7 * one.batch);
}

TEST(Batching, EveryTokenIsMadeOnceInOrderWhateverTheSetting)
{
    const auto requests = mixedRequests(10, 1500);
    std::int64_t tokens = 0;
    for (const UserRequest &r : requests)
        tokens += r.outputTokens;
    std::vector<Serving> servings(6);
    servings[1].chunkedPrefill = false;
    servings[2].kvTokens = 12'000;
    servings[3].replicas = 3;
    servings[3].routing = ReplicaChoice::LeastLoaded;
    servings[4].disaggregation = Disaggregation{2, 3, Seconds(1e-3), Seconds(1e-7)};
    servings[5].maxSequences = 8;
    servings[5].stepTokens = 64;
    for (const Serving &serving : servings) {
        for (std::int64_t users : {0, 20}) {
            const auto simulation = simulate(servingSteps(), serving, requests, users).value();
            EXPECT_EQ(simulation.outputTokens, tokens);
            EXPECT_GE(simulation.sequenceSeconds, simulation.busySeconds * 0.999);
            EXPECT_LE(simulation.busySeconds,
                      simulation.endSeconds * simulation.replicas * (1 + 1e-9));
            for (const Outcome &outcome : simulation.outcomes) {
                ASSERT_LE(outcome.request.arrival.value, outcome.scheduled);
                ASSERT_LT(outcome.scheduled, outcome.firstToken);
                ASSERT_TRUE(outcome.request.outputTokens == 1
                                ? outcome.firstToken == outcome.lastToken
                                : outcome.firstToken < outcome.lastToken);
            }
            EXPECT_EQ(simulate(servingSteps(), serving, requests, users).value(), simulation);
        }
    }
}

TEST(Batching, JumpsOverEqualStepsChangeNothing)
{
    // A second user far away in time forces no single steps; many arrivals do. The lone request's
    // times must not depend on either.
    const std::vector<UserRequest> lone{request(0, 500, 400)};
    Serving two;
    two.replicas = 2;
    std::vector<UserRequest> crowd{request(0, 500, 400)};
    for (int i = 1; i < 300; ++i) // all of them on the other replica or far too short to matter
        crowd.push_back(request(0.13 * i, 10, 1));
    two.routing = ReplicaChoice::LeastLoaded;
    const auto alone = simulate(plainSteps(), two, lone).value();
    crowd.resize(2);
    const auto beside = simulate(plainSteps(), two, crowd).value();
    EXPECT_NEAR(alone.outcomes[0].lastToken, beside.outcomes[0].lastToken, 1e-9);
}

TEST(Batching, StopsWhenAsked)
{
    std::stop_source source;
    source.request_stop();
    const auto simulation =
        simulate(plainSteps(), {}, mixedRequests(10, 100), 0, source.get_token());
    ASSERT_FALSE(simulation);
    EXPECT_EQ(simulation.error().kind, ErrorKind::Cancelled);
}

TEST(Batching, NonsenseIsRefusedInOneSentence)
{
    const std::vector<UserRequest> requests{request(0, 10, 1)};
    Serving serving;
    serving.maxSequences = 0;
    EXPECT_EQ(simulate(plainSteps(), serving, requests).error().kind, ErrorKind::BadInput);
    serving = {};
    serving.stepTokens = 8;
    EXPECT_EQ(simulate(plainSteps(), serving, requests).error().kind, ErrorKind::BadInput);
    EXPECT_EQ(simulate({}, {}, requests).error().kind, ErrorKind::BadInput);
    EXPECT_EQ(simulate(plainSteps(), {}, {}).error().kind, ErrorKind::BadInput);
    EXPECT_EQ(simulate(plainSteps(), {}, requests, -1).error().kind, ErrorKind::BadInput);
    const std::vector<UserRequest> empty{request(0, 0, 1)};
    EXPECT_EQ(simulate(plainSteps(), {}, empty).error().kind, ErrorKind::BadInput);
    Traffic traffic;
    traffic.arrivals.perSecond = 0;
    EXPECT_EQ(makeRequests(traffic, 10, 1).error().kind, ErrorKind::BadInput);
    EXPECT_EQ(makeRequests({}, 0, 1).error().kind, ErrorKind::BadInput);
}

TEST(KvPool, GivesUnusedPrefixesUpOldestFirst)
{
    KvPool pool(100 * 16, 16, true);
    ASSERT_TRUE(pool.take(60));
    EXPECT_EQ(pool.keep(1, 30 * 16, false), 30); // of the 60
    EXPECT_EQ(pool.keep(2, 30 * 16, false), 30);
    pool.release(1);
    pool.release(2);
    EXPECT_EQ(pool.free(), 100);
    EXPECT_EQ(pool.acquire(1, 10'000), 30 * 16); // now 2 is the older one
    pool.release(1);
    ASSERT_TRUE(pool.take(50));
    EXPECT_FALSE(pool.isKept(2));
    EXPECT_TRUE(pool.isKept(1));
    EXPECT_EQ(pool.acquire(1, 5 * 16 + 3), 5 * 16);
    EXPECT_FALSE(pool.take(21)); // 50 taken, 30 of prefix 1 in use
    EXPECT_TRUE(pool.take(20));
}

TEST(KvPool, OverwritesWhatPreemptionLeftTheEarliestFirst)
{
    KvPool pool(100 * 16, 16, true);
    ASSERT_TRUE(pool.take(100));
    pool.giveUp(7, 40);
    pool.giveUp(8, 30);
    ASSERT_TRUE(pool.take(50)); // all of 7, ten of 8
    EXPECT_EQ(pool.regain(7), 0);
    EXPECT_EQ(pool.regain(8), 20);
    EXPECT_EQ(pool.regain(8), 0);
    EXPECT_EQ(pool.free(), 20);
}

} // namespace
