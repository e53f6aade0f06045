// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/picture.h"

#include "ui/plot/label_layout.h"
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
    const double top = (layout.lane.isNull() ? layout.plot().bottom() : layout.lane.bottom()) + 7;
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
            width > 0 ? QRectF(layout.plot().left() - 8 - width, at - height / 2, width, height)
                      : QRectF());
    }
}

struct LaneItem
{
    qsizetype index;
    double left; // of mark and label
    double right;
    double at;
    double markLeft = 0;
    double markRight = 0;
    int row = 0;
    bool labelRight = true;
    bool labelled = true;
};

// Puts the bubbles without y into at most `mostRows` rows so that marks and labels do not touch; a
// label without room is left out (its bubble still answers to the pointer).
QList<LaneItem> laneItems(const PlotContent &content, const AxisMapping &x, double left,
                          double width, int mostRows, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Axis, 500));
    QList<LaneItem> items;
    for (qsizetype i = 0; i < content.bubbles.size(); ++i) {
        const Bubble &bubble = content.bubbles[i];
        const double unit = x.toUnit(bubble.x);
        if (bubble.y || !(unit >= -0.01 && unit <= 1.01))
            continue;
        LaneItem item{i, 0, 0, left + unit * width};
        const double r = std::min(12.0, bubbleRadius(content, theme, bubble.weight));
        const double text = metrics.horizontalAdvance(bubble.name) + 6;
        item.markLeft = item.at - r;
        item.markRight = item.at + r;
        if (bubble.xRange) {
            item.markLeft = left + std::clamp(x.toUnit(bubble.xRange->lo), 0.0, 1.0) * width;
            item.markRight = left + std::clamp(x.toUnit(bubble.xRange->hi), 0.0, 1.0) * width;
        }
        item.labelRight = item.markRight + text <= left + width - 4;
        item.left = item.labelRight ? item.markLeft : item.markLeft - text;
        item.right = item.labelRight ? item.markRight + text : item.markRight;
        items.append(item);
    }
    std::stable_sort(items.begin(), items.end(),
                     [](const LaneItem &a, const LaneItem &b) { return a.at < b.at; });
    const auto findRow = [&](qsizetype index) {
        for (int row = 0; row < mostRows; ++row) {
            const bool free =
                std::none_of(items.begin(), items.begin() + index, [&](const LaneItem &o) {
                    return o.row == row && o.left < items[index].right + 10 &&
                           items[index].left < o.right + 10;
                });
            if (free)
                return row;
        }
        return -1;
    };
    for (qsizetype i = 0; i < items.size(); ++i) {
        int row = findRow(i);
        if (row < 0) {
            items[i].labelled = false;
            items[i].left = items[i].markLeft;
            items[i].right = items[i].markRight;
            row = findRow(i);
        }
        items[i].row = std::max(0, row);
    }
    return items;
}

constexpr double kLaneFirst = 38;
constexpr double kLaneRow = 26;

// The lane takes at most two fifths of the height.
int mostLaneRows(double height)
{
    return std::clamp(static_cast<int>((height * 0.4 - kLaneFirst) / kLaneRow) + 1, 1, 8);
}

double laneHeight(const QList<LaneItem> &items)
{
    int rows = 0;
    for (const LaneItem &item : items)
        rows = std::max(rows, item.row + 1);
    return rows == 0 ? 0 : kLaneFirst + kLaneRow * (rows - 1);
}

void layoutLane(PlotLayout &layout, const PlotContent &content, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Axis, 500));
    const double line = theme.type(Type::Axis).lineHeight;
    for (const LaneItem &item : laneItems(content, layout.mapping.x, layout.plot().left(),
                                          layout.plot().width(), layout.laneRows, theme)) {
        const Bubble &bubble = content.bubbles[item.index];
        const double y = layout.lane.top() + kLaneFirst / 2 + kLaneRow * item.row;
        const double r = std::min(12.0, bubbleRadius(content, theme, bubble.weight));
        layout.bubbles.append({item.index, {item.at, y}, r, true});
        if (!item.labelled)
            continue;
        const double width = metrics.horizontalAdvance(bubble.name);
        LabelPlace label;
        label.text = bubble.name;
        label.strong = bubble.selected;
        label.rect =
            QRectF(item.labelRight ? item.right - width : item.left, y - line / 2, width, line);
        layout.laneLabels.append(label);
    }
}

void layoutBubbles(PlotLayout &layout, const PlotContent &content, const Theme &theme)
{
    for (qsizetype i = 0; i < content.bubbles.size(); ++i) {
        const Bubble &bubble = content.bubbles[i];
        if (!bubble.y)
            continue;
        const QPointF at = layout.mapping.toPixel({bubble.x, *bubble.y});
        if (holds(layout.plot().adjusted(-1, -1, 1, 1), at))
            layout.bubbles.append({i, at, bubbleRadius(content, theme, bubble.weight), false});
    }
}

