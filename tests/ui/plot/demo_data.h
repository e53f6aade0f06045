// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/scatter_plot.h"

#include <array>
#include <memory>
#include <vector>

// Made-up curves of a plausible shape, for pictures and benchmarks.
namespace demo {

enum class Metric { Wait, Speed, Throughput, Cost, TokenTime, Memory };

// Value of `metric` for machine `machine` (0..7).
double valueOf(Metric metric, int machine, double batch, double context);

struct Options
{
    int machines = 6;
    int points = 64;
    bool chinese = false;
    bool limit = true;
    bool labels = false; // direct labels at the right end
};

// Fills a plot with one metric over batch at a context: lines, a band, measured points with
// whiskers.
void fill(ui::Plot &plot, Metric metric, double context, const Options &options);
// Only the moving part: lines, bands and dots.
void refill(ui::Plot &plot, Metric metric, double context, const Options &options);

void fillScatter(ui::ScatterPlot &plot, bool chinese);

} // namespace demo
