// SPDX-License-Identifier: Apache-2.0
// What one slider step costs: every curve over batch or context, 64 points each, on one core.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "engine/predict/predictor.h"
#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;
using Clock = std::chrono::steady_clock;

std::vector<Workload> curve(bool overBatch)
{
    std::vector<Workload> workloads;
    for (int i = 0; i < 64; ++i) {
        Workload workload{8, 2048, 256};
        if (overBatch)
            workload.batch = 1 + 4 * i;
        else
            workload.contextTokens = 128 * (i + 1);
        workloads.push_back(workload);
    }
    return workloads;
}

std::vector<Point> measured(const Predictor &prior, int cells)
{
    std::vector<Point> points;
    for (int i = 0; i < cells; ++i) {
        Point point;
        point.workload = {1 + i % 8, 128 << (i / 8 % 8), 32};
        const Estimate e = prior.at(point.workload).value();
        point.tpotMs.p50 = 1.2e3 * e.tpot.mid.value;
        point.ttftIdleMs.p50 = 0.9e3 * e.ttftIdle.mid.value;
        points.push_back(point);
    }
    return points;
}

double medianMs(const std::function<void()> &work)
{
    std::vector<double> times;
    for (int i = 0; i < 201; ++i) {
        const auto start = Clock::now();
        work();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::nth_element(times.begin(), times.begin() + 100, times.end());
    return times[100];
}

void report(const char *what, const ModelSpec &model, const DeviceSpec &device, int cells)
{
    const Predictor prior = Predictor::create(model, device, {}, priorCalibration(device)).value();
    const std::vector<MeasuredRun> runs{{model, {}, measured(prior, cells)}};
    const auto start = Clock::now();
    Calibration calibration = calibrate(device, cells > 0 ? runs : std::vector<MeasuredRun>{});
    const double fit = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    Deployment deployment;
    deployment.pricePerHour = 2'000'000;
    std::vector<Estimate> estimates;
    for (bool overBatch : {true, false}) {
        const std::vector<Workload> workloads = curve(overBatch);
        const double step = medianMs([&] {
            // A slider step makes a new predictor: model, device or price may have changed.
            const Predictor predictor =
                Predictor::create(model, device, deployment, calibration).value();
            if (!predictor.at(workloads, estimates))
                std::abort();
        });
        std::printf("%-14s %2d cells measured (fit %6.2f ms)  64 points over %-7s  %.3f ms\n", what,
                    cells, fit, overBatch ? "batch" : "context", step);
    }
}

} // namespace

int main()
{
    std::printf("All curves of one slider step (waits, speeds, throughput, cost, with bands):\n");
    for (int cells : {0, 4, 16, 64}) {
        report("qwen3-0.6b", shapes::qwenSmall(), shapes::cpu(40, 1.1), cells);
        report("llama-3.1-70b", shapes::llama70b(), shapes::h100(), cells);
    }
    return 0;
}
