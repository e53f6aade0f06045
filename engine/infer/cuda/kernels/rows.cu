// SPDX-License-Identifier: Apache-2.0
// Operations on single rows: embedding, RMSNorm, and what is done to a library's product.
#include "engine/infer/cuda/kernels/common.h"

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kLanes;

// Moves 2 M K bytes of the table and 4 M K of the residual.
__global__ void __launch_bounds__(kThreads)
    embed(const bf16 *__restrict__ table, int pitch, int width, const int *__restrict__ tokens,
          float *__restrict__ residual)
{
    waitForPreviousKernel();
    letNextKernelStart();
    const bf16 *from = table + std::int64_t{tokens[blockIdx.x]} * pitch;
    float *to = residual + std::int64_t{blockIdx.x} * width;
    for (int i = threadIdx.x; i < width; i += kThreads)
        to[i] = __bfloat162float(from[i]);
}

// Moves 4 M K bytes in and 2 M K out (the second read comes from the L1 cache).
__global__ void __launch_bounds__(kThreads)
    rmsNorm(const float *__restrict__ residual, int width, const int *__restrict__ index,
            const float *__restrict__ weight, float epsilon, bf16 *__restrict__ out, int pitch)
{
    SHARED(float, sums, [kWarps]);
    waitForPreviousKernel();
    letNextKernelStart();
    const int row = index ? index[blockIdx.x] : int(blockIdx.x);
    const float *x = residual + std::int64_t{row} * width;
    float sum = 0;
    for (int i = threadIdx.x; i < width; i += kThreads)
        sum += x[i] * x[i];
    sum = sumOfWarp(sum);
    if (threadIdx.x % kLanes == 0)
        sums[threadIdx.x / kLanes] = sum;
    __syncthreads();
    float total = 0;
    for (int i = 0; i < kWarps; ++i)
        total += sums[i];
    const float scale = rsqrtf(total / float(width) + epsilon);
    bf16 *to = out + std::int64_t{blockIdx.x} * pitch;
    for (int i = threadIdx.x; i < width; i += kThreads)
        to[i] = __float2bfloat16(x[i] * scale * weight[i]);
}

__global__ void __launch_bounds__(kThreads)
    finish(const float *__restrict__ product, int columns, ProductOutput output)
{
    waitForPreviousKernel();
    letNextKernelStart();
    const int row = blockIdx.y;
    const int column = blockIdx.x * kThreads + threadIdx.x;
    if (column >= columns)
        return;
    const float *from = product + std::int64_t{row} * columns;
    const auto value = [&](int at) { return from[at] + (output.bias ? output.bias[at] : 0.0f); };
    if (output.kind == ProductOutput::Kind::SwiGlu) {
        if (column % 16 < 8)
            output.inner[std::int64_t{row} * output.pitch + column / 16 * 8 + column % 8] =
                __float2bfloat16(silu(value(column)) * value(column + 8));
        return;
    }
    float *to = output.rows + std::int64_t{row} * output.pitch + column;
    *to = output.kind == ProductOutput::Kind::Add ? *to + value(column) : value(column);
}

} // namespace

void launchEmbed(const bf16 *table, int pitch, int width, const int *tokens, int count,
                 float *residual, cudaStream_t stream)
{
    launch(embed,
           {.grid = dim3(unsigned(count)),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           table, pitch, width, tokens, residual);
}

void launchRmsNorm(const float *residual, int width, const int *index, int count,
                   const float *weight, float epsilon, bf16 *out, int pitch, cudaStream_t stream)
{
    launch(rmsNorm,
           {.grid = dim3(unsigned(count)),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           residual, width, index, weight, epsilon, out, pitch);
}

void launchFinishProduct(const float *product, int rows, int columns, const ProductOutput &output,
                         cudaStream_t stream)
{
    launch(finish,
           {.grid = dim3(unsigned((columns + kThreads - 1) / kThreads), unsigned(rows)),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           product, columns, output);
}

} // namespace engine::cuda
