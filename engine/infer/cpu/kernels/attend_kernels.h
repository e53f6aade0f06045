// SPDX-License-Identifier: Apache-2.0
#pragma once

// Attention in one pass over the pages (running maximum and sum, after "FlashAttention", Dao et al.
// 2022), written over the Vec of the including kernel file.

#include "engine/infer/cpu/kernels/isa_table.h"
#include "engine/infer/cpu/kernels/matmul_kernels.h"

namespace engine::cpu {
namespace {

constexpr float kLog2E = 1.44269504f;

// What a unit keeps while it walks over pages: rows of (token, head of the group).
struct AttendState
{
    Input queries[kAttendRows * kMaxHeadDim]; // scaled by scale * log2(e)
    float queriesFp32[kAttendRows * kMaxHeadDim];
    float scores[kAttendRows * kPagePositions];
    Input weights[kAttendRows * kPagePositions];
    float weightsFp32[kAttendRows * kPagePositions];
    float sums[kAttendRows * kMaxHeadDim];
    float best[kAttendRows];
    float total[kAttendRows];
};
static_assert(sizeof(AttendState) <= kScratchBytes);

// Positions [first, last) that a row sees.
struct Visible
{
    std::int64_t first;
    std::int64_t last;
};

inline Visible visibleTo(const AttendJob &job, const AttendUnit &unit, std::int64_t row)
{
    const std::int64_t group = job.shape.heads / job.shape.kvHeads;
    const std::int64_t position = unit.span->depth + (unit.firstRow + row) / group;
    const std::int64_t window = job.shape.window;
    const std::int64_t first = window > 0 && position >= window ? position + 1 - window : 0;
    return {first, position + 1};
}

inline const float *queryOf(const AttendJob &job, const AttendUnit &unit, std::int64_t row)
{
    const std::int64_t group = job.shape.heads / job.shape.kvHeads;
    const std::int64_t token = (unit.firstRow + row) / group;
    const std::int64_t head = unit.kvHead * group + (unit.firstRow + row) % group;
    return job.qkv + (unit.span->firstRow + token) * job.stride + head * job.shape.headDim;
}

inline void loadQueries(const AttendJob &job, const AttendUnit &unit, AttendState &state)
{
    const Vec scale = set1(job.shape.scale * kLog2E);
    const std::int64_t padded = job.cache.paddedDim;
    for (std::int64_t row = 0; row < unit.rows; ++row) {
        const float *query = queryOf(job, unit, row);
        for (std::int64_t dim = 0; dim < padded; dim += 16) {
            const Vec x = mul(loadPartial(query + dim, lanesLeft(job.shape.headDim, dim)), scale);
            if (job.cache.type == DType::Fp32)
                store(state.queriesFp32 + row * padded + dim, x);
            else
                storeInput(state.queries + row * padded + dim, x);
        }
    }
}

// scores = queries times keys of a page, for R rows and 32 positions at a time.
template <int R>
inline void scoreRows(const AttendJob &job, const void *slab, std::int64_t row, AttendState &state)
{
    const std::int64_t padded = job.cache.paddedDim;
    for (std::int64_t half = 0; half < 2; ++half) {
        Vec sums[R][2];
        for (int r = 0; r < R; ++r)
            sums[r][0] = sums[r][1] = set1(0);
        if (job.cache.type == DType::Fp32)
            multiplyFp32<R>(state.queriesFp32 + row * padded, padded,
                            static_cast<const float *>(slab) + half * 32, kPagePositions, padded,
                            sums);
        else
            multiplyPairs<R, false>(
                state.queries + row * padded, padded,
                {.first = static_cast<const std::uint16_t *>(slab) + half * 1024,
                 .second = 512,
                 .step = 2048,
                 .blocks = padded / 32},
                sums);
        for (int r = 0; r < R; ++r) {
            float *target = state.scores + (row + r) * kPagePositions + half * 32;
            store(target, sums[r][0]);
            store(target + 16, sums[r][1]);
        }
    }
}

// sums += weights times values of a page, for R rows and 32 dims at a time.
template <int R>
inline void addValues(const AttendJob &job, const void *slab, std::int64_t row, AttendState &state)
{
    const std::int64_t padded = job.cache.paddedDim;
    for (std::int64_t dim = 0; dim < padded; dim += 32) {
        Vec sums[R][2];
        for (int r = 0; r < R; ++r) {
            sums[r][0] = load(state.sums + (row + r) * padded + dim);
            sums[r][1] = load(state.sums + (row + r) * padded + dim + 16);
        }
        if (job.cache.type == DType::Fp32)
            multiplyFp32<R>(state.weightsFp32 + row * kPagePositions, kPagePositions,
                            static_cast<const float *>(slab) + kPagePositions * padded + dim,
                            padded, kPagePositions, sums);
        else
            multiplyPairs<R, false>(state.weights + row * kPagePositions, kPagePositions,
                                    {.first = static_cast<const std::uint16_t *>(slab) +
                                              kPagePositions * padded + dim * 32,
                                     .second = 512,
                                     .step = padded * 32,
                                     .blocks = 2},
                                    sums);
        for (int r = 0; r < R; ++r) {
            store(state.sums + (row + r) * padded + dim, sums[r][0]);
            store(state.sums + (row + r) * padded + dim + 16, sums[r][1]);
        }
    }
}

enum class PagePhase { Score, AddValues };

template <int R>
inline void pageRows(PagePhase phase, std::int64_t count, const AttendJob &job, const void *slab,
                     std::int64_t row, AttendState &state)
{
    if constexpr (R > 1) {
        if (count < R) {
            pageRows<R - 1>(phase, count, job, slab, row, state);
            return;
        }
    }
    if (phase == PagePhase::Score)
        scoreRows<R>(job, slab, row, state);
    else
        addValues<R>(job, slab, row, state);
}

inline void pageAllRows(PagePhase phase, const AttendJob &job, const void *slab, std::int64_t rows,
                        AttendState &state)
{
    for (std::int64_t row = 0; row < rows; row += kTileRows)
        pageRows<kTileRows>(phase, rows - row < kTileRows ? rows - row : kTileRows, job, slab, row,
                            state);
}

inline void clearRow(float *row, std::int64_t columns)
{
    for (std::int64_t i = 0; i < columns; i += 16)
        store(row + i, set1(0));
}

inline std::int64_t clampToPage(std::int64_t slot)
{
    return slot < 0 ? 0 : slot > kPagePositions ? kPagePositions : slot;
}

inline void scaleRow(float *row, std::int64_t columns, float factor)
{
    for (std::int64_t i = 0; i < columns; i += 16)
        store(row + i, mul(load(row + i), set1(factor)));
}

// Turns a row of scores into weights; positions that it must not see get none.
inline void softmaxRow(const AttendJob &job, std::int64_t row, std::int64_t from, std::int64_t to,
                       AttendState &state)
{
    const Vec none = set1(-__builtin_inff());
    float *scores = state.scores + row * kPagePositions;
    Vec lanes[4];
    Vec top = none;
    for (int i = 0; i < 4; ++i) {
        lanes[i] = within(load(scores + 16 * i), static_cast<int>(from - 16 * i),
                          static_cast<int>(to - 16 * i), none);
        top = max(top, lanes[i]);
    }
    const float best = maxOf(top);
    if (best > state.best[row]) {
        const float factor =
            __builtin_isinf(state.best[row]) ? 0.0f : __builtin_exp2f(state.best[row] - best);
        scaleRow(state.sums + row * job.cache.paddedDim, job.cache.paddedDim, factor);
        state.total[row] *= factor;
        state.best[row] = best;
    }
    const Vec shift = set1(__builtin_isinf(state.best[row]) ? 0.0f : state.best[row]);
    Vec total = set1(0);
    for (int i = 0; i < 4; ++i) {
        const Vec weight =
            within(exp2Of(max(sub(lanes[i], shift), set1(-126.0f))),
                   static_cast<int>(from - 16 * i), static_cast<int>(to - 16 * i), set1(0));
        total = add(total, weight);
        if (job.cache.type == DType::Fp32)
            store(state.weightsFp32 + row * kPagePositions + 16 * i, weight);
        else
            storeInput(state.weights + row * kPagePositions + 16 * i, weight);
    }
    state.total[row] += sumOf(total);
}

// Takes finished sums to the output, or unfinished ones to the partial results.
inline void finishRow(const AttendJob &job, const AttendUnit &unit, std::int64_t row,
                      const float *sums, float best, float total)
{
    const std::int64_t padded = job.cache.paddedDim;
    if (unit.partial >= 0) {
        float *target = job.partials + (unit.partial + row) * job.partialStride;
        for (std::int64_t dim = 0; dim < padded; dim += 16)
            store(target + dim, load(sums + dim));
        target[padded] = best;
        target[padded + 1] = total;
        return;
    }
    const std::int64_t group = job.shape.heads / job.shape.kvHeads;
    const std::int64_t d = job.shape.headDim;
    const std::int64_t outputRow = unit.span->firstRow + (unit.firstRow + row) / group;
    const std::int64_t column = (unit.kvHead * group + (unit.firstRow + row) % group) * d;
    const Vec factor = set1(1.0f / total);
    if (column + d == job.shape.heads * d) {
        for (std::int64_t pad = column + d; pad < job.output.columns; ++pad)
            storeActivationElement(job.output, outputRow, pad, 0);
    }
    if (d % 16 == 0) {
        for (std::int64_t dim = 0; dim < d; dim += 16)
            storeActivation(job.output, outputRow, column + dim, mul(load(sums + dim), factor));
        return;
    }
    for (std::int64_t dim = 0; dim < d; dim += 16) {
        alignas(64) float values[16];
        store(values, mul(load(sums + dim), factor));
        for (int i = 0; i < lanesLeft(d, dim); ++i)
            storeActivationElement(job.output, outputRow, column + dim + i, values[i]);
    }
}

inline void attendUnit(const AttendJob &job, const AttendUnit &unit, AttendState &state)
{
    const std::int64_t padded = job.cache.paddedDim;
    loadQueries(job, unit, state);
    for (std::int64_t row = 0; row < unit.rows; ++row) {
        clearRow(state.sums + row * padded, padded);
        state.best[row] = -__builtin_inff();
        state.total[row] = 0;
    }
    for (std::int64_t page = unit.firstPage; page < unit.lastPage; ++page) {
        const void *slab = job.cache.slab(unit.span->pages[page], unit.kvHead);
        const std::int64_t origin = page * kPagePositions;
        pageAllRows(PagePhase::Score, job, slab, unit.rows, state);
        for (std::int64_t row = 0; row < unit.rows; ++row) {
            const Visible visible = visibleTo(job, unit, row);
            softmaxRow(job, row, clampToPage(visible.first - origin),
                       clampToPage(visible.last - origin), state);
        }
        pageAllRows(PagePhase::AddValues, job, slab, unit.rows, state);
    }
    for (std::int64_t row = 0; row < unit.rows; ++row)
        finishRow(job, unit, row, state.sums + row * padded, state.best[row], state.total[row]);
}

void attendUnits(const AttendJob &job, const AttendUnit *units, std::int64_t count, void *scratch)
{
    for (std::int64_t i = 0; i < count; ++i)
        attendUnit(job, units[i], *static_cast<AttendState *>(scratch));
}

// Joins the splits of a unit, in their order.
void mergeUnits(const AttendJob &job, const AttendUnit &unit)
{
    alignas(64) float sums[kMaxHeadDim];
    const std::int64_t padded = job.cache.paddedDim;
    AttendUnit whole = unit;
    whole.partial = -1;
    for (std::int64_t row = 0; row < unit.rows; ++row) {
        const float *parts = job.partials + (unit.partial + row) * job.partialStride;
        const std::int64_t step = unit.rows * job.partialStride;
        float best = parts[padded];
        for (std::int64_t split = 1; split < unit.splits; ++split)
            best = parts[split * step + padded] > best ? parts[split * step + padded] : best;
        clearRow(sums, padded);
        float total = 0;
        for (std::int64_t split = 0; split < unit.splits; ++split) {
            const float *part = parts + split * step;
            const float factor =
                __builtin_isinf(part[padded]) ? 0.0f : __builtin_exp2f(part[padded] - best);
            total += part[padded + 1] * factor;
            for (std::int64_t dim = 0; dim < padded; dim += 16)
                store(sums + dim, fma(load(part + dim), set1(factor), load(sums + dim)));
        }
        finishRow(job, whole, row, sums, best, total);
    }
}

} // namespace
} // namespace engine::cpu
