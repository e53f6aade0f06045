// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "engine/infer/cpu/ceiling_loops.h"

namespace engine::cpu {

namespace {

constexpr int kChains = 24;

// One or several streams, each in its own part of the data.
template <int Streams, int PrefetchBytes>
float readStreams(const void *data, std::int64_t bytes)
{
    const std::int64_t part = bytes / Streams;
    __m512i sums[Streams];
    for (__m512i &sum : sums)
        sum = _mm512_setzero_si512();
    for (std::int64_t i = 0; i < part; i += 256) {
        for (int stream = 0; stream < Streams; ++stream) {
            const char *line = static_cast<const char *>(data) + stream * part + i;
            for (int k = 0; k < 256; k += 64) {
                if constexpr (PrefetchBytes > 0)
                    __builtin_prefetch(line + k + PrefetchBytes, 0, 3);
                sums[stream] = _mm512_xor_si512(sums[stream], _mm512_load_si512(line + k));
            }
        }
    }
    __m512i all = _mm512_setzero_si512();
    for (const __m512i &sum : sums)
        all = _mm512_xor_si512(all, sum);
    return static_cast<float>(_mm512_cvtsi512_si32(all) & 0xff);
}

// Streams read 2 KiB each in turn, every turn fetching its share of the next lines of them all: a
// core has only some lines of memory under way, and this spreads them evenly.
template <int Streams>
float readTurns(const void *data, std::int64_t bytes)
{
    constexpr std::int64_t kTurn = 2048;
    constexpr int kLines = static_cast<int>(kTurn) / 64 / Streams;
    const std::int64_t part = bytes / Streams;
    __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                       _mm512_setzero_si512()};
    for (std::int64_t i = 0; i + kTurn <= part; i += kTurn) {
        for (int stream = 0; stream < Streams; ++stream) {
            const char *ahead = static_cast<const char *>(data) + i + kTurn + stream * kLines * 64;
            for (int line = 0; line < kLines; ++line) {
                for (int other = 0; other < Streams; ++other)
                    __builtin_prefetch(ahead + other * part + line * 64, 0, 3);
            }
            const char *turn = static_cast<const char *>(data) + stream * part + i;
            for (int k = 0; k < 32; ++k)
                sums[k % 4] = _mm512_xor_si512(sums[k % 4], _mm512_load_si512(turn + k * 64));
        }
    }
    const __m512i all =
        _mm512_xor_si512(_mm512_xor_si512(sums[0], sums[1]), _mm512_xor_si512(sums[2], sums[3]));
    return static_cast<float>(_mm512_cvtsi512_si32(all) & 0xff);
}

float multiplyAdd(std::int64_t rounds)
{
    __m512 sums[kChains];
    for (int i = 0; i < kChains; ++i)
        sums[i] = _mm512_set1_ps(static_cast<float>(i));
    const __m512 factor = _mm512_set1_ps(0.999f);
    const __m512 term = _mm512_set1_ps(0.37f);
    for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
        for (int i = 0; i < kChains; ++i)
            sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
    }
    __m512 all = sums[0];
    for (int i = 1; i < kChains; ++i)
        all = _mm512_add_ps(all, sums[i]);
    return _mm512_cvtss_f32(all);
}

float dotPairs(std::int64_t rounds)
{
    __m512 sums[kChains];
    for (int i = 0; i < kChains; ++i)
        sums[i] = _mm512_set1_ps(static_cast<float>(i));
    // Pairs of bf16 numbers near 0.6 and -0.6: the sums stay small.
    const auto a = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f1a3f19));
    const auto b = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f17bf18));
    for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
        for (int i = 0; i < kChains; ++i)
            sums[i] = _mm512_dpbf16_ps(sums[i], a, b);
    }
    __m512 all = sums[0];
    for (int i = 1; i < kChains; ++i)
        all = _mm512_add_ps(all, sums[i]);
    return _mm512_cvtss_f32(all);
}

} // namespace

CeilingLoops avx512CeilingLoops()
{
    return {.reads = {readStreams<1, 0>, readStreams<1, 1024>, readStreams<4, 2048>,
                      readStreams<8, 2048>, readStreams<16, 0>, readTurns<8>},
            .bf16 = {.run = dotPairs, .flopsPerRound = 4.0 * 16 * kChains},
            .fp32 = {.run = multiplyAdd, .flopsPerRound = 2.0 * 16 * kChains}};
}

} // namespace engine::cpu
