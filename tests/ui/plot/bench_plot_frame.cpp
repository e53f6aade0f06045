// SPDX-License-Identifier: GPL-3.0-or-later
// Slider step to finished repaint for a window of plots, offscreen raster:
// bench_plot_frame [steps]
#include "tests/ui/plot/demo_data.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QGridLayout>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <vector>

namespace {

double threadMilliseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double percentile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    const double at = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (at - std::floor(at));
}

QList<ui::PlotDot> manyDots(int count)
{
    QList<ui::PlotDot> dots;
    for (int i = 0; i < count; ++i) {
        const double x = std::exp2(9.0 * (i % 100) / 99);
        const double y = 20 * std::exp2(5.0 * (i / 100) / 99);
        dots.append({.id = QString::number(i),
                     .series = i % 8,
                     .at = {x, y},
                     .whisker = ui::Range{y * 0.98, y * 1.02}});
    }
    return dots;
}

class Window
{
public:
    Window(int count, QSize size)
    {
        m_widget.resize(size);
        auto *grid = new QGridLayout(&m_widget);
        using demo::Metric;
        const Metric metrics[] = {Metric::Wait, Metric::Speed,     Metric::Throughput,
                                  Metric::Cost, Metric::TokenTime, Metric::Memory};
        const int columns = count > 4 ? 3 : count > 1 ? 2 : 1;
        for (int i = 0; i < count; ++i) {
            auto *plot = new ui::Plot(&m_widget);
            demo::fill(*plot, metrics[i], 4096, {});
            plot->setCrosshair(32);
            plot->setRangesHeld(true);
            grid->addWidget(plot, i / columns, i % columns);
            m_plots.push_back(plot);
            m_metrics.push_back(metrics[i]);
        }
        m_widget.show();
        settle();
    }

    void settle()
    {
        QCoreApplication::sendPostedEvents();
        QCoreApplication::processEvents();
    }

    void refill(double context, int machines)
    {
        for (std::size_t i = 0; i < m_plots.size(); ++i)
            demo::refill(*m_plots[i], m_metrics[i], context, {.machines = machines});
    }

    void crosshair(double x)
    {
        for (ui::Plot *plot : m_plots)
            plot->setCrosshair(x);
    }

    int paints() const { return m_plots.front()->paints(); }

    const std::vector<ui::Plot *> &plots() const { return m_plots; }

private:
    QWidget m_widget;
    std::vector<ui::Plot *> m_plots;
    std::vector<demo::Metric> m_metrics;
};

void report(const char *name, Window &window, int steps, const std::function<void(int)> &step)
{
    std::vector<double> wall;
    std::vector<double> cpu;
    for (int i = 0; i < steps + 10; ++i) {
        const int before = window.paints();
        QElapsedTimer timer;
        timer.start();
        const double start = threadMilliseconds();
        step(i);
        window.settle();
        const double used = threadMilliseconds() - start;
        const double passed = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        if (window.paints() == before)
            std::printf("%s: step %d was not painted\n", name, i);
        if (i >= 10) { // the first ones warm caches
            cpu.push_back(used);
            wall.push_back(passed);
        }
    }
    std::printf("%-44s cpu p50 %6.2f p95 %6.2f ms   wall p50 %6.2f p95 %6.2f ms\n", name,
                percentile(cpu, 0.5), percentile(cpu, 0.95), percentile(wall, 0.5),
                percentile(wall, 0.95));
}

} // namespace

int main(int argc, char **argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    const int steps = argc > 1 ? std::max(10, std::atoi(argv[1])) : 200;
    const auto contextOf = [](int i) {
        return 1024 * std::exp2(4 * (0.5 + 0.5 * std::sin(i * 0.1)));
    };
    const auto batchOf = [](int i) { return std::exp2(4.5 + 4.4 * std::sin(i * 0.07)); };
    for (const int count : {4, 6}) {
        Window window(count, {1520, 860});
        const QByteArray name = QByteArray::number(count) + " charts 1520x860, ";
        report((name + "all lines and crosshair").constData(), window, steps, [&](int i) {
            window.refill(contextOf(i), 6);
            window.crosshair(batchOf(i));
        });
        report((name + "one line each").constData(), window, steps, [&](int i) {
            window.refill(contextOf(i), 1);
            window.crosshair(batchOf(i));
        });
        report((name + "crosshair only").constData(), window, steps,
               [&](int i) { window.crosshair(batchOf(i)); });
    }
    {
        Window window(6, {1520, 860});
        for (ui::Plot *plot : window.plots())
            plot->setDots(manyDots(10000));
        report("6 charts, 10,000 dots each, one line", window, std::min(steps, 60), [&](int i) {
            for (ui::Plot *plot : window.plots()) {
                plot->setLines({{.id = QStringLiteral("line"),
                                 .points = {{1, 20.0 + i % 7}, {512, 900.0 + i % 5}}}});
                plot->setCrosshair(batchOf(i));
            }
        });
    }
    {
        Window window(1, {1520, 860});
        report("1 chart 1520x860, all lines and crosshair", window, steps, [&](int i) {
            window.refill(contextOf(i), 6);
            window.crosshair(batchOf(i));
        });
    }
    return 0;
}
