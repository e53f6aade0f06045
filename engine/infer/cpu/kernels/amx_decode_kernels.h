// SPDX-License-Identifier: Apache-2.0
#pragma once

// Attention of up to 16 rows over bf16 pages on AMX, at the speed of memory. Four pages at a time
// are read as eight or more streams in turn: keys as streams of 32 dims of a page, values as halves
// of a page. Lines are fetched in the same turns, some 16 KiB ahead, and go on being fetched while
// scores become weights, into the pages of the next unit too.

#include "engine/infer/cpu/kernels/amx_attend_kernels.h"
#include "engine/infer/cpu/kernels/amx_prefill_kernels.h"

namespace engine::cpu {
namespace {

constexpr int kLeadLines = 256; // that are under way or there before they are used
constexpr int kTileLines = 16;  // of a tile of keys or values

// Walks over the pages of units in the order in which they are used: rounds of one tile of keys of
// each stream, then rounds of two tiles of values.
class PageFetcher
{
public:
    PageFetcher(const AttendJob &job, const AttendUnit *unit, const AttendUnit *end)
        : m_job(job), m_unit(unit), m_end(end), m_page(unit->firstPage)
    {
    }

    [[gnu::always_inline]] void fetch(int lines)
    {
        for (; lines > 0; --lines) {
            if (m_line == m_lines && !nextRound())
                return;
            __builtin_prefetch(m_streams[m_stream] + m_line * 64, 0, 3);
            if (++m_stream == m_count) {
                m_stream = 0;
                ++m_line;
            }
        }
    }

private:
    [[gnu::noinline]] bool nextRound()
    {
        if (m_unit == m_end)
            return false;
        const std::int64_t padded = m_job.cache.paddedDim;
        if (m_round == 4 + padded / 32) {
            m_round = 0;
            m_page += kBlockPages;
            if (m_page >= m_unit->lastPage) {
                if (++m_unit == m_end)
                    return false;
                m_page = m_unit->firstPage;
            }
        }
        const std::int64_t left = m_unit->lastPage - m_page;
        const std::int64_t pages = left < kBlockPages ? left : kBlockPages;
        m_count = 0;
        for (std::int64_t page = 0; page < pages; ++page) {
            const std::uint16_t *keys = keysOf(m_job, *m_unit, m_page + page);
            if (m_round < 4) {
                for (std::int64_t k = 0; k < padded / 32; ++k)
                    addStream(keys + k * 2048 + m_round * 512);
            } else {
                const std::uint16_t *values = keys + kPagePositions * padded;
                addStream(values + (m_round - 4) * 1024);
                addStream(values + padded * 32 + (m_round - 4) * 1024);
            }
        }
        m_lines = m_round < 4 ? kTileLines : 2 * kTileLines;
        m_line = 0;
        m_stream = 0;
        ++m_round;
        return true;
    }

    void addStream(const std::uint16_t *start)
    {
        m_streams[m_count++] = reinterpret_cast<const char *>(start);
    }

