// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/paint_tools.h"
#include "ui/plot/picture.h"
#include "ui/theme/digits.h"

#include <algorithm>
#include <cmath>

namespace ui {

namespace {

void paintHeadline(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                   const Theme &theme, const PlotCursor &cursor)
{
    if (content.heading.title.isEmpty() || !content.weightKey.isEmpty())
        return;
    const QString text = headlineAt(content, layout.mapping, cursor.x);
    const QFontMetricsF metrics = use(painter, theme.font(Type::Heading), theme.text1);
    const double baseline =
        layout.heading.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    drawTabularRight(painter, {layout.heading.right() - cursor.headlineInset, baseline}, text);
}

void paintLimit(QPainter &painter, const PlotLimit &limit, const QRectF &chip,
                const PlotLayout &layout, const Theme &theme)
{
    const QRectF &plot = layout.plot();
    const QPointF at = layout.mapping.toPixel({limit.value, limit.value});
    const bool horizontal = limit.orientation == Qt::Horizontal;
    const double place = horizontal ? at.y() : at.x();
    const double lo = horizontal ? plot.top() : plot.left();
    const double hi = horizontal ? plot.bottom() : plot.right();
    if (!(place >= lo - 1 && place <= hi + 1))
        return;
    QPen pen(theme.accent, 1.5 * theme.markScale, Qt::CustomDashLine, Qt::FlatCap);
    pen.setDashPattern({4, 2});
    painter.setPen(pen);
    const double line = crisp(place);
    if (horizontal)
        painter.drawLine(QPointF(plot.left(), line), QPointF(plot.right(), line));
    else
        painter.drawLine(QPointF(line, plot.top()), QPointF(line, plot.bottom()));

    painter.setPen(QPen(theme.accent, 1));
    painter.setBrush(theme.raised);
    painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    if (limit.movable) {
        const QRectF grip = limitGrip(limit, layout, theme);
        painter.drawRoundedRect(grip, 4, 4);
        const QPointF c = grip.center();
        const QPointF along = (horizontal ? QPointF(4, 0) : QPointF(0, 4)) * theme.markScale;
        const QPointF apart = (horizontal ? QPointF(0, 2) : QPointF(2, 0)) * theme.markScale;
        painter.drawLine(c - along - apart, c + along - apart);
        painter.drawLine(c - along + apart, c + along + apart);
    }
    const QFontMetricsF metrics = use(painter, theme.font(Type::Axis, 500), theme.text1);
    drawLine(painter, metrics, chip, Qt::AlignHCenter, limit.text);
}

void paintPinGlyph(QPainter &painter, const QPointF &at, const QColor &color)
{
    painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap));
    painter.setBrush(color);
    painter.drawEllipse(at + QPointF(0, -2), 2.2, 2.2);
    painter.drawLine(at + QPointF(0, 0), at + QPointF(0, 5));
}

// The chip hides the tick labels that it touches; half a label would read as another number.
void paintValueChip(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                    const Theme &theme, const PlotCursor &cursor, double x)
{
    const QString text = valueText(content.x, *cursor.x);
    const QFont &font = theme.font(Type::Axis, 500);
    const QFontMetricsF metrics(font);
    const double pin = cursor.pinned ? 11 : 0;
    const double width = tabularWidth(metrics, text) + 14 + pin;
    const double height = theme.type(Type::Axis).lineHeight + 4;
    const double top = layout.axisBottom() + 5;
    const double left =
        std::clamp(x - width / 2, layout.bounds.left() + 4,
                   std::max(layout.bounds.left() + 4, layout.bounds.right() - width - 4));
    const QRectF chip(left, top, width, height);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const QRectF &label : layout.xLabels) {
        if (!label.isNull() && label.intersects(chip.adjusted(-4, 0, 4, 0)))
            painter.fillRect(label.adjusted(-2, -1, 2, 1), theme.card);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.crossChip);
    painter.drawRoundedRect(chip, 4, 4);
    if (cursor.pinned)
        paintPinGlyph(painter, QPointF(chip.left() + 11, chip.center().y()), theme.onCrossChip);
    use(painter, font, theme.onCrossChip);
    const double baseline = chip.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    drawTabularRight(painter, {chip.right() - 7, baseline}, text);
}

