// SPDX-License-Identifier: Apache-2.0
#pragma once

// Products of bf16 tiles with packed bf16 weights on AMX.

#include "engine/infer/cpu/kernels/amx_elementary.h"
#include "engine/infer/cpu/kernels/amx_tiles.h"
#include "engine/infer/cpu/kernels/matmul_kernels.h"

namespace engine::cpu {
namespace {

constexpr std::int64_t kTileElements = 512; // bf16 elements of an input or weight tile
constexpr std::int64_t kSumElements = 256;  // fp32 elements of a tile of sums
// Weights of a panel for one block of inputs.
constexpr std::int64_t kBlockElements = kTileRowInputs * kPanelOutputs;

// Lines to fetch ahead while a product runs, a few at each of its steps.
struct Fetcher
{
    const char *next = nullptr;
    const char *end = nullptr;

    [[gnu::always_inline]] void step(int lines)
    {
        for (int i = 0; i < lines; ++i) {
            if (next < end)
                __builtin_prefetch(next, 0, 2);
            next += 64;
        }
    }
};

inline const std::uint16_t *weightPanel(const MatmulJob &job, std::int64_t panel)
{
    return static_cast<const std::uint16_t *>(job.weights) +
           panel * kPanelOutputs * job.input.columns;
}

inline std::int64_t tilesInBlock(const MatmulJob &job, std::int64_t block)
{
    const std::int64_t left = job.input.columns - block * kTileRowInputs;
    return (left < kTileRowInputs ? left : kTileRowInputs) / 32;
}

inline const std::uint16_t *inputTiles(const MatmulJob &job, std::int64_t block,
                                       std::int64_t rowTile)
{
    const std::int64_t rowTiles = (job.input.rows + 15) / 16;
    const std::int64_t tile =
        block * (kTileRowInputs / 32) * rowTiles + rowTile * tilesInBlock(job, block);
    return static_cast<const std::uint16_t *>(job.input.data) + tile * kTileElements;
}

// Rows of finished sums that still wait to be taken to where they go.
struct PendingRows
{
    std::int64_t panel = 0;
    std::int64_t firstRow = 0;
    std::int64_t done = 0;
    std::int64_t rows = 0;
    const float *sums = nullptr; // [row tile][2 halves][16 rows][16]
    bool whole = false;          // every output of the panel is written, and nothing else

    [[gnu::always_inline]] void finish(const MatmulJob &job, std::int64_t count)
    {
        while (count > 0 && done < rows) {
            const float *low = sums + done / 16 * 2 * kSumElements + done % 16 * 16;
            if (whole && rows - done >= 4) {
                finishFour(job, low);
                done += 4;
                count -= 4;
            } else {
                finishPanel(job, firstRow + done, panel, load(low), load(low + kSumElements));
                ++done;
                --count;
            }
        }
    }

    // Rows done .. done + 4, which lie in one row tile.
    [[gnu::always_inline]] void finishFour(const MatmulJob &job, const float *low) const
    {
        const std::int64_t row = firstRow + done;
        const std::int64_t output = panel * kPanelOutputs;
        const Vec lowBias = job.bias ? load(job.bias + output) : set1(0);
        const Vec highBias = job.bias ? load(job.bias + output + 16) : set1(0);
        if (job.kind == MatmulOutput::Kind::SwiGlu) {
            auto *target =
                static_cast<std::uint16_t *>(job.activations.data) +
                tileElement(job.activations.rows, job.activations.columns, row, panel * 16);
            for (int i = 0; i < 4; ++i) {
                const Vec gate = coarseSilu(add(load(low + 16 * i), lowBias));
                const Vec up = add(load(low + kSumElements + 16 * i), highBias);
                storeBf16(target + 32 * i, mul(gate, up));
            }
            return;
        }
        float *target = job.rows + row * job.stride + output;
        const bool adds = job.kind == MatmulOutput::Kind::Add;
        for (int i = 0; i < 4; ++i, target += job.stride) {
            Vec first = add(load(low + 16 * i), lowBias);
            Vec second = add(load(low + kSumElements + 16 * i), highBias);
            if (adds) {
                first = add(first, load(target));
                second = add(second, load(target + 16));
            }
            store(target, first);
            store(target + 16, second);
        }
    }
};

inline bool isWholePanel(const MatmulJob &job, std::int64_t panel)
{
    const std::int64_t end = (panel + 1) * kPanelOutputs;
    if (job.kind != MatmulOutput::Kind::SwiGlu)
        return end <= job.outputs;
    // The last panel may have to pad the activations.
    return job.activations.format == ActivationFormat::Bf16Tiles &&
           (end < job.outputs || (end == job.outputs && end / 2 >= job.activations.columns));
}

// Brings rows of the output near, a few at each step of the product that precedes their writing:
// stores alone would wait for each of their lines in turn.
struct OutputFetcher
{
    const float *next = nullptr;
    std::int64_t stride = 0;
    std::int64_t rows = 0;

