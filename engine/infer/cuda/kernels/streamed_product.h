// SPDX-License-Identifier: Apache-2.0
#pragma once

// The product of few rows with a matrix that is read once: at the speed of the memory.
//
// A block takes 16 RowTiles rows of the matrix; its warps share the columns among them, so that no
// sum leaves the block. Weights are the A operand of mma and go from memory to registers without a
// stop; rows are the B operand, 8 Tiles of them. The first weights are asked for before the
// previous kernel has ended, which covers the start of the kernel.

#include "engine/infer/cuda/kernels/streamed_weights.h"

namespace engine::cuda {

inline constexpr int kStreamWarps = 8;
inline constexpr int kStreamThreads = kStreamWarps * kLanes;
inline constexpr int kNormPad = 32; // keeps the rows of normed inputs in different banks

__device__ inline void storeProduct(const ProductOutput &out, int row, int column, float value)
{
    if (out.bias)
        value += out.bias[column];
    float *place = out.rows + std::int64_t{row} * out.pitch + column;
    *place = out.kind == ProductOutput::Kind::Add ? *place + value : value;
}

// Adds gate and up of one channel; `column` is the gate's row in the matrix.
__device__ inline void storeSwiGlu(const ProductOutput &out, int row, int column, float gate,
                                   float up)
{
    if (out.bias) {
        gate += out.bias[column];
        up += out.bias[column + 8];
    }
    out.inner[std::int64_t{row} * out.pitch + column / 16 * 8 + column % 8] =
        __float2bfloat16(silu(gate) * up);
}

// Writes the RMSNorm of the rows to shared memory as bf16, zero beyond their width.
__device__ inline void normInput(const ProductInput &input, bf16 *normed, int columns, int pitch)
{
    SHARED(float, sums, [kMostNormedRows][kStreamWarps]);
    const int warp = threadIdx.x / kLanes;
    for (int row = 0; row < input.count; ++row) {
        const float *x = input.residual + std::int64_t{row} * input.width;
        float sum = 0;
        for (int i = threadIdx.x; i < input.width; i += kStreamThreads)
            sum += x[i] * x[i];
        sum = sumOfWarp(sum);
        if (threadIdx.x % kLanes == 0)
            sums[row][warp] = sum;
    }
    __syncthreads();
    for (int row = 0; row < input.count; ++row) {
        const float *x = input.residual + std::int64_t{row} * input.width;
        float sum = 0;
        for (int i = 0; i < kStreamWarps; ++i)
            sum += sums[row][i];
        const float scale = rsqrtf(sum / float(input.width) + input.epsilon);
        for (int i = threadIdx.x; i < columns; i += kStreamThreads)
            normed[row * pitch + i] =
                __float2bfloat16(i < input.width ? x[i] * scale * input.norm[i] : 0.0f);
    }
    __syncthreads();
}

// The sums of one block: what its warps add up to.
template <int Tiles, int RowTiles>
struct ProductSums
{
    float at[RowTiles][Tiles][4];
};

template <class Weights, int Tiles, int RowTiles>
__device__ __forceinline__ void multiplyStep(const Weights &weights, const Tile (&tiles)[RowTiles],
                                             int firstRow, int step, const bf16 *rows, int pitch,
                                             int count, ProductSums<Tiles, RowTiles> &sums)
{
    constexpr bool kScaled = Weights::kGroup > 0;
    constexpr int kPairs = Weights::kColumns / kPairColumns;
    constexpr int kPairsOfScale =
        kScaled && Weights::kGroup < Weights::kColumns ? Weights::kGroup / kPairColumns : kPairs;
    const int lane = threadIdx.x % kLanes;
    float part[RowTiles][Tiles][4];
    float ones[Tiles][4]; // sums of the rows' own elements: what a minimum is multiplied with
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
        const int column = step * Weights::kColumns + pair * kPairColumns;
        uint4 b[Tiles];
#pragma unroll
        for (int t = 0; t < Tiles; ++t) {
            const int row = t * 8 + lane / 4;
            b[t] = row < count ? asChunk(rows + std::int64_t{row} * pitch + column + lane % 4 * 8)
                               : make_uint4(0, 0, 0, 0);
        }
        if (kScaled && pair % kPairsOfScale == 0) {
#pragma unroll
            for (int t = 0; t < Tiles; ++t) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    ones[t][i] = 0;
#pragma unroll
                    for (int r = 0; r < RowTiles; ++r)
                        part[r][t][i] = 0;
                }
            }
        }