    const AttendJob &m_job;
    const AttendUnit *m_unit;
    const AttendUnit *m_end;
    std::int64_t m_page;
    std::int64_t m_round = 0;
    int m_lines = 0; // of each stream of the round
    int m_line = 0;
    int m_count = 0;
    int m_stream = 0;
    const char *m_streams[kBlockPages * kMaxHeadDim / 32];
};

// The tile intrinsics take literal tile numbers only: sums are tile 0 to 3.
template <int Tile>
[[gnu::always_inline]] inline void zeroTile()
{
    if constexpr (Tile == 0)
        _tile_zero(0);
    else if constexpr (Tile == 1)
        _tile_zero(1);
    else if constexpr (Tile == 2)
        _tile_zero(2);
    else
        _tile_zero(3);
}

template <int Tile>
[[gnu::always_inline]] inline void multiplyInto()
{
    if constexpr (Tile == 0)
        _tile_dpbf16ps(0, 4, 6);
    else if constexpr (Tile == 1)
        _tile_dpbf16ps(1, 4, 6);
    else if constexpr (Tile == 2)
        _tile_dpbf16ps(2, 4, 6);
    else
        _tile_dpbf16ps(3, 4, 6);
}

template <int Tile>
[[gnu::always_inline]] inline void storeTile(float *target)
{
    if constexpr (Tile == 0)
        _tile_stored(0, target, kScorePitch * 4);
    else if constexpr (Tile == 1)
        _tile_stored(1, target, kScorePitch * 4);
    else if constexpr (Tile == 2)
        _tile_stored(2, target, kScorePitch * 4);
    else
        _tile_stored(3, target, kScorePitch * 4);
}

// Scores of the rows against 16 positions, in the tile of sums number `Tile`.
template <int Tile>
[[gnu::always_inline]] inline void scoreTile(AmxAttendState &state, const std::uint16_t *keys,
                                             std::int64_t paddedDim, float *scores,
                                             PageFetcher &fetcher)
{
    zeroTile<Tile>();
    for (std::int64_t k = 0; k < paddedDim / 32; ++k) {
        fetcher.fetch(kTileLines * 7 / 8);
        _tile_loadd(4, state.queries[0][k], 64);
        _tile_loadd(6, keys + k * 2048, 64);
        multiplyInto<Tile>();
    }
    storeTile<Tile>(scores);
}

// A block of up to four pages.
struct DecodeBlock
{
    const std::uint16_t *keys[kBlockPages];
    std::int64_t pages = 0;
    std::int64_t origin = 0; // position of its first slot
};

inline void scoreDecodeBlock(AmxAttendState &state, const DecodeBlock &block,
                             std::int64_t paddedDim, PageFetcher &fetcher)
{
    for (std::int64_t tile = 0; tile < 4; ++tile) {
        float *scores = &state.scores[0][tile * 16];
        const std::int64_t offset = tile * 512;
        scoreTile<0>(state, block.keys[0] + offset, paddedDim, scores, fetcher);
        if (block.pages > 1)
            scoreTile<1>(state, block.keys[1] + offset, paddedDim, scores + 64, fetcher);
        if (block.pages > 2)
            scoreTile<2>(state, block.keys[2] + offset, paddedDim, scores + 128, fetcher);
        if (block.pages > 3)
            scoreTile<3>(state, block.keys[3] + offset, paddedDim, scores + 192, fetcher);
    }
    ENGINE_MEMORY_BARRIER();
}

// An eighth of the block's lines is fetched here, the others beside the products.
inline void weighDecodeBlock(const AttendJob &job, const AttendUnit &unit, const DecodeBlock &block,
                             AmxAttendState &state, PageFetcher &fetcher)
{
    const auto share =
        static_cast<int>(job.cache.slabElements() * 2 / 64 * block.pages / 8 / unit.rows);
    for (std::int64_t row = 0; row < unit.rows; ++row) {
        fetcher.fetch(share);
        weighBlockRow(job, unit, state, row, block.pages, block.origin);
    }
    ENGINE_MEMORY_BARRIER();
}

// Adds the values of a block to the sums of the rows, 32 dims at a time.
inline void addDecodeBlock(AmxAttendState &state, const DecodeBlock &block, std::int64_t paddedDim,
                           PageFetcher &fetcher)
{
    for (std::int64_t dim = 0; dim < paddedDim; dim += 32) {
        _tile_loadd(0, &state.sums[0][dim], kSumPitch * 4);
        _tile_loadd(1, &state.sums[0][dim + 16], kSumPitch * 4);
        for (std::int64_t half = 0; half < 2 * block.pages; ++half) {
            const std::uint16_t *tiles = block.keys[half / 2] + kPagePositions * paddedDim +
                                         (half % 2 * paddedDim + dim) * 32;
            fetcher.fetch(2 * kTileLines * 7 / 8);
            _tile_loadd(4, state.weights[0][half], 64);
            _tile_loadd(6, tiles, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(7, tiles + 512, 64);
            _tile_dpbf16ps(1, 4, 7);
        }
        _tile_stored(0, &state.sums[0][dim], kSumPitch * 4);
        _tile_stored(1, &state.sums[0][dim + 16], kSumPitch * 4);
    }
    ENGINE_MEMORY_BARRIER();
}

inline void attendFewRows(const AttendJob &job, const AttendUnit &unit, AmxAttendState &state,
                          PageFetcher &fetcher)
{
    const TileScope scope(static_cast<int>(unit.rows));
    ENGINE_MEMORY_BARRIER();
    const std::int64_t padded = job.cache.paddedDim;
    for (std::int64_t first = unit.firstPage; first < unit.lastPage; first += kBlockPages) {
        const std::int64_t left = unit.lastPage - first;
        DecodeBlock block{.keys = {},
                          .pages = left < kBlockPages ? left : kBlockPages,
                          .origin = first * kPagePositions};
        for (std::int64_t page = 0; page < block.pages; ++page)
            block.keys[page] = keysOf(job, unit, first + page);
        scoreDecodeBlock(state, block, padded, fetcher);
        weighDecodeBlock(job, unit, block, state, fetcher);
        addDecodeBlock(state, block, padded, fetcher);
    }
}

// Units of up to 16 rows, one after the other.
inline void attendDecodeUnits(const AttendJob &job, const AttendUnit *unit, const AttendUnit *end,
                              AmxAttendState &state)
{
    PageFetcher fetcher(job, unit, end);
    fetcher.fetch(kLeadLines);
    for (; unit != end; ++unit) {
        loadTiledQueries(job, *unit, state);
        attendFewRows(job, *unit, state, fetcher);
        for (std::int64_t row = 0; row < unit->rows; ++row)
            finishRow(job, *unit, row, state.sums[row], state.best[row], state.total[row]);
    }
}

void amxAttendUnits(const AttendJob &job, const AttendUnit *units, std::int64_t count,
                    void *scratch)
{
    if (job.cache.type == DType::Fp32) {
        attendUnits(job, units, count, scratch);
        return;
    }
    auto &state = *static_cast<AmxAttendState *>(scratch);
    const AttendUnit *end = units + count;
    while (units != end) {
        const AttendUnit *next = units + 1;
        if (units->rows > 16) {
            attendManyRows(job, *units, *static_cast<PrefillState *>(scratch));
        } else {
            while (next != end && next->rows <= 16)
                ++next;
            attendDecodeUnits(job, units, next, state);
        }
        units = next;
    }
}

} // namespace
} // namespace engine::cpu
