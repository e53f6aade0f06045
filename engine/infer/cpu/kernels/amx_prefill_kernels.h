// SPDX-License-Identifier: Apache-2.0
#pragma once

// Attention of 17 to 32 rows (prompts) over bf16 pages on AMX, two pages at a time. Tiles and
// vectors work at once: while the rows of a block get their weights, the tiles multiply the scores
// of the next block and the values of the one before.

#include "engine/infer/cpu/kernels/amx_attend_kernels.h"
#include "engine/infer/cpu/kernels/amx_elementary.h"

namespace engine::cpu {
namespace {

constexpr std::int64_t kPairPages = 2;
constexpr std::int64_t kPairPositions = kPairPages * kPagePositions;
// Pitches beside powers of two, so that the rows of a tile fall into different cache sets.
constexpr std::int64_t kPairScorePitch = kPairPositions + 16;
constexpr std::int64_t kPairSumPitch = kMaxHeadDim + 16;

struct PrefillState
{
    alignas(64) std::uint16_t queries[2][kMaxHeadDim / 32][16][32];
    alignas(64) std::uint16_t weights[2][2][kPairPositions / 32][16][32]; // of two blocks
    alignas(64) float scores[2][kAttendRows][kPairScorePitch];            // of two blocks
    alignas(64) float sums[kAttendRows][kPairSumPitch];
    alignas(64) float totals[kAttendRows][16];
    float best[kAttendRows];
    float factors[kAttendRows]; // what the sums of earlier blocks still wait to be scaled by
    Visible visible[kAttendRows];
};
static_assert(sizeof(PrefillState) <= kScratchBytes);

// Two pages (the last block may have one).
struct PageBlock
{
    const std::uint16_t *keys[kPairPages] = {};
    std::int64_t pages = 0;
    std::int64_t origin = 0; // position of its first slot
};

inline PageBlock blockAt(const AttendJob &job, const AttendUnit &unit, std::int64_t index)
{
    const std::int64_t first = unit.firstPage + index * kPairPages;
    const std::int64_t left = unit.lastPage - first;
    PageBlock block{.keys = {},
                    .pages = left < 0            ? 0
                             : left < kPairPages ? left
                                                 : kPairPages,
                    .origin = first * kPagePositions};
    for (std::int64_t i = 0; i < block.pages; ++i)
        block.keys[i] = static_cast<const std::uint16_t *>(
            job.cache.slab(unit.span->pages[first + i], unit.kvHead));
    return block;
}

inline void loadPrefillQueries(const AttendJob &job, const AttendUnit &unit, PrefillState &state)
{
    const Vec scale = set1(job.shape.scale * kLog2E);
    for (std::int64_t row = 0; row < unit.rows; ++row) {
        const float *query = queryOf(job, unit, row);
        for (std::int64_t dim = 0; dim < job.cache.paddedDim; dim += 16) {
            const Vec x = loadPartial(query + dim, lanesLeft(job.shape.headDim, dim));
            storeBf16(&state.queries[row / 16][dim / 32][row % 16][dim % 32], mul(x, scale));
            store(&state.sums[row][dim], set1(0));
        }
        store(state.totals[row], set1(0));
        state.best[row] = -__builtin_inff();
        state.factors[row] = 1;
        state.visible[row] = visibleTo(job, unit, row);
    }
}

// The tile products of a block, cut into steps of four: the scores of one block, 32 positions at a
// time, then the values of another, 32 dims at a time. Between steps vectors have their turn, and
// both units are busy.
struct TileWork
{
    PrefillState &state;
    int buffer; // of the scores written and of the weights read
    std::int64_t paddedDim;
    const PageBlock &scored;
    const PageBlock &added;
    std::int64_t item = 0;
    std::int64_t step = 0;

    std::int64_t scoreItems() const { return scored.pages * 2; }
    std::int64_t steps() const
    {
        return scoreItems() * (paddedDim / 32) + added.pages * 2 * (paddedDim / 32);
    }

