// SPDX-License-Identifier: Apache-2.0
// The estimate against a grid that this project's own engine measured.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/predict/predictor.h"
#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;

struct Cell
{
    std::int64_t batch;
    std::int64_t context;
    double tpotMs;
    double lonePrefillMs;
};

// qwen3-0.6b in bf16 on two cores of an Intel Xeon with AMX, first round of a quick sweep, with the
// ceilings of the same run.
struct Grid
{
    double readGbs;
    double denseTflops;
    std::vector<Cell> cells;

    DeviceSpec machine() const { return shapes::cpu(readGbs, denseTflops); }
    std::size_t at(std::int64_t batch, std::int64_t context) const
    {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (cells[i].batch == batch && cells[i].context == context)
                return i;
        }
        ADD_FAILURE() << batch << ", " << context;
        return 0;
    }
};

// 2026-11-24, the engine's kernels as they are.
const Grid kGrid{32.09,
                 7.622,
                 {
                     {1, 128, 37.60, 84.9},
                     {4, 128, 41.18, 84.9},
                     {16, 128, 53.05, 84.9},
                     {1, 512, 39.16, 257.6},
                     {4, 512, 48.85, 257.6},
                     {16, 512, 85.98, 257.6},
                     {1, 2048, 47.10, 1162.0},
                     {4, 2048, 81.14, 1162.0},
                     {16, 2048, 212.08, 1162.0},
                 }};

// The same day before attention ran on tiles: a machine that is slower than the prior believes.
const Grid kSlowGrid{33.29,
                     7.536,
                     {
                         {1, 128, 49.37, 109.3},
                         {2, 128, 50.47, 109.3},
                         {4, 128, 54.17, 109.3},
                         {8, 128, 59.03, 109.3},
                         {16, 128, 69.59, 109.3},
                         {1, 512, 51.74, 453.4},
                         {2, 512, 56.58, 453.4},
                         {4, 512, 64.81, 453.4},
                         {8, 512, 78.97, 453.4},
                         {16, 512, 108.34, 453.4},
                         {1, 1024, 56.12, 1176.8},
                         {2, 1024, 64.37, 1176.8},
                         {4, 1024, 77.80, 1176.8},
                         {8, 1024, 106.68, 1176.8},
                         {1, 2048, 63.93, 3522.0},
                         {4, 2048, 102.59, 3522.0},
                         {16, 2048, 265.74, 3522.0},
                     }};

std::vector<Point> pointsOf(const Grid &grid, const std::vector<std::size_t> &which)
{
    std::vector<Point> points;
    for (std::size_t i : which) {
        Point point;
        const Cell &cell = grid.cells[i];
        point.workload = {cell.batch, cell.context, 32};
        point.tpotMs.p50 = cell.tpotMs;
        point.ttftIdleMs.p50 = cell.lonePrefillMs;
        point.flags = {"provisional", "not_steady"};
        points.push_back(point);
    }
    return points;
}

// |ln(estimate / measured)| of the cells that are not in `measured`.
struct Errors
{
    std::vector<double> tpot;
    std::vector<double> ttft;

    static double mean(const std::vector<double> &values)
    {
        double sum = 0;
        for (double value : values)
            sum += value / double(values.size());
        return sum;
    }
    static double worst(const std::vector<double> &values)
    {
        return *std::max_element(values.begin(), values.end());
    }
    void print(const std::string &what) const
    {
        std::printf("%-24s TPOT mean %4.1f %%, worst %4.1f %%; lone prefill mean %4.1f %%, worst "
                    "%4.1f %%\n",
                    what.c_str(), 100 * mean(tpot), 100 * worst(tpot), 100 * mean(ttft),
                    100 * worst(ttft));
    }
};

Errors errorsOf(const Grid &grid, const std::vector<std::size_t> &measured)
{
    std::vector<MeasuredRun> runs;
    if (!measured.empty())
        runs.push_back({shapes::qwenSmall(), {}, pointsOf(grid, measured)});
    const Predictor predictor =
        Predictor::create(shapes::qwenSmall(), grid.machine(), {}, calibrate(grid.machine(), runs))
            .value();
    Errors errors;
    for (std::size_t i = 0; i < grid.cells.size(); ++i) {
        if (std::count(measured.begin(), measured.end(), i))
            continue;
        const Cell &cell = grid.cells[i];
        const Estimate e = predictor.at({cell.batch, cell.context, 32}).value();
        errors.tpot.push_back(std::abs(std::log(1e3 * e.tpot.mid.value / cell.tpotMs)));
        const bool known = std::any_of(measured.begin(), measured.end(), [&](std::size_t m) {
            return grid.cells[m].context == cell.context;
        });
        if (!known)
            errors.ttft.push_back(
                std::abs(std::log(1e3 * e.ttftIdle.mid.value / cell.lonePrefillMs)));
    }
    return errors;
}

TEST(OwnGrid, IsEstimatedWithinHalfBeforeAnythingIsMeasured)
{
    const Errors errors = errorsOf(kGrid, {});
    errors.print("nothing measured:");
    EXPECT_LT(Errors::worst(errors.tpot), std::log(1.5));
    EXPECT_LT(Errors::worst(errors.ttft), std::log(1.5));
}

TEST(OwnGrid, FourMeasuredPointsHalveTheErrorElsewhere)
{
    const Errors before = errorsOf(kSlowGrid, {});
    before.print("slow, nothing measured:");
    const Errors after = errorsOf(kSlowGrid, {kSlowGrid.at(1, 128), kSlowGrid.at(8, 128),
                                              kSlowGrid.at(1, 1024), kSlowGrid.at(8, 1024)});
    after.print("slow, four measured:");
    EXPECT_LT(Errors::mean(after.tpot), Errors::mean(before.tpot) / 2);
    EXPECT_LT(Errors::mean(after.ttft), Errors::mean(before.ttft) / 2);
    const Errors corners = errorsOf(
        kGrid, {kGrid.at(1, 128), kGrid.at(16, 128), kGrid.at(1, 2048), kGrid.at(16, 2048)});
    corners.print("four measured:");
    EXPECT_LT(Errors::mean(corners.tpot), Errors::mean(errorsOf(kGrid, {}).tpot) / 2);
    EXPECT_LT(Errors::worst(corners.ttft), 0.06); // of the one context that was not measured
}

TEST(OwnGrid, HalfOfTheGridForetellsTheOtherHalf)
{
    std::vector<std::size_t> even;
    for (std::size_t i = 0; i < kSlowGrid.cells.size(); i += 2)
        even.push_back(i);
    const Errors errors = errorsOf(kSlowGrid, even);
    std::printf("slow, every second measured: TPOT mean %.1f %%, worst %.1f %%\n",
                100 * Errors::mean(errors.tpot), 100 * Errors::worst(errors.tpot));
    EXPECT_LT(Errors::mean(errors.tpot), 0.05);
    EXPECT_LT(Errors::worst(errors.tpot), 0.12);
}

} // namespace
