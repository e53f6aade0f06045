// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gtest/gtest.h>

#include "engine/simulate/load_curve.h"
#include "engine/simulate/trace.h"

namespace {

using namespace engine;

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
    s.traffic.prompt = {LengthDistribution::Kind::LogNormal, 800, 0.6};
    s.traffic.output = {LengthDistribution::Kind::LogNormal, 200, 0.6};
    s.limits = {Seconds(0.5), Seconds(0.05)};
    return s;
}

TEST(LoadCurve, WaitsRiseWithTheRateAndTheThroughputSaturates)
{
    LoadCurveSpec s = spec();
    const double capacity = capacityPerSecond(steps(), s.serving, s.traffic);
    for (double share : {0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 2.0})
        s.loads.push_back(capacity * share);
    s.stages = {2000};
    const auto points = loadCurve(steps(), s, {}).value();
    for (std::size_t i = 1; i < points.size(); ++i) {
        EXPECT_GT(*points[i].summary.e2e.mean, *points[i - 1].summary.e2e.mean);
        EXPECT_GT(*points[i].summary.tpot.mean, 0.98 * *points[i - 1].summary.tpot.mean);
        EXPECT_LE(points[i].summary.goodput->ratio, points[i - 1].summary.goodput->ratio + 0.01);
    }
    EXPECT_FALSE(points[2].summary.saturated);
    EXPECT_TRUE(points[6].summary.saturated);
    // The closed form is a guide to where throughput ends.
    EXPECT_NEAR(points[6].summary.requestsPerSecond / capacity, 1, 0.25);
    EXPECT_GT(points[6].summary.utilisation, 0.99);
    EXPECT_LT(points[0].summary.batch, 0.2 * points[6].summary.batch);
}

TEST(LoadCurve, StagesRefineTheSamePoints)
{
    LoadCurveSpec s = spec();
    s.loads = {2, 4, 8};
    std::vector<std::int64_t> order;
    const auto points =
        loadCurve(steps(), s, [&](const LoadProgress &progress) {
            order.push_back(progress.point.requests);
            EXPECT_EQ(progress.done, std::int64_t(order.size()));
            EXPECT_EQ(progress.total, 6);
            // Two hundred requests are too few for a solid p99, a thousand are enough.
            EXPECT_EQ(gradeOf(progress.point.summary.requests, 0.99),
                      progress.point.requests < 1000 ? Grade::Indicative : Grade::Solid);
        }).value();
    EXPECT_EQ(order, (std::vector<std::int64_t>{200, 200, 200, 1000, 1000, 1000}));
    EXPECT_EQ(points[1], loadPoint(steps(), s, 4, 1000).value());
    s.seed = 2;
    EXPECT_NE(points[1], loadPoint(steps(), s, 4, 1000).value());
}

TEST(LoadCurve, StopsBetweenPoints)
{
    LoadCurveSpec s = spec();
    s.loads = {2, 4, 8};
    std::stop_source source;
    int seen = 0;
    const auto points = loadCurve(
        steps(), s,
        [&](const LoadProgress &) {
            if (++seen == 2)
                source.request_stop();
        },
        source.get_token());
    ASSERT_FALSE(points);
    EXPECT_EQ(points.error().kind, ErrorKind::Cancelled);
    EXPECT_EQ(seen, 2);
}

TEST(LoadCurve, ConcurrencyTradesSpeedOfOneForThroughput)
{
    LoadCurveSpec s = spec();
    s.axis = LoadCurveSpec::Axis::Concurrency;
    s.loads = {1, 4, 16, 64};
    s.stages = {400};
    const auto points = loadCurve(steps(), s, {}).value();
    for (std::size_t i = 1; i < points.size(); ++i) {
        EXPECT_GT(points[i].summary.outputTps, points[i - 1].summary.outputTps);
        EXPECT_GT(*points[i].summary.tpot.mean, *points[i - 1].summary.tpot.mean);
    }
    s.loads = {1.5};
    EXPECT_EQ(loadCurve(steps(), s, {}).error().kind, ErrorKind::BadInput);
    s.loads = {};
    EXPECT_EQ(loadCurve(steps(), s, {}).error().kind, ErrorKind::BadInput);
}

