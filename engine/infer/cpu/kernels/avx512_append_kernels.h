// SPDX-License-Identifier: Apache-2.0
#pragma once

// Appending 16 or 32 positions at once to bf16 pages on AVX-512: tiles of keys are turned in
// registers, and the cache gets whole lines.

#include <immintrin.h>

#include "engine/infer/cpu/kernels/row_kernels.h"

namespace engine::cpu {
namespace {

constexpr std::int64_t kTurnedTokens = 16;
constexpr std::int64_t kKeyDims = 512; // of one token that wait to be turned

// bf16 keys of 16 tokens; the pitch keeps rows out of each other's cache sets.
struct KeyRows
{
    alignas(64) std::uint16_t rows[kTurnedTokens][kKeyDims + 32];
};

// target[pair][token] = rows[token][pair], pairs of bf16 as 32 bits: [16 pairs][16 tokens].
inline void turnTile(const std::uint16_t *rows, std::int64_t pitch, std::uint16_t *target)
{
    __m512i r[16];
    __m512i t[16];
    for (int i = 0; i < 16; ++i)
        r[i] = _mm512_loadu_si512(rows + i * pitch);
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    // r[4g + c]: column 4 * lane + c of rows 4g .. 4g + 3.
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int c = 0; c < 4; ++c) {
        const __m512i low = _mm512_shuffle_i32x4(r[c], r[c + 4], 0x88);       // lanes 0, 2
        const __m512i high = _mm512_shuffle_i32x4(r[c + 8], r[c + 12], 0x88); // of both
        const __m512i lowOdd = _mm512_shuffle_i32x4(r[c], r[c + 4], 0xdd);    // lanes 1, 3
        const __m512i highOdd = _mm512_shuffle_i32x4(r[c + 8], r[c + 12], 0xdd);
        _mm512_storeu_si512(target + c * 32, _mm512_shuffle_i32x4(low, high, 0x88));
        _mm512_storeu_si512(target + (c + 4) * 32, _mm512_shuffle_i32x4(lowOdd, highOdd, 0x88));
        _mm512_storeu_si512(target + (c + 8) * 32, _mm512_shuffle_i32x4(low, high, 0xdd));
        _mm512_storeu_si512(target + (c + 12) * 32, _mm512_shuffle_i32x4(lowOdd, highOdd, 0xdd));
    }
}

// Where 16 tokens of an append lie.
struct TurnedTokens
{
    float *row = nullptr; // queries | keys | values of the first token
    std::int64_t page = 0;
    std::int64_t slot = 0;     // of the first token, a multiple of 16
    std::int64_t position = 0; // of the first token
};

// Norms, turns and rounds the keys of heads [first, last), token by token as they lie in memory.
inline void gatherKeys(const AppendJob &job, const TurnedTokens &at, int first, int last,
                       KeyRows &keys)
{
    const HeadShape &shape = job.shape;
    const std::int64_t d = shape.headDim;
    for (std::int64_t token = 0; token < kTurnedTokens; ++token) {
        float *row = at.row + token * job.stride + (shape.heads + first) * d;
        for (int head = 0; head < last - first; ++head) {
            prepareHead(row + head * d, shape, shape.keyNorm, at.position + token);
            for (std::int64_t dim = 0; dim < d; dim += 32) {
                const float *key = row + head * d + dim;
                const __m512bh rounded = _mm512_cvtne2ps_pbh(load(key + 16), load(key));
                __builtin_memcpy(keys.rows[token] + head * d + dim, &rounded, 64);
            }
        }
    }
}

inline void appendKeys(const AppendJob &job, const TurnedTokens &at)
{
    KeyRows keys;
    const std::int64_t d = job.shape.headDim;
    const int group = static_cast<int>(kKeyDims / d);
    for (int first = 0; first < job.shape.kvHeads; first += group) {
        const int last = first + group < job.shape.kvHeads ? first + group : job.shape.kvHeads;
        gatherKeys(job, at, first, last, keys);
        for (int head = first; head < last; ++head) {
            auto *slab = static_cast<std::uint16_t *>(job.cache.slab(at.page, head));
            for (std::int64_t dim = 0; dim < d; dim += 32)
                turnTile(keys.rows[0] + (head - first) * d + dim, kKeyDims + 32,
                         slab + dim / 32 * 2048 + at.slot / 16 * 512);
        }
    }
}

// Two tokens at a time: pairs of positions lie together.
inline void appendValues(const AppendJob &job, const TurnedTokens &at)
{
    const std::int64_t d = job.shape.headDim;
    alignas(64) static constexpr std::uint16_t kPairs[32] = {
        0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
        8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i pairs = _mm512_load_si512(kPairs);
    for (std::int64_t token = 0; token < kTurnedTokens; token += 2) {
        const float *values =
            at.row + token * job.stride + (job.shape.heads + job.shape.kvHeads) * d;
        const std::int64_t slot = at.slot + token;
        for (int head = 0; head < job.shape.kvHeads; ++head, values += d) {
            std::uint16_t *target = static_cast<std::uint16_t *>(job.cache.slab(at.page, head)) +
                                    (kPagePositions + slot / 32 * 32) * d + slot % 32 / 2 * 32;
            for (std::int64_t dim = 0; dim < d; dim += 16) {
                const __m512bh both =
                    _mm512_cvtne2ps_pbh(load(values + job.stride + dim), load(values + dim));
                __m512i bits;
                __builtin_memcpy(&bits, &both, 64);
                _mm512_storeu_si512(target + dim * 32, _mm512_permutexvar_epi16(pairs, bits));
            }
        }
    }
}

// Whole groups of 16 positions that begin at a multiple of 16 go at once, others one by one.
void avx512AppendKvUnit(const AppendJob &job, const AppendUnit &unit)
{
    const HeadShape &shape = job.shape;
    const std::int64_t position = unit.span->depth + unit.firstToken;
    if (job.cache.type != DType::Bf16 || shape.headDim % 32 != 0 || shape.headDim > kKeyDims ||
        position % kTurnedTokens != 0 || unit.tokens % kTurnedTokens != 0) {
        appendKvUnit(job, unit);
        return;
    }
    clearNewBlocks(job, unit);
    for (std::int64_t i = 0; i < unit.tokens; i += kTurnedTokens) {
        const std::int64_t token = unit.firstToken + i;
        const TurnedTokens at{.row = job.qkv + (unit.span->firstRow + token) * job.stride,
                              .page = unit.span->pages[(position + i) / kPagePositions],
                              .slot = (position + i) % kPagePositions,
                              .position = position + i};
        for (std::int64_t row = 0; row < kTurnedTokens; ++row) {
            float *queries = at.row + row * job.stride;
            for (int head = 0; head < shape.heads; ++head)
                prepareHead(queries + head * shape.headDim, shape, shape.queryNorm,
                            at.position + row);
        }
        appendKeys(job, at);
        appendValues(job, at);
    }
}

} // namespace
} // namespace engine::cpu
