// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/lane_layout.h"
#include "ui/plot/paint_tools.h"
#include "ui/plot/picture.h"

#include <algorithm>
#include <cmath>

namespace ui {

namespace {

void paintCard(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
               const Theme &theme)
{
    painter.setRenderHint(QPainter::Antialiasing);
    if (!content.framed) {
        painter.fillRect(layout.bounds, theme.card);
        return;
    }
    painter.fillRect(layout.bounds, theme.window);
    painter.setPen(QPen(theme.strokeCard, 1));
    painter.setBrush(theme.card);
    painter.drawRoundedRect(layout.bounds.adjusted(0.5, 0.5, -0.5, -0.5), theme.radiusCard,
                            theme.radiusCard);
    painter.setBrush(Qt::NoBrush);
}

// Circles of the key from right to left; returns the left end. Nothing is painted where the row has
// less room than the key takes.
double paintWeightKey(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                      const Theme &theme, double leftEnd)
{
    struct Entry
    {
        QString text;
        double radius;
    };
    QList<Entry> entries;
    const QFontMetricsF metrics = use(painter, theme.font(Type::Note), theme.text2);
    double width = 0;
    for (const double weight : content.weightKey) {
        Entry entry{tickText(content.weightLabels, weight), bubbleRadius(content, theme, weight)};
        if (entries.size() + 1 == content.weightKey.size() && !content.weightWord.isEmpty())
            entry.text += QLatin1Char(' ') + content.weightWord;
        width += metrics.horizontalAdvance(entry.text) + 2 * entry.radius + 20;
        entries.append(entry);
    }
    double x = layout.heading.right();
    if (x - width < leftEnd)
        return x;
    const double y = layout.heading.center().y();
    painter.setBrush(Qt::NoBrush);
    for (auto entry = entries.crbegin(); entry != entries.crend(); ++entry) {
        x -= metrics.horizontalAdvance(entry->text);
        painter.setPen(theme.text2);
        drawLine(painter, metrics, QRectF(x, y - 8, 0, 16), Qt::AlignLeft, entry->text);
        x -= entry->radius + 6;
        painter.setPen(QPen(theme.text3, 1.2));
        painter.drawEllipse(QPointF(x, y), entry->radius, entry->radius);
        x -= entry->radius + 14;
    }
    return x;
}

void paintHeading(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                  const Theme &theme)
{
    if (content.heading.title.isEmpty())
        return;
    QFontMetricsF metrics = use(painter, theme.font(Type::Heading), theme.text1);
    const QRectF &row = layout.heading;
    const QString title =
        metrics.elidedText(content.heading.title, Qt::ElideRight, row.width() * 0.62);
    const double baseline = row.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    painter.drawText(QPointF(row.left(), baseline), title);
    const double used = metrics.horizontalAdvance(title) + 8;
    const double keyLeft = content.weightKey.isEmpty()
                               ? row.left() + row.width() * 0.72
                               : paintWeightKey(painter, content, layout, theme, row.left() + used);
    metrics = use(painter, theme.font(Type::Note), theme.text3);
    const double room = keyLeft - row.left() - used;
    if (room > 30) {
        painter.drawText(QPointF(row.left() + used, baseline),
                         metrics.elidedText(content.heading.subtitle, Qt::ElideRight, room));
    }
}

void paintGrid(QPainter &painter, const PlotLayout &layout, const Theme &theme)
{
    const QRectF &plot = layout.plot();
    QList<QLineF> lines[2]; // minor, major
    for (const Tick &tick : layout.xTicks) {
        const double x = crisp(plot.left() + tick.position * plot.width() - 0.5);
        lines[tick.major].append(QLineF(x, plot.top(), x, plot.bottom()));
        if (!layout.lane.isNull())
            lines[tick.major].append(QLineF(x, layout.lane.top(), x, layout.lane.bottom()));
    }
    for (const Tick &tick : layout.yTicks) {
        const double y = crisp(plot.bottom() - tick.position * plot.height() - 0.5);
        lines[tick.major].append(QLineF(plot.left(), y, plot.right(), y));
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (theme.gridMinor.isValid() && !theme.options.presenter) {
        painter.setPen(QPen(theme.gridMinor, 1));
        painter.drawLines(lines[0]);
    }
    painter.setPen(QPen(theme.gridMajor, 1));
    painter.drawLines(lines[1]);
}

void paintAxes(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
               const Theme &theme)
{
    const QRectF &plot = layout.plot();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.axis, 1));
    const double y = crisp(plot.bottom());
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetricsF metrics = use(painter, theme.font(Type::Axis), theme.text2);
    for (qsizetype i = 0; i < layout.xTicks.size(); ++i) {
        if (!layout.xLabels[i].isNull())
            drawLine(painter, metrics, layout.xLabels[i], Qt::AlignLeft, layout.xTicks[i].label);
    }
    for (qsizetype i = 0; i < layout.yTicks.size(); ++i) {
        if (!layout.yLabels[i].isNull())
            drawLine(painter, metrics, layout.yLabels[i], Qt::AlignLeft, layout.yTicks[i].label);
    }
    if (!layout.xTitle.isNull()) {
        const QFontMetricsF note = use(painter, theme.font(Type::Note), theme.text3);
        drawLine(painter, note, layout.xTitle, Qt::AlignHCenter, content.x.title);
    }
}

// A 3 px bar along the axis that shows which part of it is seen.
void paintZoomBars(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                   const Theme &theme)
{
    const QRectF &plot = layout.plot();
    const auto part = [](const Axis &axis, const Range &whole, const Range &seen) {
        const AxisMapping mapping{axis.scale, whole};
        return Range{std::clamp(mapping.toUnit(seen.lo), 0.0, 1.0),
                     std::clamp(mapping.toUnit(seen.hi), 0.0, 1.0)};
    };
    const PlotRanges whole = contentRanges(content, std::nullopt);
    if (content.zoom.x) {
        const Range seen = part(content.x, whole.x, layout.mapping.x.range);
        const double y = plot.bottom() + 2;
        painter.fillRect(QRectF(plot.left(), y, plot.width(), 3), theme.gridMajor);
        painter.fillRect(QRectF(plot.left() + seen.lo * plot.width(), y,
                                std::max(6.0, (seen.hi - seen.lo) * plot.width()), 3),
                         theme.accent);
    }
    if (content.zoom.y) {
        const Range seen = part(content.y, whole.y, layout.mapping.y.range);
        const double x = plot.left() - 5;
        painter.fillRect(QRectF(x, plot.top(), 3, plot.height()), theme.gridMajor);
        const double h = std::max(6.0, (seen.hi - seen.lo) * plot.height());
        painter.fillRect(QRectF(x, plot.bottom() - seen.lo * plot.height() - h, 3, h),
                         theme.accent);
    }
}

void paintHatch(QPainter &painter, const QRectF &rect, double pitch, const QColor &color)
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1));
    painter.drawLines(hatchLines(rect, pitch));
}

