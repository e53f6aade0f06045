// SPDX-License-Identifier: Apache-2.0
#pragma once

// Query and key heads on their way from the product to attention: RMSNorm of the head (where the
// model has one), then the turn by the token's position.

#include "engine/infer/cuda/kernels/common.h"

namespace engine::cuda {

// The factor of the head's RMSNorm; 1 without one. All lanes of a warp call it together.
__device__ inline float headScale(const float *head, const float *norm, const AttentionView &view)
{
    if (!norm)
        return 1;
    float sum = 0;
    for (int i = threadIdx.x % kLanes; i < view.headDim; i += kLanes)
        sum += head[i] * head[i];
    return rsqrtf(sumOfWarp(sum) / float(view.headDim) + view.epsilon);
}

// Element `dim` of the normed and turned head; 0 in the padding.
__device__ inline float turnedElement(const float *head, const float *norm, float scale,
                                      const AttentionView &view, int position, int dim)
{
    if (dim >= view.headDim)
        return 0;
    const auto element = [&](int i) { return norm ? head[i] * scale * norm[i] : head[i]; };
    if (dim >= view.rotaryDim)
        return element(dim);
    const int pairs = view.rotaryDim / 2;
    const int pair = view.interleaved ? dim / 2 : dim % pairs;
    const bool isSecond = view.interleaved ? dim % 2 != 0 : dim >= pairs;
    const int partner = view.interleaved ? dim ^ 1 : isSecond ? dim - pairs : dim + pairs;
    const float *angles = view.rope + std::int64_t{position} * view.rotaryDim;
    const float cosine = angles[pair];
    const float sine = angles[pairs + pair];
    return isSecond ? element(dim) * cosine + element(partner) * sine
                    : element(dim) * cosine - element(partner) * sine;
}

__device__ inline bf16 *slabOf(const AttentionView &view, int page, int kvHead, int paddedDim)
{
    return view.cache + (std::int64_t{page} * view.kvHeads + kvHead) * slabElements(paddedDim);
}

__device__ inline int pageOf(const AttentionView &view, int slot, int position)
{
    return view.tables[std::int64_t{slot} * view.tablePitch + position / kPageTokens];
}

} // namespace engine::cuda
