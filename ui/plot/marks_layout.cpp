// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/label_layout.h"
#include "ui/plot/lane_layout.h"
#include "ui/plot/picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ui {

namespace {

void layoutLane(PlotLayout &layout, const PlotContent &content, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Axis, 500));
    const double line = theme.type(Type::Axis).lineHeight;
    for (const LaneItem &item : laneItems(content, layout.mapping.x, layout.plot().left(),
                                          layout.plot().width(), layout.laneRows, theme)) {
        const Bubble &bubble = content.bubbles[item.index];
        const double y = layout.lane.top() + kLaneFirst / 2 + kLaneRow * item.row;
        layout.bubbles.append({item.index, {item.at, y}, item.radius, true});
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
        const QPointF at = layout.pixelOf({bubble.x, *bubble.y});
        if (layout.shows(at))
            layout.bubbles.append({i, at, bubbleRadius(content, theme, bubble.weight), false});
    }
}

// Lines whose end is far from the right edge get their label beside the end, the others in the
// gutter.
constexpr double kNearEdge = 0.15; // of the plot's width

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
        if (label.anchor.x() < layout.plot().right() - kNearEdge * layout.plot().width() ||
            room < 24) {
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
        const QPointF at = layout.pixelOf(dot.at);
        if (dot.label.isEmpty() || !layout.shows(at))
            continue;
        LabelPlace label;
        label.text = dot.label;
        label.anchor = at;
        out.append({label, 5 * theme.markScale});
    }
    for (const PlotStop &stop : content.stops) {
        const QPointF at = layout.mapping.toPixel(stop.at);
        if (stop.text.isEmpty() || !layout.shows(at))
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

QList<QRectF> labelObstacles(const PlotLayout &layout, const PlotContent &content)
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
        const QPointF at = layout.pixelOf(dot.at);
        if (layout.shows(at))
            obstacles.append(QRectF(at.x() - 5, at.y() - 5, 10, 10));
    }
    obstacles += layout.limitChips;
    return obstacles;
}

// The chip lies on the line's forbidden side if it can, and where it covers fewest dots and curves.
QRectF chipPlace(const PlotLimit &limit, const PlotLayout &layout, const PlotContent &content,
                 const QList<QLineF> &segments, const QRectF &former, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Axis, 500));
    const QSizeF size(metrics.horizontalAdvance(limit.text) + 16,
                      theme.type(Type::Axis).lineHeight + 6);
    const QRectF &plot = layout.plot();
    const QPointF at = layout.mapping.toPixel({limit.value, limit.value});
    const bool horizontal = limit.orientation == Qt::Horizontal;
    // Before the line in screen order: above a horizontal one, left of a vertical one.
    const bool beforeFirst = horizontal == (limit.allowed == Allowed::Below);
    const double length = horizontal ? plot.width() : plot.height();
    const double own = horizontal ? size.width() : size.height();
    const double place = horizontal ? at.y() : at.x();
    const double across = horizontal ? size.height() : size.width();
    // Only what runs near the line can be covered.
    const double reach = across + 12;
    const QRectF band = horizontal ? QRectF(plot.left(), place - reach, plot.width(), 2 * reach)
                                   : QRectF(place - reach, plot.top(), 2 * reach, plot.height());
    QList<QLineF> near;
    for (const QLineF &segment : segments) {
        if (crosses(segment, band))
            near.append(segment);
    }
    QRectF best;
    double bestCost = 1e18;
    int rank = 0;
    for (const bool before : {beforeFirst, !beforeFirst}) {
        for (const double share : {0.0, 1.0, 0.25, 0.5, 0.75}) {
            const double along = 14 + share * std::max(0.0, length - own - 34);
            const double beside = before ? place - across - 5 : place + 5;
            const QRectF chip = horizontal ? QRectF(QPointF(plot.left() + along, beside), size)
                                           : QRectF(QPointF(beside, plot.top() + along - 8), size);
            double cost = rank++ + (plot.contains(chip) ? 0 : 1000);
            // It stays where it was unless it would hide a point: nothing jumps under a slider.
            const double moved =
                horizontal ? chip.left() - former.left() : chip.top() - former.top();
            cost -= !former.isNull() && std::fabs(moved) < 1 ? 90 : 0;
            for (const PlotDot &dot : content.dots)
                cost += chip.adjusted(-5, -5, 5, 5).contains(layout.pixelOf(dot.at)) ? 100 : 0;
            for (const QLineF &segment : near)
                cost += crosses(segment, chip) ? 20 : 0;
            if (cost < bestCost) {
                bestCost = cost;
                best = chip;
            }
        }
    }
    return best;
}

} // namespace

void layoutMarks(PlotLayout &layout, const PlotContent &content, const Theme &theme)
{
    layout.labels.clear();
    layout.bubbles.clear();
    layout.laneLabels.clear();
    const QList<QRectF> formerChips = std::exchange(layout.limitChips, {});
    if (!content.limits.isEmpty()) {
        const QList<QLineF> segments = drawnSegments(layout, content);
        for (qsizetype i = 0; i < content.limits.size(); ++i)
            layout.limitChips.append(chipPlace(content.limits[i], layout, content, segments,
                                               formerChips.value(i), theme));
    }
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
        placeLabels(anchors, layout.plot().adjusted(2, 2, -2, -2), labelObstacles(layout, content),
                    drawnSegments(layout, content));
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

QRectF limitGrip(const PlotLimit &limit, const PlotLayout &layout, const Theme &theme)
{
    const double w = 20 * theme.markScale;
    const double h = 14 * theme.markScale;
    const QPointF at = layout.mapping.toPixel({limit.value, limit.value});
    if (limit.orientation == Qt::Horizontal)
        return {layout.plot().right() - w / 2, at.y() - h / 2, w, h};
    return {at.x() - h / 2, layout.plot().top() - w / 2, h, w};
}

} // namespace ui
