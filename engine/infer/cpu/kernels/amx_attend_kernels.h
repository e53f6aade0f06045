// SPDX-License-Identifier: Apache-2.0
#pragma once

// Attention over bf16 pages on AMX: queries in tiles and what becomes of a row's scores. Four pages
// are taken at a time, so that sums are seldom touched.

#include "engine/infer/cpu/kernels/amx_tiles.h"
#include "engine/infer/cpu/kernels/attend_kernels.h"

namespace engine::cpu {
namespace {

constexpr std::int64_t kBlockPages = 4;
constexpr std::int64_t kBlockPositions = kBlockPages * kPagePositions;
// Pitches beside powers of two, so that the rows of a tile fall into different cache sets.
constexpr std::int64_t kScorePitch = kBlockPositions + 16;
constexpr std::int64_t kSumPitch = kMaxHeadDim + 16;
// Weights may grow to 2 to this power before sums are rescaled.
constexpr float kSlack = 8;

struct AmxAttendState
{
    alignas(64) std::uint16_t queries[2][kMaxHeadDim / 32][16][32];
    alignas(64) std::uint16_t weights[2][kBlockPositions / 32][16][32];
    alignas(64) float scores[kAttendRows][kScorePitch];
    alignas(64) float sums[kAttendRows][kSumPitch];
    float best[kAttendRows];
    float total[kAttendRows];
};
static_assert(sizeof(AmxAttendState) <= kScratchBytes);

inline const std::uint16_t *keysOf(const AttendJob &job, const AttendUnit &unit, std::int64_t page)
{
    return static_cast<const std::uint16_t *>(job.cache.slab(unit.span->pages[page], unit.kvHead));
}

inline void loadTiledQueries(const AttendJob &job, const AttendUnit &unit, AmxAttendState &state)
{
    const Vec scale = set1(job.shape.scale * kLog2E);
    for (std::int64_t row = 0; row < unit.rows; ++row) {
        const float *query = queryOf(job, unit, row);
        for (std::int64_t dim = 0; dim < job.cache.paddedDim; dim += 16) {
            const Vec x = loadPartial(query + dim, lanesLeft(job.shape.headDim, dim));
            storeBf16(&state.queries[row / 16][dim / 32][row % 16][dim % 32], mul(x, scale));
        }
        for (std::int64_t dim = 0; dim < job.cache.paddedDim; dim += 16)
            store(&state.sums[row][dim], set1(0));
        state.best[row] = -__builtin_inff();
        state.total[row] = 0;
    }
}

// 2^x to 1e-4 of its value: weights are rounded to bf16 anyway.
inline Vec roughExp2Of(Vec x)
{
    const Vec bounded = max(x, set1(-126.0f));
    const Vec whole = roundWhole(bounded);
    const Vec part = sub(bounded, whole);
    Vec power = set1(5.5826318e-2f);
    power = fma(power, part, set1(2.4022650e-1f));
    power = fma(power, part, set1(6.9314718e-1f));
    power = fma(power, part, set1(1.0f));
    return scale2(power, whole);
}

// Turns `Lanes` x 16 scores of a row into bf16 weights; only slots [from, to) are seen.
template <int Lanes>
inline void weighRow(AmxAttendState &state, std::int64_t row, std::int64_t paddedDim, int from,
                     int to)
{
    const Vec none = set1(-__builtin_inff());
    const float *scores = state.scores[row];
    const bool all = from <= 0 && to >= Lanes * 16;
    Vec lanes[Lanes];
    Vec top = none;
    for (int i = 0; i < Lanes; ++i) {
        lanes[i] = load(scores + 16 * i);
        if (!all)
            lanes[i] = within(lanes[i], from - 16 * i, to - 16 * i, none);
        top = max(top, lanes[i]);
    }
    const float best = maxOf(top);
    if (best > state.best[row] + kSlack) {
        const float factor = state.total[row] > 0 ? __builtin_exp2f(state.best[row] - best) : 0.0f;
        scaleRow(state.sums[row], paddedDim, factor);
        state.total[row] *= factor;
        state.best[row] = best;
    }
    const Vec shift = set1(to <= from || __builtin_isinf(state.best[row]) ? 0 : state.best[row]);
    Vec total = set1(0);
    for (int i = 0; i < Lanes; i += 2) {
        Vec low = roughExp2Of(sub(lanes[i], shift));
        Vec high = roughExp2Of(sub(lanes[i + 1], shift));
        if (!all) {
            low = within(low, from - 16 * i, to - 16 * i, set1(0));
            high = within(high, from - 16 * i - 16, to - 16 * i - 16, set1(0));
        }
        total = add(total, add(low, high));
        const __m512bh rounded = _mm512_cvtne2ps_pbh(high, low);
        __builtin_memcpy(state.weights[row / 16][i / 2][row % 16], &rounded, 64);
    }
    state.total[row] += sumOf(total);
}

// The weights of a row over `pages` pages from position `origin` on.
inline void weighBlockRow(const AttendJob &job, const AttendUnit &unit, AmxAttendState &state,
                          std::int64_t row, std::int64_t pages, std::int64_t origin)
{
    const std::int64_t padded = job.cache.paddedDim;
    const Visible visible = visibleTo(job, unit, row);
    const int from = visible.first > origin ? static_cast<int>(visible.first - origin) : 0;
    const std::int64_t seen = visible.last - origin;
    const int to = static_cast<int>(seen < 0 ? 0 : seen > kBlockPositions ? kBlockPositions : seen);
    if (pages == kBlockPages)
        weighRow<16>(state, row, padded, from, to);
    else if (pages == 3)
        weighRow<12>(state, row, padded, from, to);
    else if (pages == 2)
        weighRow<8>(state, row, padded, from, to);
    else
        weighRow<4>(state, row, padded, from, to);
}

} // namespace
} // namespace engine::cpu
