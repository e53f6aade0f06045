// SPDX-License-Identifier: Apache-2.0
// Making weights: synthetic ones, quantising, and back to bf16 for the products of many rows. All
// are bound by memory bandwidth.
#include "engine/infer/cuda/kernels/common.h"
#include "engine/infer/random_bits.h"

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ std::int64_t targetRow(Placement placement, std::int64_t row)
{
    if (placement == Placement::Plain)
        return row;
    return gateRow(row) + (placement == Placement::Up ? 8 : 0);
}

__global__ void __launch_bounds__(kThreads)
    synthesise(SyntheticRows tensor, bf16 *__restrict__ out, int pitch)
{
    waitForPreviousKernel();
    letNextKernelStart();
    const std::int64_t row = blockIdx.x;
    bf16 *to = out + (tensor.firstRow + targetRow(tensor.placement, row)) * pitch;
    for (std::int64_t column = threadIdx.x; column < tensor.columns; column += kThreads) {
        const std::int64_t index = row * tensor.columns + column;
        const std::uint32_t key = tensor.keyLow ^ mixBits32(std::uint32_t(index >> 32));
        to[column] = __float2bfloat16(syntheticValue(std::uint32_t(index), key, tensor.keyHigh) *
                                      tensor.step);
    }
}

__device__ __forceinline__ float largestSize(Storage storage)
{
    return storage == Storage::Fp8 ? 448.0f : storage == Storage::Int8 ? 127.0f : 7.0f;
}

__device__ __forceinline__ std::uint8_t codeOf(Storage storage, float scaled)
{
    if (storage == Storage::Fp8) {
        const __nv_fp8_e4m3 code(scaled);
        return *reinterpret_cast<const std::uint8_t *>(&code);
    }
    const int most = storage == Storage::Int8 ? 127 : 7;
    const int code = int(rintf(scaled));
    const int clamped = max(-most, min(most, code));
    return std::uint8_t(storage == Storage::Int8 ? clamped : clamped + 8);
}

__device__ __forceinline__ float valueOfCode(const MatrixView &matrix, std::int64_t row,
                                             std::int64_t column)
{
    const auto *bytes = static_cast<const std::uint8_t *>(matrix.data);
    if (matrix.storage == Storage::Int4) {
        const std::int64_t at = nibbleOfCode4(row, column, matrix.columns);
        return float(int(bytes[at / 2] >> at % 2 * 4 & 15) - 8);
    }
    const std::uint8_t byte = bytes[byteOfCode8(row, column, matrix.columns)];
    if (matrix.storage == Storage::Int8)
        return float(int(byte) - (byte >= 128 ? 256 : 0));
    __nv_fp8_e4m3 code;
    *reinterpret_cast<std::uint8_t *>(&code) = byte;
    return float(code);
}

// Warp: one group of a row. Codes that share a byte are written by one lane.
__global__ void __launch_bounds__(kThreads)
    quantise(const bf16 *__restrict__ rows, MatrixView out, std::int64_t trueRows)
{
    waitForPreviousKernel();
    letNextKernelStart();
    const std::int64_t row = blockIdx.x;
    const int lane = threadIdx.x % kLanes;
    const int groups = out.columns / out.group;
    auto *bytes = static_cast<std::uint8_t *>(const_cast<void *>(out.data));
    auto *scales = const_cast<__half *>(out.scales);
    for (int group = threadIdx.x / kLanes; group < groups; group += kThreads / kLanes) {
        const int first = group * out.group;
        const auto value = [&](int column) {
            return row < trueRows ? __bfloat162float(rows[row * out.columns + column]) : 0.0f;
        };
        float most = 0;
        for (int i = lane; i < out.group; i += kLanes)
            most = fmaxf(most, fabsf(value(first + i)));
        for (int distance = 16; distance > 0; distance /= 2)
            most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, distance));
        const __half scale = __float2half(most / largestSize(out.storage) / out.factor);
        const float inverse = most > 0 ? 1.0f / (__half2float(scale) * out.factor) : 0.0f;
        if (lane == 0)
            scales[scaleIndex(row, group, groups)] = scale;
        if (out.storage != Storage::Int4) {
            for (int i = lane; i < out.group; i += kLanes)
                bytes[byteOfCode8(row, first + i, out.columns)] =
                    codeOf(out.storage, value(first + i) * inverse);
            continue;
        }
        // Of each 8 columns, the first and third share a byte, the second and fourth ...
        for (int i = lane; i < out.group / 2; i += kLanes) {
            const int column = first + i / 4 * 8 + i % 4 / 2 * 4 + i % 2;
            const std::uint8_t low = codeOf(out.storage, value(column) * inverse);
            const std::uint8_t high = codeOf(out.storage, value(column + 2) * inverse);
            bytes[nibbleOfCode4(row, column, out.columns) / 2] = std::uint8_t(low | high << 4);
        }
    }
}

__global__ void __launch_bounds__(kThreads) dequantise(MatrixView matrix, bf16 *__restrict__ out)
{
    waitForPreviousKernel();
    letNextKernelStart();
    const std::int64_t row = blockIdx.x;
    const int groups = matrix.columns / matrix.group;
    for (int column = threadIdx.x; column < matrix.columns; column += kThreads) {
        const std::int64_t at = scaleIndex(row, column / matrix.group, groups);
        float value = valueOfCode(matrix, row, column) * __half2float(matrix.scales[at]);
        if (matrix.minima)
            value += __half2float(matrix.minima[at]);
        out[row * matrix.columns + column] = __float2bfloat16(value * matrix.factor);
    }
}

} // namespace

void launchSynthesise(const SyntheticRows &tensor, bf16 *out, int pitch, cudaStream_t stream)
{
    launch(synthesise,
           {.grid = dim3(unsigned(tensor.rows)),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           tensor, out, pitch);
}

void launchQuantise(const bf16 *rows, const MatrixView &out, std::int64_t trueRows,
                    cudaStream_t stream)
{
    launch(quantise,
           {.grid = dim3(unsigned(roundUp(out.rows, kTileRows))),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           rows, out, trueRows);
}

void launchDequantise(const MatrixView &matrix, bf16 *out, cudaStream_t stream)
{
    launch(dequantise,
           {.grid = dim3(unsigned(matrix.rows)),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           matrix, out);
}

} // namespace engine::cuda