// A short bar across the line: the crosshair's own sign. Discs and squares on a chart are points
// that somebody measured, observed or claimed.
void paintValueMarks(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                     const Theme &theme, double x)
{
    const double half = 5.5 * theme.markScale;
    for (const PlotLine &line : content.lines) {
        if (line.style == LineStyle::Measured)
            continue;
        const double value = valueAt(line, x, layout.mapping.x, layout.mapping.y);
        const QPointF at = layout.mapping.toPixel({x, value});
        if (!holds(layout.plot().adjusted(0, -2, 0, 2), at))
            continue;
        const QColor color = line.style == LineStyle::Ghost ? theme.ghostColor(line.series)
                                                            : theme.seriesColor(line.series);
        const QLineF bar(at - QPointF(half, 0), at + QPointF(half, 0));
        painter.setPen(QPen(theme.card, 6.5 * theme.markScale, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(bar);
        painter.setPen(QPen(color, 3.5 * theme.markScale, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(bar);
    }
}

void paintListRow(QPainter &painter, const CrosshairRow &row, const QRectF &rect,
                  const Theme &theme)
{
    paintSeriesGlyph(painter, row.series, QPointF(rect.left() + 5, rect.center().y()), 9,
                     theme.seriesColor(row.series), row.kind != Provenance::Estimated);
    const QFontMetricsF name = use(painter, theme.font(Type::Axis), theme.text2);
    drawLine(painter, name, rect.adjusted(18, 0, 0, 0), Qt::AlignLeft, row.name);
    const QFontMetricsF value = use(painter, theme.font(Type::Axis, 600), theme.text1);
    const double baseline = rect.center().y() + (value.ascent() - value.descent()) / 2;
    drawTabularRight(painter, {rect.right(), baseline}, row.text);
}

// One list of all values, beside the crosshair where there is more room.
void paintValueList(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                    const Theme &theme, const PlotCursor &cursor, double x)
{
    constexpr qsizetype kMostRows = 12;
    const QList<CrosshairRow> rows = rowsAt(content, layout.mapping, *cursor.x).mid(0, kMostRows);
    if (rows.isEmpty())
        return;
    const QFontMetricsF names(theme.font(Type::Axis));
    const QFontMetricsF values(theme.font(Type::Axis, 600));
    double nameWidth = 0;
    double valueWidth = 0;
    for (const CrosshairRow &row : rows) {
        nameWidth = std::max(nameWidth, names.horizontalAdvance(row.name));
        valueWidth = std::max(valueWidth, tabularWidth(values, row.text));
    }
    QString head = valueText(content.x, *cursor.x);
    if (!content.x.title.isEmpty())
        head = content.x.title + QStringLiteral("  ") + head;
    const double rowHeight = theme.type(Type::Axis).lineHeight + 4;
    const double width =
        std::max(18 + nameWidth + 18 + valueWidth, values.horizontalAdvance(head)) + 24;
    const double height = 20 + rowHeight * static_cast<double>(rows.size() + 1);
    const QRectF &plot = layout.plot();
    const bool right = plot.right() - x > x - plot.left();
    double left = right ? x + 14 : x - 14 - width;
    left = std::clamp(left, layout.bounds.left() + 4,
                      std::max(layout.bounds.left() + 4, layout.bounds.right() - width - 4));
    const QRectF box(std::round(left), std::round(plot.top() + 8), width, height);
    painter.setPen(QPen(theme.strokeControl, 1));
    painter.setBrush(theme.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), theme.radiusPopup,
                            theme.radiusPopup);
    QRectF line(box.left() + 12, box.top() + 9, width - 24, rowHeight);
    use(painter, theme.font(Type::Axis, 600), theme.text1);
    drawLine(painter, values, line, Qt::AlignLeft, head);
    for (const CrosshairRow &row : rows) {
        line.translate(0, rowHeight);
        paintListRow(painter, row, line, theme);
    }
}

void paintCrosshair(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                    const Theme &theme, const PlotCursor &cursor)
{
    if (!cursor.x)
        return;
    const double unit = layout.mapping.x.toUnit(*cursor.x);
    if (!(unit >= -1e-3 && unit <= 1 + 1e-3))
        return;
    const QRectF &plot = layout.plot();
    const double x = plot.left() + unit * plot.width();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.axis, 1));
    painter.drawLine(QPointF(crisp(x - 0.5), plot.top()), QPointF(crisp(x - 0.5), plot.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    paintValueMarks(painter, content, layout, theme, *cursor.x);
    paintValueChip(painter, content, layout, theme, cursor, x);
    if (cursor.list)
        paintValueList(painter, content, layout, theme, cursor, x);
}

void paintRing(QPainter &painter, const QPointF &at, double radius, const QColor &color)
{
    painter.setPen(QPen(color, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(at, radius, radius);
}

void paintHovers(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                 const Theme &theme, const PlotCursor &cursor)
{
    if (cursor.hoveredDot.isEmpty() && cursor.rings.isEmpty() && cursor.hoveredBubble.isEmpty())
        return;
    for (const PlotDot &dot : content.dots) {
        const QPointF at = layout.pixelOf(dot.at);
        if (!layout.shows(at))
            continue;
        if (dot.id == cursor.hoveredDot)
            paintRing(painter, at, 8 * theme.markScale, theme.text1);
        for (const auto &[id, radius] : cursor.rings) {
            if (id == dot.id)
                paintRing(painter, at, radius, theme.seriesColor(dot.series));
        }
    }
    for (const BubblePlace &place : layout.bubbles) {
        if (content.bubbles[place.index].id == cursor.hoveredBubble)
            paintRing(painter, place.at, place.radius + 3, theme.text1);
    }
}

} // namespace

void paintOverlay(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                  const Theme &theme, const PlotCursor &cursor)
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (qsizetype i = 0; i < content.limits.size(); ++i)
        paintLimit(painter, content.limits[i], layout.limitChips[i], layout, theme);
    paintHeadline(painter, content, layout, theme, cursor);
    paintHovers(painter, content, layout, theme, cursor);
    paintCrosshair(painter, content, layout, theme, cursor);
    if (!cursor.band.isNull()) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(QPen(theme.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cursor.band);
        painter.setRenderHint(QPainter::Antialiasing);
    }
    if (cursor.focused) {
        painter.setPen(QPen(theme.accent, 2));
        painter.setBrush(Qt::NoBrush);
        const double inset = content.framed ? 3 : 1;
        painter.drawRoundedRect(layout.bounds.adjusted(inset, inset, -inset, -inset),
                                theme.radiusCard - 2, theme.radiusCard - 2);
    }
}

} // namespace ui
