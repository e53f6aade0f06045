// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include <gtest/gtest.h>

#include "engine/predict/phase_estimate.h"
#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;

const std::vector<std::int64_t> kBatches{1, 2, 4, 8, 16};
const std::vector<std::int64_t> kContexts{128, 512, 2048, 8192};

// A machine whose constants are not those of the prior: what it would measure.
class Truth
{
public:
    Truth(ModelSpec model, DeviceSpec device, std::uint64_t seed, double wiggle = 0.03)
        : m_calibration(priorCalibration(device)), m_wiggle(wiggle), m_random(seed)
    {
        for (PhaseFit *fit : {&m_calibration.decode, &m_calibration.prefill}) {
            for (std::size_t c = 0; c < kConstantCount; ++c)
                fit->logValue[c] += std::sqrt(fit->covariance[c][c]) * normal();
        }
        // What no constant explains: a ripple over the grid.
        m_phase[0] = 3 * normal();
        m_phase[1] = 3 * normal();
        m_predictor.emplace(
            Predictor::create(std::move(model), std::move(device), {}, m_calibration).value());
    }

    double tpotMs(const Workload &w) const
    {
        return 1e3 * m_predictor->at(w).value().tpot.mid.value * ripple(w, 0);
    }
    double ttftIdleMs(const Workload &w) const
    {
        return 1e3 * m_predictor->at(w).value().ttftIdle.mid.value *
               ripple({1, w.contextTokens}, 1);
    }

    Point measure(const Workload &workload, double noise = 0.01)
    {
        Point point;
        point.workload = workload;
        point.tpotMs.p50 = tpotMs(workload) * std::exp(noise * normal());
        point.ttftIdleMs.p50 = ttftIdleMs(workload) * std::exp(noise * normal());
        return point;
    }

    double normal() { return m_normal(m_random); }

private:
    double ripple(const Workload &w, std::size_t which) const
    {
        return std::exp(m_wiggle * std::sin(m_phase[which] + 0.5 * std::log(double(w.batch)) +
                                            0.7 * std::log(double(w.contextTokens))));
    }

    Calibration m_calibration;
    double m_wiggle;
    double m_phase[2] = {0, 0};
    std::mt19937_64 m_random;
    std::normal_distribution<double> m_normal;
    std::optional<Predictor> m_predictor;
};

std::vector<Workload> grid()
{
    std::vector<Workload> cells;
    for (std::int64_t batch : kBatches) {
        for (std::int64_t context : kContexts)
            cells.push_back({batch, context, 32});
    }
    return cells;
}

// Four cells as a coarse round would visit them.
std::vector<Workload> fourCells()
{
    return {{1, 512, 32}, {16, 512, 32}, {1, 8192, 32}, {4, 2048, 32}};
}

bool isMeasured(const std::vector<Point> &points, const Workload &cell)
{
    return std::any_of(points.begin(), points.end(),
                       [&](const Point &point) { return point.workload == cell; });
}

struct Error2
{
    double tpot = 0;
    double ttft = 0;
};

// Mean size of the log error over the cells that were not measured.
Error2 errorOf(const Predictor &predictor, const Truth &truth, const std::vector<Point> &measured)
{
    Error2 sum;
    int cells = 0;
    for (const Workload &cell : grid()) {
        if (isMeasured(measured, cell))
            continue;
        const Estimate e = predictor.at(cell).value();
        sum.tpot += std::abs(std::log(1e3 * e.tpot.mid.value / truth.tpotMs(cell)));
        sum.ttft += std::abs(std::log(1e3 * e.ttftIdle.mid.value / truth.ttftIdleMs(cell)));
        ++cells;
    }
    return {sum.tpot / cells, sum.ttft / cells};
}

Predictor predictorWith(const ModelSpec &model, const DeviceSpec &device,
                        const std::vector<Point> &points)
{
    std::vector<MeasuredRun> runs;
    if (!points.empty())
        runs.push_back({model, {}, points});
    return Predictor::create(model, device, {}, calibrate(device, runs)).value();
}

std::vector<Point> measureAll(Truth &truth, const std::vector<Workload> &cells)
{
    std::vector<Point> points;
    for (const Workload &cell : cells)
        points.push_back(truth.measure(cell));
    return points;
}

TEST(Calibration, FourPointsHalveTheErrorOnUnmeasuredCells)
{
    for (const DeviceSpec &device : {shapes::cpu(40, 1.1), shapes::cpu(30, 7.4), shapes::h100()}) {
        Error2 before;
        Error2 after;
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            const ModelSpec model = shapes::qwenSmall();
            Truth truth(model, device, seed);
            const std::vector<Point> points = measureAll(truth, fourCells());
            const Error2 prior = errorOf(predictorWith(model, device, {}), truth, points);
            const Error2 fitted = errorOf(predictorWith(model, device, points), truth, points);
            before.tpot += prior.tpot / 40;
            before.ttft += prior.ttft / 40;
            after.tpot += fitted.tpot / 40;
            after.ttft += fitted.ttft / 40;
        }
        std::printf("%-8s TPOT %.1f -> %.1f %%, lone prefill %.1f -> %.1f %%\n", device.id.c_str(),
                    100 * before.tpot, 100 * after.tpot, 100 * before.ttft, 100 * after.ttft);
        EXPECT_LT(after.tpot, before.tpot / 2);
        EXPECT_LT(after.ttft, before.ttft / 2);
    }
}

