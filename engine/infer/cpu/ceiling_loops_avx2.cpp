// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "engine/infer/cpu/ceiling_loops.h"

namespace engine::cpu {

namespace {

constexpr int kChains = 12;

// One or several streams, each in its own part of the data.
template <int Streams, int PrefetchBytes>
float readStreams(const void *data, std::int64_t bytes)
{
    const std::int64_t part = bytes / Streams;
    __m256i sums[Streams][2];
    for (auto &pair : sums)
        pair[0] = pair[1] = _mm256_setzero_si256();
    for (std::int64_t i = 0; i < part; i += 64) {
        for (int stream = 0; stream < Streams; ++stream) {
            const char *line = static_cast<const char *>(data) + stream * part + i;
            if constexpr (PrefetchBytes > 0)
                __builtin_prefetch(line + PrefetchBytes, 0, 3);
            for (int k = 0; k < 2; ++k)
                sums[stream][k] = _mm256_xor_si256(
                    sums[stream][k],
                    _mm256_load_si256(reinterpret_cast<const __m256i *>(line + 32 * k)));
        }
    }
    __m256i all = _mm256_setzero_si256();
    for (auto &pair : sums)
        all = _mm256_xor_si256(all, _mm256_xor_si256(pair[0], pair[1]));
    return static_cast<float>(_mm256_extract_epi32(all, 0) & 0xff);
}

float multiplyAdd(std::int64_t rounds)
{
    __m256 sums[kChains];
    for (int i = 0; i < kChains; ++i)
        sums[i] = _mm256_set1_ps(static_cast<float>(i));
    const __m256 factor = _mm256_set1_ps(0.999f);
    const __m256 term = _mm256_set1_ps(0.37f);
    for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
        for (int i = 0; i < kChains; ++i)
            sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
    }
    __m256 all = sums[0];
    for (int i = 1; i < kChains; ++i)
        all = _mm256_add_ps(all, sums[i]);
    return _mm256_cvtss_f32(all);
}

} // namespace

CeilingLoops avx2CeilingLoops()
{
    return {.reads = {readStreams<1, 0>, readStreams<1, 1024>, readStreams<4, 2048>,
                      readStreams<8, 2048>, readStreams<16, 0>},
            .bf16 = {},
            .fp32 = {.run = multiplyAdd, .flopsPerRound = 2.0 * 8 * kChains}};
}

} // namespace engine::cpu
