// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/paint_tools.h"
#include "ui/plot/picture.h"

#include <QHash>
#include <QPaintEngine>
#include <QPixmap>

#include <algorithm>
#include <cmath>

namespace ui {

namespace {

// Above the curves: the sentence must stay readable where one runs through the region.
void paintForbiddenText(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                        const Theme &theme)
{
    if (!content.forbidden || content.forbidden->text.isEmpty())
        return;
    const QRectF &plot = layout.plot();
    const double unit = layout.mapping.x.toUnit(content.forbidden->from);
    if (!(unit < 1))
        return;
    const QRectF area(QPointF(plot.left() + std::max(0.0, unit) * plot.width(), plot.top()),
                      plot.bottomRight());
    const QFontMetricsF metrics = use(painter, theme.font(Type::Note), theme.text2);
    const QString text = content.forbidden->text;
    const double width = metrics.horizontalAdvance(text) + 12;
    const double height = theme.type(Type::Note).lineHeight + 4;
    if (area.width() >= width + 8) {
        const QRectF chip(area.center().x() - width / 2, plot.bottom() - height - 10, width,
                          height);
        painter.fillRect(chip, theme.card);
        drawLine(painter, metrics, chip, Qt::AlignHCenter, text);
    } else if (area.width() >= height + 6 && area.height() >= width + 12) {
        // Along the edge, read from below.
        painter.save();
        painter.translate(area.center());
        painter.rotate(-90);
        const QRectF chip(-width / 2, -height / 2, width, height);
        painter.fillRect(chip, theme.card);
        drawLine(painter, metrics, chip, Qt::AlignHCenter, text);
        painter.restore();
    }
}

void paintWhisker(QPainter &painter, const PlotDot &dot, const QPointF &at,
                  const PlotLayout &layout, const Theme &theme)
{
    if (!dot.whisker || dot.hollow)
        return;
    const QRectF &plot = layout.plot();
    const double low =
        std::min(layout.mapping.toPixel({dot.at.x(), dot.whisker->lo}).y(), plot.bottom());
    const double high =
        std::max(layout.mapping.toPixel({dot.at.x(), dot.whisker->hi}).y(), plot.top());
    if (!(high < low)) // so too for NaN: a whisker that the axis cannot show is left out
        return;
    const double cap = 3 * theme.markScale;
    painter.setPen(
        QPen(theme.seriesColor(dot.series), 1.5 * theme.markScale, Qt::SolidLine, Qt::FlatCap));
    const QLineF lines[] = {{at.x(), low, at.x(), high},
                            {at.x() - cap, low, at.x() + cap, low},
                            {at.x() - cap, high, at.x() + cap, high}};
    painter.drawLines(lines, 3);
}

// The dot itself with its halo.
void paintDotMark(QPainter &painter, const PlotDot &dot, const QPointF &at, const Theme &theme)
{
    const double halo = (4.5 + 1.5) * theme.markScale;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.card);
    painter.drawEllipse(at, halo, halo);
    paintProvenance(painter, dot.kind, at, 9 * theme.markScale, theme.seriesColor(dot.series),
                    theme.card, dot.hollow);
}

// Marks of the same look are painted once and stamped: thousands of discs cost as many blits.
class DotStamps
{
public:
    DotStamps(const Theme &theme, double ratio) : m_theme(theme), m_ratio(ratio) {}