TEST(Calibration, FourOfFiveTruthsLieInTheBand)
{
    int inside = 0;
    int insideFitted = 0;
    int cells = 0;
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        // The ripple's root mean square is the residual's own spread.
        Truth truth(model, device, seed, std::sqrt(2.0) * 0.08);
        const std::vector<Point> points = measureAll(truth, fourCells());
        const Predictor prior = predictorWith(model, device, {});
        const Predictor fitted = predictorWith(model, device, points);
        for (const Workload &cell : grid()) {
            if (isMeasured(points, cell))
                continue;
            const double real = truth.tpotMs(cell) / 1e3;
            const auto holds = [real](const Banded<Seconds> &band) {
                return band.low.value <= real && real <= band.high.value;
            };
            inside += holds(prior.at(cell).value().tpot);
            insideFitted += holds(fitted.at(cell).value().tpot);
            ++cells;
        }
    }
    std::printf("in the 80 %% band: %.0f %% before, %.0f %% after four cells\n",
                100.0 * inside / cells, 100.0 * insideFitted / cells);
    EXPECT_GT(double(inside) / cells, 0.70);
    EXPECT_LT(double(inside) / cells, 0.92);
    EXPECT_GT(double(insideFitted) / cells, 0.70);
    EXPECT_LT(double(insideFitted) / cells, 0.95);
}

double width(const Banded<Seconds> &band)
{
    return std::log(band.high / band.low);
}

TEST(Calibration, BandsNarrowNearMeasuredCellsAndWidenAway)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    Truth truth(model, device, 7);
    const std::vector<Point> points = measureAll(truth, {{1, 512, 32}, {2, 512, 32}});
    const Predictor prior = predictorWith(model, device, {});
    const Predictor fitted = predictorWith(model, device, points);
    const Workload measured{2, 512, 32};
    const Workload near{3, 600, 32};
    const Workload far{64, 16384, 32};
    EXPECT_LT(width(fitted.at(measured).value().tpot),
              0.2 * width(prior.at(measured).value().tpot));
    EXPECT_LT(width(fitted.at(measured).value().tpot), width(fitted.at(near).value().tpot));
    EXPECT_LT(width(fitted.at(near).value().tpot), width(fitted.at(far).value().tpot));
    EXPECT_LE(width(fitted.at(far).value().tpot), 1.01 * width(prior.at(far).value().tpot));
    EXPECT_FALSE(fitted.at(near).value().decodeBasis.extrapolating);
    EXPECT_TRUE(fitted.at(far).value().decodeBasis.extrapolating);
    EXPECT_EQ(fitted.at(near).value().decodeBasis.points, 2);
    EXPECT_EQ(fitted.at(near).value().prefillBasis.points, 1); // one lone prefill a context
}

TEST(Calibration, MeasuredCellsAreMetWithinTheirNoise)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Truth truth(model, device, seed, 0.08);
        const std::vector<Point> points = measureAll(truth, grid());
        const Predictor fitted = predictorWith(model, device, points);
        for (const Point &point : points) {
            const Estimate e = fitted.at(point.workload).value();
            EXPECT_NEAR(1e3 * e.tpot.mid.value / *point.tpotMs.p50, 1, 0.05);
        }
    }
}

TEST(Calibration, GarbageLeavesThePriorStanding)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    double prior = 0;
    double fitted = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        Truth truth(model, device, seed);
        std::vector<Point> points = measureAll(truth, grid());
        for (Point &point : points) {
            *point.tpotMs.p50 *= std::exp(1.5 * truth.normal());
            *point.ttftIdleMs.p50 *= std::exp(1.5 * truth.normal());
        }
        const Error2 before = errorOf(predictorWith(model, device, {}), truth, {});
        const Error2 after = errorOf(predictorWith(model, device, points), truth, {});
        prior += before.tpot + before.ttft;
        fitted += after.tpot + after.ttft;
    }
    EXPECT_LE(fitted, 1.02 * prior);
}

TEST(Calibration, ImpossibleFiguresAreIgnoredAndCounted)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    Truth truth(model, device, 3);
    std::vector<Point> points = measureAll(truth, grid());
    for (Point &point : points) {
        *point.tpotMs.p50 *= 1e4;
        *point.ttftIdleMs.p50 = NAN;
    }
    const Calibration fitted = calibrate(device, std::vector<MeasuredRun>{{model, {}, points}});
    const Calibration prior = priorCalibration(device);
    EXPECT_EQ(fitted.decode.points, 0);
    EXPECT_EQ(fitted.decode.ignored, 20);
    EXPECT_EQ(fitted.prefill.ignored, 20);
    EXPECT_EQ(fitted.decode.logValue, prior.decode.logValue);
    EXPECT_EQ(fitted.prefill.logValue, prior.prefill.logValue);
}

