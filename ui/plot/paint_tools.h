// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace ui {

// Middle of the pixel that holds v: where a 1 px line without antialiasing is sharp.
inline double crisp(double v)
{
    return std::floor(v) + 0.5;
}

// Whether `rect` holds the point; never so for a value that the axes cannot show (NaN).
inline bool holds(const QRectF &rect, const QPointF &point)
{
    return point.x() >= rect.left() && point.x() <= rect.right() && point.y() >= rect.top() &&
           point.y() <= rect.bottom();
}

// Sets font and colour; returns the font's metrics.
inline QFontMetricsF use(QPainter &painter, const QFont &font, const QColor &color)
{
    painter.setFont(font);
    painter.setPen(color);
    return QFontMetricsF(font);
}

// One line of text, vertically centred in `rect`. Never wraps, clips or reads markup.
inline void drawLine(QPainter &painter, const QFontMetricsF &metrics, const QRectF &rect,
                     Qt::Alignment align, const QString &text)
{
    const double width = align & Qt::AlignLeft ? 0 : metrics.horizontalAdvance(text);
    const double x = align & Qt::AlignRight     ? rect.right() - width
                     : align & Qt::AlignHCenter ? rect.center().x() - width / 2
                                                : rect.left();
    const double y = rect.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    painter.drawText(QPointF(x, y), text);
}

} // namespace ui
