// SPDX-License-Identifier: Apache-2.0
#pragma once

// Products of up to 32 rows on AMX, at the speed of memory. A core has no more than some lines of
// memory under way, and the hardware fetches ahead in each of several streams by itself; so a panel
// is read as eight streams in turn, and every product fetches its share of lines of all of them:
// bursts for one stream alone would leave the others waiting.

#include "engine/infer/cpu/kernels/amx_matmul_kernels.h"

namespace engine::cpu {
namespace {

constexpr std::int64_t kStepBytes = 2048;   // weights of 32 outputs and 32 inputs
constexpr std::int64_t kStreamAhead = 2048; // bytes that a stream is fetched ahead

// The input tile of 32 inputs at `step`.
inline const std::uint16_t *inputTile(const MatmulJob &job, std::int64_t step, std::int64_t rowTile)
{
    constexpr std::int64_t kSteps = kTileRowInputs / 32;
    return inputTiles(job, step / kSteps, rowTile) + step % kSteps * kTileElements;
}

template <int RowTiles>
[[gnu::always_inline]] inline void multiplyStep(const MatmulJob &job, std::int64_t step,
                                                const std::uint16_t *weights)
{
    _tile_loadd(4, inputTile(job, step, 0), 64);
    _tile_loadd(6, weights, 64);
    _tile_loadd(7, weights + kTileElements, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if constexpr (RowTiles == 2) {
        _tile_loadd(5, inputTile(job, step, 1), 64);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
}

// One panel as `Streams` streams of `length` steps each, while `pending` rows of the panel before
// are finished, `share` a step.
template <int RowTiles, int Streams>
inline void streamPanel(const MatmulJob &job, const std::uint16_t *panel, std::int64_t length,
                        std::int64_t share, PendingRows &pending)
{
    constexpr int kLines = static_cast<int>(kStepBytes / 64) / Streams;
    const auto *bytes = reinterpret_cast<const char *>(panel);
    for (std::int64_t i = 0; i < length; ++i) {
        // A stream goes on in the next panel.
        const std::int64_t at = i * kStepBytes + kStreamAhead;
        const std::int64_t ahead =
            at < length * kStepBytes ? at : at + (Streams - 1) * length * kStepBytes;
#pragma GCC unroll 8
        for (int stream = 0; stream < Streams; ++stream) {
            for (int line = 0; line < kLines; ++line) {
                for (int other = 0; other < Streams; ++other)
                    __builtin_prefetch(bytes + other * length * kStepBytes + ahead +
                                           (stream * kLines + line) * 64,
                                       0, 3);
            }
            const std::int64_t step = stream * length + i;
            multiplyStep<RowTiles>(job, step, panel + step * 2 * kTileElements);
            pending.finish(job, share);
        }
    }
}

template <int RowTiles, int Streams>
inline void streamPanels(const MatmulJob &job, std::int64_t firstPanel, std::int64_t lastPanel,
                         float *scratch)
{
    const std::int64_t steps = job.input.columns / 32;
    const std::int64_t share = (job.input.rows + steps - 1) / steps;
    PendingRows pending;
    for (std::int64_t panel = firstPanel; panel < lastPanel; ++panel) {
        zeroSums<RowTiles>();
        streamPanel<RowTiles, Streams>(job, weightPanel(job, panel), steps / Streams, share,
                                       pending);
        float *sums = scratch + panel % 2 * 4 * kSumElements;
        storeSums<RowTiles>(sums);
        pending = {.panel = panel, .rows = job.input.rows, .sums = sums};
    }
    pending.finish(job, pending.rows);
}

template <int RowTiles>
inline void multiplyFewRows(const MatmulJob &job, std::int64_t firstPanel, std::int64_t lastPanel,
                            float *scratch)
{
    const std::int64_t steps = job.input.columns / 32;
    if (steps % 8 == 0)
        streamPanels<RowTiles, 8>(job, firstPanel, lastPanel, scratch);
    else if (steps % 4 == 0)
        streamPanels<RowTiles, 4>(job, firstPanel, lastPanel, scratch);
    else if (steps % 2 == 0)
        streamPanels<RowTiles, 2>(job, firstPanel, lastPanel, scratch);
    else
        streamPanels<RowTiles, 1>(job, firstPanel, lastPanel, scratch);
}

void amxMatmulPanels(const MatmulJob &job, std::int64_t firstPanel, std::int64_t lastPanel,
                     void *scratch)
{
    if (job.type == DType::Fp32) {
        matmulPanels(job, firstPanel, lastPanel, scratch);
        return;
    }
    const TileScope scope(job.input.rows < 16 ? static_cast<int>(job.input.rows) : 16);
    ENGINE_MEMORY_BARRIER();
    if (job.input.rows <= 16)
        multiplyFewRows<1>(job, firstPanel, lastPanel, static_cast<float *>(scratch));
    else if (job.input.rows <= 32)
        multiplyFewRows<2>(job, firstPanel, lastPanel, static_cast<float *>(scratch));
    else
        multiplyManyRows(job, firstPanel, lastPanel, static_cast<float *>(scratch));
}

} // namespace
} // namespace engine::cpu
