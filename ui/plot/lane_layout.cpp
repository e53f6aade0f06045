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
    const double text =
        QFontMetricsF(theme.font(Type::Axis, 500)).horizontalAdvance(bubble.name) + 6;
    item.labelRight = item.markRight + text <= left + width - 4;
    item.left = item.labelRight ? item.markLeft : item.markLeft - text;
    item.right = item.labelRight ? item.markRight + text : item.markRight;
    return item;
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
    for (LaneItem item : items) {
        auto [row, free] = findRow(placed, item, mostRows);
        if (!free) {
            item.labelled = false;
            item.left = item.markLeft;
            item.right = item.markRight;
            row = findRow(placed, item, mostRows).first;
        }
        item.row = row;
        placed.append(item);
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
    return std::clamp(static_cast<int>((height * 0.4 - kLaneFirst) / kLaneRow) + 1, 1, 8);
}

} // namespace ui
