// SPDX-License-Identifier: Apache-2.0
#pragma once

// Products of rows with packed weights, written over the Vec of the including kernel file.

#include "engine/infer/cpu/kernels/isa_table.h"
#include "engine/infer/cpu/kernels/row_kernels.h"

namespace engine::cpu {
namespace {

// How far ahead of their use weights are fetched from memory.
constexpr std::int64_t kPrefetchBytes = 2048;

// A product's block of 32 weights an input pair, wherever it lies: two tiles of 16 outputs.
struct PairBlocks
{
    const std::uint16_t *first = nullptr; // [blocks][16 pairs][16 outputs][2]
    std::int64_t second = 512;            // elements from it to the other 16 outputs
    std::int64_t step = 1024;             // elements from block to block
    std::int64_t blocks = 0;              // of 32 inputs
};

// sums[r][0..1] += rows r of `inputs` times the blocks.
template <int R, bool Prefetch>
inline void multiplyPairs(const Input *inputs, std::int64_t pitch, const PairBlocks &weights,
                          Vec (&sums)[R][2])
{
    for (std::int64_t block = 0; block < weights.blocks; ++block) {
        const std::uint16_t *tile = weights.first + block * weights.step;
        const Input *input = inputs + block * 32;
        for (int pair = 0; pair < 16; ++pair) {
            if constexpr (Prefetch) {
                // The two halves are read in turn, but lie one after the other.
                const char *ahead = reinterpret_cast<const char *>(tile) + kPrefetchBytes;
                __builtin_prefetch(ahead + pair * 128, 0, 2);
                __builtin_prefetch(ahead + pair * 128 + 64, 0, 2);
            }
            const WeightPairs low = loadPairs(tile + pair * 32);
            const WeightPairs high = loadPairs(tile + weights.second + pair * 32);
            for (int r = 0; r < R; ++r) {
                const InputPair in = loadInputPair(input + r * pitch + pair * 2);
                sums[r][0] = dotPairs(sums[r][0], in, low);
                sums[r][1] = dotPairs(sums[r][1], in, high);
            }
        }
    }
}

// sums[r][0..1] += rows r of `inputs` times `depth` rows of 32 weights, `step` floats apart.
template <int R>
inline void multiplyFp32(const float *inputs, std::int64_t pitch, const float *weights,
                         std::int64_t step, std::int64_t depth, Vec (&sums)[R][2])
{
    for (std::int64_t k = 0; k < depth; ++k) {
        const Vec low = load(weights + k * step);
        const Vec high = load(weights + k * step + 16);
        for (int r = 0; r < R; ++r) {
            const Vec in = set1(inputs[r * pitch + k]);
            sums[r][0] = fma(in, low, sums[r][0]);
            sums[r][1] = fma(in, high, sums[r][1]);
        }
    }
}

// Takes the sums of one row and one panel to where they go.
inline void finishPanel(const MatmulJob &job, std::int64_t row, std::int64_t panel, Vec low,
                        Vec high)
{
    const std::int64_t output = panel * 32;
    const int lowLanes = lanesLeft(job.outputs, output);
    const int highLanes = lanesLeft(job.outputs, output + 16);
    if (job.bias) {
        low = add(low, loadPartial(job.bias + output, lowLanes));
        if (highLanes > 0)
            high = add(high, loadPartial(job.bias + output + 16, highLanes));
    }
    if (job.kind == MatmulOutput::Kind::SwiGlu) {
        storeActivation(job.activations, row, panel * 16, mul(siluOf(low), high));
        if (panel * 16 + 16 < job.activations.columns && output + 32 >= job.outputs)
            storeActivation(job.activations, row, panel * 16 + 16, set1(0));
        return;
    }
    float *target = job.rows + row * job.stride + output;
    if (job.kind == MatmulOutput::Kind::Add) {
        low = add(low, loadPartial(target, lowLanes));
        if (highLanes > 0)
            high = add(high, loadPartial(target + 16, highLanes));
    }
    storePartial(target, low, lowLanes);
    if (highLanes > 0)
        storePartial(target + 16, high, highLanes);
}

template <int R>
inline void multiplyPanel(const MatmulJob &job, std::int64_t row, std::int64_t panel, bool fetch)
{
    const std::int64_t depth = job.input.columns;
    const std::int64_t offset = panel * 32 * depth;
    Vec sums[R][2];
    for (int r = 0; r < R; ++r)
        sums[r][0] = sums[r][1] = set1(0);
    if (job.type == DType::Fp32) {
        multiplyFp32<R>(static_cast<const float *>(job.input.data) + row * job.input.pitch,
                        job.input.pitch, static_cast<const float *>(job.weights) + offset, 32,
                        depth, sums);
    } else {
        const Input *inputs = static_cast<const Input *>(job.input.data) + row * job.input.pitch;
        const PairBlocks blocks{.first = static_cast<const std::uint16_t *>(job.weights) + offset,
                                .blocks = depth / 32};
        if (fetch)
            multiplyPairs<R, true>(inputs, job.input.pitch, blocks, sums);
        else
            multiplyPairs<R, false>(inputs, job.input.pitch, blocks, sums);
    }
    for (int r = 0; r < R; ++r)
        finishPanel(job, row + r, panel, sums[r][0], sums[r][1]);
}

// Calls multiplyPanel<count>, count in 1 .. R.
template <int R>
inline void multiplyPanelRows(std::int64_t count, const MatmulJob &job, std::int64_t row,
                              std::int64_t panel, bool fetch)
{
    if constexpr (R > 1) {
        if (count < R) {
            multiplyPanelRows<R - 1>(count, job, row, panel, fetch);
            return;
        }
    }
    multiplyPanel<R>(job, row, panel, fetch);
}

// Panels one after the other, each for all rows: it comes from memory once, then from the cache.
void matmulPanels(const MatmulJob &job, std::int64_t firstPanel, std::int64_t lastPanel, void *)
{
    const std::int64_t rows = job.input.rows;
    const std::int64_t tiles = (rows + kTileRows - 1) / kTileRows;
    for (std::int64_t panel = firstPanel; panel < lastPanel; ++panel) {
        for (std::int64_t tile = 0; tile < tiles; ++tile) {
            const std::int64_t row = rows * tile / tiles;
            const std::int64_t next = rows * (tile + 1) / tiles;
            multiplyPanelRows<kTileRows>(next - row, job, row, panel, tile == 0);
        }
    }
}

} // namespace
} // namespace engine::cpu
