// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/cell.h"

#include <gtest/gtest.h>

#include "engine/spec/work.h"
#include "fake_target.h"

namespace {

using namespace engine;

std::vector<Sample> samples(std::size_t count, double ms)
{
    return std::vector<Sample>(count, Sample{ms, 0, 1});
}

struct Fixture
{
    ModelSpec model = fake::smallModel();
    CellRecord cell;
    ContextRecord context;
    CellContext known;

    Fixture()
    {
        cell.workload = {4, 256, 16};
        cell.steps = {samples(40, 2.0), samples(40, 2.0), samples(40, 2.0)};
        cell.isSteady = true;
        cell.finished = true;
        cell.rounds = 3;
        context.tokens = 256;
        context.lone = {samples(10, 100), samples(10, 100), samples(10, 100)};
        known.model = &model;
        known.ceilings = {BytesPerSecond(50e9), FlopsPerSecond(1e12)};
    }
    Point point() const { return makePoint(cell, context, known); }
};

TEST(Ceiling, ShareIsWorkOverTimeOverRate)
{
    EXPECT_NEAR(shareOfCeiling(16.0e9, Seconds(4.0e-3), 4.2e12), 95.24, 0.005);
    EXPECT_NEAR(shareOfCeiling(16.0e9, Seconds(3.7e-3), 4.2e12), 102.96, 0.005);
}

TEST(Cell, SharesAreOfTheCountedWork)
{
    Fixture given;
    const Point point = given.point();
    const Work step = decodeStepWork(given.model, DType::Bf16, DType::Bf16, 4, 256);
    const Work prefill = prefillWork(given.model, DType::Bf16, DType::Bf16, 256, 0);
    EXPECT_EQ(point.bytesStep, std::int64_t(step.bytes().value));
    EXPECT_NEAR(point.bwPct.value(), 100 * step.bytes().value / 2e-3 / 50e9, 1e-9);
    EXPECT_NEAR(point.flopPct.value(), 100 * step.flops.value / 2e-3 / 1e12, 1e-9);
    EXPECT_NEAR(point.prefillFlopPct.value(), 100 * prefill.flops.value / 0.1 / 1e12, 1e-9);
    EXPECT_FALSE(point.hasFlag("above_limit"));
}

TEST(Cell, MoreThanTheCeilingIsAVerdict)
{
    Fixture given;
    given.known.ceilings.read = BytesPerSecond(1e9);
    EXPECT_GT(given.point().bwPct.value(), 102);
    EXPECT_TRUE(given.point().hasFlag("above_limit"));
}

TEST(Cell, WhatFitsTheCacheHasNoShareOfTheMemory)
{
    Fixture given;
    const Work step = decodeStepWork(given.model, DType::Bf16, DType::Bf16, 4, 256);
    const auto footprint = std::int64_t((step.weightBytes + step.kvReadBytes).value);
    given.known.lastLevelCacheBytes = footprint / 3 + 1;
    EXPECT_TRUE(given.point().hasFlag("cache_resident"));
    EXPECT_FALSE(given.point().bwPct);
    EXPECT_EQ(given.point().why.at("bw_pct"), "cache_resident");
    EXPECT_TRUE(given.point().flopPct);
    given.known.lastLevelCacheBytes = footprint / 3 - 1;
    EXPECT_FALSE(given.point().hasFlag("cache_resident"));
    EXPECT_TRUE(given.point().bwPct);
}

TEST(Cell, UnknownCeilingsLeaveSharesUnknown)
{
    Fixture given;
    given.known.ceilings = {};
    EXPECT_FALSE(given.point().bwPct);
    EXPECT_EQ(given.point().why.at("bw_pct"), "unknown");
    EXPECT_EQ(given.point().why.at("prefill_flop_pct"), "unknown");
}

TEST(Cell, AConvergedCellCarriesNoVerdict)
{
    EXPECT_EQ(Fixture().point().flags, std::vector<std::string>{"ttft_composed"});
}

TEST(Cell, FlagsFollowTheirConditions)
{
    const auto flagged = [](const std::function<void(Fixture &)> &change, const char *flag) {
        Fixture given;
        EXPECT_FALSE(given.point().hasFlag(flag)) << flag;
        change(given);
        return given.point().hasFlag(flag);
    };
    EXPECT_TRUE(flagged([](Fixture &g) { g.cell.finished = false; }, "provisional"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.cell.steps.pop_back(); }, "not_converged"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.context.lone.pop_back(); }, "not_converged"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.cell.isSteady = false; }, "not_steady"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.cell.steps.back() = samples(40, 2.2); }, "drift"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.known.ceilingsDrifted = true; }, "drift"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.cell.steps[0] = samples(40, 3.0); }, "noisy"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.cell.steps = {samples(29, 2)}; }, "few_samples"));
    EXPECT_TRUE(flagged([](Fixture &g) { g.cell.suspended = true; }, "suspended"));
}