    void paint(QPainter &painter, const PlotDot &dot, const QPointF &at)
    {
        const int series = std::max(0, dot.series) % kSeriesCount;
        const int key = (series * 8 + static_cast<int>(dot.kind)) * 2 + (dot.hollow ? 1 : 0);
        QPixmap &stamp = m_stamps[key];
        const double half = std::ceil(8 * m_theme.markScale);
        if (stamp.isNull()) {
            const int pixels = static_cast<int>(std::ceil(2 * half * m_ratio));
            stamp = QPixmap(pixels, pixels);
            stamp.setDevicePixelRatio(m_ratio);
            stamp.fill(Qt::transparent);
            QPainter own(&stamp);
            own.setRenderHint(QPainter::Antialiasing);
            paintDotMark(own, dot, QPointF(half, half), m_theme);
        }
        painter.drawPixmap(at - QPointF(half, half), stamp);
    }

private:
    const Theme &m_theme;
    double m_ratio;
    QHash<int, QPixmap> m_stamps;
};

void paintDots(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
               const Theme &theme)
{
    constexpr qsizetype kManyDots = 200;
    const bool stamped =
        content.dots.size() > kManyDots && painter.paintEngine()->type() == QPaintEngine::Raster;
    DotStamps stamps(theme, painter.device()->devicePixelRatioF());
    for (const PlotDot &dot : content.dots) {
        const QPointF at = layout.pixelOf(dot.at);
        if (!layout.shows(at))
            continue;
        paintWhisker(painter, dot, at, layout, theme);
        if (stamped)
            stamps.paint(painter, dot, at);
        else
            paintDotMark(painter, dot, at, theme);
        if (dot.throttled)
            painter.fillRect(QRectF(at.x() - 1.5, layout.plot().bottom() - 2, 3, 6), theme.warn);
    }
}

void paintStops(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                const Theme &theme)
{
    for (const PlotStop &stop : content.stops) {
        const QPointF at = layout.mapping.toPixel(stop.at);
        if (!layout.shows(at))
            continue;
        const double half = 5 * theme.markScale;
        painter.setPen(QPen(theme.seriesColor(stop.series), 2.5 * theme.markScale, Qt::SolidLine,
                            Qt::FlatCap));
        painter.drawLine(at + QPointF(0, -half), at + QPointF(0, half));
    }
}

QColor bubbleColor(const Bubble &bubble, const Theme &theme)
{
    return bubble.series < 0 ? theme.text2 : theme.seriesColor(bubble.series);
}

// Dotted bar from a claimed bound to where the claim is open, with an arrow head.
void paintOpenSide(QPainter &painter, const Bubble &bubble, const BubblePlace &place,
                   const PlotLayout &layout, const Theme &theme)
{
    if (bubble.open == OpenSide::None)
        return;
    const bool up = bubble.open == OpenSide::Up;
    const double sign = up ? -1 : 1;
    const QPointF from = place.at + QPointF(0, sign * (place.radius + 5));
    const QPointF tip(place.at.x(), up ? layout.plot().top() + 4 : layout.plot().bottom() - 4);
    if ((tip.y() - from.y()) * sign < 10)
        return;
    QPen dotted(bubbleColor(bubble, theme), 2.5 * theme.markScale, Qt::CustomDashLine,
                Qt::RoundCap);
    dotted.setDashPattern({0.1, 2.2});
    painter.setPen(dotted);
    painter.drawLine(from, tip - QPointF(0, sign * 7));
    painter.setPen(QPen(bubbleColor(bubble, theme), 2 * theme.markScale, Qt::SolidLine,
                        Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(
        QPolygonF({tip + QPointF(-5, -sign * 5), tip, tip + QPointF(5, -sign * 5)}));
}

void paintRangeBar(QPainter &painter, const Bubble &bubble, const BubblePlace &place,
                   const PlotLayout &layout, const Theme &theme)
{
    const QRectF &plot = layout.plot();
    const auto at = [&](double value) {
        return plot.left() + std::clamp(layout.mapping.x.toUnit(value), 0.0, 1.0) * plot.width();
    };
    const double lo = at(bubble.xRange->lo);
    const double hi = at(bubble.xRange->hi);
    if (!(hi >= lo))
        return;
    const QColor color = bubbleColor(bubble, theme);
    QPen dotted(color, 2.5 * theme.markScale, Qt::CustomDashLine, Qt::RoundCap);
    dotted.setDashPattern({0.1, 2.2});
    painter.setPen(dotted);
    painter.drawLine(QPointF(lo, place.at.y()), QPointF(hi, place.at.y()));
    painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::FlatCap));
    for (const double x : {lo, hi})
        painter.drawLine(QPointF(x, place.at.y() - 5), QPointF(x, place.at.y() + 5));
}

void paintBubbles(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                  const Theme &theme)
{
    for (const BubblePlace &place : layout.bubbles) {
        if (!place.inLane)
            paintOpenSide(painter, content.bubbles[place.index], place, layout, theme);
    }
    // Larger ones first, so that none hides another.
    QList<BubblePlace> places = layout.bubbles;
    std::stable_sort(places.begin(), places.end(), [](const BubblePlace &a, const BubblePlace &b) {
        return a.radius > b.radius;
    });
    for (const BubblePlace &place : places) {
        const Bubble &bubble = content.bubbles[place.index];
        if (bubble.xRange) {
            paintRangeBar(painter, bubble, place, layout, theme);
            continue;
        }
        const QColor color = bubbleColor(bubble, theme);
        painter.setPen(QPen(color, (bubble.selected ? 2.5 : 1.5) * theme.markScale));
        painter.setBrush(theme.card);
        painter.drawEllipse(place.at, place.radius, place.radius);
        const double mark = std::min(9 * theme.markScale, place.radius * 1.1);
        paintProvenance(painter, bubble.kind, place.at, mark, color, theme.card);
    }
}

void paintLabel(QPainter &painter, const LabelPlace &label, const Theme &theme)
{
    if (label.leader) {
        const QPointF end(
            std::clamp(label.anchor.x(), label.rect.left() - 2, label.rect.right()),
            std::clamp(label.anchor.y(), label.rect.top() + 3, label.rect.bottom() - 3));
        const QPointF to =
            label.glyph ? QPointF(label.rect.left() - 2, label.rect.center().y()) : end;
        painter.setPen(QPen(theme.axis, 1));
        painter.drawLine(label.anchor + (to - label.anchor) * 0.08, to);
    }
    QRectF rect = label.rect;
    if (label.glyph) {
        paintSeriesGlyph(painter, label.series, QPointF(rect.left() + 5, rect.center().y()), 8,
                         theme.seriesColor(label.series));
        rect.setLeft(rect.left() + 14);
    }
    if (!label.text.isEmpty()) {
        const QFontMetricsF metrics = use(painter, theme.font(Type::Axis, label.strong ? 600 : 500),
                                          label.strong ? theme.text1 : theme.text2);
        QRectF first = rect;
        first.setHeight(theme.type(Type::Axis).lineHeight);
        drawLine(painter, metrics, first, Qt::AlignLeft, label.text);
        rect.setTop(first.bottom());
    }
    if (!label.note.isEmpty()) {
        const QFontMetricsF metrics = use(painter, theme.font(Type::Note), theme.text3);
        drawLine(painter, metrics, rect, Qt::AlignLeft, label.note);
    }
}

} // namespace

void paintMarks(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                const Theme &theme)
{
    painter.setRenderHint(QPainter::Antialiasing);
    paintStops(painter, content, layout, theme);
    paintDots(painter, content, layout, theme);
    paintForbiddenText(painter, content, layout, theme);
    paintBubbles(painter, content, layout, theme);
    for (const LabelPlace &label : layout.labels)
        paintLabel(painter, label, theme);
    for (const LabelPlace &label : layout.laneLabels)
        paintLabel(painter, label, theme);
    if (!content.emptyText.isEmpty() && content.lines.isEmpty() && content.dots.isEmpty() &&
        content.bubbles.isEmpty()) {
        const QFontMetricsF metrics = use(painter, theme.font(Type::Body), theme.text3);
        drawLine(painter, metrics, layout.plot(), Qt::AlignHCenter,
                 metrics.elidedText(content.emptyText, Qt::ElideRight, layout.plot().width()));
    }
}

} // namespace ui
