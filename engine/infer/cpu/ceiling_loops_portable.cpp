// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/ceiling_loops.h"

namespace engine::cpu {

namespace {

constexpr int kChains = 48;

template <int Streams>
float readStreams(const void *data, std::int64_t bytes)
{
    const auto *words = static_cast<const std::uint64_t *>(data);
    const std::int64_t part = bytes / 8 / Streams;
    std::uint64_t sums[Streams * 8] = {};
    for (std::int64_t i = 0; i < part; i += 8) {
        for (int stream = 0; stream < Streams; ++stream) {
            for (int k = 0; k < 8; ++k)
                sums[stream * 8 + k] ^= words[stream * part + i + k];
        }
    }
    std::uint64_t all = 0;
    for (const std::uint64_t sum : sums)
        all ^= sum;
    return static_cast<float>(all & 0xff);
}

float multiplyAdd(std::int64_t rounds)
{
    float sums[kChains];
    for (int i = 0; i < kChains; ++i)
        sums[i] = static_cast<float>(i);
    for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 48
        for (int i = 0; i < kChains; ++i)
            sums[i] = sums[i] * 0.999f + 0.37f;
    }
    float all = 0;
    for (const float sum : sums)
        all += sum;
    return all;
}

} // namespace

CeilingLoops portableCeilingLoops()
{
    return {
        .reads = {readStreams<1>, readStreams<2>, readStreams<4>, readStreams<8>, readStreams<16>},
        .bf16 = {},
        .fp32 = {.run = multiplyAdd, .flopsPerRound = 2.0 * kChains}};
}

} // namespace engine::cpu
