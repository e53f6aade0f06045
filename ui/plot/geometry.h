// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/marks.h"

#include <QList>
#include <QPointF>

namespace ui {

// One drawable piece of a line: showable values inside the axes, no gaps.
struct LineRun
{
    QList<QPointF> points;
    bool trusted = true;

    friend bool operator==(const LineRun &, const LineRun &) = default;
};

// Splits a line at gaps and at the ends of its trusted range, clips it to both axes (an export has
// no clip of its own) and thins it to at most 256 points, keeping each bucket's extremes.
QList<LineRun> lineRuns(const PlotLine &line, const AxisMapping &x, const AxisMapping &y);

// One drawable piece of a band, clipped to both axes; lo <= hi at every x.
QList<QList<BandPoint>> bandRuns(const PlotBand &band, const AxisMapping &x, const AxisMapping &y);

// Value of a line at x, interpolated as it is drawn; NaN outside it and in gaps. A measured line
// has values at its own points only.
double valueAt(const PlotLine &line, double atX, const AxisMapping &x, const AxisMapping &y);

// Distance from a pixel to a drawn polyline, in pixels; infinite for none.
double distanceToRuns(const QList<LineRun> &runs, const PlotMapping &mapping, const QPointF &pixel);

} // namespace ui
