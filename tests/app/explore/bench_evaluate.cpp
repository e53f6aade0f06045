// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what one evaluation costs, with nothing and with much measured. Budget: 4 ms.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "app/explore/evaluate.h"
#include "tests/app/explore/samples.h"

namespace {

void report(const char *what, int repeats, const std::function<void()> &work)
{
    std::vector<double> milliseconds;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> time =
            std::chrono::steady_clock::now() - start;
        milliseconds.push_back(time.count());
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    std::printf("%-52s p50 %8.3f ms  p95 %8.3f ms  (%d times)\n", what,
                milliseconds[milliseconds.size() / 2], milliseconds[milliseconds.size() * 95 / 100],
                repeats);
}

} // namespace

int main()
{
    const auto inventory = app::loadInventory();
    if (!inventory) {
        std::fprintf(stderr, "%s\n", inventory.error().message.c_str());
        return 1;
    }
    const app::Catalog catalog = samples::catalog();
    app::Scenario scenario = app::defaultScenario(*inventory);
    const auto gpu = app::knowDevice(*inventory, scenario.device, {});
    report("evaluate, GPU, nothing measured", 1000, [&] {
        scenario.workload.batch = scenario.workload.batch % 512 + 1;
        (void)app::evaluate({catalog, *inventory, &*gpu, {}}, scenario);
    });

    scenario = samples::onCpu();
    for (const int cells : {30, 10'000, 100'000}) {
        std::vector<app::Measurement> measurements;
        for (int i = 0; i < cells; ++i) {
            const QString started = QString::number(i / 60).rightJustified(8, QLatin1Char('0'));
            static app::RunPtr run;
            if (i % 60 == 0)
                run = samples::run(started, scenario.model, started);
            measurements.push_back(
                {run, samples::point(1 << (i % 6), 128 << (i % 10), 100 + i % 7, 10)});
        }
        std::optional<app::DeviceKnowledge> cpu;
        char what[80];
        std::snprintf(what, sizeof what, "know the device, %d points measured", cells);
        report(what, 20, [&] { cpu = app::knowDevice(*inventory, scenario.device, measurements); });
        std::snprintf(what, sizeof what, "evaluate, CPU, %d points measured", cells);
        report(what, 100, [&] {
            scenario.workload.batch = scenario.workload.batch % 64 + 1;
            (void)app::evaluate({catalog, *inventory, &*cpu, measurements}, scenario);
        });
    }
    return 0;
}
