// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/sweep.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "fake_target.h"

namespace {

using namespace engine;

TEST(CellOrder, StartsWithTheCornersTheCheapestFirst)
{
    std::vector<Workload> cells;
    for (std::int64_t batch : {16, 1, 4, 2, 8}) {
        for (std::int64_t context : {512, 128, 2048})
            cells.push_back({batch, context, 32});
    }
    const std::vector<Workload> order = coarseToFine(cells);
    ASSERT_EQ(order.size(), 15u);
    EXPECT_EQ(order[0], (Workload{1, 128, 32}));
    EXPECT_EQ(order[1], (Workload{16, 128, 32}));
    EXPECT_EQ(order[2], (Workload{1, 2048, 32}));
    EXPECT_EQ(order[3], (Workload{16, 2048, 32}));
    // Then the middle of either axis.
    EXPECT_EQ(order[4], (Workload{4, 128, 32}));
    EXPECT_EQ(order[5], (Workload{1, 512, 32}));
}

TEST(CellOrder, TakesACellOnceHoweverOftenItIsAskedFor)
{
    EXPECT_EQ(coarseToFine({{1, 8, 4}, {1, 8, 4}, {2, 8, 4}}).size(), 2u);
    EXPECT_TRUE(coarseToFine({}).empty());
}

TEST(Sweep, WaitsOfABatchAreThePrefillsBeforeAndTheOwn)
{
    fake::Run run;
    run.grid({4}, {128});
    run.plan.quick = true;
    run.go();
    ASSERT_FALSE(run.outcome.error);
    const Point point = run.last(4, 128);
    // Waits 128, 256, 384, 512 ms, of two bursts.
    EXPECT_EQ(run.count("prefill 4x128"), 2);
    EXPECT_EQ(point.ttftMs.n, 8);
    EXPECT_NEAR(point.ttftMs.p50.value(), 320, 1e-6);
    EXPECT_NEAR(point.ttftIdleMs.p50.value(), 128, 1e-6);
    EXPECT_FALSE(point.hasFlag("ttft_composed"));
}

TEST(Sweep, ABurstOverTheCapIsComposedFromTheLonePrefill)
{
    fake::Run run;
    run.grid({16}, {512});
    run.plan.quick = true; // 16 times 0.512 s is over the four seconds of round 1
    run.go();
    const Point point = run.last(16, 512);
    EXPECT_EQ(run.count("prefill 16x512"), 0);
    EXPECT_TRUE(point.hasFlag("ttft_composed"));
    EXPECT_EQ(point.ttftMs.n, 16 * 5);
    EXPECT_NEAR(point.ttftMs.p50.value(), 8.5 * 512, 1e-6);
}

TEST(Sweep, ABurstThatWasComposedFirstIsMeasuredInALaterRound)
{
    fake::Run run;
    run.grid({16}, {512});
    run.go();
    EXPECT_TRUE(run.emitted.front().hasFlag("ttft_composed"));
    EXPECT_GE(run.count("prefill 16x512"), 1);
    EXPECT_FALSE(run.last(16, 512).hasFlag("ttft_composed"));
    EXPECT_NEAR(run.last(16, 512).ttftMs.p50.value(), 8.5 * 512, 1e-6);
}

TEST(Sweep, ABatchOfOneWaitsAsALonePromptDoes)
{
    fake::Run run;
    run.grid({1}, {128});
    run.go();
    const Point point = run.last(1, 128);
    EXPECT_EQ(point.ttftMs, point.ttftIdleMs);
    EXPECT_FALSE(point.hasFlag("ttft_composed"));
}

TEST(Sweep, FiguresFollowFromTheStepAndTheWaits)
{
    fake::Run run;
    run.grid({8}, {128}, 33);
    run.plan.quick = true;
    run.go();
    const Point point = run.last(8, 128);
    EXPECT_NEAR(point.stepWallMs.p50.value(), 18, 1e-6);
    EXPECT_EQ(point.tpotMs, point.stepWallMs);
    EXPECT_NEAR(point.outputTps.value(), 8 / 0.018, 1e-6);
    EXPECT_NEAR(point.prefillTps.value(), 1000, 1e-6);
    EXPECT_NEAR(point.e2eMs.p50.value(), point.ttftMs.p50.value() + 32 * 18, 1e-6);
    EXPECT_NEAR(point.itlMs.p95.value(), 18, 1e-6);
    EXPECT_EQ(point.memPeakBytes, 1000 + 8 * (128 + 33));
    EXPECT_EQ(point.why.count("tpot_ms"), 0u);
}

TEST(Sweep, QuickStopsAfterOneRoundAndItsPointsStayProvisional)
{
    fake::Run run;
    run.grid({1, 2, 4}, {128, 256});
    run.plan.quick = true;
    run.go();
    EXPECT_EQ(run.emitted.size(), 6u);
    for (const Point &point : run.emitted) {
        EXPECT_TRUE(point.hasFlag("provisional"));
        EXPECT_EQ(point.rounds, 1);
        EXPECT_TRUE(point.ttftMs.p50 && point.stepWallMs.lo);
    }
    EXPECT_EQ(run.statuses.back().cellsDone, 6);
    EXPECT_EQ(run.statuses.back().fraction, 1);
}

TEST(Sweep, ASteadyCellStopsAfterThreeRounds)
{
    fake::Run run;
    run.grid({1, 2}, {128});
    run.go();
    const Point point = run.last(2, 128);
    EXPECT_EQ(point.rounds, 3);
    EXPECT_FALSE(point.hasFlag("provisional"));
    EXPECT_FALSE(point.hasFlag("not_converged"));
    EXPECT_FALSE(point.hasFlag("not_steady"));
    EXPECT_GE(point.stepWallMs.n, 100); // enough for a p99
    EXPECT_TRUE(point.itlMs.p99);
    EXPECT_EQ(run.emitted.size(), 6u); // two cells, each after every round
    EXPECT_TRUE(run.emitted[0].hasFlag("provisional"));
    EXPECT_TRUE(run.emitted[2].hasFlag("provisional"));
}

TEST(Sweep, AnUnsteadyCellGoesOnToTheCapAndSaysSo)
{
    fake::Run run;
    run.grid({1}, {128});
    run.plan.maxRounds = 5;
    int call = 0;
    run.target.stepSeconds = [&](std::int64_t, std::int64_t) { return ++call % 2 ? 0.010 : 0.030; };
    run.go();
    const Point point = run.last(1, 128);
    EXPECT_EQ(point.rounds, 5);
    EXPECT_TRUE(point.hasFlag("not_converged"));
    EXPECT_TRUE(point.hasFlag("noisy"));
    EXPECT_FALSE(point.hasFlag("provisional"));
}

TEST(Sweep, ACellTakesNoMoreThanItsTime)
{
    fake::Run run;
    run.grid({1}, {16});
    run.plan.cellCap = Seconds(20);
    run.plan.maxRounds = 1000;
    int call = 0;
    run.target.stepSeconds = [&](std::int64_t, std::int64_t) { return ++call % 2 ? 0.1 : 0.3; };
    run.go();
    EXPECT_TRUE(run.last(1, 16).hasFlag("not_converged"));
    EXPECT_LT(double(run.target.nowNs) * 1e-9, 30);
}

TEST(Sweep, SlowPrefillsStopAtTheContextsCap)
{
    fake::Run run;
    run.grid({1, 2}, {100});
    run.target.prefillSeconds = [](std::int64_t) { return 25.0; };
    run.go();
    EXPECT_LE(run.count("prefill 1x100"), 4); // 60 s of lone prefills
    EXPECT_TRUE(run.last(1, 100).hasFlag("not_converged"));
    EXPECT_FALSE(run.last(1, 100).ttftMs.p50); // too few for a median
    EXPECT_EQ(run.last(1, 100).why.at("ttft_ms"), "too_few");
    EXPECT_TRUE(run.last(1, 100).stepWallMs.p50);
}

TEST(Sweep, OneLonePrefillARoundServesEveryBatchOfItsContext)
{
    fake::Run run;
    run.grid({1, 2, 4, 8}, {64});
    run.plan.quick = true;
    run.go();
    EXPECT_EQ(run.count("prefill 1x64"), 5);
    for (std::int64_t batch : {1, 2, 4, 8})
        EXPECT_EQ(run.last(batch, 64).ttftIdleMs.n, 5) << batch;
}

TEST(Sweep, RoundsAreInterleavedAndEverySecondOneRunsBackwards)
{
    fake::Run run;
    run.grid({1, 2, 4}, {128});
    run.go();
    ASSERT_EQ(run.emitted.size(), 9u);
    std::vector<std::int64_t> batches;
    for (const Point &point : run.emitted)
        batches.push_back(point.workload.batch);
    EXPECT_EQ(batches, (std::vector<std::int64_t>{1, 4, 2, 4, 2, 1, 1, 2, 4}));
}

TEST(Sweep, ALongPromptShowsItsStepsBeforeThePrefillsAreRepeated)
{
    fake::Run run;
    run.grid({1}, {2000}); // five prefills are ten seconds
    run.plan.quick = true;
    run.go();
    ASSERT_EQ(run.emitted.size(), 2u);
    EXPECT_TRUE(run.emitted[0].stepWallMs.p50);
    EXPECT_FALSE(run.emitted[0].ttftMs.p50);
    EXPECT_NEAR(run.emitted[1].ttftMs.p50.value(), 2000, 1e-6);
}

TEST(Sweep, FinishedPointsOfAnEarlierRunAreNotMeasuredAgain)
{
    fake::Run first;
    first.grid({1, 2}, {128});
    first.go();
    fake::Run second;
    second.grid({1, 2, 4}, {128});
    second.plan.done = {first.last(1, 128), first.last(2, 128)};
    second.plan.done[1].flags.push_back("provisional"); // was cut short
    second.go();
    std::set<std::int64_t> measured;
    for (const Point &point : second.emitted)
        measured.insert(point.workload.batch);
    EXPECT_EQ(measured, (std::set<std::int64_t>{2, 4}));
    EXPECT_EQ(second.statuses.back().cellsTotal, 3);
    EXPECT_EQ(second.statuses.back().cellsDone, 3);
}

TEST(Sweep, ProvisionalPointsAreEnoughForAQuickSweep)
{
    Point point;
    point.stepWallMs.p50 = 1;
    EXPECT_TRUE(isFinished(point, false));
    point.flags = {"provisional"};
    EXPECT_FALSE(isFinished(point, false));
    EXPECT_TRUE(isFinished(point, true));
    point.status = PointStatus::DoesNotFit;
    EXPECT_FALSE(isFinished(point, true));
}

TEST(Sweep, StoppingEndsItAtTheNextActionAndKeepsThePoints)
{
    fake::Run run;
    run.grid({1, 2, 4}, {128, 512});
    std::size_t actionsAtStop = 0;
    run.hooks.onPoint = [&](const Point &point) {
        run.emitted.push_back(point);
        if (run.emitted.size() == 2) {
            run.stop.request_stop();
            actionsAtStop = run.target.log.size();
        }
    };
    run.go();
    ASSERT_TRUE(run.outcome.error);
    EXPECT_EQ(run.outcome.error->kind, ErrorKind::Cancelled);
    EXPECT_EQ(run.emitted.size(), 2u);
    EXPECT_EQ(run.target.log.size(), actionsAtStop);
}

TEST(Sweep, StoppingInMidCellHandsOverNothingHalf)
{
    fake::Run run;
    run.grid({1}, {128});
    run.target.before = [&](const std::string &action) -> Result<void> {
        if (action == "step" && run.target.steps == 7)
            run.stop.request_stop();
        return {};
    };
    run.go();
    ASSERT_TRUE(run.outcome.error);
    EXPECT_EQ(run.outcome.error->kind, ErrorKind::Cancelled);
    EXPECT_TRUE(run.emitted.empty());
    EXPECT_EQ(run.target.steps, 7);
}

TEST(Sweep, ACellThatFailsIsAFailedPointAndTheOthersAreMeasured)
{
    fake::Run run;
    run.grid({1, 2}, {128});
    run.target.before = [](const std::string &action) -> Result<void> {
        if (action == "prepare 2x128")
            return fail(ErrorKind::DeviceFailed, "The device fell over.");
        return {};
    };
    run.go();
    EXPECT_FALSE(run.outcome.error);
    EXPECT_EQ(run.last(2, 128).status, PointStatus::Failed);
    EXPECT_EQ(run.last(2, 128).message, "The device fell over.");
    EXPECT_EQ(run.last(2, 128).why.at("tpot_ms"), "failed");
    EXPECT_EQ(run.last(1, 128).status, PointStatus::Ok);
    EXPECT_EQ(run.last(1, 128).rounds, 3);
}

TEST(Sweep, StepsBesideABusyWindowAreRunAgain)
{
    fake::Run run;
    run.grid({1}, {16});
    run.plan.quick = true;
    run.target.stepSeconds = [&](std::int64_t, std::int64_t) {
        const bool disturbed = run.target.steps >= 70 && run.target.steps < 80;
        if (disturbed)
            run.busy.add(run.target.nowNs, run.target.nowNs + 20'000'000);
        return disturbed ? 0.020 : 0.010;
    };
    run.go();
    const Point point = run.last(1, 16);
    EXPECT_NEAR(point.stepWallMs.hi.value(), 10, 1e-6);
    EXPECT_EQ(point.stepWallMs.n, 60);
    EXPECT_GE(std::get<std::int64_t>(point.environment.at("window_busy_steps")), 10);
}

TEST(Sweep, AWindowThatNeverRestsDoesNotHoldItUpForEver)
{
    fake::Run run;
    run.grid({1}, {16});
    run.plan.quick = true;
    run.busy.add(0, std::int64_t(1e18));
    run.go();
    EXPECT_TRUE(run.last(1, 16).stepWallMs.p50);
    EXPECT_LT(run.target.steps, 400);
}

TEST(Sweep, ProgressNeverGoesBackAndEndsAtOne)
{
    fake::Run run;
    run.grid({1, 4}, {64, 256});
    run.go();
    double before = 0;
    for (const SweepStatus &status : run.statuses) {
        EXPECT_GE(status.fraction, before);
        before = status.fraction;
        EXPECT_EQ(status.cellsTotal, 4);
    }
    EXPECT_EQ(run.statuses.back().fraction, 1);
    EXPECT_EQ(run.statuses.back().cellsDone, 4);
}

TEST(Sweep, CeilingsAreMeasuredBeforeAndAfterAndADifferenceMarksEveryPoint)
{
    fake::Run run;
    run.grid({1, 2}, {128});
    run.plan.quick = true;
    int calls = 0;
    std::size_t pointsBefore = 99;
    run.hooks.measureCeilings = [&](std::stop_token) -> Result<Ceilings> {
        ++calls;
        return Ceilings{BytesPerSecond(calls == 1 ? 50e9 : 45e9), FlopsPerSecond(1e12)};
    };
    run.hooks.onCeilings = [&](const Ceilings &ceilings) {
        pointsBefore = run.emitted.size();
        EXPECT_EQ(ceilings.read->value, 50e9);
    };
    run.go();
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(pointsBefore, 0u);
    EXPECT_EQ(run.outcome.ceilingsAfter->read->value, 45e9);
    EXPECT_FALSE(run.emitted.front().hasFlag("drift"));
    EXPECT_TRUE(run.last(1, 128).hasFlag("drift"));
    EXPECT_TRUE(run.last(2, 128).hasFlag("drift"));
}

TEST(Sweep, SharesAreOfTheHigherCeilingBecauseADisturbedOneIsLow)
{
    fake::Run run;
    run.grid({2}, {128});
    run.plan.quick = true;
    int calls = 0;
    run.hooks.measureCeilings = [&](std::stop_token) -> Result<Ceilings> {
        ++calls;
        return Ceilings{BytesPerSecond(calls == 1 ? 10e9 : 40e9),
                        FlopsPerSecond(calls == 1 ? 2e12 : 1e12)};
    };
    run.go();
    EXPECT_EQ(run.outcome.ceilings->read->value, 40e9);
    EXPECT_EQ(run.outcome.ceilings->dense->value, 2e12);
    EXPECT_NEAR(run.last(2, 128).bwPct.value(), run.emitted.front().bwPct.value() / 4, 1e-9);
    EXPECT_NEAR(run.last(2, 128).flopPct.value(), run.emitted.front().flopPct.value(), 1e-9);
}

TEST(Sweep, NothingToMeasureIsDoneAtOnce)
{
    fake::Run run;
    run.go();
    EXPECT_FALSE(run.outcome.error);
    EXPECT_TRUE(run.target.log.empty());
}

} // namespace
