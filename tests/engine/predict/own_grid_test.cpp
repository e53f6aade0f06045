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

// qwen3-0.6b in bf16 on two cores of an Intel Xeon with AMX, 2026-11-24, first round of a quick
// sweep; ceilings of the same run 33.3 GB/s and 7.54 TFLOP/s.
const std::vector<Cell> kGrid{
    {1, 128, 49.37, 109.3},    {2, 128, 50.47, 109.3},     {4, 128, 54.17, 109.3},
    {8, 128, 59.03, 109.3},    {16, 128, 69.59, 109.3},    {1, 512, 51.74, 453.4},
    {2, 512, 56.58, 453.4},    {4, 512, 64.81, 453.4},     {8, 512, 78.97, 453.4},
    {16, 512, 108.34, 453.4},  {1, 1024, 56.12, 1176.8},   {2, 1024, 64.37, 1176.8},
    {4, 1024, 77.80, 1176.8},  {8, 1024, 106.68, 1176.8},  {1, 2048, 63.93, 3522.0},
    {4, 2048, 102.59, 3522.0}, {16, 2048, 265.74, 3522.0},
};

DeviceSpec machine()
{
    return shapes::cpu(33.29, 7.536);
}

std::vector<Point> pointsOf(const std::vector<std::size_t> &which)
{
    std::vector<Point> points;
    for (std::size_t i : which) {
        Point point;
        point.workload = {kGrid[i].batch, kGrid[i].context, 32};
        point.tpotMs.p50 = kGrid[i].tpotMs;
        point.ttftIdleMs.p50 = kGrid[i].lonePrefillMs;
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

Errors errorsOf(const std::vector<std::size_t> &measured)
{
    std::vector<MeasuredRun> runs;
    if (!measured.empty())
        runs.push_back({shapes::qwenSmall(), {}, pointsOf(measured)});
    const Predictor predictor =
        Predictor::create(shapes::qwenSmall(), machine(), {}, calibrate(machine(), runs)).value();
    Errors errors;
    for (std::size_t i = 0; i < kGrid.size(); ++i) {
        if (std::count(measured.begin(), measured.end(), i))
            continue;
        const Cell &cell = kGrid[i];
        const Estimate e = predictor.at({cell.batch, cell.context, 32}).value();
        errors.tpot.push_back(std::abs(std::log(1e3 * e.tpot.mid.value / cell.tpotMs)));
        const bool known = std::any_of(measured.begin(), measured.end(), [&](std::size_t m) {
            return kGrid[m].context == cell.context;
        });
        if (!known)
            errors.ttft.push_back(
                std::abs(std::log(1e3 * e.ttftIdle.mid.value / cell.lonePrefillMs)));
    }
    return errors;
}

std::size_t cellAt(std::int64_t batch, std::int64_t context)
{
    for (std::size_t i = 0; i < kGrid.size(); ++i) {
        if (kGrid[i].batch == batch && kGrid[i].context == context)
            return i;
    }
    ADD_FAILURE() << batch << ", " << context;
    return 0;
}

TEST(OwnGrid, TokensAreEstimatedWithinHalfBeforeAnythingIsMeasured)
{
    const Errors errors = errorsOf({});
    errors.print("nothing measured:");
    EXPECT_LT(Errors::worst(errors.tpot), std::log(1.5));
    EXPECT_LT(Errors::mean(errors.ttft), std::log(2.0));
}

TEST(OwnGrid, FourMeasuredPointsHalveTheErrorElsewhere)
{
    const Errors before = errorsOf({});
    const Errors after =
        errorsOf({cellAt(1, 128), cellAt(8, 128), cellAt(1, 1024), cellAt(8, 1024)});
    after.print("four points measured:");
    EXPECT_LT(Errors::mean(after.tpot), Errors::mean(before.tpot) / 2);
    EXPECT_LT(Errors::mean(after.ttft), Errors::mean(before.ttft) / 2);
}

TEST(OwnGrid, HalfOfTheGridForetellsTheOtherHalf)
{
    std::vector<std::size_t> even;
    for (std::size_t i = 0; i < kGrid.size(); i += 2)
        even.push_back(i);
    const Errors errors = errorsOf(even);
    std::printf("every second point measured: TPOT mean %.1f %%, worst %.1f %%\n",
                100 * Errors::mean(errors.tpot), 100 * Errors::worst(errors.tpot));
    EXPECT_LT(Errors::mean(errors.tpot), 0.05);
    EXPECT_LT(Errors::worst(errors.tpot), 0.12);
}

} // namespace
