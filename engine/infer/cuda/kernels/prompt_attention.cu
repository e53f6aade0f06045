// SPDX-License-Identifier: Apache-2.0
// Attention of prompts: queries and keys are prepared and written to the cache by one kernel, then
// flash attention reads the cache page by page.
#include "engine/infer/cuda/kernels/heads.h"

namespace engine::cuda {
namespace {

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kLanes;
constexpr int kQueries = 64; // of a block, 16 a warp
constexpr float kMasked = -1e30f;

// Block: a tile's tokens for one head of the product. Values are written 8 tokens at a time, those
// after the last token zero.
template <int Dims>
__global__ void __launch_bounds__(kThreads)
    prepareHeads(AttentionView view, const PromptTile *__restrict__ tiles,
                 bf16 *__restrict__ queries)
{
    waitForPreviousKernel();
    letNextKernelStart();
    const PromptTile tile = tiles[blockIdx.x];
    const int head = blockIdx.y;
    const bool isQuery = head < view.heads;
    const bool isKey = !isQuery && head < view.heads + view.kvHeads;
    const float *first = view.qkv + std::int64_t{tile.row} * view.qkvPitch + head * view.headDim;
    if (isQuery || isKey) {
        const float *norm = isQuery ? view.queryNorm : view.keyNorm;
        for (int t = threadIdx.x / kLanes; t < tile.count; t += kWarps) {
            const float *x = first + std::int64_t{t} * view.qkvPitch;
            const int position = tile.position + t;
            const float scale = headScale(x, norm, view);
            bf16 *to =
                isQuery ? queries + (std::int64_t{tile.row + t} * view.heads + head) * Dims
                        : slabOf(view, pageOf(view, tile.slot, position), head - view.heads, Dims) +
                              keyElement(position % kPageTokens, 0, Dims);
            for (int dim = threadIdx.x % kLanes; dim < Dims; dim += kLanes)
                to[dim] = __float2bfloat16(turnedElement(x, norm, scale, view, position, dim));
        }
        return;
    }
    const int kvHead = head - view.heads - view.kvHeads;
    const int firstGroup = tile.position / 8;
    const int groups = (tile.position + tile.count - 1) / 8 - firstGroup + 1;
    for (int e = threadIdx.x; e < groups * Dims; e += kThreads) {
        const int dim = e % Dims;
        const int begin = (firstGroup + e / Dims) * 8; // position
        bf16 *place = slabOf(view, pageOf(view, tile.slot, begin), kvHead, Dims) +
                      valueElement(begin % kPageTokens, dim, Dims);
        const auto value = [&](int position) {
            const int t = position - tile.position;
            return t < tile.count && dim < view.headDim
                       ? first[std::int64_t{t} * view.qkvPitch + dim]
                       : 0.0f;
        };
        if (begin >= tile.position) {
            *reinterpret_cast<uint4 *>(place) =
                make_uint4(packBf16(value(begin), value(begin + 1)),
                           packBf16(value(begin + 2), value(begin + 3)),
                           packBf16(value(begin + 4), value(begin + 5)),
                           packBf16(value(begin + 6), value(begin + 7)));
            continue;
        }
        for (int i = tile.position - begin; i < 8; ++i) // the earlier ones are there
            place[i] = __float2bfloat16(value(begin + i));
    }
}

// Element of a tile of 64 rows in shared memory: [dims / 32][64 rows][32 dims], so that the pieces
// that a quarter warp reads lie side by side.
__device__ __forceinline__ int tileElement(int row, int dim)
{
    return (dim / kPairColumns * kQueries + row) * kPairColumns + dim % kPairColumns;
}

template <int Dims>
__device__ inline void fetchPage(const bf16 *slab, int keys, bf16 *sharedKeys, bf16 *sharedValues)
{
    for (int i = threadIdx.x; i < kPageTokens * Dims / 8; i += kThreads) {
        const int token = i / (Dims / 8);
        const int dim = i % (Dims / 8) * 8;
        cpAsync16(sharedKeys + tileElement(token, dim), slab + keyElement(token, dim, Dims),
                  token < keys ? 16 : 0);
    }
    for (int i = threadIdx.x; i < kPageTokens / 8 * Dims; i += kThreads)
        cpAsync16(sharedValues + i * 8, slab + valueElement(0, 0, Dims) + i * 8,
                  i / Dims * 8 < keys ? 16 : 0);
}

template <int Dims>
__device__ __forceinline__ void scorePage(float (&scores)[8][4], const bf16 *queries,
                                          const bf16 *keys)
{
    const int lane = threadIdx.x % kLanes;
    const int row = threadIdx.x / kLanes * 16 + lane / 4;
#pragma unroll
    for (int part = 0; part < Dims / kPairColumns; ++part) {
        const int dim = part * kPairColumns + lane % 4 * 8;
        const uint4 low = asChunk(queries + tileElement(row, dim));
        const uint4 high = asChunk(queries + tileElement(row + 8, dim));
#pragma unroll
        for (int tile = 0; tile < 8; ++tile) {
            const uint4 key = asChunk(keys + tileElement(tile * 8 + lane / 4, dim));
            mmaBf16(scores[tile], {low.x, high.x, low.y, high.y}, key.x, key.y);
            mmaBf16(scores[tile], {low.z, high.z, low.w, high.w}, key.z, key.w);
        }
    }
}

template <int Dims>
struct PromptState
{
    float out[Dims / 8][4] = {};
    float most[2] = {kMasked, kMasked};
    float sum[2] = {};
};

template <int Dims>
__device__ __forceinline__ void weighPage(float (&scores)[8][4], PromptState<Dims> &state,
                                          int firstKey, int firstQuery, int window, float scale)
{
    const int lane = threadIdx.x % kLanes;
#pragma unroll
    for (int row = 0; row < 2; ++row) {
        const int query = firstQuery + threadIdx.x / kLanes * 16 + lane / 4 + row * 8;
        const int oldest = window > 0 ? query - window + 1 : 0;
        float most = state.most[row];
#pragma unroll
        for (int tile = 0; tile < 8; ++tile) {
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                const int key = firstKey + tile * 8 + lane % 4 * 2 + i;
                float &score = scores[tile][row * 2 + i];
                score = key <= query && key >= oldest ? score * scale : kMasked;
                most = fmaxf(most, score);
            }
        }
        most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, 1));
        most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, 2));
        const float shrink = exp2f(state.most[row] - most);
        state.most[row] = most;
        float sum = state.sum[row] * shrink;
