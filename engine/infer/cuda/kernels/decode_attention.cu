// SPDX-License-Identifier: Apache-2.0
// Attention of one new token a sequence, over the paged cache.
//
// Block: a share of one sequence's tokens for one KV head; all query heads of it are the rows of
// one mma (at most 16), so that keys and values are read once. Both go from memory to registers in
// pieces of 16 bytes. The tokens of a block of 32 are dealt to the columns of the scores such that
// the scores of a lane are, without a shuffle, the operand that its piece of the values needs. The
// block of a sequence and head that ends last adds up the shares, always in the same order.
#include "engine/infer/cuda/kernels/heads.h"

namespace engine::cuda {
namespace {

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kLanes;
constexpr int kBlock = 32; // tokens that a warp takes at a time
constexpr float kMasked = -1e30f;

// Rows of 64 bytes modulo 128: two rows of a quarter warp lie in different banks.
constexpr int queryPitch(int dims)
{
    return dims % 64 == 0 ? dims + 32 : dims;
}

// A token's place among the columns of score tile j: see the head of the file.
__device__ __forceinline__ int tokenOfColumn(int tile, int column)
{
    return column / 2 * 8 + tile * 2 + column % 2;
}

template <int Dims>
struct RowState
{
    float out[Dims / 8][4] = {};
    float most[2] = {kMasked, kMasked}; // of rows g and g + 8
    float sum[2] = {};
};

template <int Dims, bool Wide>
__device__ __forceinline__ void scoreBlock(float (&scores)[4][4], const bf16 *queries,
                                           const bf16 *keys, int token, int end)
{
    const int lane = threadIdx.x % kLanes;
    const uint4 zero = make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int part = 0; part < Dims / kPairColumns; ++part) {
        const bf16 *query =
            queries + lane / 4 * queryPitch(Dims) + part * kPairColumns + lane % 4 * 8;
        const uint4 low = asChunk(query);
        const uint4 high = Wide ? asChunk(query + 8 * queryPitch(Dims)) : zero;
#pragma unroll
        for (int tile = 0; tile < 4; ++tile) {
            const int own = tokenOfColumn(tile, lane / 4);
            const uint4 key =
                token + own < end
                    ? asChunk(keys + keyElement(own, part * kPairColumns + lane % 4 * 8, Dims))
                    : zero;
            mmaBf16(scores[tile], {low.x, high.x, low.y, high.y}, key.x, key.y);
            mmaBf16(scores[tile], {low.z, high.z, low.w, high.w}, key.z, key.w);
        }
    }
}

// Scales and masks the scores, moves the running maximum and turns them into weights.
template <int Dims>
__device__ __forceinline__ void weighScores(float (&scores)[4][4], RowState<Dims> &state, int token,
                                            int first, int end, float scale)
{
    const int lane = threadIdx.x % kLanes;
#pragma unroll
    for (int row = 0; row < 2; ++row) {
        float most = state.most[row];
#pragma unroll
        for (int tile = 0; tile < 4; ++tile) {
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                const int own = token + tokenOfColumn(tile, lane % 4 * 2 + i);
                float &score = scores[tile][row * 2 + i];
                score = own >= first && own < end ? score * scale : kMasked;
                most = fmaxf(most, score);
            }
        }
        most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, 1));
        most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, 2));
        const float shrink = exp2f(state.most[row] - most);
        state.most[row] = most;
        float sum = state.sum[row] * shrink;
#pragma unroll
        for (int tile = 0; tile < 4; ++tile) {
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                float &score = scores[tile][row * 2 + i];
                score = score == kMasked ? 0.0f : exp2f(score - most);
                sum += score;
            }
        }
        state.sum[row] = sum;
#pragma unroll
        for (int dim = 0; dim < Dims / 8; ++dim) {
            state.out[dim][row * 2] *= shrink;
            state.out[dim][row * 2 + 1] *= shrink;
        }
    }
}