TEST(Calibration, AnOutlierHardlyMovesTheRest)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    double clean = 0;
    double spoilt = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Truth truth(model, device, seed);
        std::vector<Point> points = measureAll(truth, grid());
        clean += errorOf(predictorWith(model, device, points), truth, {}).tpot / 20;
        *points[7].tpotMs.p50 *= 3;
        spoilt += errorOf(predictorWith(model, device, points), truth, {}).tpot / 20;
    }
    EXPECT_LT(spoilt, clean + 0.01);
}

TEST(Calibration, ProvisionalAndFlaggedCellsCountLess)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    const double expected =
        predictorWith(model, device, {}).at({1, 512, 32}).value().tpot.mid.value;
    const auto pulled = [&](const std::vector<std::string> &flags) {
        Point point;
        point.workload = {1, 512, 32};
        point.tpotMs.p50 = 1.5e3 * expected;
        point.flags = flags;
        const Predictor fitted = predictorWith(model, device, {point});
        return fitted.at({1, 512, 32}).value().tpot.mid.value / expected;
    };
    EXPECT_GT(pulled({}), pulled({"provisional"}));
    EXPECT_GT(pulled({"provisional"}), pulled({"provisional", "throttled"}));
    EXPECT_GT(pulled({"provisional", "throttled"}), 1.0);
    EXPECT_LT(pulled({}), 1.5);
}

TEST(Calibration, CellsThatFailedOrDoNotFitTeachNothing)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    Truth truth(model, device, 3);
    std::vector<Point> points = measureAll(truth, fourCells());
    points[0].status = PointStatus::Failed;
    points[1].status = PointStatus::DoesNotFit;
    points[2].tpotMs.p50.reset();
    const Calibration fitted = calibrate(device, std::vector<MeasuredRun>{{model, {}, points}});
    EXPECT_EQ(fitted.decode.points, 1);
    EXPECT_EQ(fitted.decode.ignored, 1); // the cell that ran and has no such figure
    EXPECT_EQ(fitted.prefill.points, 2);
}

TEST(Calibration, ABatchsWaitsStandInForALonePromptThatWasNotTimed)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    Point point;
    point.workload = {4, 512, 32};
    point.ttftMs.p50 = 1000; // the median of 1, 2, 3 and 4 prefills of 400 ms
    const Calibration fitted = calibrate(device, std::vector<MeasuredRun>{{model, {}, {point}}});
    EXPECT_EQ(fitted.prefill.points, 1);
    const Predictor predictor = Predictor::create(model, device, {}, fitted).value();
    EXPECT_NEAR(predictor.at({1, 512, 32}).value().ttftIdle.mid.value, 0.4, 0.02);
}

TEST(Calibration, ConstantsCarryOverToAnotherModelAndSaySo)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    double before = 0;
    double after = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Truth small(shapes::qwenSmall(), device, seed);
        Truth large(shapes::llama8b(), device, seed); // the same constants: the same seed
        const Calibration fitted = calibrate(
            device, std::vector<MeasuredRun>{{shapes::qwenSmall(), {}, measureAll(small, grid())}});
        const Predictor predictor =
            Predictor::create(shapes::llama8b(), device, {}, fitted).value();
        before += errorOf(predictorWith(shapes::llama8b(), device, {}), large, {}).tpot;
        after += errorOf(predictor, large, {}).tpot;
        const Basis basis = predictor.at({1, 512, 32}).value().decodeBasis;
        EXPECT_EQ(basis.points, 20);
        EXPECT_FALSE(basis.sameModel);
    }
    EXPECT_LT(after, before / 2);
}

TEST(Calibration, MorePointsThanTheResidualHoldsAreThinnedOut)
{
    const DeviceSpec device = shapes::cpu(40, 1.1);
    const ModelSpec model = shapes::qwenSmall();
    Truth truth(model, device, 5);
    std::vector<Point> points;
    for (std::int64_t batch = 1; batch <= 15; ++batch) {
        for (std::int64_t context = 100; context <= 2000; context += 200)
            points.push_back(truth.measure({batch, context, 32}));
    }
    const Calibration fitted = calibrate(device, std::vector<MeasuredRun>{{model, {}, points}});
    EXPECT_EQ(fitted.decode.sites.size(), kMostSites);
    const Predictor predictor = Predictor::create(model, device, {}, fitted).value();
    EXPECT_LT(errorOf(predictor, truth, {}).tpot, 0.1);
}

TEST(Calibration, NothingMeasuredIsThePrior)
{
    const DeviceSpec device = shapes::h100();
    const Calibration none = calibrate(device, {});
    EXPECT_EQ(none.decode.points, 0);
    EXPECT_FALSE(none.decode.rejected);
    EXPECT_EQ(none.decode.logValue, priorCalibration(device).decode.logValue);
}

} // namespace