#pragma unroll
        for (int tile = 0; tile < 8; ++tile) {
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
__device__ __forceinline__ void addPage(const float (&weights)[8][4], PromptState<Dims> &state,
                                        const bf16 *values)
{
    const int lane = threadIdx.x % kLanes;
#pragma unroll
    for (int kStep = 0; kStep < 4; ++kStep) {
        const float(&low)[4] = weights[kStep * 2];
        const float(&high)[4] = weights[kStep * 2 + 1];
        const std::uint32_t a[4] = {packBf16(low[0], low[1]), packBf16(low[2], low[3]),
                                    packBf16(high[0], high[1]), packBf16(high[2], high[3])};
#pragma unroll
        for (int dim = 0; dim < Dims / 8; dim += 2) {
            // Matrices: tokens 0..8 and 8..16 of the step for 8 dims, then for the next 8.
            const int group = kStep * 2 + lane / 8 % 2;
            std::uint32_t b[4];
            loadMatrix4(b, values + (group * Dims + (dim + lane / 16) * 8 + lane % 8) * 8);
            mmaBf16(state.out[dim], a, b[0], b[1]);
            mmaBf16(state.out[dim + 1], a, b[2], b[3]);
        }
    }
}

template <int Dims>
__device__ inline void storeRows(const PromptState<Dims> &state, const AttentionView &view,
                                 const PromptTile &tile, int head)
{
    const int lane = threadIdx.x % kLanes;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        float sum = state.sum[half];
        sum += __shfl_xor_sync(kAllLanes, sum, 1);
        sum += __shfl_xor_sync(kAllLanes, sum, 2);
        const int query = threadIdx.x / kLanes * 16 + lane / 4 + half * 8;
        if (query >= tile.count)
            continue;
        bf16 *to = view.out + std::int64_t{tile.row + query} * view.outPitch + head * view.headDim;
#pragma unroll
        for (int dim = 0; dim < Dims / 8; ++dim) {
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                if (dim * 8 + lane % 4 * 2 + i < view.headDim)
                    to[dim * 8 + lane % 4 * 2 + i] =
                        __float2bfloat16(state.out[dim][half * 2 + i] / sum);
            }
        }
    }
}

