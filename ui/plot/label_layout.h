// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineF>
#include <QList>
#include <QRectF>

#include <optional>

namespace ui {

// Moves labels apart along one direction: the result keeps the order of `wanted`, lies in
// [lo, hi], has at least `gap` between neighbours and moves the labels as little as it can. More
// labels than fit share the space evenly.
QList<double> spreadLabels(const QList<double> &wanted, double gap, double lo, double hi);

// Whether a segment touches a rectangle.
bool crosses(const QLineF &line, const QRectF &rect);

// What a label stands beside.
struct LabelAnchor
{
    QPointF at;
    double radius = 4;
    QSizeF size; // of the label
};

// Places labels around their anchors, earlier ones first: 8 directions at 4 distances, never
// outside `bounds`, never over an anchor, an obstacle or another label; over as few `lines` as
// possible. An absent place means that none was free.
QList<std::optional<QRectF>> placeLabels(const QList<LabelAnchor> &anchors, const QRectF &bounds,
                                         const QList<QRectF> &obstacles,
                                         const QList<QLineF> &lines);

} // namespace ui