// Lines whose end is far from the right edge get their label beside the end, the others in the
// gutter.
constexpr double kNearEdge = 60;

void layoutGutterLabels(PlotLayout &layout, const PlotContent &content, const Theme &theme,
                        QList<LabelPlace> &beside)
{
    const QFontMetricsF metrics(theme.font(Type::Axis));
    const double line = theme.type(Type::Axis).lineHeight;
    QList<LabelPlace> labels;
    QList<double> wanted;
    for (const PlotLine &l : content.lines) {
        const QList<LineRun> runs =
            l.label.isEmpty() ? QList<LineRun>() : lineRuns(l, layout.mapping.x, layout.mapping.y);
        if (runs.isEmpty())
            continue;
        LabelPlace label;
        label.text = l.label;
        label.series = l.series;
        label.glyph = true;
        label.strong = l.emphasis == LineEmphasis::Selected;
        label.anchor = layout.mapping.toPixel(runs.last().points.last());
        const double room = layout.bounds.right() - layout.plot().right() - 30;
        if (label.anchor.x() < layout.plot().right() - kNearEdge || room < 24) {
            beside.append(label);
            continue;
        }
        label.text = metrics.elidedText(l.label, Qt::ElideRight, room);
        label.leader = true;
        labels.append(label);
        wanted.append(label.anchor.y());
    }
    const QList<double> places = spreadLabels(wanted, line, layout.plot().top() + line / 2,
                                              layout.plot().bottom() - line / 2);
    for (qsizetype i = 0; i < labels.size(); ++i) {
        labels[i].rect = QRectF(layout.plot().right() + 12, places[i] - line / 2,
                                metrics.horizontalAdvance(labels[i].text) + 14, line);
        layout.labels.append(labels[i]);
    }
}

struct Wish
{
    LabelPlace label;
    double radius;
};

// Labels that look for a free place around what they name, the important first.
QList<Wish> wishes(const PlotLayout &layout, const PlotContent &content,
                   const QList<LabelPlace> &beside, const Theme &theme)
{
    QList<Wish> out;
    QList<Wish> later;
    for (const BubblePlace &place : layout.bubbles) {
        const Bubble &bubble = content.bubbles[place.index];
        if (place.inLane || bubble.name.isEmpty())
            continue;
        LabelPlace label;
        label.text = bubble.name;
        label.note = bubble.note;
        label.anchor = place.at;
        label.strong = bubble.selected;
        (bubble.selected ? out : later).append({label, place.radius});
    }
    for (const LabelPlace &label : beside)
        out.append({label, 5});
    for (const PlotDot &dot : content.dots) {
        const QPointF at = layout.mapping.toPixel(dot.at);
        if (dot.label.isEmpty() || !holds(layout.plot(), at))
            continue;
        LabelPlace label;
        label.text = dot.label;
        label.anchor = at;
        out.append({label, 5 * theme.markScale});
    }
    for (const PlotStop &stop : content.stops) {
        const QPointF at = layout.mapping.toPixel(stop.at);
        if (stop.text.isEmpty() || !holds(layout.plot(), at))
            continue;
        LabelPlace label;
        label.note = stop.text;
        label.anchor = at;
        later.append({label, 6});
    }
    return out + later;
}

QSizeF labelSize(const LabelPlace &label, const QFontMetricsF &text, const QFontMetricsF &note,
                 const Theme &theme)
{
    double width = 0;
    double height = 0;
    if (!label.text.isEmpty()) {
        width = text.horizontalAdvance(label.text) + (label.glyph ? 14 : 0);
        height = theme.type(Type::Axis).lineHeight;
    }
    if (!label.note.isEmpty()) {
        width = std::max(width, note.horizontalAdvance(label.note));
        height += theme.type(Type::Note).lineHeight;
    }
    return {std::ceil(width) + 2, height};
}

QList<QLineF> drawnSegments(const PlotLayout &layout, const PlotContent &content)
{
    QList<QLineF> segments;
    for (const PlotLine &line : content.lines) {
        for (const LineRun &run : lineRuns(line, layout.mapping.x, layout.mapping.y)) {
            for (qsizetype i = 1; i < run.points.size(); ++i)
                segments.append(QLineF(layout.mapping.toPixel(run.points[i - 1]),
                                       layout.mapping.toPixel(run.points[i])));
        }
    }
    return segments;
}