// Block: 64 queries of one head. Pages come through two buffers, one being filled while the other
// is used.
template <int Dims>
__global__ void __launch_bounds__(kThreads)
    promptAttention(AttentionView view, const PromptTile *__restrict__ tiles,
                    const bf16 *__restrict__ prepared)
{
    constexpr int kTile = kPageTokens * Dims;
    bf16 *queries = reinterpret_cast<bf16 *>(dynamicShared());
    bf16 *keys = queries + kTile;
    bf16 *values = keys + 2 * kTile;
    waitForPreviousKernel();
    letNextKernelStart();
    // Long tiles first: later queries see more keys.
    const PromptTile tile = tiles[gridDim.x - 1 - blockIdx.x];
    const int head = blockIdx.y;
    const int kvHead = head / (view.heads / view.kvHeads);
    const int end = tile.position + tile.count;
    const int oldest = view.window > 0 ? max(0, tile.position - view.window + 1) : 0;
    const int firstPage = oldest / kPageTokens;
    const int pages = (end + kPageTokens - 1) / kPageTokens;
    const auto fetch = [&](int page) {
        const bf16 *slab = slabOf(view, pageOf(view, tile.slot, page * kPageTokens), kvHead, Dims);
        fetchPage<Dims>(slab, end - page * kPageTokens, keys + page % 2 * kTile,
                        values + page % 2 * kTile);
    };
    for (int i = threadIdx.x; i < kTile / 8; i += kThreads) {
        const int row = i / (Dims / 8);
        const int dim = i % (Dims / 8) * 8;
        const int from = row < tile.count ? tile.row + row : tile.row;
        cpAsync16(queries + tileElement(row, dim),
                  prepared + (std::int64_t{from} * view.heads + head) * Dims + dim,
                  row < tile.count ? 16 : 0);
    }
    fetch(firstPage);
    cpAsyncCommit();
    PromptState<Dims> state;
    for (int page = firstPage; page < pages; ++page) {
        if (page + 1 < pages)
            fetch(page + 1);
        cpAsyncCommit();
        cpAsyncWait<1>();
        __syncthreads();
        float scores[8][4] = {};
        scorePage<Dims>(scores, queries, keys + page % 2 * kTile);
        weighPage(scores, state, page * kPageTokens, tile.position, view.window,
                  view.scale * kLog2E);
        addPage(scores, state, values + page % 2 * kTile);
        __syncthreads();
    }
    storeRows(state, view, tile, head);
}

template <int Dims>
void prepareWith(const AttentionView &view, const PromptTile *tiles, int count, bf16 *queries,
                 cudaStream_t stream)
{
    launch(prepareHeads<Dims>,
           {.grid = dim3(unsigned(count), unsigned(view.heads + 2 * view.kvHeads)),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           view, tiles, queries);
}

template <int Dims>
void attendWith(const AttentionView &view, const PromptTile *tiles, int count, const bf16 *queries,
                cudaStream_t stream)
{
    launch(promptAttention<Dims>,
           {.grid = dim3(unsigned(count), unsigned(view.heads)),
            .block = dim3(kThreads),
            .sharedBytes = 5 * kPageTokens * Dims * sizeof(bf16),
            .stream = stream,
            .dependent = true},
           view, tiles, queries);
}

} // namespace

void launchPrepareHeads(const AttentionView &view, const PromptTile *tiles, int count,
                        bf16 *queries, cudaStream_t stream)
{
    switch (paddedHeadDim(view.headDim)) {
    case 32:
        return prepareWith<32>(view, tiles, count, queries, stream);
    case 64:
        return prepareWith<64>(view, tiles, count, queries, stream);
    case 96:
        return prepareWith<96>(view, tiles, count, queries, stream);
    case 128:
        return prepareWith<128>(view, tiles, count, queries, stream);
    default:
        return prepareWith<256>(view, tiles, count, queries, stream);
    }
}

void launchPromptAttention(const AttentionView &view, const PromptTile *tiles, int count,
                           const bf16 *queries, cudaStream_t stream)
{
    switch (paddedHeadDim(view.headDim)) {
    case 32:
        return attendWith<32>(view, tiles, count, queries, stream);
    case 64:
        return attendWith<64>(view, tiles, count, queries, stream);
    case 96:
        return attendWith<96>(view, tiles, count, queries, stream);
    case 128:
        return attendWith<128>(view, tiles, count, queries, stream);
    default:
        return attendWith<256>(view, tiles, count, queries, stream);
    }
}

} // namespace engine::cuda
