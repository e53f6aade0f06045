// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPainter>
#include <QRectF>

namespace ui {

enum class Icon {
    Curves,
    Providers,
    Undo,
    Redo,
    Sun,
    Moon,
    Contrast,
    Chevron,
    Close,
    Search,
    Chip
};

// Line drawings on a 20 px grid with 1.5 px strokes, scaled to `rect`.
void paintIcon(QPainter &painter, Icon icon, const QRectF &rect, const QColor &color);

// The program's mark: two curves that meet, in the first two series' colours.
void paintMark(QPainter &painter, const QRectF &rect, const QColor &axis, const QColor &falling,
               const QColor &rising);

} // namespace ui
