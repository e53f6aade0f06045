// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/picture.h"

#include "ui/plot/lane_layout.h"
#include "ui/plot/paint_tools.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ui {

namespace {

struct Extent
{
    double lo = std::numeric_limits<double>::infinity();
    double hi = -std::numeric_limits<double>::infinity();

    void add(const Axis &axis, double value)
    {
        if (!AxisMapping{axis.scale, {}}.canShow(value))
            return;
        lo = std::min(lo, value);
        hi = std::max(hi, value);
    }
    bool isEmpty() const { return lo > hi; }
};

Range rangeOf(const Axis &axis, const Extent &extent, const std::optional<Range> &previous)
{
    if (axis.range)
        return soundRange(axis.scale, *axis.range);
    if (extent.isEmpty())
        return previous.value_or(soundRange(axis.scale, {1, 10}));
    return fittedRange(axis.scale, extent.lo, extent.hi, previous);
}

QRectF aligned(const QRectF &rect)
{
    const double left = std::round(rect.left());
    const double top = std::round(rect.top());
    return {left, top, std::max(8.0, std::round(rect.right()) - left),
            std::max(8.0, std::round(rect.bottom()) - top)};
}

double gutterOf(const PlotContent &content, const Theme &theme, double width)
{
    if (content.gutter)
        return *content.gutter;
    const QFontMetricsF metrics(theme.font(Type::Axis));
    double widest = 0;
    for (const PlotLine &line : content.lines) {
        if (!line.label.isEmpty())
            widest = std::max(widest, metrics.horizontalAdvance(line.label) + 30);
    }
    return std::min(widest, width * 0.3);
}

// Labels of the x axis, kept inside the card; one that would touch its neighbour is dropped.
void layoutXLabels(PlotLayout &layout, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Axis));
    const double top = layout.axisBottom() + 7;
    double lastRight = -1e9;
    for (Tick &tick : layout.xTicks) {
        if (tick.label.isEmpty()) {
            layout.xLabels.append(QRectF());
            continue;
        }
        const double width = metrics.horizontalAdvance(tick.label);
        const double at = layout.plot().left() + tick.position * layout.plot().width();
        const double left = std::min(at - width / 2, layout.bounds.right() - width - 4);
        if (left < lastRight + 6) {
            layout.xLabels.append(QRectF());
            continue;
        }
        lastRight = left + width;
        layout.xLabels.append(QRectF(left, top, width, theme.type(Type::Axis).lineHeight));
    }
}

void layoutYLabels(PlotLayout &layout, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Axis));
    const double height = theme.type(Type::Axis).lineHeight;
    for (const Tick &tick : layout.yTicks) {
        const double width = tick.label.isEmpty() ? 0 : metrics.horizontalAdvance(tick.label);
        const double at = layout.plot().bottom() - tick.position * layout.plot().height();
        layout.yLabels.append(
            width > 0 ? QRectF(layout.axisLeft() - 8 - width, at - height / 2, width, height)
                      : QRectF());
    }
}

// Whether a mark has the value 0 where a log axis has no place for it.
bool hasZero(const PlotContent &content, Qt::Orientation along)
{
    const bool x = along == Qt::Horizontal;
    if ((x ? content.x : content.y).scale == Scale::Linear)
        return false;
    return std::any_of(content.dots.begin(), content.dots.end(),
                       [x](const PlotDot &dot) { return (x ? dot.at.x() : dot.at.y()) == 0; }) ||
           std::any_of(content.bubbles.begin(), content.bubbles.end(), [x](const Bubble &bubble) {
               return x ? bubble.x == 0 : bubble.y == std::optional(0.0);
           });
}

} // namespace

QPointF PlotLayout::pixelOf(const QPointF &value) const
{
    QPointF pixel = mapping.toPixel(value);
    if (value.x() == 0 && !zeroX.isNull())
        pixel.setX(zeroX.center().x());
    if (value.y() == 0 && !zeroY.isNull())
        pixel.setY(zeroY.center().y());
    return pixel;
}

bool PlotLayout::shows(const QPointF &pixel) const
{
    const QRectF &area = mapping.area;
    const double left = zeroX.isNull() ? area.left() : zeroX.left();
    const double bottom = zeroY.isNull() ? area.bottom() : zeroY.bottom();
    return holds(
        QRectF(QPointF(left, area.top()), QPointF(area.right(), bottom)).adjusted(-1, -1, 1, 1),
        pixel);
}