TEST(Cell, StealAndNeighboursComeFromTheLoadWhileItRan)
{
    Fixture given;
    given.cell.hasLoad = true;
    given.cell.watched = Seconds(10);
    given.cell.load.totalSeconds = 20;
    given.cell.load.ownSeconds = 15;
    given.cell.load.busySeconds = 19;
    given.cell.load.stealSeconds = 0.3;
    given.cell.load.loadAverage = 1.5;
    EXPECT_FALSE(given.point().hasFlag("busy_neighbour")); // 0.4 of a core
    EXPECT_TRUE(given.point().hasFlag("steal"));           // 1.5 %
    EXPECT_EQ(given.point().environment.at("load_avg"), EnvironmentValue(1.5));
    given.cell.load.busySeconds = 20.1;
    given.cell.load.stealSeconds = 0.1;
    EXPECT_TRUE(given.point().hasFlag("busy_neighbour"));
    EXPECT_FALSE(given.point().hasFlag("steal"));
}

TEST(Cell, WithoutTelemetryTheLoadIsUnknownNotZero)
{
    const Point point = Fixture().point();
    EXPECT_EQ(point.environment.at("steal_pct"), EnvironmentValue());
    EXPECT_EQ(point.environment.at("load_avg"), EnvironmentValue());
}

TEST(Cell, TooFewStepsGiveReasonsInsteadOfFigures)
{
    Fixture given;
    given.cell.steps = {samples(4, 2)};
    const Point point = given.point();
    for (const char *key : {"tpot_ms", "step_wall_ms", "e2e_ms", "itl_ms", "output_tps", "bw_pct"})
        EXPECT_EQ(point.why.at(key), "too_few") << key;
    EXPECT_FALSE(point.outputTps);
    EXPECT_TRUE(point.ttftMs.p50);
}

TEST(Cell, ATailNeedsSamplesBeyondIt)
{
    Fixture given;
    given.cell.steps = {samples(33, 2), samples(33, 2), samples(33, 2)};
    EXPECT_TRUE(given.point().itlMs.p95);
    EXPECT_FALSE(given.point().itlMs.p99); // 99 samples
    EXPECT_EQ(given.point().why.at("itl_ms"), "too_few");
    given.cell.steps.back() = samples(34, 2);
    EXPECT_EQ(given.point().itlMs.p99, 2.0);
    EXPECT_EQ(given.point().why.count("itl_ms"), 0u);
}

TEST(Cell, WithoutFiguresNothingIsZeroAndEverythingHasItsReason)
{
    Fixture given;
    given.cell.failure = Error{ErrorKind::DeviceFailed, "It fell over.", {}};
    const Point failed = given.point();
    EXPECT_FALSE(failed.bytesStep || failed.flopsStep || failed.flopsPrefill);
    EXPECT_EQ(failed.rounds, 3);
    for (const char *key : {"tpot_ms", "bytes_step", "flops_step", "flops_prefill"})
        EXPECT_EQ(failed.why.at(key), "failed") << key;
    const Point cancelled = unmeasuredPoint({1, 2, 3}, PointStatus::Cancelled, "Stopped.");
    EXPECT_EQ(cancelled.why.at("ttft_ms"), "cancelled");
    EXPECT_EQ(cancelled.workload, (Workload{1, 2, 3}));
}

TEST(BusySpans, JoinWhatTouchesAndFindWhatOverlaps)
{
    BusySpans spans;
    EXPECT_FALSE(spans.overlaps(0, 100));
    spans.add(100, 200);
    spans.add(150, 300);
    spans.add(500, 600);
    EXPECT_FALSE(spans.overlaps(0, 100));
    EXPECT_TRUE(spans.overlaps(0, 101));
    EXPECT_TRUE(spans.overlaps(299, 400));
    EXPECT_FALSE(spans.overlaps(300, 500));
    EXPECT_TRUE(spans.overlaps(550, 560));
    EXPECT_FALSE(spans.overlaps(600, 700));
    spans.add(50, 550); // reaches back over both
    EXPECT_TRUE(spans.overlaps(400, 401));
    spans.add(7, 7);
    EXPECT_FALSE(spans.overlaps(0, 50));
}

} // namespace