#pragma unroll
        for (int kStep = 0; kStep < 2; ++kStep) {
#pragma unroll
            for (int r = 0; r < RowTiles; ++r) {
                std::uint32_t a[4];
                Weights::fragment(tiles[r], pair * 2 + kStep, a);
#pragma unroll
                for (int t = 0; t < Tiles; ++t)
                    mmaBf16(kScaled ? part[r][t] : sums.at[r][t], a, wordOf(b[t], kStep * 2),
                            wordOf(b[t], kStep * 2 + 1));
            }
            if (Weights::kMinimum) {
                const std::uint32_t one[4] = {0x3f803f80u, 0x3f803f80u, 0x3f803f80u, 0x3f803f80u};
#pragma unroll
                for (int t = 0; t < Tiles; ++t)
                    mmaBf16(ones[t], one, wordOf(b[t], kStep * 2), wordOf(b[t], kStep * 2 + 1));
            }
        }
        if constexpr (kScaled) {
            if ((pair + 1) % kPairsOfScale != 0)
                continue;
#pragma unroll
            for (int r = 0; r < RowTiles; ++r) {
                const float2 scale = weights.scale(firstRow + r * kTileRows, column, lane);
                float2 minimum = make_float2(0, 0);
                if constexpr (Weights::kMinimum)
                    minimum = weights.minimum(firstRow + r * kTileRows, column, lane);
#pragma unroll
                for (int t = 0; t < Tiles; ++t) {
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        sums.at[r][t][i] += (i < 2 ? scale.x : scale.y) * part[r][t][i];
                        if constexpr (Weights::kMinimum)
                            sums.at[r][t][i] += (i < 2 ? minimum.x : minimum.y) * ones[t][i];
                    }
                }
            }
        }
    }
}

// Adds the warps' sums through shared memory and writes what the output asks for.
template <int Tiles, int RowTiles>
__device__ inline void finishProduct(const ProductSums<Tiles, RowTiles> &sums, float *scratch,
                                     int firstRow, int rows, int count, const ProductOutput &out)
{
    constexpr int kSums = RowTiles * Tiles * 4 * kLanes;
    const int lane = threadIdx.x % kLanes;
    float *own = scratch + threadIdx.x / kLanes * kSums;
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
#pragma unroll
        for (int t = 0; t < Tiles; ++t) {
#pragma unroll
            for (int i = 0; i < 4; ++i)
                own[((r * Tiles + t) * 4 + i) * kLanes + lane] = sums.at[r][t][i];
        }
    }
    __syncthreads();
    const auto total = [&](int index) {
        float sum = 0;
        for (int warp = 0; warp < kStreamWarps; ++warp)
            sum += scratch[warp * kSums + index];
        return sum;
    };
    for (int index = threadIdx.x; index < kSums; index += kStreamThreads) {
        const int from = index % kLanes;
        const int i = index / kLanes % 4;
        const int t = index / (4 * kLanes) % Tiles;
        const int column =
            firstRow + index / (4 * kLanes * Tiles) * kTileRows + from / 4 + i / 2 * 8;
        const int row = t * 8 + from % 4 * 2 + i % 2;
        if (row >= count || column >= rows)
            continue;
        if (out.kind != ProductOutput::Kind::SwiGlu)
            storeProduct(out, row, column, total(index));
        else if (i < 2) // the up of a gate lies 8 rows below it
            storeSwiGlu(out, row, column, total(index), total(index + 2 * kLanes));
    }
}