double PlotLayout::axisLeft() const
{
    return zeroX.isNull() ? plot().left() : zeroX.left();
}

double PlotLayout::axisBottom() const
{
    if (!lane.isNull())
        return lane.bottom();
    return zeroY.isNull() ? plot().bottom() : zeroY.bottom();
}

PlotRanges contentRanges(const PlotContent &content, const std::optional<PlotRanges> &previous,
                         bool held)
{
    PlotRanges ranges;
    ranges.zeroX = hasZero(content, Qt::Horizontal);
    ranges.zeroY = hasZero(content, Qt::Vertical);
    if (held && previous) {
        ranges.x = content.x.range ? soundRange(content.x.scale, *content.x.range) : previous->x;
        ranges.y = content.y.range ? soundRange(content.y.scale, *content.y.range) : previous->y;
        return ranges;
    }
    Extent x;
    Extent y;
    for (const PlotLine &line : content.lines) {
        for (const QPointF &point : line.points) {
            if (!AxisMapping{content.y.scale, {}}.canShow(point.y()))
                continue;
            x.add(content.x, point.x());
            y.add(content.y, point.y());
        }
    }
    for (const PlotBand &band : content.bands) {
        for (const BandPoint &point : band.points) {
            y.add(content.y, point.lo);
            y.add(content.y, point.hi);
        }
    }
    for (const PlotDot &dot : content.dots) {
        x.add(content.x, dot.at.x());
        y.add(content.y, dot.at.y());
    }
    for (const Bubble &bubble : content.bubbles) {
        x.add(content.x, bubble.xRange ? bubble.xRange->lo : bubble.x);
        x.add(content.x, bubble.xRange ? bubble.xRange->hi : bubble.x);
        if (bubble.y)
            y.add(content.y, *bubble.y);
    }
    for (const PlotLimit &limit : content.limits) {
        if (limit.orientation == Qt::Horizontal && !y.isEmpty())
            y.add(content.y, limit.value);
    }
    ranges.x = rangeOf(content.x, x, previous ? std::optional(previous->x) : std::nullopt);
    ranges.y = rangeOf(content.y, y, previous ? std::optional(previous->y) : std::nullopt);
    return ranges;
}

PlotLayout layoutFrame(const PlotContent &content, const PlotRanges &ranges, const Theme &theme,
                       const QRectF &bounds)
{
    PlotLayout layout;
    layout.bounds = bounds;
    layout.mapping.x = {content.x.scale, ranges.x};
    layout.mapping.y = {content.y.scale, ranges.y};
    const double pad = !content.framed ? 0 : bounds.width() < 420 ? 12 : theme.cardPadding;
    const double edge = content.framed ? 11 : 0;
    const QFontMetricsF axisMetrics(theme.font(Type::Axis));
    const double headingHeight =
        content.heading.title.isEmpty() ? 0 : theme.type(Type::Heading).lineHeight;
    layout.heading =
        QRectF(bounds.left() + pad, bounds.top() + edge, bounds.width() - 2 * pad, headingHeight);
    const double left = bounds.left() + pad +
                        axisMetrics.horizontalAdvance(QStringLiteral("888 ms")) + 8 +
                        (ranges.zeroX ? kZeroStrip + kZeroGap : 0);
    const double gutter = gutterOf(content, theme, bounds.width());
    const double right = bounds.right() - std::max(pad, 14.0) - gutter;
    const double top = layout.heading.bottom() + (headingHeight > 0 ? 12 : 8);
    const double titleHeight =
        content.x.title.isEmpty() ? 0 : theme.type(Type::Note).lineHeight + 3;
    const double axisHeight = theme.type(Type::Axis).lineHeight + 7;
    double bottom = bounds.bottom() - (content.framed ? 9 : 2) - titleHeight - axisHeight;
    layout.laneRows = mostLaneRows(bottom - top);
    const double lane = laneHeight(
        laneItems(content, layout.mapping.x, left, right - left, layout.laneRows, theme));
    if (lane > 0) {
        layout.lane = aligned(QRectF(left, bottom - lane, right - left, lane));
        bottom = layout.lane.top() - kLaneTitleHeight;
    }
    if (ranges.zeroY)
        bottom -= kZeroStrip + kZeroGap;
    layout.mapping.area = aligned(QRectF(left, top, right - left, bottom - top));
    const QRectF &plot = layout.plot();
    if (ranges.zeroX) {
        layout.zeroX =
            QRectF(plot.left() - kZeroGap - kZeroStrip, plot.top(), kZeroStrip,
                   (layout.lane.isNull() ? plot.bottom() : layout.lane.bottom()) - plot.top());
    }
    if (ranges.zeroY) {
        layout.zeroY = QRectF(plot.left(), plot.bottom() + kZeroGap, plot.width(), kZeroStrip);
    }
    layout.xTicks = axisTicks(layout.mapping.x, content.x.labels, layout.plot().width(),
                              48 * theme.markScale, &axisMetrics);
    layout.yTicks = axisTicks(layout.mapping.y, content.y.labels, layout.plot().height(),
                              28 * theme.markScale, nullptr);
    layoutXLabels(layout, theme);
    layoutYLabels(layout, theme);
    if (titleHeight > 0) {
        const double labelsBottom = bounds.bottom() - (content.framed ? 9 : 2) - titleHeight;
        layout.xTitle =
            QRectF(layout.plot().left(), labelsBottom + 2, layout.plot().width(), titleHeight - 2);
    }
    return layout;
}

