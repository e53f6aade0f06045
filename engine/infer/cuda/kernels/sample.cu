// SPDX-License-Identifier: Apache-2.0
// Picks a token a row: the argmax of the logits, with Gumbel noise when there is a temperature
// (which draws from the softmax without computing it).
#include "engine/infer/cuda/kernels/common.h"
#include "engine/infer/random_bits.h"

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kLanes;

// The better of two; the earlier token of equals.
__device__ __forceinline__ Candidate better(Candidate a, Candidate b)
{
    return b.score > a.score || (b.score == a.score && b.token < a.token) ? b : a;
}

__device__ inline Candidate bestOfBlock(Candidate own)
{
    SHARED(float, scores, [kWarps]);
    SHARED(int, tokens, [kWarps]);
    for (int distance = 16; distance > 0; distance /= 2) {
        Candidate other;
        other.score = __shfl_xor_sync(kAllLanes, own.score, distance);
        other.token = __shfl_xor_sync(kAllLanes, own.token, distance);
        own = better(own, other);
    }
    if (threadIdx.x % kLanes == 0) {
        scores[threadIdx.x / kLanes] = own.score;
        tokens[threadIdx.x / kLanes] = own.token;
    }
    __syncthreads();
    Candidate best{scores[0], tokens[0]};
    for (int i = 1; i < kWarps; ++i)
        best = better(best, Candidate{scores[i], tokens[i]});
    return best;
}

// Block: a share of one row's vocabulary; the last of a row picks among the shares.
__global__ void __launch_bounds__(kThreads)
    sample(const float *__restrict__ logits, std::int64_t pitch, int vocabulary,
           const SampleRow *__restrict__ rows, float inverseTemperature, Candidate *partial,
           unsigned *tickets, int *__restrict__ picked)
{
    SHARED(bool, isLast, );
    waitForPreviousKernel();
    letNextKernelStart();
    const int row = blockIdx.y;
    const float *own = logits + row * pitch;
    const bool isNoisy = inverseTemperature > 0;
    const std::uint64_t key = isNoisy ? rows[row].key : 0;
    Candidate best{-3.0e38f, 0x7fffffff};
    for (int token = blockIdx.x * kThreads + threadIdx.x; token < vocabulary;
         token += kSampleBlocks * kThreads) {
        float score = own[token];
        if (isNoisy)
            score =
                score * inverseTemperature - logf(-logf(sampleUniform(key, std::uint32_t(token))));
        best = better(best, Candidate{score, token});
    }
    best = bestOfBlock(best);
    if (threadIdx.x == 0) {
        partial[row * kSampleBlocks + blockIdx.x] = best;
        __threadfence();
        isLast = atomicAdd(tickets + row, 1u) == unsigned(kSampleBlocks - 1);
        __threadfence();
    }
    __syncthreads();
    if (!isLast || threadIdx.x != 0)
        return;
    for (int i = 0; i < kSampleBlocks; ++i)
        best = better(best, partial[row * kSampleBlocks + i]);
    picked[row] = best.token < vocabulary ? best.token : 0; // no finite logit at all
    tickets[row] = 0;
}

} // namespace

void launchSample(const float *logits, std::int64_t pitch, int vocabulary, int count,
                  const SampleRow *rows, float inverseTemperature, Candidate *partial,
                  unsigned *tickets, int *tokens, cudaStream_t stream)
{
    launch(sample,
           {.grid = dim3(kSampleBlocks, unsigned(count)),
            .block = dim3(kThreads),
            .stream = stream,
            .dependent = true},
           logits, pitch, vocabulary, rows, inverseTemperature, partial, tickets, tokens);
}

} // namespace engine::cuda
