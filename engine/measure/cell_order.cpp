// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <tuple>

#include "engine/measure/sweep.h"

namespace engine {
namespace {

// Depth of each index of 0..count-1 in repeated halving; both ends have depth 0.
std::vector<int> halvingDepths(std::size_t count)
{
    std::vector<int> depths(count, 0);
    const std::function<void(std::size_t, std::size_t, int)> halve =
        [&](std::size_t low, std::size_t high, int depth) {
            if (high - low < 2)
                return;
            const std::size_t middle = low + (high - low) / 2;
            depths[middle] = depth;
            halve(low, middle, depth + 1);
            halve(middle, high, depth + 1);
        };
    if (count > 2)
        halve(0, count - 1, 1);
    return depths;
}

std::map<std::int64_t, int> depthsOf(std::vector<std::int64_t> values)
{
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    const std::vector<int> depths = halvingDepths(values.size());
    std::map<std::int64_t, int> result;
    for (std::size_t i = 0; i < values.size(); ++i)
        result[values[i]] = depths[i];
    return result;
}

} // namespace

std::vector<Workload> coarseToFine(std::vector<Workload> cells)
{
    std::vector<std::int64_t> batches;
    std::vector<std::int64_t> contexts;
    for (const Workload &cell : cells) {
        batches.push_back(cell.batch);
        contexts.push_back(cell.contextTokens);
    }
    const std::map<std::int64_t, int> batchDepth = depthsOf(std::move(batches));
    const std::map<std::int64_t, int> contextDepth = depthsOf(std::move(contexts));
    // By context within a depth: its batches share one prefilled prompt.
    const auto rank = [&](const Workload &cell) {
        const int depth = std::max(batchDepth.at(cell.batch), contextDepth.at(cell.contextTokens));
        return std::tuple(depth, cell.contextTokens, cell.batch, cell.outputTokens);
    };
    std::sort(cells.begin(), cells.end(),
              [&](const Workload &a, const Workload &b) { return rank(a) < rank(b); });
    cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
    return cells;
}

bool isFinished(const Point &point, bool quick)
{
    if (point.status != PointStatus::Ok || !point.stepWallMs.p50)
        return false;
    return quick || !point.hasFlag("provisional");
}

} // namespace engine