QList<QRectF> labelObstacles(const PlotLayout &layout, const PlotContent &content,
                             const Theme &theme)
{
    QList<QRectF> obstacles;
    for (const BubblePlace &place : layout.bubbles) {
        const Bubble &bubble = content.bubbles[place.index];
        const double r = place.radius;
        obstacles.append(QRectF(place.at.x() - r, place.at.y() - r, 2 * r, 2 * r));
        if (place.inLane || bubble.open == OpenSide::None)
            continue;
        const double end =
            bubble.open == OpenSide::Up ? layout.plot().top() : layout.plot().bottom();
        obstacles.append(QRectF(QPointF(place.at.x() - 4, std::min(place.at.y(), end)),
                                QPointF(place.at.x() + 4, std::max(place.at.y(), end))));
    }
    constexpr qsizetype kMostDots = 400; // past that every place is taken anyway
    for (const PlotDot &dot : content.dots.mid(0, kMostDots)) {
        const QPointF at = layout.mapping.toPixel(dot.at);
        if (holds(layout.plot(), at))
            obstacles.append(QRectF(at.x() - 5, at.y() - 5, 10, 10));
    }
    for (const PlotLimit &limit : content.limits)
        obstacles.append(limitChip(limit, layout, theme));
    return obstacles;
}

} // namespace

PlotRanges contentRanges(const PlotContent &content, const std::optional<PlotRanges> &previous,
                         bool held)
{
    if (held && previous) {
        return {content.x.range ? soundRange(content.x.scale, *content.x.range) : previous->x,
                content.y.range ? soundRange(content.y.scale, *content.y.range) : previous->y};
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
    PlotRanges ranges;
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
    const double left =
        bounds.left() + pad + axisMetrics.horizontalAdvance(QStringLiteral("888 ms")) + 8;
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
    layout.mapping.area = aligned(QRectF(left, top, right - left, bottom - top));
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

void layoutMarks(PlotLayout &layout, const PlotContent &content, const Theme &theme)
{
    layout.labels.clear();
    layout.bubbles.clear();
    layout.laneLabels.clear();
    if (!layout.lane.isNull())
        layoutLane(layout, content, theme);
    layoutBubbles(layout, content, theme);
    QList<LabelPlace> beside;
    layoutGutterLabels(layout, content, theme, beside);
    const QList<Wish> wanted = wishes(layout, content, beside, theme);
    if (wanted.isEmpty())
        return;
    const QFontMetricsF text(theme.font(Type::Axis, 500));
    const QFontMetricsF note(theme.font(Type::Note));
    QList<LabelAnchor> anchors;
    for (const Wish &wish : wanted)
        anchors.append({wish.label.anchor, wish.radius, labelSize(wish.label, text, note, theme)});
    const QList<std::optional<QRectF>> places =
        placeLabels(anchors, layout.plot().adjusted(2, 2, -2, -2),
                    labelObstacles(layout, content, theme), drawnSegments(layout, content));
    for (qsizetype i = 0; i < wanted.size(); ++i) {
        if (!places[i])
            continue;
        LabelPlace label = wanted[i].label;
        label.rect = *places[i];
        const QPointF nearest(std::clamp(label.anchor.x(), label.rect.left(), label.rect.right()),
                              std::clamp(label.anchor.y(), label.rect.top(), label.rect.bottom()));
        label.leader = QLineF(label.anchor, nearest).length() > wanted[i].radius + 12;
        layout.labels.append(label);
    }
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
    for (const PlotDot &dot : content.dots) {
        const double gap = std::fabs(mapping.x.toUnit(dot.at.x()) - at);
        if (gap < 4e-3 && mapping.y.canShow(dot.at.y()))
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

QRectF limitGrip(const PlotLimit &limit, const PlotLayout &layout, const Theme &theme)
{
    const double w = 20 * theme.markScale;
    const double h = 14 * theme.markScale;
    const QPointF at = layout.mapping.toPixel({limit.value, limit.value});
    if (limit.orientation == Qt::Horizontal)
        return {layout.plot().right() - w / 2, at.y() - h / 2, w, h};
    return {at.x() - h / 2, layout.plot().top() - w / 2, h, w};
}

QRectF limitChip(const PlotLimit &limit, const PlotLayout &layout, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Axis, 500));
    const double w = metrics.horizontalAdvance(limit.text) + 16;
    const double h = theme.type(Type::Axis).lineHeight + 6;
    const QRectF &plot = layout.plot();
    const QPointF at = layout.mapping.toPixel({limit.value, limit.value});
    if (limit.orientation == Qt::Horizontal) {
        // On the forbidden side, where it covers nothing that keeps the limit.
        const double above = at.y() - h - 5;
        const double below = at.y() + 5;
        const double y = limit.allowed == Allowed::Below ? above : below;
        return {plot.left() + 14,
                std::clamp(y, plot.top() + 2, std::max(plot.top() + 2, plot.bottom() - h - 2)), w,
                h};
    }
    const double x = limit.allowed == Allowed::Below ? at.x() + 5 : at.x() - w - 5;
    return {std::clamp(x, plot.left() + 2, std::max(plot.left() + 2, plot.right() - w - 2)),
            plot.top() + 6, w, h};
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
