// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "app/explore/findings.h"
#include "ui/plot/axis.h"
#include "ui/plot/marks.h"

namespace ui {

// Findings as what a plot draws.

// Ids of the limits' lines.
inline const QString kTtftLimit = QStringLiteral("ttft");
inline const QString kSpeedLimit = QStringLiteral("speed");
inline const QString kCostLimit = QStringLiteral("cost");

// What of a curve is to be drawn.
struct ShownKinds
{
    bool estimate = true;
    bool measured = true;
};

// Everything that one chart shows besides its axes.
struct CurveMarks
{
    QList<PlotLine> lines;
    QList<PlotBand> bands;
    QList<PlotDot> dots;
    QList<PlotStop> stops;
    std::optional<PlotForbidden> forbidden;
    QList<PlotLimit> limits;
};
CurveMarks marksOf(const app::Findings &findings, app::Metric metric, ShownKinds shown);

// A pinned scenario's curve: its estimate, else its measured points, pale; in the colour of
// `series`.
PlotLine ghostLine(const app::Findings &pinned, app::Metric metric, int series);

// The axis that the scenario's curves run along.
Axis curveAxis(const app::Findings &findings);

// Names a measured point in a plot's signals.
QString dotId(const app::CurveDot &dot);

} // namespace ui
