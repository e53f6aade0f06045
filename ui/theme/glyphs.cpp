// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/glyphs.h"

#include <QPainterPath>
#include <QPolygonF>

#include <cmath>
#include <numbers>

namespace ui {

namespace {

QPolygonF regularPolygon(int corners, const QPointF &at, double radius, double turn)
{
    QPolygonF polygon;
    for (int i = 0; i < corners; ++i) {
        const double angle = turn + 2 * std::numbers::pi * i / corners;
        polygon << at + QPointF(radius * std::sin(angle), -radius * std::cos(angle));
    }
    return polygon;
}

QPolygonF triangle(const QPointF &at, double size, bool pointsUp)
{
    // A little larger than the box and pushed down, so that it weighs what a disc weighs.
    const double half = size * 0.56;
    const double up = pointsUp ? -1 : 1;
    return QPolygonF({at + QPointF(0, up * size * 0.56), at + QPointF(half, -up * size * 0.42),
                      at + QPointF(-half, -up * size * 0.42)});
}

QPen outlinePen(const QColor &color, double width)
{
    return {color, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin};
}

} // namespace

void paintProvenance(QPainter &painter, Provenance kind, const QPointF &at, double size,
                     const QColor &color, const QColor &inside, bool hollow)
{
    const double radius = size / 2;
    const double stroke = std::max(1.2, size / 6);
    const double inner = radius - stroke / 2;
    const QBrush fill = hollow ? QBrush(inside) : QBrush(color);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(outlinePen(color, stroke));
    switch (kind) {
    case Provenance::Measured:
        painter.setBrush(fill);
        painter.drawEllipse(at, inner, inner);
        break;
    case Provenance::Recorded:
        painter.setBrush(inside);
        painter.drawEllipse(at, inner, inner);
        if (!hollow) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawEllipse(at, radius * 0.48, radius * 0.48);
        }
        break;
    case Provenance::Imported:
        painter.setBrush(fill);
        painter.drawPolygon(regularPolygon(4, at, radius * 1.1 - stroke / 2, 0));
        break;
    case Provenance::Observed: {
        const double side = radius * 0.9 - stroke / 2;
        painter.setBrush(inside);
        painter.drawRect(QRectF(at.x() - side, at.y() - side, 2 * side, 2 * side));
        if (!hollow)
            painter.fillRect(QRectF(at.x() - side, at.y() - side, side, 2 * side), color);
        break;
    }
    case Provenance::Estimated:
        painter.setBrush(inside);
        painter.drawEllipse(at, inner, inner);
        break;
    case Provenance::Claimed:
        painter.setBrush(inside);
        painter.drawPolygon(triangle(at, size - stroke, true));
        break;
    }
    painter.restore();
}

void paintSeriesGlyph(QPainter &painter, int index, const QPointF &at, double size,
                      const QColor &color, bool filled)
{
    const double radius = size / 2;
    const double stroke = 1.5;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(filled ? QPen(Qt::NoPen) : outlinePen(color, stroke));
    painter.setBrush(filled ? QBrush(color) : QBrush(Qt::NoBrush));
    const double inner = filled ? radius : radius - stroke / 2;
    switch (std::max(0, index) % 8) {
    case 0:
        painter.drawEllipse(at, inner, inner);
        break;
    case 1: {
        const double side = inner * 0.9;
        painter.drawRect(QRectF(at.x() - side, at.y() - side, 2 * side, 2 * side));
        break;
    }
    case 2:
        painter.drawPolygon(triangle(at, 2 * inner, true));
        break;
    case 3:
        painter.drawPolygon(regularPolygon(4, at, inner * 1.12, 0));
        break;
    case 4:
        painter.drawPolygon(triangle(at, 2 * inner, false));
        break;
    case 5: {
        const double arm = inner * 0.78;
        painter.setPen(outlinePen(color, filled ? size * 0.26 : stroke));
        painter.drawLine(at + QPointF(-arm, -arm), at + QPointF(arm, arm));
        painter.drawLine(at + QPointF(-arm, arm), at + QPointF(arm, -arm));
        break;
    }
    case 6:
        painter.drawPolygon(regularPolygon(6, at, inner * 1.05, 0));
        break;
    default:
        painter.drawRect(QRectF(at.x() - inner, at.y() - inner * 0.4, 2 * inner, inner * 0.8));
    }
    painter.restore();
}

void paintVerdict(QPainter &painter, Verdict verdict, const QPointF &at, double size,
                  const QColor &color, const QColor &onColor)
{
    const double r = size / 2;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const QPen ink = outlinePen(onColor, size / 8);
    switch (verdict) {
    case Verdict::Good:
        painter.drawEllipse(at, r, r);
        painter.setPen(ink);
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(
            QPolygonF({at + QPointF(-0.45 * r, 0.02 * r), at + QPointF(-0.12 * r, 0.36 * r),
                       at + QPointF(0.46 * r, -0.34 * r)}));
        break;
    case Verdict::Warn:
        painter.drawPolygon(triangle(at + QPointF(0, 0.06 * r), size, true));
        painter.setPen(ink);
        painter.drawLine(at + QPointF(0, -0.34 * r), at + QPointF(0, 0.2 * r));
        painter.drawPoint(at + QPointF(0, 0.58 * r));
        break;
    case Verdict::Bad:
        painter.drawPolygon(regularPolygon(8, at, r * 1.05, std::numbers::pi / 8));
        painter.setPen(ink);
        painter.drawLine(at + QPointF(-0.34 * r, -0.34 * r), at + QPointF(0.34 * r, 0.34 * r));
        painter.drawLine(at + QPointF(-0.34 * r, 0.34 * r), at + QPointF(0.34 * r, -0.34 * r));
        break;
    case Verdict::Note:
        painter.drawRoundedRect(QRectF(at.x() - r, at.y() - r, size, size), r / 3, r / 3);
        painter.setPen(ink);
        painter.drawLine(at + QPointF(0, -0.06 * r), at + QPointF(0, 0.5 * r));
        painter.drawPoint(at + QPointF(0, -0.48 * r));
        break;
    }
    painter.restore();
}

QChar provenanceLetter(Provenance kind)
{
    switch (kind) {
    case Provenance::Measured:
        return QLatin1Char('M');
    case Provenance::Recorded:
        return QLatin1Char('R');
    case Provenance::Imported:
        return QLatin1Char('I');
    case Provenance::Observed:
        return QLatin1Char('O');
    case Provenance::Estimated:
        return QLatin1Char('E');
    case Provenance::Claimed:
        break;
    }
    return QLatin1Char('C');
}

} // namespace ui
