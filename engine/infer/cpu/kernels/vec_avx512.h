// SPDX-License-Identifier: Apache-2.0
#pragma once

// Vectors of 16 floats on AVX-512 with BF16. Included by the kernel files for it.

#include <cstdint>
#include <immintrin.h>

namespace engine::cpu {
namespace {

using Vec = __m512;

inline __mmask16 below(int n)
{
    return static_cast<__mmask16>(n >= 16 ? 0xffff : n <= 0 ? 0 : (1 << n) - 1);
}

inline Vec set1(float x)
{
    return _mm512_set1_ps(x);
}
inline Vec load(const float *p)
{
    return _mm512_loadu_ps(p);
}
inline Vec loadPartial(const float *p, int n)
{
    return _mm512_maskz_loadu_ps(below(n), p);
}
inline Vec add(Vec a, Vec b)
{
    return _mm512_add_ps(a, b);
}
inline Vec sub(Vec a, Vec b)
{
    return _mm512_sub_ps(a, b);
}
inline Vec mul(Vec a, Vec b)
{
    return _mm512_mul_ps(a, b);
}
inline Vec div(Vec a, Vec b)
{
    return _mm512_div_ps(a, b);
}
inline Vec fma(Vec a, Vec b, Vec c)
{
    return _mm512_fmadd_ps(a, b, c);
}
inline Vec max(Vec a, Vec b)
{
    return _mm512_max_ps(a, b);
}
inline Vec min(Vec a, Vec b)
{
    return _mm512_min_ps(a, b);
}
// Lanes [first, last) of a, elsewhere b.
inline Vec within(Vec a, int first, int last, Vec b)
{
    return _mm512_mask_mov_ps(b, _kandn_mask16(below(first), below(last)), a);
}
// Nearest whole number.
inline Vec roundWhole(Vec a)
{
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// a * 2^n for whole n.
inline Vec scale2(Vec a, Vec n)
{
    return _mm512_scalef_ps(a, n);
}
inline void store(float *p, Vec a)
{
    _mm512_storeu_ps(p, a);
}
inline void storePartial(float *p, Vec a, int n)
{
    _mm512_mask_storeu_ps(p, below(n), a);
}
inline float sumOf(Vec a)
{
    return _mm512_reduce_add_ps(a);
}
inline float maxOf(Vec a)
{
    return _mm512_reduce_max_ps(a);
}
inline void storeBf16(std::uint16_t *p, Vec a)
{
    const __m256bh rounded = _mm512_cvtneps_pbh(a);
    __builtin_memcpy(p, &rounded, 32);
}

// Products with bf16 weights: pairs of bf16 inputs against pairs of weights.
using Input = std::uint16_t;
using WeightPairs = __m512bh;
using InputPair = __m512bh;
inline WeightPairs loadPairs(const std::uint16_t *p)
{
    return reinterpret_cast<__m512bh>(_mm512_loadu_si512(p));
}
inline InputPair loadInputPair(const std::uint16_t *p)
{
    int pair;
    __builtin_memcpy(&pair, p, 4);
    return reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
}
inline Vec dotPairs(Vec sum, InputPair a, WeightPairs b)
{
    return _mm512_dpbf16_ps(sum, a, b);
}
inline void storeInput(std::uint16_t *p, Vec a)
{
    storeBf16(p, a);
}

constexpr ActivationFormat kBf16Activations = ActivationFormat::Bf16Rows;
constexpr int kTileRows = 12; // rows of a register tile

} // namespace
} // namespace engine::cpu
