// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/plan/plan.h"
#include "engine/plan/steady_load.h"
#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;

DeviceSpec priced(DeviceSpec device, const std::string &id, MicroUsd perHour, double watts)
{
    device.id = id;
    device.name = id;
    device.watts = watts;
    device.prices.push_back({perHour, "a test", "2026-01-01"});
    return device;
}

std::vector<DeviceSpec> devices()
{
    return {priced(shapes::gpu(80, 3350, 989, 1979), "fast", 2'500'000, 700),
            priced(shapes::gpu(80, 3350, 989, 1979), "fast-but-dear", 5'000'000, 700),
            priced(shapes::gpu(24, 300, 120, 0), "slow", 400'000, 300),
            priced(shapes::gpu(8, 900, 300, 0), "small", 100'000, 200), shapes::h100()};
}

PlanRequest request()
{
    PlanRequest r;
    r.model = shapes::llama8b();
    r.dtypes = {DType::Bf16};
    r.limits = {Seconds(0.5), Seconds(0.025)};
    r.tokensPerDay = 2e9;
    return r;
}

TEST(Plan, TakesTheCheapestThatKeepsTheLimits)
{
    const Plan plan = makePlan(request(), devices(), shippedConstants()).value();
    ASSERT_EQ(plan.options.size(), 2u);
    EXPECT_EQ(plan.options[0].device.id, "fast");
    EXPECT_EQ(plan.options[1].device.id, "fast-but-dear");
    for (const PlanOption &option : plan.options) {
        EXPECT_LE(option.ttft.value, 0.5);
        EXPECT_LE(option.tpot.value, 0.025);
        EXPECT_GT(option.batch, 4);
        // The fleet makes the day's tokens, and one replica less would not.
        const double day = 86400 * (option.rates.inputTps + option.rates.outputTps);
        EXPECT_GE(day * double(option.replicas), 2e9);
        EXPECT_LT(day * double(option.replicas - 1), 2e9);
        EXPECT_EQ(option.usdPerDay, option.usdPerHour * 24);
    }
    EXPECT_NEAR(double(plan.options[1].usdPerDay) / double(plan.options[0].usdPerDay), 2, 1e-9);
}

TEST(Plan, SaysWhyADeviceIsNoOption)
{
    const Plan plan = makePlan(request(), devices(), shippedConstants()).value();
    ASSERT_EQ(plan.refusals.size(), 3u);
    EXPECT_EQ(plan.refusals[0].deviceId, "slow");
    EXPECT_NE(plan.refusals[0].reason.find("one user alone"), std::string::npos);
    EXPECT_EQ(plan.refusals[1].deviceId, "small");
    EXPECT_NE(plan.refusals[1].reason.find("memory"), std::string::npos);
    EXPECT_NE(plan.refusals[2].reason.find("price"), std::string::npos);
}

TEST(Plan, TheBatchIsTheLargestOfThoseTried)
{
    // No batch a fifth larger keeps the limits, by the same closed form.
    const PlanRequest r = request();
    const Plan plan = makePlan(r, devices(), shippedConstants()).value();
    const PlanOption &option = plan.options[0];
    const Predictor predictor =
        Predictor::create(r.model, option.device, option.deployment,
                          priorCalibration(option.device, shippedConstants()))
            .value();
    const auto at = [&](std::int64_t batch) {
        ReplicaTimes times;
        times.prefill = predictor.at({1, 1024, 1}).value().ttftIdle.mid;
        times.decode = predictor.at({batch, 1024 + 128, 1}).value().tpot.mid;
        times.batch = batch;
        times.promptTokens = 1024;
        times.outputTokens = 256;
        return steadyLoad(times, r.load);
    };
    EXPECT_NEAR(at(option.batch).tpot.value, option.tpot.value, 1e-9);
    const SteadyLoad larger = at(option.batch * 6 / 5 + 1);
    EXPECT_TRUE(larger.tpot.value > 0.025 || larger.ttft.value > 0.5);
}

TEST(Plan, LooserLimitsNeverCostMore)
{
    PlanRequest r = request();
    MicroUsd before = 0;
    for (double tpot : {0.015, 0.02, 0.03, 0.05, 0.1}) {
        r.limits.tpot = Seconds(tpot);
        const Plan plan = makePlan(r, devices(), shippedConstants()).value();
        ASSERT_FALSE(plan.options.empty());
        if (before > 0) {
            EXPECT_LE(plan.options[0].usdPerDay, before);
        }
        before = plan.options[0].usdPerDay;
    }
}

TEST(Plan, TheSimulatorKeepsWhatTheClosedFormPromises)
{
    const PlanRequest r = request();
    const Plan plan = makePlan(r, devices(), shippedConstants()).value();
    const ServingSummary summary =
        simulateOption(r, plan.options[0], shippedConstants(), 2000, 1).value();
    EXPECT_FALSE(summary.saturated);
    // TPOT of the closed form is at the full batch: an upper bound at the planned load.
    EXPECT_LT(*summary.tpot.mean / 1e3, plan.options[0].tpot.value * 1.05);
    EXPECT_GT(*summary.tpot.mean / 1e3, plan.options[0].tpot.value * 0.4);
    EXPECT_GT(summary.goodput->ratio, 0.9);
    EXPECT_NEAR(summary.requestsPerSecond / plan.options[0].requestsPerSecond, 1, 0.1);
}

TEST(Plan, ListPricesGiveTheMarginOfTheSplit)
{
    PlanRequest r = request();
    r.listPrices = TokenPrices{200'000, 50'000, 600'000};
    const PlanOption option = makePlan(r, devices(), shippedConstants()).value().options[0];
    const double income = option.rates.inputTps * 0.2e-6 + option.rates.outputTps * 0.6e-6;
    EXPECT_NEAR(*option.margin, income / (2.5 / 3600) - 1, 1e-6);
    EXPECT_NEAR(double(*option.cost.input) * option.rates.inputTps +
                    double(*option.cost.output) * option.rates.outputTps,
                2.5e12 / 3600, 2e9 / 3600);
}

TEST(Plan, RefusesFiguresThatMakeNoSense)
{
    const auto kind = [](auto &&change) {
        PlanRequest r = request();
        change(r);
        const auto plan = makePlan(r, devices(), shippedConstants());
        return plan ? ErrorKind::Internal : plan.error().kind;
    };
    EXPECT_EQ(kind([](PlanRequest &r) { r.promptTokens = 0; }), ErrorKind::BadInput);
    EXPECT_EQ(kind([](PlanRequest &r) { r.load = 1; }), ErrorKind::BadInput);
    EXPECT_EQ(kind([](PlanRequest &r) { r.tokensPerDay = NAN; }), ErrorKind::BadInput);
    EXPECT_EQ(kind([](PlanRequest &r) { r.limits.tpot = Seconds(0); }), ErrorKind::BadInput);
    EXPECT_EQ(kind([](PlanRequest &r) { r.dtypes.clear(); }), ErrorKind::BadInput);
}

TEST(SteadyLoad, IsLittlesLawAndMd1)
{
    ReplicaTimes times{Seconds(0.05), Seconds(0.02), 32, 1000, 201, 0};
    const SteadyLoad steady = steadyLoad(times, 0.5);
    EXPECT_NEAR(steady.tpot.value, 0.02 + 32.0 / 200 * 0.05, 1e-12);
    EXPECT_NEAR(steady.requestsPerSecond * (0.05 + 200 * steady.tpot.value), 32, 1e-9);
    const double rho = 0.5 * steady.requestsPerSecond * 0.05;
    EXPECT_NEAR(steady.ttft.value, 0.05 + 0.01 + rho * 0.05 / (2 * (1 - rho)), 1e-12);
    // A request takes its prefill and its share of 200 steps.
    EXPECT_NEAR(steady.prefillShare, 0.05 / (0.05 + 200 * 0.02 / 32), 1e-12);
}

} // namespace