double bubbleRadius(const PlotContent &content, const Theme &theme, double weight)
{
    double radius = 8;
    if (content.weightKey.size() >= 2 && weight > 0) {
        const double lo = content.weightKey.first();
        const double hi = content.weightKey.last();
        if (lo > 0 && hi > lo) {
            const double t = std::log(weight / lo) / std::log(hi / lo);
            radius = 7 + 9 * std::clamp(t, 0.0, 1.0);
        }
    }
    return radius * theme.markScale;
}

QList<CrosshairRow> rowsAt(const PlotContent &content, const PlotMapping &mapping, double x)
{
    QList<CrosshairRow> rows;
    const double at = mapping.x.toUnit(x);
    if (std::isnan(at))
        return rows;
    for (const PlotLine &line : content.lines) {
        const double value = valueAt(line, x, mapping.x, mapping.y);
        if (!std::isnan(value))
            rows.append({line.name, line.series, value, valueText(content.y, value), line.kind});
    }
    // A dot counts as being at the crosshair within a pixel or two.
    const double lo = mapping.x.toValue(at - 4e-3);
    const double hi = mapping.x.toValue(at + 4e-3);
    for (const PlotDot &dot : content.dots) {
        if (dot.at.x() > lo && dot.at.x() < hi && mapping.y.canShow(dot.at.y()))
            rows.append(
                {dot.name, dot.series, dot.at.y(), valueText(content.y, dot.at.y()), dot.kind});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const CrosshairRow &a, const CrosshairRow &b) {
        return a.value > b.value;
    });
    return rows;
}

QString headlineAt(const PlotContent &content, const PlotMapping &mapping,
                   const std::optional<double> &x)
{
    if (content.headline)
        return *content.headline;
    if (!x)
        return {};
    for (const PlotLine &line : content.lines) {
        if (line.emphasis != LineEmphasis::Selected)
            continue;
        const double value = valueAt(line, *x, mapping.x, mapping.y);
        if (!std::isnan(value))
            return valueText(content.y, value);
    }
    return {};
}

QList<QLineF> hatchLines(const QRectF &rect, double pitch)
{
    QList<QLineF> lines;
    if (rect.width() <= 0 || rect.height() <= 0 || pitch < 1)
        return lines;
    // Lines x + y = k * pitch, so that hatches beside each other continue.
    const double first = std::ceil((rect.left() + rect.top()) / pitch);
    const double last = std::floor((rect.right() + rect.bottom()) / pitch);
    for (double k = first; k <= last; ++k) {
        const double sum = k * pitch;
        const double x0 = std::max(rect.left(), sum - rect.bottom());
        const double x1 = std::min(rect.right(), sum - rect.top());
        if (x1 > x0)
            lines.append(QLineF(x0, sum - x0, x1, sum - x1));
    }
    return lines;
}

} // namespace ui