TEST(LoadCurve, UsualLoadsAscendAndCoverTheKnee)
{
    LoadCurveSpec s = spec();
    const std::vector<double> rates = usualLoads(steps(), s, 20);
    ASSERT_EQ(rates.size(), 20u);
    const double capacity = capacityPerSecond(steps(), s.serving, s.traffic);
    EXPECT_NEAR(rates.front(), capacity / 20, 1e-9);
    EXPECT_NEAR(rates.back(), capacity * 1.1, 1e-9);
    s.axis = LoadCurveSpec::Axis::Concurrency;
    for (double users : usualLoads(steps(), s, 20))
        EXPECT_EQ(users, std::floor(users));
}

TEST(Summary, GoodputCountsAsTheVectorOfTheDefinitions)
{
    // (TTFT, TPOT) in ms under limits of 500 and 50: (300, 40) (500, 50) (501, 20) (200, 51)
    // (100, one token) (120, 30): four of six are good.
    Simulation simulation;
    const double rows[6][3] = {{300, 40, 11}, {500, 50, 11}, {501, 20, 11},
                               {200, 51, 11}, {100, 0, 1},   {120, 30, 11}};
    for (const auto &row : rows) {
        Outcome outcome;
        outcome.request.outputTokens = std::int64_t(row[2]);
        outcome.firstToken = row[0] / 1e3;
        outcome.lastToken = outcome.firstToken + row[1] / 1e3 * (row[2] - 1);
        simulation.outcomes.push_back(outcome);
    }
    simulation.endSeconds = 2;
    SummaryOptions options;
    options.limits = {Seconds(0.5 + 1e-12), Seconds(0.05 + 1e-12)};
    options.whole = true;
    const ServingSummary summary = summarise(simulation, options);
    EXPECT_EQ(summary.goodput->good, 4);
    EXPECT_EQ(summary.goodput->judged, 6);
    EXPECT_DOUBLE_EQ(summary.goodput->perSecond, 2);
    // Wilson's interval of 4 of 6, worked out apart: 0.3000 to 0.9032.
    EXPECT_NEAR(summary.goodput->low, 0.3000, 5e-4);
    EXPECT_NEAR(summary.goodput->high, 0.9032, 5e-4);
    EXPECT_EQ(summary.tpot.percentiles.n, 5); // the answer of one token has none
    EXPECT_FALSE(summary.ttft.percentiles.p99);
}

TEST(Trace, ReadsColumnsInAnyOrder)
{
    const auto trace = parseTrace("output_tokens,id,arrival_s,last_token_s,input_tokens,"
                                  "first_token_s\r\n"
                                  "7,b,12.5,14,30,13\r\n"
                                  "\r\n"
                                  "5,a,12,13.5,20,12.25\r\n");
    ASSERT_TRUE(trace) << trace.error().message;
    ASSERT_EQ(trace->requests.size(), 2u);
    EXPECT_EQ(trace->requests[0].promptTokens, 20);
    EXPECT_EQ(trace->requests[0].arrival, Seconds(0));
    EXPECT_EQ(trace->requests[1].arrival, Seconds(0.5));
    EXPECT_EQ(trace->times[0].firstToken, Seconds(0.25));
    EXPECT_EQ(trace->times[1].lastToken, Seconds(2));
}

TEST(Trace, SaysWhichLineAndColumnIsWrong)
{
    const auto sentence = [](const char *text) { return parseTrace(text).error().message; };
    EXPECT_NE(sentence("arrival_s,input_tokens\n1,2\n").find("output_tokens"), std::string::npos);
    const char *header = "arrival_s,input_tokens,output_tokens\n";
    EXPECT_EQ(sentence((std::string(header) + "0,5,5\n1,x,5\n").c_str()),
              "Line 3 of the trace, column input_tokens: \"x\" is not a number.");
    EXPECT_NE(sentence((std::string(header) + "0,5\n").c_str()).find("too short"),
              std::string::npos);
    EXPECT_NE(sentence((std::string(header) + "0,0,1\n").c_str()).find("1 or more"),
              std::string::npos);
    EXPECT_NE(sentence((std::string(header) + "nan,1,1\n").c_str()).find("not a number"),
              std::string::npos);
    EXPECT_NE(sentence(header).find("no requests"), std::string::npos);
    EXPECT_FALSE(parseTrace(""));
}

} // namespace