    [[gnu::always_inline]] void step()
    {
        for (int i = 0; i < 2 && rows > 0; ++i, --rows) {
            __builtin_prefetch(next, 1, 3);
            __builtin_prefetch(next + 16, 1, 3);
            next += stride;
        }
    }
};

template <int RowTiles>
inline void storeSums(float *sums)
{
    _tile_stored(0, sums, 64);
    _tile_stored(1, sums + kSumElements, 64);
    if constexpr (RowTiles == 2) {
        _tile_stored(2, sums + 2 * kSumElements, 64);
        _tile_stored(3, sums + 3 * kSumElements, 64);
    }
    ENGINE_MEMORY_BARRIER();
}

// What a product fetches for later ones.
struct Fetchers
{
    Fetcher weights;
    Fetcher inputs;
    OutputFetcher output;
};

// sums (tiles 0 to 3) += inputs times weights over `count` tiles of 32 inputs.
template <int RowTiles>
inline void multiplyTiles(const std::uint16_t *first, const std::uint16_t *weights,
                          std::int64_t count, Fetchers fetch, const MatmulJob &job,
                          PendingRows &pending)
{
    const std::uint16_t *second = first + count * kTileElements;
    for (std::int64_t i = 0; i < count; ++i) {
        _tile_loadd(4, first, 64);
        if constexpr (RowTiles == 2)
            _tile_loadd(5, second, 64);
        _tile_loadd(6, weights, 64);
        _tile_loadd(7, weights + kTileElements, 64);
        _tile_dpbf16ps(0, 4, 6);
        fetch.weights.step(2);
        _tile_dpbf16ps(1, 4, 7);
        if constexpr (RowTiles == 2) {
            _tile_dpbf16ps(2, 5, 6);
            fetch.inputs.step(4);
            _tile_dpbf16ps(3, 5, 7);
        }
        fetch.output.step();
        pending.finish(job, 4);
        weights += 2 * kTileElements;
        first += kTileElements;
        second += kTileElements;
    }
}

template <int RowTiles>
inline void zeroSums()
{
    _tile_zero(0);
    _tile_zero(1);
    if constexpr (RowTiles == 2) {
        _tile_zero(2);
        _tile_zero(3);
    }
}

// What is at hand next: the weights of the following product, and a share of the inputs that the
// next block needs.
struct GemmPosition
{
    std::int64_t block = 0;
    std::int64_t blocks = 0;
    std::int64_t panel = 0;
    std::int64_t firstPanel = 0;
    std::int64_t lastPanel = 0;
    std::int64_t firstRowTile = 0;
    std::int64_t lastRowTile = 0;
};

// Half of the product's output rows in each of its last two blocks.
inline OutputFetcher outputRows(const MatmulJob &job, const GemmPosition &at, std::int64_t rowTile)
{
    const std::int64_t half = at.block + 2 - at.blocks;
    const std::int64_t row = (rowTile + half) * 16;
    if (half < 0 || row >= job.input.rows || job.kind == MatmulOutput::Kind::SwiGlu)
        return {};
    const std::int64_t left = job.input.rows - row;
    return {.next = job.rows + row * job.stride + at.panel * kPanelOutputs,
            .stride = job.stride,
            .rows = left < 16 ? left : 16};
}

template <int RowTiles>
inline void multiplyRowTiles(const MatmulJob &job, const GemmPosition &at, std::int64_t rowTile,
                             float *sums, Fetcher fetchWeights, Fetcher fetchInputs,
                             PendingRows &pending)
{
    if (at.block == 0) {
        zeroSums<RowTiles>();
    } else {
        _tile_loadd(0, sums, 64);
        _tile_loadd(1, sums + kSumElements, 64);
        if constexpr (RowTiles == 2) {
            _tile_loadd(2, sums + 2 * kSumElements, 64);
            _tile_loadd(3, sums + 3 * kSumElements, 64);
        }
    }
    const std::int64_t tiles = tilesInBlock(job, at.block);
    multiplyTiles<RowTiles>(
        inputTiles(job, at.block, rowTile), weightPanel(job, at.panel) + at.block * kBlockElements,
        tiles,
        {.weights = fetchWeights, .inputs = fetchInputs, .output = outputRows(job, at, rowTile)},
        job, pending);
    pending.finish(job, pending.rows);
    storeSums<RowTiles>(sums);
    if (at.block + 1 < at.blocks)
        return;
    const std::int64_t left = job.input.rows - rowTile * 16;
    pending = {.panel = at.panel,
               .firstRow = rowTile * 16,
               .rows = left < RowTiles * 16 ? left : RowTiles * 16,
               .sums = sums,
               .whole = isWholePanel(job, at.panel)};
}

// One panel's block of inputs against all rows of the chunk.
inline void multiplyBlock(const MatmulJob &job, const GemmPosition &at, float *sums,
                          PendingRows &pending)
{
    const bool lastPanel = at.panel + 1 == at.lastPanel;
    const bool lastBlock = at.block + 1 == at.blocks;
    const std::int64_t pairs = (at.lastRowTile - at.firstRowTile + 1) / 2;
    const std::int64_t steps = pairs * (at.lastPanel - at.firstPanel);

    Fetcher weights;
    if (!lastPanel || !lastBlock) {
        const std::int64_t panel = lastPanel ? at.firstPanel : at.panel + 1;
        const std::int64_t block = lastPanel ? at.block + 1 : at.block;
        weights.next =
            reinterpret_cast<const char *>(weightPanel(job, panel) + block * kBlockElements);
        weights.end = weights.next + tilesInBlock(job, block) * 2048;
    }
    const std::int64_t weightShare = ((weights.end - weights.next) / pairs + 63) / 64 * 64;
    const char *inputs = nullptr;
    std::int64_t inputShare = 0;
    if (!lastBlock) {
        inputs = reinterpret_cast<const char *>(inputTiles(job, at.block + 1, at.firstRowTile));
        const std::int64_t bytes =
            (at.lastRowTile - at.firstRowTile) * tilesInBlock(job, at.block + 1) * 1024;
        inputShare = (bytes / steps + 63) / 64 * 64;
    }
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
        const std::int64_t rowTile = at.firstRowTile + 2 * pair;
        const std::int64_t step = (at.panel - at.firstPanel) * pairs + pair;
        const Fetcher fetchWeights{weights.next + pair * weightShare,
                                   weights.next + (pair + 1) * weightShare};
        const Fetcher fetchInputs{inputs + step * inputShare, inputs + (step + 1) * inputShare};
        float *pairSums = sums + pair * 4 * kSumElements;
        if (rowTile + 1 < at.lastRowTile)
            multiplyRowTiles<2>(job, at, rowTile, pairSums, fetchWeights, fetchInputs, pending);
        else
            multiplyRowTiles<1>(job, at, rowTile, pairSums, fetchWeights, fetchInputs, pending);
    }
}

// Many rows: for a block of 256 inputs at a time, so that the inputs of up to 512 rows stay in L2
// and a panel's weights in L1. Sums wait in the scratch.
inline void multiplyManyRows(const MatmulJob &job, std::int64_t firstPanel, std::int64_t lastPanel,
                             float *scratch)
{
    const std::int64_t rowTiles = (job.input.rows + 15) / 16;
    GemmPosition at{.block = 0,
                    .blocks = (job.input.columns + kTileRowInputs - 1) / kTileRowInputs,
                    .panel = firstPanel,
                    .firstPanel = firstPanel,
                    .lastPanel = lastPanel,
                    .firstRowTile = 0,
                    .lastRowTile = 0};
    PendingRows pending;
    for (; at.firstRowTile < rowTiles; at.firstRowTile = at.lastRowTile) {
        at.lastRowTile = at.firstRowTile + kMatmulRows / 16;
        if (at.lastRowTile > rowTiles)
            at.lastRowTile = rowTiles;
        for (at.block = 0; at.block < at.blocks; ++at.block) {
            for (at.panel = firstPanel; at.panel < lastPanel; ++at.panel)
                multiplyBlock(job, at,
                              scratch + (at.panel - firstPanel) * kMatmulRows * kPanelOutputs,
                              pending);
        }
        pending.finish(job, pending.rows);
    }
}

} // namespace
} // namespace engine::cpu
