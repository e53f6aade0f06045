// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/plan/economics.h"

namespace {

using namespace engine;

constexpr MicroUsd kUsd = 1'000'000;

// DeepSeek, open-infra-index, Day 6 (2025-03-01): one day of DeepSeek-V3 and R1 on H800 nodes of
// eight, 2025-02-27 12:00 to 2025-02-28 12:00 UTC+8. The number of nodes is read off the figure
// "H800 Node Count" as hour from, hour to, nodes.
constexpr double kNodes[][3] = {{0, 1.25, 218}, {1.25, 2, 188}, {2, 2.75, 158}, {2.75, 3, 128},
                                {3, 3.5, 98},   {3.5, 6.5, 68}, {6.5, 7, 98},   {7, 7.5, 128},
                                {7.5, 8, 188},  {8, 8.5, 218},  {8.5, 24, 278}};
constexpr MicroUsd kGpuHour =
    2 * kUsd; // "assuming the leasing cost of one H800 GPU is $2 per hour"
// Prices of R1 in USD per million: $0.14 cache hit, $0.55 miss, $2.19 output.
constexpr TokenPrices kR1{550'000, 140'000, 2'190'000};
constexpr TokenFlow kDay{608e9, 342e9, 168e9};
constexpr MicroUsd kPublishedIncome = 562'027 * kUsd;

TEST(DeepSeekDay, CostsWhatTheyPublishedToTheDollar)
{
    MicroUsd cost = 0;
    double nodeHours = 0;
    for (const auto &[from, to, nodes] : kNodes) {
        cost += rentOf(8 * nodes, kGpuHour, to - from);
        nodeHours += nodes * (to - from);
    }
    EXPECT_DOUBLE_EQ(nodeHours / 24, 226.75); // the published mean
    EXPECT_EQ(cost, 87'072 * kUsd);
    EXPECT_EQ(rentOf(8 * 226.75, kGpuHour, 24), 87'072 * kUsd);
}

TEST(DeepSeekDay, EarnsFiveHundredAndFortyFivePercent)
{
    const MicroUsd cost = 87'072 * kUsd;
    EXPECT_EQ(int(*marginOf(kPublishedIncome, cost) * 100), 545);
    // Their token counts are rounded to thousand millions: $73 of $562,027.
    const MicroUsd bill = billOf(kDay, kR1);
    EXPECT_EQ(bill, 562'100 * kUsd);
    EXPECT_NEAR(double(bill) / double(kPublishedIncome), 1, 2e-4);
    EXPECT_EQ(int(*marginOf(bill, cost) * 100), 545);
}

TEST(DeepSeekDay, NodesFollowFromTokensAndTheirRates)
{
    // 73.7k tokens/s in (hits included) and 14.8k out, a node.
    const std::int64_t nodes =
        replicasFor(kDay.input / 86400, 73'700, 1) + replicasFor(kDay.output / 86400, 14'800, 1);
    EXPECT_EQ(nodes, 96 + 132);
}

TEST(Economics, CostsOfAGroupAsTheDefinitionsHaveThem)
{
    // 8 GPUs at 2 USD/h, 10,000 tokens/s, 2,500 of them output, used 0.8 of the time.
    const ServedCost cost = servedCost(8, 2 * kUsd, {7'500, 2'500, 0.25}, 0.8);
    EXPECT_EQ(cost.total, 555'556);
    EXPECT_EQ(cost.outputAlone, 2'222'222);
    // A quarter of 16 USD over 7,500 x 3600 x 0.8 tokens, the rest over 2,500 x 3600 x 0.8.
    EXPECT_EQ(cost.input, 185'185);
    EXPECT_EQ(cost.output, 1'666'667);
    EXPECT_FALSE(servedCost(8, 2 * kUsd, {0, 100, 0}, 1).input);
    EXPECT_FALSE(servedCost(8, 2 * kUsd, {100, 100, 0.5}, 0).total);
}

TEST(Economics, BlendsAsTheDefinitionsHaveIt)
{
    const TokenPrices prices{660'000, 22'000, 1'980'000};
    EXPECT_EQ(blendedPrice(prices, 3, 0), 990'000);
    EXPECT_EQ(blendedPrice(prices, 3, 0.5), 750'750);
}

TEST(Economics, EnergyLiesBetweenIdleAndRatedPower)
{
    const ServedRates rates{9'000, 1'000, 0.5};
    const auto busy = servedEnergy(4, 700, rates, 1);
    EXPECT_NEAR(busy->watts, 4 * 700 * 0.8, 1e-9);
    EXPECT_NEAR(*busy->joulesPerOutputToken, 2.24, 1e-9);
    EXPECT_NEAR(*busy->joulesPerToken, 0.224, 1e-9);
    EXPECT_NEAR(servedEnergy(4, 700, rates, 0)->watts, 280, 1e-9);
    EXPECT_FALSE(servedEnergy(4, 0, rates, 1));
}

TEST(Economics, AFleetIsWholeReplicas)
{
    EXPECT_EQ(replicasFor(100, 50, 1), 2);
    EXPECT_EQ(replicasFor(101, 50, 1), 3);
    EXPECT_EQ(replicasFor(100, 50, 0.5), 4);
    EXPECT_EQ(replicasFor(0, 50, 0.5), 1);
    EXPECT_EQ(replicasFor(10, 0, 0.5), 0);
}

} // namespace