template <int Dims>
__device__ __forceinline__ void addValues(const float (&weights)[4][4], RowState<Dims> &state,
                                          const bf16 *values, int token, int end)
{
    const int lane = threadIdx.x % kLanes;
    std::uint32_t a[2][4];
#pragma unroll
    for (int kStep = 0; kStep < 2; ++kStep) {
        const float(&low)[4] = weights[kStep * 2];
        const float(&high)[4] = weights[kStep * 2 + 1];
        a[kStep][0] = packBf16(low[0], low[1]);
        a[kStep][1] = packBf16(low[2], low[3]);
        a[kStep][2] = packBf16(high[0], high[1]);
        a[kStep][3] = packBf16(high[2], high[3]);
    }
    const bool isLive = token + lane % 4 * 8 < end;
#pragma unroll
    for (int dim = 0; dim < Dims / 8; ++dim) {
        const uint4 value = isLive ? asChunk(values + (lane % 4 * Dims + dim * 8 + lane / 4) * 8)
                                   : make_uint4(0, 0, 0, 0);
        mmaBf16(state.out[dim], a[0], value.x, value.y);
        mmaBf16(state.out[dim], a[1], value.z, value.w);
    }
}

// Queries of the KV head to shared memory, rows beyond the group zero.
template <int Dims, bool Wide>
__device__ inline void prepareQueries(const AttentionView &view, const DecodeEntry &entry,
                                      int kvHead, bf16 *queries)
{
    const int group = view.heads / view.kvHeads;
    const float *row = view.qkv + std::int64_t{entry.row} * view.qkvPitch;
    for (int g = threadIdx.x / kLanes; g < (Wide ? 16 : 8); g += kWarps) {
        const float *head = row + (kvHead * group + (g < group ? g : 0)) * view.headDim;
        const float scale = headScale(head, view.queryNorm, view);
        for (int dim = threadIdx.x % kLanes; dim < Dims; dim += kLanes)
            queries[g * queryPitch(Dims) + dim] = __float2bfloat16(
                g < group ? turnedElement(head, view.queryNorm, scale, view, entry.position, dim)
                          : 0.0f);
    }
}

// The new token's key and value; a value that begins a group of 8 tokens clears the other 7, which
// products with weight zero read.
template <int Dims>
__device__ inline void appendToken(const AttentionView &view, const DecodeEntry &entry, int kvHead)
{
    const float *row = view.qkv + std::int64_t{entry.row} * view.qkvPitch;
    const float *key = row + (view.heads + kvHead) * view.headDim;
    const float *value = key + view.kvHeads * view.headDim;
    bf16 *slab = slabOf(view, pageOf(view, entry.slot, entry.position), kvHead, Dims);
    const int token = entry.position % kPageTokens;
    const int warp = threadIdx.x / kLanes;
    if (warp == 0) {
        const float scale = headScale(key, view.keyNorm, view);
        for (int dim = threadIdx.x; dim < Dims; dim += kLanes)
            slab[keyElement(token, dim, Dims)] = __float2bfloat16(
                turnedElement(key, view.keyNorm, scale, view, entry.position, dim));
    } else if (warp == 1) {
        for (int dim = threadIdx.x % kLanes; dim < Dims; dim += kLanes) {
            const float element = dim < view.headDim ? value[dim] : 0.0f;
            bf16 *place = slab + valueElement(token, dim, Dims);
            if (token % 8 == 0)
                *reinterpret_cast<uint4 *>(place) = make_uint4(packBf16(element, 0.0f), 0, 0, 0);
            else
                *place = __float2bfloat16(element);
        }
    }
}

// What a warp found, in shared memory: out [warps][rows][dims], then most and sum [warps][rows].
template <int Dims, int Rows>
struct WarpResults
{
    float *out, *most, *sum;