template <class Weights, int Tiles, int RowTiles, bool Normed>
__global__ void __launch_bounds__(kStreamThreads)
    streamProduct(Weights weights, ProductInput input, ProductOutput output)
{
    constexpr int kDepth = RowTiles * Tiles <= 2 ? 4 : 2; // steps of a warp that are under way
    const int warp = threadIdx.x / kLanes;
    const int lane = threadIdx.x % kLanes;
    const int firstRow = blockIdx.x * kTileRows * RowTiles;
    const int steps = weights.columns / Weights::kColumns;
    Tile next[kDepth][RowTiles];
    const auto fetch = [&](int first) {
#pragma unroll
        for (int d = 0; d < kDepth; ++d) {
            const int step = first + d * kStreamWarps;
#pragma unroll
            for (int r = 0; r < RowTiles; ++r) {
                if (step < steps && firstRow + r * kTileRows < weights.rows)
                    next[d][r] = weights.load(firstRow + r * kTileRows, step, lane);
                else
                    next[d][r] = Tile{make_uint4(0, 0, 0, 0), make_uint4(0, 0, 0, 0)};
            }
        }
    };
    fetch(warp);
    waitForPreviousKernel();
    letNextKernelStart();

    const bf16 *rows = input.rows;
    int pitch = input.pitch;
    if constexpr (Normed) {
        bf16 *normed = reinterpret_cast<bf16 *>(dynamicShared());
        pitch = weights.columns + kNormPad;
        normInput(input, normed, weights.columns, pitch);
        rows = normed;
    }
    ProductSums<Tiles, RowTiles> sums = {};
    for (int first = warp; first < steps; first += kDepth * kStreamWarps) {
        Tile tiles[kDepth][RowTiles];
#pragma unroll
        for (int d = 0; d < kDepth; ++d) {
#pragma unroll
            for (int r = 0; r < RowTiles; ++r)
                tiles[d][r] = next[d][r];
        }
        if (first + kDepth * kStreamWarps < steps)
            fetch(first + kDepth * kStreamWarps);
#pragma unroll
        for (int d = 0; d < kDepth; ++d) {
            const int step = first + d * kStreamWarps;
            if (step < steps)
                multiplyStep(weights, tiles[d], firstRow, step, rows, pitch, input.count, sums);
        }
    }
    __syncthreads(); // the normed rows are no longer read
    finishProduct(sums, reinterpret_cast<float *>(dynamicShared()), firstRow, weights.rows,
                  input.count, output);
}

template <class Weights, int Tiles, int RowTiles, bool Normed>
void launchStream(const Weights &weights, const ProductInput &input, const ProductOutput &output,
                  cudaStream_t stream)
{
    const std::size_t sums = sizeof(float) * kStreamWarps * RowTiles * Tiles * 4 * kLanes;
    const std::size_t normed =
        Normed ? sizeof(bf16) * std::size_t(input.count) * std::size_t(weights.columns + kNormPad)
               : 0;
    const int blockRows = kTileRows * RowTiles;
    launch(streamProduct<Weights, Tiles, RowTiles, Normed>,
           {.grid = dim3(unsigned((weights.rows + blockRows - 1) / blockRows)),
            .block = dim3(kStreamThreads),
            .sharedBytes = sums > normed ? sums : normed,
            .stream = stream,
            .dependent = true},
           weights, input, output);
}

// Picks the instance for the number of rows.
template <class Weights>
void streamWith(const Weights &weights, const ProductInput &input, const ProductOutput &output,
                cudaStream_t stream)
{
    constexpr int kWide = Weights::kGroup > 0 ? 1 : 2; // partial sums take the registers otherwise
    if (input.residual)
        launchStream<Weights, 1, 1, true>(weights, input, output, stream);
    else if (input.count <= 8)
        launchStream<Weights, 1, 1, false>(weights, input, output, stream);
    else if (input.count <= 16)
        launchStream<Weights, 2, 1, false>(weights, input, output, stream);
    else if (input.count <= 32)
        launchStream<Weights, 4, kWide, false>(weights, input, output, stream);
    else
        launchStream<Weights, 8, kWide, false>(weights, input, output, stream);
}

template <class Weights>
Weights packedWeights(const MatrixView &matrix)
{
    Weights weights;
    weights.data = static_cast<const uint4 *>(matrix.data);
    weights.scales = matrix.scales;
    weights.minima = matrix.minima;
    weights.factor = matrix.factor;
    weights.rows = matrix.rows;
    weights.columns = matrix.columns;
    return weights;
}

} // namespace engine::cuda
