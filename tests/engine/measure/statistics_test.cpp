// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/statistics.h"

#include <numeric>

#include <gtest/gtest.h>

namespace {

using namespace engine;

std::vector<double> sequence(int first, int last)
{
    std::vector<double> values(std::size_t(last - first + 1));
    std::iota(values.begin(), values.end(), double(first));
    return values;
}

TEST(Percentile, IsLinearBetweenOrderStatistics)
{
    const std::vector<double> five{10, 20, 30, 40, 50};
    EXPECT_DOUBLE_EQ(percentile(five, 0.5), 30);
    EXPECT_DOUBLE_EQ(percentile(five, 0.25), 20);
    EXPECT_DOUBLE_EQ(percentile(five, 0.9), 46);
    EXPECT_DOUBLE_EQ(percentile(five, 0.99), 49.6);
    const std::vector<double> twenty = sequence(1, 20);
    EXPECT_DOUBLE_EQ(percentile(twenty, 0.5), 10.5);
    EXPECT_DOUBLE_EQ(percentile(twenty, 0.9), 18.1);
    EXPECT_DOUBLE_EQ(percentile(twenty, 0.95), 19.05);
    EXPECT_DOUBLE_EQ(percentile(std::vector<double>{7}, 0.99), 7);
}

TEST(Percentile, OfFiveSamplesHasAMedianButNoTail)
{
    const std::vector<double> five{50, 10, 40, 20, 30};
    EXPECT_EQ(gradedPercentile(five, 0.5), 30);
    EXPECT_FALSE(gradedPercentile(five, 0.9));
    EXPECT_FALSE(gradedPercentile(five, 0.99));
    EXPECT_FALSE(gradedPercentile({1, 2, 3, 4}, 0.5));
}

TEST(Percentile, GradesFollowTheTable)
{
    struct Row
    {
        double p;
        std::int64_t refusedBelow;
        std::int64_t solidFrom;
    };
    for (const Row &row : {Row{0.5, 5, 30}, Row{0.9, 10, 100}, Row{0.95, 20, 200},
                           Row{0.99, 100, 1000}, Row{0.999, 1000, 10000}}) {
        EXPECT_EQ(gradeOf(row.refusedBelow - 1, row.p), Grade::Refused) << row.p;
        EXPECT_EQ(gradeOf(row.refusedBelow, row.p), Grade::Indicative) << row.p;
        EXPECT_EQ(gradeOf(row.solidFrom - 1, row.p), Grade::Indicative) << row.p;
        EXPECT_EQ(gradeOf(row.solidFrom, row.p), Grade::Solid) << row.p;
    }
}

TEST(Percentile, TwentySamplesGiveP95ButRefuseP99)
{
    const Percentiles percentiles = percentilesOf(sequence(1, 20));
    EXPECT_EQ(percentiles.p50, 10.5);
    EXPECT_DOUBLE_EQ(percentiles.p95.value(), 19.05);
    EXPECT_FALSE(percentiles.p99);
    EXPECT_EQ(percentiles.n, 20);
}

TEST(MedianInterval, RanksFollowTheTable)
{
    const std::vector<std::pair<int, int>> table{
        {5, 0},  {6, 1},   {8, 1},   {9, 2},    {11, 2},   {12, 3},    {15, 4},    {20, 6},
        {25, 8}, {30, 10}, {50, 18}, {100, 40}, {200, 86}, {500, 228}, {1000, 469}};
    for (const auto &[n, rank] : table)
        EXPECT_EQ(medianIntervalRank(n), rank) << n;
    EXPECT_EQ(medianIntervalRank(0), 0);
}

TEST(MedianInterval, OfTenSamplesLeavesAQuarterEachSide)
{
    const MedianInterval ten = medianInterval({12, 11, 10, 19, 14, 13, 18, 15, 17, 16});
    EXPECT_EQ(ten.p50, 14.5);
    EXPECT_EQ(ten.lo, 11);
    EXPECT_EQ(ten.hi, 18);
    EXPECT_NEAR(relativeWidth(ten).value(), 0.241, 0.001);
}

TEST(MedianInterval, OfSixIsTheirRangeAndOfFiveThereIsNone)
{
    const MedianInterval six = medianInterval({3, 1, 2, 6, 5, 4});
    EXPECT_EQ(six.p50, 3.5);
    EXPECT_EQ(six.lo, 1);
    EXPECT_EQ(six.hi, 6);
    const MedianInterval five = medianInterval({3, 1, 2, 5, 4});
    EXPECT_EQ(five.p50, 3);
    EXPECT_FALSE(five.lo);
    EXPECT_FALSE(five.hi);
    const MedianInterval four = medianInterval({1, 2, 3, 4});
    EXPECT_FALSE(four.p50);
    EXPECT_EQ(four.n, 4);
}

TEST(Stopping, NeedsNarrowSidesAndRoundsThatAgree)
{
    // Round medians 19.9, 20.0, 20.3: 2 % apart.
    const double spread = (20.3 - 19.9) / 20.0;
    EXPECT_TRUE(isConverged(3, {20.0, 19.6, 20.5, 60}, spread));
    EXPECT_FALSE(isConverged(3, {20.0, 19.6, 20.7, 60}, spread)); // 3.5 %
    EXPECT_FALSE(isConverged(2, {20.0, 19.6, 20.5, 60}, spread));
    EXPECT_FALSE(isConverged(3, {20.0, 19.6, 20.5, 29}, spread));
    EXPECT_FALSE(isConverged(3, {20.0, 19.6, 20.5, 60}, 0.031));
    EXPECT_FALSE(isConverged(3, {20.0, {}, {}, 60}, spread));
}

TEST(Stopping, ReadsItsFiguresFromTheRounds)
{
    const std::vector<double> steady(10, 20.0);
    std::vector<double> later(10, 20.8);
    EXPECT_TRUE(isConverged(Rounds{steady, steady, steady}));
    EXPECT_FALSE(isConverged(Rounds{steady, steady}));
    EXPECT_FALSE(isConverged(Rounds{steady, steady, {}}));    // an empty round is no round
    EXPECT_FALSE(isConverged(Rounds{steady, steady, later})); // 4 % apart
    EXPECT_NEAR(roundSpread({steady, steady, later}, 3).value(), 0.04, 1e-12);
    // A round that was off long ago holds nothing up; one among the last three does.
    EXPECT_TRUE(isConverged(Rounds{later, steady, steady, steady}));
    EXPECT_FALSE(isConverged(Rounds{steady, later, steady, steady}));
    EXPECT_FALSE(isConverged(Rounds{later, steady, steady, {}})); // the empty one is none of them
}

TEST(Drift, IsALastRoundOutsideTheFirstOnesIntervalAndThreePercentAway)
{
    const std::vector<double> first{10, 10.01, 10.02, 9.99, 9.98, 10};
    EXPECT_FALSE(hasDrift({first, {10.2, 10.2, 10.2}})); // outside, but 2 % away
    EXPECT_TRUE(hasDrift({first, {10.4, 10.4, 10.4}}));
    EXPECT_TRUE(hasDrift({first, {10.4}, {9.5}}));
    EXPECT_FALSE(hasDrift({first, {10.4}, {10}})); // it came back
    const std::vector<double> wide{8, 9, 10, 11, 12, 10};
    EXPECT_FALSE(hasDrift({wide, {11.5, 11.5}}));
    EXPECT_FALSE(hasDrift({first}));
}

TEST(Noise, IsTheQuartileRangeOverTheMedian)
{
    EXPECT_DOUBLE_EQ(relativeQuartileRange({{10, 20, 30}, {40, 50}}).value(), 20.0 / 30);
    EXPECT_FALSE(relativeQuartileRange({{10, 20, 30, 40}}));
}

TEST(Noise, OutliersAreCountedNotRemoved)
{
    const Rounds rounds{{10, 10, 10, 10, 51, 50, 10}};
    EXPECT_EQ(outlierCount(rounds), 1); // 50 is not over five medians
    EXPECT_EQ(medianInterval(pooled(rounds)).n, 7);
}

TEST(WarmUp, IsOverAfterThreeEqualWindows)
{
    WarmUp warmUp;
    for (int i = 0; i < 59; ++i) {
        warmUp.add(1);
        EXPECT_FALSE(warmUp.isSteady());
    }
    warmUp.add(1);
    EXPECT_TRUE(warmUp.isSteady());
}

TEST(WarmUp, AWindowIsFullAfterATenthOfThoseStepsWhenTheyAreSlow)
{
    WarmUp warmUp;
    for (int i = 0; i < 3; ++i)
        warmUp.add(250);
    EXPECT_TRUE(warmUp.isSteady());
}

TEST(WarmUp, GoesOnWhileTheMedianMoves)
{
    WarmUp warmUp;
    for (double step : {300.0, 280.0, 270.0, 265.0, 264.0})
        warmUp.add(step);
    EXPECT_FALSE(warmUp.isSteady());
    warmUp.add(264.5);
    EXPECT_TRUE(warmUp.isSteady());
}

} // namespace
