// SPDX-License-Identifier: GPL-3.0-or-later
// From one step of a slider to the finished repaint of the window, Curves at 1920 x 1080 in the
// offscreen raster; and from process start to the first painted window.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <QApplication>
#include <QElapsedTimer>

#include "tests/ui/main_window/window_fixture.h"
#include "ui/main_window/main_window.h"
#include "ui/views/scenario_panel.h"

namespace {

constexpr int kSteps = 200;
constexpr int kRounds = 4;

double seconds(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Milliseconds since the kernel started this process (10 ms resolution).
double millisecondsSinceStart()
{
    std::ifstream file("/proc/self/stat");
    std::string text;
    std::getline(file, text);
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string field;
    for (int i = 3; i <= 22; ++i)
        fields >> field;
    const double started = std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK));
    return (seconds(CLOCK_BOOTTIME) - started) * 1e3;
}

double percentile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Figures
{
    double p50 = 0;
    double p95 = 0;
    double p99 = 0;
};

Figures figuresOf(const std::vector<double> &values)
{
    return {percentile(values, 0.50), percentile(values, 0.95), percentile(values, 0.99)};
}

// The best of the rounds, by p95: what the code takes, not what else runs on the machine.
void report(const char *name, ui::MainWindow &window, tests::WindowFixture &fixture,
            const std::function<void(int)> &step)
{
    Figures bestCpu{1e9, 1e9, 1e9};
    Figures bestWall{1e9, 1e9, 1e9};
    for (int round = 0; round < kRounds; ++round) {
        std::vector<double> cpu;
        std::vector<double> wall;
        for (int i = 0; i < kSteps; ++i) {
            const double cpuStart = seconds(CLOCK_THREAD_CPUTIME_ID);
            const double wallStart = seconds(CLOCK_MONOTONIC);
            step(i);
            fixture.explorer.evaluateNow();
            QCoreApplication::sendPostedEvents();
            window.repaint();
            QCoreApplication::processEvents();
            cpu.push_back((seconds(CLOCK_THREAD_CPUTIME_ID) - cpuStart) * 1e3);
            wall.push_back((seconds(CLOCK_MONOTONIC) - wallStart) * 1e3);
        }
        const Figures c = figuresOf(cpu);
        const Figures w = figuresOf(wall);
        bestCpu = c.p95 < bestCpu.p95 ? c : bestCpu;
        bestWall = w.p95 < bestWall.p95 ? w : bestWall;
    }
    std::printf(
        "%-28s cpu p50 %5.1f  p95 %5.1f  p99 %5.1f   wall p50 %5.1f  p95 %5.1f  p99 %5.1f ms\n",
        name, bestCpu.p50, bestCpu.p95, bestCpu.p99, bestWall.p50, bestWall.p95, bestWall.p99);
}

void drag(tests::WindowFixture &fixture, int step, bool batch, bool context)
{
    constexpr std::array<std::int64_t, 6> kBatches{1, 2, 4, 8, 16, 32};
    constexpr std::array<std::int64_t, 6> kContexts{512, 1024, 2048, 4096, 3000, 1500};
    app::Scenario scenario = fixture.explorer.scenario();
    const auto index = static_cast<std::size_t>(step);
    if (batch)
        scenario.workload.batch = kBatches[index % kBatches.size()];
    if (context)
        scenario.workload.contextTokens = kContexts[index % kContexts.size()];
    fixture.explorer.setScenario(scenario, app::Edit::Preview);
}

} // namespace

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    const double inMain = millisecondsSinceStart();
    tests::WindowFixture fixture;
    const double data = millisecondsSinceStart();
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    const double built = millisecondsSinceStart();
    window.resize(1920, 1080);
    window.show();
    QCoreApplication::processEvents();
    window.repaint();
    std::printf("start: main %.0f ms, data %.0f ms, window built %.0f ms, first painted %.0f ms "
                "(goal 400)\n",
                inMain, data, built, millisecondsSinceStart());
    std::printf("1920 x 1080, six charts, %s, goal p95 < 16 ms\n",
                qPrintable(QApplication::platformName()));
    emit window.panel()->heldChanged(true);
    report("batch step", window, fixture, [&](int i) { drag(fixture, i, true, false); });
    report("context step", window, fixture, [&](int i) { drag(fixture, i, false, true); });
    report("both", window, fixture, [&](int i) { drag(fixture, i, true, true); });
    emit window.panel()->heldChanged(false);
    fixture.addRun(QStringLiteral("run"));
    emit window.panel()->heldChanged(true);
    report("both, with measured points", window, fixture,
           [&](int i) { drag(fixture, i, true, true); });
    window.showView(QStringLiteral("providers"));
    report("providers, both", window, fixture, [&](int i) { drag(fixture, i, true, true); });
    return 0;
}
