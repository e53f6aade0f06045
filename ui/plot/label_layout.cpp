// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/label_layout.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace ui {

namespace {

struct Block
{
    double sum = 0; // of (wanted - offset)
    int count = 0;
    double start() const { return sum / count; }
};

QRectF placeOf(const LabelAnchor &anchor, int direction, double distance)
{
    const double angle = direction * std::numbers::pi / 4;
    const double reach = anchor.radius + distance;
    const QPointF center =
        anchor.at + QPointF(std::cos(angle) * (reach + anchor.size.width() / 2),
                            -std::sin(angle) * (reach + anchor.size.height() / 2));
    return {center.x() - anchor.size.width() / 2, center.y() - anchor.size.height() / 2,
            anchor.size.width(), anchor.size.height()};
}

} // namespace

bool crosses(const QLineF &line, const QRectF &rect)
{
    if (rect.contains(line.p1()) || rect.contains(line.p2()))
        return true;
    if (std::max(line.x1(), line.x2()) < rect.left() ||
        std::min(line.x1(), line.x2()) > rect.right() ||
        std::max(line.y1(), line.y2()) < rect.top() ||
        std::min(line.y1(), line.y2()) > rect.bottom())
        return false;
    const QLineF sides[] = {{rect.topLeft(), rect.topRight()},
                            {rect.topRight(), rect.bottomRight()},
                            {rect.bottomRight(), rect.bottomLeft()},
                            {rect.bottomLeft(), rect.topLeft()}};
    return std::any_of(std::begin(sides), std::end(sides), [&](const QLineF &side) {
        return line.intersects(side, nullptr) == QLineF::BoundedIntersection;
    });
}

QList<double> spreadLabels(const QList<double> &wanted, double gap, double lo, double hi)
{
    const auto count = static_cast<std::size_t>(wanted.size());
    if (count == 0)
        return {};
    if (count > 1)
        gap = std::max(0.0, std::min(gap, (hi - lo) / static_cast<double>(count - 1)));
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return wanted[static_cast<qsizetype>(a)] < wanted[static_cast<qsizetype>(b)];
    });
    // Least squares under order: neighbours that would touch move as one block.
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < count; ++i) {
        const double free = wanted[static_cast<qsizetype>(order[i])] - gap * static_cast<double>(i);
        blocks.push_back({free, 1});
        while (blocks.size() > 1 && blocks[blocks.size() - 2].start() > blocks.back().start()) {
            blocks[blocks.size() - 2].sum += blocks.back().sum;
            blocks[blocks.size() - 2].count += blocks.back().count;
            blocks.pop_back();
        }
    }
    QList<double> placed(wanted.size());
    std::size_t i = 0;
    const double lastStart = hi - gap * static_cast<double>(count - 1);
    for (const Block &block : blocks) {
        const double start = std::clamp(block.start(), lo, std::max(lo, lastStart));
        for (int k = 0; k < block.count; ++k, ++i)
            placed[static_cast<qsizetype>(order[i])] = start + gap * static_cast<double>(i);
    }
    return placed;
}

QList<std::optional<QRectF>> placeLabels(const QList<LabelAnchor> &anchors, const QRectF &bounds,
                                         const QList<QRectF> &obstacles, const QList<QLineF> &lines)
{
    QList<QRectF> taken = obstacles;
    for (const LabelAnchor &anchor : anchors) {
        const double r = anchor.radius + 1;
        taken.append(QRectF(anchor.at.x() - r, anchor.at.y() - r, 2 * r, 2 * r));
    }
    QList<std::optional<QRectF>> placed;
    placed.reserve(anchors.size());
    // Right, left, above, below, then the diagonals; nearer first.
    constexpr int kDirections[] = {0, 4, 2, 6, 1, 7, 3, 5};
    for (const LabelAnchor &anchor : anchors) {
        std::optional<QRectF> best;
        double bestCost = 1e18;
        for (const double distance : {5.0, 11.0, 20.0, 32.0}) {
            for (int rank = 0; rank < 8; ++rank) {
                const QRectF place = placeOf(anchor, kDirections[rank], distance);
                double cost = distance * 2 + rank;
                if (cost >= bestCost || !bounds.contains(place))
                    continue;
                if (std::any_of(taken.begin(), taken.end(),
                                [&](const QRectF &other) { return other.intersects(place); }))
                    continue;
                for (const QLineF &line : lines)
                    cost += crosses(line, place) ? 40 : 0;
                if (cost < bestCost) {
                    bestCost = cost;
                    best = place;
                }
            }
        }
        placed.append(best);
        if (best)
            taken.append(best->adjusted(-2, -1, 2, 1));
    }
    return placed;
}

} // namespace ui
