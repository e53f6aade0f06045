// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/icons.h"

#include <QPainterPath>

namespace ui {
namespace {

QPainterPath curves()
{
    QPainterPath path;
    path.moveTo(3, 2.5);
    path.lineTo(3, 17);
    path.lineTo(17.5, 17);
    path.moveTo(6, 14);
    path.cubicTo(11, 13, 13.5, 9.5, 16.5, 3.5);
    return path;
}

QPainterPath providers()
{
    QPainterPath path;
    path.addEllipse(QPointF(5.5, 13.5), 3, 3);
    path.addEllipse(QPointF(14, 13), 2, 2);
    path.addEllipse(QPointF(11, 5.5), 3.2, 3.2);
    return path;
}

QPainterPath undo()
{
    QPainterPath path;
    path.moveTo(7.5, 4);
    path.lineTo(4, 7.5);
    path.lineTo(7.5, 11);
    path.moveTo(4, 7.5);
    path.lineTo(12, 7.5);
    path.arcTo(QRectF(8, 7.5, 8, 8), 90, -180);
    path.lineTo(9, 15.5);
    return path;
}

QPainterPath sun()
{
    QPainterPath path;
    path.addEllipse(QPointF(10, 10), 3.4, 3.4);
    const double inner = 5.8;
    const double outer = 7.8;
    for (int ray = 0; ray < 8; ++ray) {
        QPainterPath line(QPointF(0, -inner));
        line.lineTo(0, -outer);
        QTransform turn;
        turn.translate(10, 10);
        turn.rotate(45.0 * ray);
        path.addPath(turn.map(line));
    }
    return path;
}

QPainterPath moon()
{
    QPainterPath path;
    path.moveTo(13.5, 3.6);
    path.arcTo(QRectF(3, 3, 14, 14), 60, 270);
    path.cubicTo(9, 14.5, 8.5, 7, 13.5, 3.6);
    return path;
}

QPainterPath contrast()
{
    QPainterPath path;
    path.addEllipse(QPointF(10, 10), 7, 7);
    path.moveTo(10, 3);
    path.lineTo(10, 17);
    path.moveTo(13, 4.5);
    path.lineTo(13, 15.5);
    return path;
}

QPainterPath chip()
{
    QPainterPath path;
    path.addRoundedRect(QRectF(5, 5, 10, 10), 1.5, 1.5);
    for (double at : {7.5, 12.5}) {
        path.moveTo(at, 5);
        path.lineTo(at, 2.5);
        path.moveTo(at, 15);
        path.lineTo(at, 17.5);
        path.moveTo(5, at);
        path.lineTo(2.5, at);
        path.moveTo(15, at);
        path.lineTo(17.5, at);
    }
    return path;
}

QPainterPath chevron()
{
    QPainterPath path(QPointF(5.5, 7.8));
    path.lineTo(10, 12.2);
    path.lineTo(14.5, 7.8);
    return path;
}

QPainterPath cross()
{
    QPainterPath path(QPointF(5.5, 5.5));
    path.lineTo(14.5, 14.5);
    path.moveTo(14.5, 5.5);
    path.lineTo(5.5, 14.5);
    return path;
}

QPainterPath lens()
{
    QPainterPath path;
    path.addEllipse(QPointF(8.5, 8.5), 5, 5);
    path.moveTo(12.2, 12.2);
    path.lineTo(16.5, 16.5);
    return path;
}

QPainterPath pathOf(Icon icon)
{
    switch (icon) {
    case Icon::Curves:
        return curves();
    case Icon::Providers:
        return providers();
    case Icon::Undo:
        return undo();
    case Icon::Redo:
        return QTransform(-1, 0, 0, 1, 20, 0).map(undo());
    case Icon::Sun:
        return sun();
    case Icon::Moon:
        return moon();
    case Icon::Contrast:
        return contrast();
    case Icon::Chevron:
        return chevron();
    case Icon::Close:
        return cross();
    case Icon::Search:
        return lens();
    case Icon::Chip:
        return chip();
    }
    return {};
}

} // namespace

void paintIcon(QPainter &painter, Icon icon, const QRectF &rect, const QColor &color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.topLeft());
    painter.scale(rect.width() / 20, rect.height() / 20);
    painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(pathOf(icon));
    painter.restore();
}

void paintMark(QPainter &painter, const QRectF &rect, const QColor &axis, const QColor &falling,
               const QColor &rising)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.topLeft());
    painter.scale(rect.width() / 20, rect.height() / 20);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(axis, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(QPolygonF({{3, 2.5}, {3, 17.5}, {18, 17.5}}));
    QPainterPath down(QPointF(5.5, 4));
    down.cubicTo(6.5, 11, 10, 13.5, 17, 14);
    painter.setPen(QPen(falling, 2.2, Qt::SolidLine, Qt::RoundCap));
    painter.drawPath(down);
    QPainterPath up(QPointF(5.5, 14.5));
    up.cubicTo(10, 14, 14, 11.5, 16.5, 5);
    painter.setPen(QPen(rising, 1.6, Qt::SolidLine, Qt::RoundCap));
    painter.drawPath(up);
    painter.restore();
}

} // namespace ui