    __device__ explicit WarpResults(unsigned char *memory)
        : out(reinterpret_cast<float *>(memory)),
          most(out + kWarps * Rows * Dims),
          sum(most + kWarps * Rows)
    {
    }
    static constexpr int kBytes = kWarps * Rows * (Dims + 2) * int(sizeof(float));
};

template <int Dims, int Rows>
__device__ inline void leaveResult(const RowState<Dims> &state, WarpResults<Dims, Rows> results)
{
    const int lane = threadIdx.x % kLanes;
    const int warp = threadIdx.x / kLanes;
#pragma unroll
    for (int half = 0; half < Rows / 8; ++half) {
        float sum = state.sum[half];
        sum += __shfl_xor_sync(kAllLanes, sum, 1);
        sum += __shfl_xor_sync(kAllLanes, sum, 2);
        const int row = warp * Rows + half * 8 + lane / 4;
        if (lane % 4 == 0) {
            results.most[row] = state.most[half];
            results.sum[row] = sum;
        }
#pragma unroll
        for (int dim = 0; dim < Dims / 8; ++dim) {
#pragma unroll
            for (int i = 0; i < 2; ++i)
                results.out[row * Dims + dim * 8 + lane % 4 * 2 + i] = state.out[dim][half * 2 + i];
        }
    }
}

struct Merged
{
    float value, most, sum;
};

// One element of the block's answer (not yet divided by the sum).
template <int Dims, int Rows>
__device__ inline Merged mergeWarps(const WarpResults<Dims, Rows> &results, int row, int dim)
{
    Merged merged{0, kMasked, 0};
    for (int warp = 0; warp < kWarps; ++warp)
        merged.most = fmaxf(merged.most, results.most[warp * Rows + row]);
    for (int warp = 0; warp < kWarps; ++warp) {
        const int at = warp * Rows + row;
        const float factor = exp2f(results.most[at] - merged.most);
        merged.value += factor * results.out[at * Dims + dim];
        merged.sum += factor * results.sum[at];
    }
    return merged;
}

__device__ inline void storeOut(const AttentionView &view, int row, int head, int dim, float value)
{
    if (dim < view.headDim)
        view.out[std::int64_t{row} * view.outPitch + head * view.headDim + dim] =
            __float2bfloat16(value);
}

// Whether this block is the last of its sequence and head to come here; what the others wrote
// before is then seen by all of its threads.
__device__ inline bool isLastBlock(unsigned *ticket, int blocks)
{
    SHARED(bool, isLast, );
    __syncthreads();
    if (threadIdx.x == 0) {
        __threadfence();
        isLast = atomicAdd(ticket, 1u) == unsigned(blocks - 1);
        __threadfence();
    }
    __syncthreads();
    return isLast;
}

