// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFontMetricsF>
#include <QPainter>
#include <QString>

namespace ui {

// Text whose digits all stand in cells of the widest digit, so that a changing figure moves
// nothing. Everything but digits keeps its own width.
double tabularWidth(const QFontMetricsF &metrics, const QString &text);

// Draws `text` in the painter's font with tabular digits, its right end at `baselineRight`.
void drawTabularRight(QPainter &painter, const QPointF &baselineRight, const QString &text);

} // namespace ui
