// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/measure/cell.h"
#include "engine/measure/sweep_target.h"
#include "engine/spec/environment.h"

namespace engine {

struct SweepPlan
{
    ModelSpec model; // what work is counted from
    DType weightType = DType::Bf16;
    DType kvType = DType::Bf16;
    std::vector<Workload> cells; // all of them fit
    std::vector<Point> done; // of an earlier run; those that are finished are not measured again
    bool quick = false;      // stop after round 1
    Seconds cellCap{60};
    std::int64_t maxRounds = 10;
    std::optional<std::int64_t> lastLevelCacheBytes;
};

struct SweepStatus
{
    enum class Phase { Ceilings, Measuring };
    Phase phase = Phase::Measuring;
    int cellsDone = 0;
    int cellsTotal = 0;
    int round = 0;
    Workload cell; // in hand
    double fraction = 0;
    std::optional<double> secondsLeft;
};

// The world around a sweep. The callbacks run on the sweep's thread.
struct SweepHooks
{
    std::function<std::int64_t()> nowNs; // steady clock; empty = the system's
    std::function<Result<Ceilings>(std::stop_token)> measureCeilings; // before and after
    std::function<std::optional<LoadReading>()> readLoad;             // empty = not watched
    const BusySpans *windowBusy = nullptr;
    std::function<void(const SweepStatus &)> onProgress;
    std::function<void(const Ceilings &)> onCeilings; // the first ones, before any point
    std::function<void(const Point &)> onPoint; // replaces an earlier one of the same workload
};

struct SweepOutcome
{
    std::optional<Error> error; // Cancelled when asked to stop; points so far have been handed over
    std::optional<Ceilings> ceilingsAfter;
    std::optional<Ceilings> ceilings; // the higher of both: what the last points' shares are of
};

// Cells in the order of round 1: the corners of the grid, then what halves the gaps, the cheapest
// first among equals.
std::vector<Workload> coarseToFine(std::vector<Workload> cells);

// Whether a point of an earlier run stands for its cell, so that it need not be measured.
bool isFinished(const Point &point, bool quick);

// Measures the cells in interleaved rounds, the order reversed every second round, and hands over
// the point of each cell after each round. A cell that fails is a Failed point; the sweep goes on.
SweepOutcome runSweep(SweepTarget &target, const SweepPlan &plan, const SweepHooks &hooks,
                      std::stop_token stop);

} // namespace engine
