// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include "app/explore/findings.h"
#include "app/explore/scenario.h"
#include "engine/predict/predictor.h"
#include "engine/spec/point.h"

namespace app {

// The figures of one cell, by Metric.
using CellFigures = std::array<Figure, kMetricCount>;

inline Figure &at(CellFigures &figures, Metric metric)
{
    return figures[static_cast<std::size_t>(metric)];
}
inline const Figure &at(const CellFigures &figures, Metric metric)
{
    return figures[static_cast<std::size_t>(metric)];
}

// As estimated, with P10 and P90; all absent with the reason where the cell does not fit.
CellFigures figuresOf(const engine::Estimate &estimate, const Scenario &scenario);

// As measured, with the intervals of the medians; what the point lacks is absent. Costs take the
// scenario's price, end-to-end time its output length.
CellFigures figuresOf(const engine::Point &point, const Scenario &scenario);

// True where the figure of a point is not settled: no whisker, drawn hollow.
bool isHollow(const engine::Point &point, Metric metric, const Figure &figure);
// True where one of its flags asks for care.
bool isWarned(const engine::Point &point);

Absence absenceOf(engine::Fit fit);

} // namespace app
