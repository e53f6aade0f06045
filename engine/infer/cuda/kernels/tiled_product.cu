// SPDX-License-Identifier: Apache-2.0
// The product of many rows with a bf16 matrix, on the matrix units alone.
//
// Block: 128 rows by 128 outputs, 8 warps of 64 x 32, steps of 32 columns through three buffers.
// A step of a buffer is [128 rows][32 columns]: the pieces of 16 bytes that a quarter warp reads
// lie side by side, and a lane's piece is its share of two k-steps (see streamed_weights.h).
#include "engine/infer/cuda/kernels/common.h"

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kTile = 128; // rows, and outputs
constexpr int kStages = 3;
constexpr int kStageElements = 2 * kTile * kPairColumns; // rows, then outputs
constexpr int kWarpRows = 64;
constexpr int kWarpOutputs = 32;

__device__ __forceinline__ void fetchRows(bf16 *to, const bf16 *from, std::int64_t pitch,
                                          int firstRow, int rows, int column)
{
    for (int i = threadIdx.x; i < kTile * kPairColumns / 8; i += kThreads) {
        const int row = firstRow + i / 4;
        cpAsync16(to + i * 8, from + (row < rows ? row : 0) * pitch + column + i % 4 * 8,
                  row < rows ? 16 : 0);
    }
}

__device__ __forceinline__ void multiplyStage(const bf16 *rows, const bf16 *outputs,
                                              float (&sums)[4][4][4])
{
    const int lane = threadIdx.x % kLanes;
    uint4 b[4];
#pragma unroll
    for (int n = 0; n < 4; ++n)
        b[n] = asChunk(outputs + n * 8 * kPairColumns + lane * 8);
#pragma unroll
    for (int m = 0; m < 4; ++m) {
        const uint4 low = asChunk(rows + m * 16 * kPairColumns + lane * 8);
        const uint4 high = asChunk(rows + (m * 16 + 8) * kPairColumns + lane * 8);
#pragma unroll
        for (int n = 0; n < 4; ++n) {
            mmaBf16(sums[m][n], {low.x, high.x, low.y, high.y}, b[n].x, b[n].y);
            mmaBf16(sums[m][n], {low.z, high.z, low.w, high.w}, b[n].z, b[n].w);
        }
    }
}

__device__ __forceinline__ void storePair(const ProductOutput &out, int row, int column,
                                          int columns, float first, float second)
{
    float *to = out.rows + std::int64_t{row} * out.pitch + column;
    for (int i = 0; i < 2 && column + i < columns; ++i) {
        const float value = (i ? second : first) + (out.bias ? out.bias[column + i] : 0.0f);
        to[i] = out.kind == ProductOutput::Kind::Add ? to[i] + value : value;
    }
}

__device__ __forceinline__ void storeSums(const float (&sums)[4][4][4], const ProductOutput &out,
                                          int firstRow, int rows, int firstColumn, int columns)
{
    const int lane = threadIdx.x % kLanes;
#pragma unroll
    for (int m = 0; m < 4; ++m) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int row = firstRow + m * 16 + half * 8 + lane / 4;
            if (row >= rows)
                continue;
            if (out.kind != ProductOutput::Kind::SwiGlu) {
#pragma unroll
                for (int n = 0; n < 4; ++n)
                    storePair(out, row, firstColumn + n * 8 + lane % 4 * 2, columns,
                              sums[m][n][half * 2], sums[m][n][half * 2 + 1]);
                continue;
            }
#pragma unroll
            for (int n = 0; n < 4; n += 2) { // 8 gates, then their ups
                const int column = firstColumn + n * 8 + lane % 4 * 2;
                if (column >= columns)
                    continue;
                const auto bias = [&](int at) { return out.bias ? out.bias[column + at] : 0.0f; };
                const float first =
                    silu(sums[m][n][half * 2] + bias(0)) * (sums[m][n + 1][half * 2] + bias(8));
                const float second = silu(sums[m][n][half * 2 + 1] + bias(1)) *
                                     (sums[m][n + 1][half * 2 + 1] + bias(9));
                *reinterpret_cast<std::uint32_t *>(out.inner + std::int64_t{row} * out.pitch +
                                                   column / 16 * 8 + column % 8) =
                    packBf16(first, second);
            }
        }
    }
}

__global__ void __launch_bounds__(kThreads)
    tiledProduct(MatrixView weights, ProductInput input, ProductOutput output)
{
    bf16 *stages = reinterpret_cast<bf16 *>(dynamicShared());
    waitForPreviousKernel();
    letNextKernelStart();
    // Neighbouring blocks share their outputs' weights.
    const int firstRow = blockIdx.x * kTile;
    const int firstOutput = blockIdx.y * kTile;
    const int warp = threadIdx.x / kLanes;
    const int warpRow = warp / 4 * kWarpRows;
    const int warpOutput = warp % 4 * kWarpOutputs;
    const auto *matrix = static_cast<const bf16 *>(weights.data);
    const int steps = weights.columns / kPairColumns;
    const auto fetch = [&](int step) {
        if (step < steps) {
            bf16 *stage = stages + step % kStages * kStageElements;
            fetchRows(stage, input.rows, input.pitch, firstRow, input.count, step * kPairColumns);
            fetchRows(stage + kTile * kPairColumns, matrix, weights.columns, firstOutput,
                      weights.rows, step * kPairColumns);
        }
        cpAsyncCommit();
    };
    fetch(0);
    fetch(1);
    float sums[4][4][4] = {};
    for (int step = 0; step < steps; ++step) {
        cpAsyncWait<1>();
        __syncthreads(); // everyone's copies have landed; the buffer of step - 1 is free
        fetch(step + 2);
        const bf16 *stage = stages + step % kStages * kStageElements;
        multiplyStage(stage + warpRow * kPairColumns, stage + (kTile + warpOutput) * kPairColumns,
                      sums);
    }
    storeSums(sums, output, firstRow + warpRow, input.count, firstOutput + warpOutput,
              weights.rows);
}

} // namespace

void launchTiledProduct(const MatrixView &weights, const ProductInput &input,
                        const ProductOutput &output, cudaStream_t stream)
{
    launch(tiledProduct,
           {.grid = dim3(unsigned((input.count + kTile - 1) / kTile),
                         unsigned((weights.rows + kTile - 1) / kTile)),
            .block = dim3(kThreads),
            .sharedBytes = kStages * kStageElements * sizeof(bf16),
            .stream = stream,
            .dependent = true},
           weights, input, output);
}

} // namespace engine::cuda
