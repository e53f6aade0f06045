// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/lane_layout.h"

#include <algorithm>
#include <cmath>

namespace ui {

namespace {

constexpr double kApart = 10; // px between neighbours of a row

// Where x lies; a zero of a log axis has a strip of its own left of the plot.
double pixelOf(double value, const AxisMapping &x, double left, double width)
{
    if (value == 0 && x.scale != Scale::Linear)
        return left + kZeroCenter;
    return left + x.toUnit(value) * width;
}

std::optional<LaneItem> itemOf(const PlotContent &content, qsizetype index, const AxisMapping &x,
                               double left, double width, const Theme &theme)
{
    const Bubble &bubble = content.bubbles[index];
    LaneItem item;
    item.index = index;
    item.at = pixelOf(bubble.x, x, left, width);
    if (bubble.y || !(item.at >= left + kZeroCenter - 1 && item.at <= left + width * 1.01))
        return std::nullopt;
    item.radius = std::min(12.0, bubbleRadius(content, theme, bubble.weight));
    item.markLeft = item.at - item.radius;
    item.markRight = item.at + item.radius;
    if (bubble.xRange) {
        item.markLeft = left + std::clamp(x.toUnit(bubble.xRange->lo), 0.0, 1.0) * width;
        item.markRight = left + std::clamp(x.toUnit(bubble.xRange->hi), 0.0, 1.0) * width;
    }
    return item;
}

// The item with its label at one side; absent where that would leave the lane.
std::optional<LaneItem> labelled(LaneItem item, const QString &name, bool toTheRight, double left,
                                 double width, const Theme &theme)
{
    const double text = QFontMetricsF(theme.font(Type::Axis, 500)).horizontalAdvance(name) + 6;
    item.labelRight = toTheRight;
    item.left = toTheRight ? item.markLeft : item.markLeft - text;
    item.right = toTheRight ? item.markRight + text : item.markRight;
    const bool inside = toTheRight ? item.right <= left + width - 4 : item.left >= left + 4;
    return inside ? std::optional(item) : std::nullopt;
}

// Pixels that `item` would share with the items placed before it in `row`.
double sharedPixels(const QList<LaneItem> &placed, const LaneItem &item, int row)
{
    double shared = 0;
    for (const LaneItem &other : placed) {
        if (other.row == row) {
            shared += std::max(0.0, std::min(other.right, item.right) + kApart -
                                        std::max(other.left, item.left));
        }
    }
    return shared;
}

// The first row without a neighbour in the way, else the one where least is covered.
std::pair<int, bool> findRow(const QList<LaneItem> &placed, const LaneItem &item, int mostRows)
{
    int best = 0;
    double least = 1e18;
    for (int row = 0; row < mostRows; ++row) {
        const double shared = sharedPixels(placed, item, row);
        if (shared <= 0)
            return {row, true};
        if (shared < least) {
            least = shared;
            best = row;
        }
    }
    return {best, false};
}

} // namespace

QList<LaneItem> laneItems(const PlotContent &content, const AxisMapping &x, double left,
                          double width, int mostRows, const Theme &theme)
{
    QList<LaneItem> items;
    for (qsizetype i = 0; i < content.bubbles.size(); ++i) {
        if (const auto item = itemOf(content, i, x, left, width, theme))
            items.append(*item);
    }
    // Bars first: they are wide and nothing else may lie on them.
    std::stable_sort(items.begin(), items.end(), [&](const LaneItem &a, const LaneItem &b) {
        const bool barA = content.bubbles[a.index].xRange.has_value();
        const bool barB = content.bubbles[b.index].xRange.has_value();
        return barA != barB ? barA : a.at < b.at;
    });
    QList<LaneItem> placed;
    for (const LaneItem &item : items) {
        // Where the label finds a row, the right side first; else the mark alone.
        std::optional<LaneItem> best;
        for (const bool toTheRight : {true, false}) {
            auto wish =
                labelled(item, content.bubbles[item.index].name, toTheRight, left, width, theme);
            if (!wish)
                continue;
            const auto [row, free] = findRow(placed, *wish, mostRows);
            if (!free || (best && best->row <= row))
                continue;
            wish->row = row;
            best = wish;
        }
        if (!best) {
            best = item;
            best->labelled = false;
            best->left = item.markLeft;
            best->right = item.markRight;
            best->row = findRow(placed, *best, mostRows).first;
        }
        placed.append(*best);
    }
    return placed;
}

double laneHeight(const QList<LaneItem> &items)
{
    int rows = 0;
    for (const LaneItem &item : items)
        rows = std::max(rows, item.row + 1);
    return rows == 0 ? 0 : kLaneFirst + kLaneRow * (rows - 1);
}

int mostLaneRows(double height)
{
    return std::clamp(static_cast<int>((height * 0.45 - kLaneFirst) / kLaneRow) + 1, 1, 10);
}

} // namespace ui
