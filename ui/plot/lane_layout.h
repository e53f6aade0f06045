// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/picture.h"

namespace ui {

// A bubble without y, as it lies in the lane: extent of mark and label along x, and its row.
struct LaneItem
{
    qsizetype index = 0; // in PlotContent::bubbles
    double at = 0;
    double radius = 8;
    double markLeft = 0;
    double markRight = 0;
    double left = 0; // of mark and label
    double right = 0;
    int row = 0;
    bool labelRight = true;
    bool labelled = true;
};

constexpr double kLaneFirst = 38;       // height of the first row
constexpr double kLaneRow = 26;         // and of each further one
constexpr double kLaneTitleHeight = 24; // room for the title between plot and lane

// Puts the bubbles without y into at most `mostRows` rows so that marks and labels do not touch; a
// label without room is left out (its bubble still answers to the pointer). `left` and `width` are
// the plot's.
QList<LaneItem> laneItems(const PlotContent &content, const AxisMapping &x, double left,
                          double width, int mostRows, const Theme &theme);

// Height of the lane: 0 without items.
double laneHeight(const QList<LaneItem> &items);

// The lane takes less than half of the height.
int mostLaneRows(double height);

} // namespace ui
