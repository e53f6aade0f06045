// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/simt/planted.h"

namespace planted {
namespace {

using bf16 = __nv_bfloat16;

__global__ void __launch_bounds__(64) sum(const float *x, int n, float *out, Bug bug)
{
    SHARED(float, sums, [2]);
    SHARED(float, firsts, [64]);
    waitForPreviousKernel();
    const int lane = threadIdx.x % 32;
    float own = 0;
    for (int i = threadIdx.x; i < n || bug == Bug::DroppedTailMask; i += 64) {
        own += x[i];
        if (bug == Bug::DivergentShuffle)
            own += 0 * __shfl_xor_sync(~0u, own, 1);
        if (i >= n)
            break;
    }
    // Neighbours exchange through shared memory, halves by shuffles.
    firsts[threadIdx.x] = own;
    if (bug != Bug::MissingWarpSync)
        __syncwarp();
    own = lane % 2 == 0 ? own + firsts[threadIdx.x + 1] : 0;
    for (int distance = 16; distance > 1; distance /= 2)
        own += __shfl_xor_sync(~0u, own, distance);
    if (lane == 0)
        sums[threadIdx.x / 32] = own;
    if (bug != Bug::MissingBarrier)
        __syncthreads();
    if (threadIdx.x == 0)
        *out = sums[0] + sums[1];
}

__global__ void __launch_bounds__(32) tile(const bf16 *a, const bf16 *b, float *c, Bug bug)
{
    SHARED(bf16, rows, [16 * 64]);
    SHARED(bf16, columns, [16 * 64]);
    waitForPreviousKernel();
    const int lane = threadIdx.x;
    const auto place = [&](int row, int column) {
        const int chunk = column / 8 ^ (bug == Bug::MissingSwizzle ? 0 : row % 8);
        return row * 64 + chunk * 8 + column % 8;
    };
    for (int i = lane; i < 16 * 8; i += 32)
        cpAsync16(rows + place(i / 8, i % 8 * 8), a + i * 8);
    cpAsyncCommit();
    for (int i = lane; i < 16 * 8; i += 32)
        cpAsync16(columns + place(i / 8, i % 8 * 8), b + i % 64 * 8, i < 64 ? 16 : 0);
    cpAsyncCommit();
    if (bug == Bug::EarlyReadOfCopy)
        cpAsyncWait<1>();
    else
        cpAsyncWait<0>();
    __syncwarp();
    float sums[4] = {};
    for (int k = 0; k < 64; k += 16) {
        std::uint32_t fa[4];
        std::uint32_t fb[4];
        loadMatrix4(fa, rows + place(lane % 16, k + lane / 16 * 8));
        loadMatrix4(fb, columns + place(lane % 8 + lane / 16 * 8, k + lane / 8 % 2 * 8));
        mmaBf16(sums, fa, fb[0], fb[1]);
    }
    for (int i = 0; i < 4; ++i) {
        const int row = bug == Bug::WrongLaneMap ? lane % 8 : lane / 4;
        const int column = bug == Bug::WrongLaneMap ? lane / 8 : lane % 4;
        c[(row + i / 2 * 8) * 8 + column * 2 + i % 2] = sums[i];
    }
}

__global__ void __launch_bounds__(32)
    merge(const float *x, float *partial, unsigned *ticket, float *out, Bug bug)
{
    SHARED(bool, isLast, );
    waitForPreviousKernel();
    float own = x[blockIdx.x * 32 + threadIdx.x];
    for (int distance = 16; distance > 0; distance /= 2)
        own += __shfl_xor_sync(~0u, own, distance);
    if (threadIdx.x == 0)
        partial[blockIdx.x] = own;
    __syncthreads();
    if (threadIdx.x == 0) {
        if (bug != Bug::MissingFence)
            __threadfence();
        const unsigned before = bug == Bug::LostTicket ? (*ticket)++ : atomicAdd(ticket, 1u);
        isLast = before == gridDim.x - 1;
        __threadfence();
    }
    __syncthreads();
    if (!isLast || threadIdx.x != 0)
        return;
    float total = 0;
    for (unsigned i = 0; i < gridDim.x; ++i)
        total += bug == Bug::ReadOnlyOfOwnWrite ? __ldg(partial + i) : partial[i];
    *out = total;
    if (bug != Bug::TicketNotReset)
        *ticket = 0;
}

__global__ void __launch_bounds__(32) twice(const float *x, int n, float *y)
{
    waitForPreviousKernel();
    letNextKernelStart();
    const int i = blockIdx.x * 32 + threadIdx.x;
    if (i < n)
        y[i] = 2 * x[i];
}

__global__ void __launch_bounds__(32) plusOne(const float *y, int n, float *z, Bug bug)
{
    const int i = blockIdx.x * 32 + threadIdx.x;
    float early = 0;
    if (bug == Bug::EarlyActivation && i < n)
        early = y[i];
    waitForPreviousKernel();
    if (i < n)
        z[i] = (bug == Bug::EarlyActivation ? early : y[i]) + 1;
}

} // namespace

void launchSum(const float *x, int n, float *out, Bug bug)
{
    launch(sum, {.grid = dim3(1), .block = dim3(64)}, x, n, out, bug);
}

void launchTile(const bf16 *a, const bf16 *b, float *c, Bug bug)
{
    launch(tile, {.grid = dim3(1), .block = dim3(32)}, a, b, c, bug);
}

void launchMerge(const float *x, int blocks, float *partial, unsigned *ticket, float *out, Bug bug)
{
    launch(merge, {.grid = dim3(unsigned(blocks)), .block = dim3(32)}, x, partial, ticket, out,
           bug);
}

void launchChain(const float *x, int n, float *y, float *z, Bug bug)
{
    const unsigned blocks = unsigned(n + 31) / 32;
    launch(twice, {.grid = dim3(blocks), .block = dim3(32), .dependent = true}, x, n, y);
    launch(plusOne, {.grid = dim3(blocks), .block = dim3(32), .dependent = true}, y, n, z, bug);
}

} // namespace planted