void paintForbidden(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                    const Theme &theme)
{
    if (!content.forbidden)
        return;
    const QRectF &plot = layout.plot();
    const double unit = layout.mapping.x.toUnit(content.forbidden->from);
    if (!(unit < 1))
        return;
    const double x = plot.left() + std::max(0.0, unit) * plot.width();
    const QRectF area(QPointF(x, plot.top()), plot.bottomRight());
    paintHatch(painter, area, 8, mixed(theme.card, theme.strokeControl, 0.6));
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (unit > 0) {
        painter.setPen(QPen(theme.strokeControl, 1.5));
        painter.drawLine(QPointF(crisp(x), plot.top()), QPointF(crisp(x), plot.bottom()));
    }
}

void paintLimitHatches(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                       const Theme &theme)
{
    for (const PlotLimit &limit : content.limits) {
        QRectF area = layout.plot();
        const QPointF at = layout.mapping.toPixel({limit.value, limit.value});
        if (limit.orientation == Qt::Horizontal) {
            if (std::isnan(at.y()))
                continue;
            const double y = std::clamp(at.y(), area.top(), area.bottom());
            limit.allowed == Allowed::Below ? area.setBottom(y) : area.setTop(y);
        } else {
            if (std::isnan(at.x()))
                continue;
            const double x = std::clamp(at.x(), area.left(), area.right());
            limit.allowed == Allowed::Below ? area.setLeft(x) : area.setRight(x);
        }
        paintHatch(painter, area, 12, mixed(theme.card, theme.strokeControl, 0.45));
    }
}

// The strips where zeros of a log axis lie, labelled 0.
void paintZeros(QPainter &painter, const PlotLayout &layout, const Theme &theme)
{
    if (layout.zeroX.isNull() && layout.zeroY.isNull())
        return;
    const QColor fill = theme.kind == ThemeKind::Light ? theme.window : theme.input;
    const double line = theme.type(Type::Axis).lineHeight;
    for (const QRectF &strip : {layout.zeroX, layout.zeroY}) {
        if (!strip.isNull())
            painter.fillRect(strip, fill);
    }
    const QFontMetricsF metrics = use(painter, theme.font(Type::Axis), theme.text2);
    const QString zero = QStringLiteral("0");
    if (!layout.zeroX.isNull()) {
        drawLine(painter, metrics,
                 QRectF(layout.zeroX.left(), layout.axisBottom() + 7, layout.zeroX.width(), line),
                 Qt::AlignHCenter, zero);
    }
    if (!layout.zeroY.isNull()) {
        drawLine(painter, metrics,
                 QRectF(layout.zeroY.left() - 60, layout.zeroY.center().y() - line / 2, 52, line),
                 Qt::AlignRight, zero);
    }
}

void paintLane(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
               const Theme &theme)
{
    if (layout.lane.isNull())
        return;
    const QColor fill = theme.kind == ThemeKind::Light ? theme.window : theme.input;
    painter.fillRect(layout.lane, fill);
    const QFontMetricsF metrics = use(painter, theme.font(Type::Note), theme.text3);
    drawLine(painter, metrics,
             QRectF(layout.lane.left(), layout.lane.top() - kLaneTitleHeight, layout.lane.width(),
                    kLaneTitleHeight),
             Qt::AlignLeft, content.laneTitle);
}

} // namespace

void paintFrame(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                const Theme &theme)
{
    paintCard(painter, content, layout, theme);
    paintHeading(painter, content, layout, theme);
    paintZeros(painter, layout, theme);
    paintLane(painter, content, layout, theme);
    paintGrid(painter, layout, theme);
    paintLimitHatches(painter, content, layout, theme);
    paintForbidden(painter, content, layout, theme);
    paintAxes(painter, content, layout, theme);
    paintZoomBars(painter, content, layout, theme);
}

} // namespace ui