template <int Dims, bool Wide>
__global__ void __launch_bounds__(kThreads)
    decodeAttention(AttentionView view, const DecodeEntry *__restrict__ entries,
                    SplitScratch scratch)
{
    constexpr int kRows = Wide ? 16 : 8;
    SHARED(bf16, queries, [kRows * queryPitch(Dims)]);
    waitForPreviousKernel();
    letNextKernelStart();
    const int split = blockIdx.x;
    const int kvHead = blockIdx.y;
    const DecodeEntry entry = entries[blockIdx.z];
    if (entry.position < 0)
        return;
    const SplitPlan plan =
        planSplits(entry.position + 1, view.window, scratch.mostSplits, scratch.leastShare);
    if (split >= plan.count)
        return;
    const int begin = plan.begin + split * plan.share;
    const int end = min(begin + plan.share, plan.end);
    const int first = view.window > 0 ? max(0, plan.end - view.window) : 0;

    prepareQueries<Dims, Wide>(view, entry, kvHead, queries);
    if (entry.position < end) // only the last share holds it
        appendToken<Dims>(view, entry, kvHead);
    __syncthreads();

    RowState<Dims> state;
    const float scale = view.scale * kLog2E;
    for (int token = begin + threadIdx.x / kLanes * kBlock; token < end; token += kWarps * kBlock) {
        const bf16 *slab = slabOf(view, pageOf(view, entry.slot, token), kvHead, Dims);
        float scores[4][4] = {};
        scoreBlock<Dims, Wide>(scores, queries, slab + keyElement(token % kPageTokens, 0, Dims),
                               token, end);
        weighScores(scores, state, token, first, end, scale);
        addValues(scores, state, slab + valueElement(token % kPageTokens, 0, Dims), token, end);
    }
    const WarpResults<Dims, kRows> results(dynamicShared());
    leaveResult(state, results);
    __syncthreads();

    const int group = view.heads / view.kvHeads;
    const std::int64_t firstHead = (std::int64_t{blockIdx.z} * view.kvHeads + kvHead) * group;
    for (int e = threadIdx.x; e < group * Dims; e += kThreads) {
        const Merged merged = mergeWarps(results, e / Dims, e % Dims);
        if (plan.count == 1) {
            storeOut(view, entry.row, kvHead * group + e / Dims, e % Dims,
                     merged.value / merged.sum);
            continue;
        }
        const std::int64_t at = (firstHead + e / Dims) * scratch.mostSplits + split;
        scratch.partial[at * Dims + e % Dims] = merged.value;
        if (e % Dims == 0)
            scratch.state[at] = make_float2(merged.most, merged.sum);
    }
    if (plan.count == 1)
        return;
    unsigned *ticket = scratch.tickets + std::int64_t{blockIdx.z} * view.kvHeads + kvHead;
    if (!isLastBlock(ticket, plan.count))
        return;
    for (int e = threadIdx.x; e < group * Dims; e += kThreads) {
        const std::int64_t at = (firstHead + e / Dims) * scratch.mostSplits;
        float most = kMasked;
        for (int i = 0; i < plan.count; ++i)
            most = fmaxf(most, scratch.state[at + i].x);
        float value = 0;
        float sum = 0;
        for (int i = 0; i < plan.count; ++i) {
            const float factor = exp2f(scratch.state[at + i].x - most);
            value += factor * scratch.partial[(at + i) * Dims + e % Dims];
            sum += factor * scratch.state[at + i].y;
        }
        storeOut(view, entry.row, kvHead * group + e / Dims, e % Dims, value / sum);
    }
    if (threadIdx.x == 0)
        *ticket = 0; // ready for the next step
}

template <int Dims, bool Wide>
void launchWith(const AttentionView &view, const DecodeEntry *entries, int count,
                const SplitScratch &scratch, cudaStream_t stream)
{
    launch(decodeAttention<Dims, Wide>,
           {.grid = dim3(unsigned(scratch.mostSplits), unsigned(view.kvHeads), unsigned(count)),
            .block = dim3(kThreads),
            .sharedBytes = WarpResults < Dims,
            Wide ? 16 : 8 > ::kBytes,
            .stream = stream,
            .dependent = true},
           view, entries, scratch);
}

template <int Dims>
void launchFor(const AttentionView &view, const DecodeEntry *entries, int count,
               const SplitScratch &scratch, cudaStream_t stream)
{
    if (view.heads / view.kvHeads > 8)
        launchWith<Dims, true>(view, entries, count, scratch, stream);
    else
        launchWith<Dims, false>(view, entries, count, scratch, stream);
}

} // namespace

void launchDecodeAttention(const AttentionView &view, const DecodeEntry *entries, int count,
                           const SplitScratch &scratch, cudaStream_t stream)
{
    switch (paddedHeadDim(view.headDim)) {
    case 32:
        return launchFor<32>(view, entries, count, scratch, stream);
    case 64:
        return launchFor<64>(view, entries, count, scratch, stream);
    case 96:
        return launchFor<96>(view, entries, count, scratch, stream);
    case 128:
        return launchFor<128>(view, entries, count, scratch, stream);
    default:
        return launchFor<256>(view, entries, count, scratch, stream);
    }
}

} // namespace engine::cuda
