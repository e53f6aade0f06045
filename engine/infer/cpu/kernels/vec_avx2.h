// SPDX-License-Identifier: Apache-2.0
#pragma once

// Vectors of 16 floats on AVX2 and FMA. Included by exactly one kernel file.

#include <cstdint>
#include <immintrin.h>

namespace engine::cpu {
namespace {

struct Vec
{
    __m256 low;
    __m256 high;
};

inline __m256i laneNumbers()
{
    return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}
inline __m256i below(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), laneNumbers());
}

inline Vec set1(float x)
{
    return {_mm256_set1_ps(x), _mm256_set1_ps(x)};
}
inline Vec load(const float *p)
{
    return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}
inline Vec loadPartial(const float *p, int n)
{
    return {_mm256_maskload_ps(p, below(n)), _mm256_maskload_ps(p + 8, below(n - 8))};
}
inline Vec add(Vec a, Vec b)
{
    return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
inline Vec sub(Vec a, Vec b)
{
    return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
inline Vec mul(Vec a, Vec b)
{
    return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
inline Vec div(Vec a, Vec b)
{
    return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
inline Vec fma(Vec a, Vec b, Vec c)
{
    return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
inline Vec max(Vec a, Vec b)
{
    return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
inline Vec min(Vec a, Vec b)
{
    return {_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)};
}
// Lanes [first, last) of a, elsewhere b.
inline Vec within(Vec a, int first, int last, Vec b)
{
    const auto pick = [](__m256 x, __m256 y, int from, int to) {
        const __m256i mask = _mm256_andnot_si256(below(from), below(to));
        return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(mask));
    };
    return {pick(a.low, b.low, first, last), pick(a.high, b.high, first - 8, last - 8)};
}
// Nearest whole number.
inline Vec roundWhole(Vec a)
{
    constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    return {_mm256_round_ps(a.low, kNearest), _mm256_round_ps(a.high, kNearest)};
}
// a * 2^n for whole n in [-126, 127].
inline Vec scale2(Vec a, Vec n)
{
    const auto power = [](__m256 x) {
        const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(x), _mm256_set1_epi32(127));
        return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
    };
    return {_mm256_mul_ps(a.low, power(n.low)), _mm256_mul_ps(a.high, power(n.high))};
}
inline void store(float *p, Vec a)
{
    _mm256_storeu_ps(p, a.low);
    _mm256_storeu_ps(p + 8, a.high);
}
inline void storePartial(float *p, Vec a, int n)
{
    _mm256_maskstore_ps(p, below(n), a.low);
    _mm256_maskstore_ps(p + 8, below(n - 8), a.high);
}
inline float sumOf(Vec a)
{
    const __m256 eight = _mm256_add_ps(a.low, a.high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}
inline float maxOf(Vec a)
{
    const __m256 eight = _mm256_max_ps(a.low, a.high);
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

// Products with bf16 weights: inputs stay fp32, pairs of weights are widened.
using Input = float;
struct WeightPairs
{
    Vec even;
    Vec odd;
};
struct InputPair
{
    __m256 even;
    __m256 odd;
};
inline WeightPairs loadPairs(const std::uint16_t *p)
{
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p + 16));
    const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
    return {{_mm256_castsi256_ps(_mm256_slli_epi32(low, 16)),
             _mm256_castsi256_ps(_mm256_slli_epi32(high, 16))},
            {_mm256_castsi256_ps(_mm256_and_si256(low, upper)),
             _mm256_castsi256_ps(_mm256_and_si256(high, upper))}};
}
inline InputPair loadInputPair(const float *p)
{
    return {_mm256_broadcast_ss(p), _mm256_broadcast_ss(p + 1)};
}
inline Vec dotPairs(Vec sum, InputPair a, WeightPairs b)
{
    const Vec even{_mm256_fmadd_ps(a.even, b.even.low, sum.low),
                   _mm256_fmadd_ps(a.even, b.even.high, sum.high)};
    return {_mm256_fmadd_ps(a.odd, b.odd.low, even.low),
            _mm256_fmadd_ps(a.odd, b.odd.high, even.high)};
}
inline void storeInput(float *p, Vec a)
{
    store(p, a);
}
inline void storeBf16(std::uint16_t *p, Vec a)
{
    const auto round = [](__m256 x) {
        const __m256i bits = _mm256_castps_si256(x);
        const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
        const __m256i rounded = _mm256_srli_epi32(
            _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd), 16);
        const __m256i nan = _mm256_or_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(0x40));
        const __m256i ordered = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_ORD_Q));
        return _mm256_blendv_epi8(nan, rounded, ordered);
    };
    const __m256i packed = _mm256_packus_epi32(round(a.low), round(a.high));
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(p),
                        _mm256_permute4x64_epi64(packed, _MM_SHUFFLE(3, 1, 2, 0)));
}

constexpr ActivationFormat kBf16Activations = ActivationFormat::Fp32Rows;
constexpr int kTileRows = 2; // rows of a register tile

} // namespace
} // namespace engine::cpu
