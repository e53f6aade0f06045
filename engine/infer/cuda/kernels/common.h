// SPDX-License-Identifier: Apache-2.0
#pragma once

// What several kernels share.

#include "engine/infer/cuda/device.h"
#include "engine/infer/cuda/kernels.h"

namespace engine::cuda {

inline constexpr unsigned kAllLanes = ~0u;
inline constexpr float kLog2E = 1.44269504f;

__device__ __forceinline__ std::uint32_t packBf16(float low, float high)
{
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    return *reinterpret_cast<const std::uint32_t *>(&pair);
}

__device__ __forceinline__ float sumOfWarp(float value)
{
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2)
        value += __shfl_xor_sync(kAllLanes, value, distance);
    return value;
}

__device__ __forceinline__ float silu(float x)
{
    return x / (1.0f + __expf(-x));
}

__device__ __forceinline__ const uint4 &asChunk(const bf16 *place)
{
    return *reinterpret_cast<const uint4 *>(place);
}

__device__ __forceinline__ std::uint32_t wordOf(const uint4 &chunk, int i)
{
    return i == 0 ? chunk.x : i == 1 ? chunk.y : i == 2 ? chunk.z : chunk.w;
}

} // namespace engine::cuda