    [[gnu::always_inline]] void run()
    {
        if (item < scoreItems())
            score(item * 32);
        else
            addValues((item - scoreItems()) * 32);
    }

    [[gnu::always_inline]] void multiply(const std::uint16_t *columns, const std::uint16_t *upper,
                                         const std::uint16_t *lower)
    {
        _tile_loadd(6, columns, 64);
        _tile_loadd(7, columns + 512, 64);
        _tile_loadd(4, upper, 64);
        _tile_loadd(5, lower, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }

    [[gnu::always_inline]] void finish(std::int64_t last, float *target, std::int64_t pitch)
    {
        if (++step < last)
            return;
        _tile_stored(0, target, pitch * 4);
        _tile_stored(1, target + 16, pitch * 4);
        _tile_stored(2, target + 16 * pitch, pitch * 4);
        _tile_stored(3, target + 16 * pitch + 16, pitch * 4);
        step = 0;
        ++item;
    }

    [[gnu::always_inline]] void score(std::int64_t slot)
    {
        if (step == 0) {
            _tile_zero(0);
            _tile_zero(1);
            _tile_zero(2);
            _tile_zero(3);
        }
        const std::uint16_t *keys =
            scored.keys[slot / kPagePositions] + slot % kPagePositions * 32 + step * 2048;
        multiply(keys, state.queries[0][step][0], state.queries[1][step][0]);
        finish(paddedDim / 32, &state.scores[buffer][0][slot], kPairScorePitch);
    }

    [[gnu::always_inline]] void addValues(std::int64_t dim)
    {
        float *sums = &state.sums[0][dim];
        if (step == 0) {
            _tile_loadd(0, sums, kPairSumPitch * 4);
            _tile_loadd(1, sums + 16, kPairSumPitch * 4);
            _tile_loadd(2, sums + 16 * kPairSumPitch, kPairSumPitch * 4);
            _tile_loadd(3, sums + 16 * kPairSumPitch + 16, kPairSumPitch * 4);
        }
        const std::uint16_t *values =
            added.keys[step / 2] + kPagePositions * paddedDim + (step % 2 * paddedDim + dim) * 32;
        multiply(values, state.weights[buffer][0][step][0], state.weights[buffer][1][step][0]);
        finish(added.pages * 2, sums, kPairSumPitch);
    }
};

// Turns the scores of a row against `Lanes` x 16 positions into bf16 weights; only slots
// [from, to) are seen.
template <int Lanes>
inline void weighPairRow(PrefillState &state, int buffer, std::int64_t row, int from, int to)
{
    const Vec none = set1(-__builtin_inff());
    const float *scores = state.scores[buffer][row];
    const bool all = from <= 0 && to >= Lanes * 16;
    Vec lanes[Lanes];
    for (int i = 0; i < Lanes; ++i)
        lanes[i] = load(scores + 16 * i);
    if (!all) {
        for (int i = 0; i < Lanes; ++i)
            lanes[i] = within(lanes[i], from - 16 * i, to - 16 * i, none);
    }
    Vec top = max(max(lanes[0], lanes[1]), max(lanes[2], lanes[3]));
    if constexpr (Lanes == 8)
        top = max(top, max(max(lanes[4], lanes[5]), max(lanes[6], lanes[7])));
    const float best = maxOf(top);
    Vec total = load(state.totals[row]);
    if (best > state.best[row] + kSlack) {
        const float factor =
            __builtin_isinf(state.best[row]) ? 0.0f : __builtin_exp2f(state.best[row] - best);
        state.factors[row] = factor;
        total = mul(total, set1(factor));
        state.best[row] = best;
    }
    const Vec shift = set1(__builtin_isinf(state.best[row]) ? 0.0f : state.best[row]);
    for (int i = 0; i < Lanes; i += 2) {
        const Vec low = coarseExp2(sub(lanes[i], shift));
        const Vec high = coarseExp2(sub(lanes[i + 1], shift));
        total = add(total, add(low, high));
        const __m512bh rounded = _mm512_cvtne2ps_pbh(high, low);
        __builtin_memcpy(state.weights[buffer][row / 16][i / 2][row % 16], &rounded, 64);
    }
    store(state.totals[row], total);
}

inline void weighPromptRow(PrefillState &state, int buffer, const PageBlock &block,
                           std::int64_t row)
{
    const std::int64_t slots = block.pages * kPagePositions;
    const std::int64_t unseen = state.visible[row].first - block.origin;
    const std::int64_t seen = state.visible[row].last - block.origin;
    const int from = static_cast<int>(unseen < 0 ? 0 : unseen > slots ? slots : unseen);
    const int to = static_cast<int>(seen < 0 ? 0 : seen > slots ? slots : seen);
    if (block.pages == kPairPages)
        weighPairRow<8>(state, buffer, row, from, to);
    else
        weighPairRow<4>(state, buffer, row, from, to);
}

inline void scalePendingSums(PrefillState &state, std::int64_t rows, std::int64_t paddedDim)
{
    for (std::int64_t row = 0; row < rows; ++row) {
        if (state.factors[row] == 1)
            continue;
        scaleRow(state.sums[row], paddedDim, state.factors[row]);
        state.factors[row] = 1;
    }
}

// The weights of block `at` beside the scores of `next` and the values of `previous`. Sums are
// scaled only when the values of earlier blocks are in.
inline void attendBlock(const AttendUnit &unit, PrefillState &state, std::int64_t paddedDim,
                        std::int64_t index, const PageBlock (&blocks)[3])
{
    const int buffer = static_cast<int>(index % 2);
    TileWork work{.state = state,
                  .buffer = 1 - buffer,
                  .paddedDim = paddedDim,
                  .scored = blocks[2],
                  .added = blocks[0]};
    const std::int64_t steps = work.steps();
    std::int64_t done = 0;
    ENGINE_MEMORY_BARRIER();
    for (std::int64_t row = 0; row < unit.rows; ++row) {
        for (const std::int64_t due = steps * (row + 1) / unit.rows; done < due; ++done)
            work.run();
        weighPromptRow(state, buffer, blocks[1], row);
    }
    ENGINE_MEMORY_BARRIER();
    scalePendingSums(state, unit.rows, paddedDim);
}

inline void runTiles(TileWork work)
{
    ENGINE_MEMORY_BARRIER();
    for (std::int64_t step = work.steps(); step > 0; --step)
        work.run();
    ENGINE_MEMORY_BARRIER();
}

inline void attendManyRows(const AttendJob &job, const AttendUnit &unit, PrefillState &state)
{
    const std::int64_t padded = job.cache.paddedDim;
    const std::int64_t count = (unit.lastPage - unit.firstPage + kPairPages - 1) / kPairPages;
    loadPrefillQueries(job, unit, state);
    const TileScope scope;
    PageBlock blocks[3] = {{}, blockAt(job, unit, 0), {}};
    const PageBlock none{};
    runTiles(
        {.state = state, .buffer = 0, .paddedDim = padded, .scored = blocks[1], .added = none});
    for (std::int64_t index = 0; index < count; ++index) {
        blocks[2] = blockAt(job, unit, index + 1);
        attendBlock(unit, state, padded, index, blocks);
        blocks[0] = blocks[1];
        blocks[1] = blocks[2];
    }
    runTiles({.state = state,
              .buffer = static_cast<int>((count - 1) % 2),
              .paddedDim = padded,
              .scored = none,
              .added = blocks[0]});
    for (std::int64_t row = 0; row < unit.rows; ++row)
        finishRow(job, unit, row, state.sums[row], state.best[row], sumOf(load(state.totals[row])));
}

} // namespace
} // namespace engine::cpu
