// SPDX-License-Identifier: Apache-2.0
#pragma once

// Vectors of 16 floats in plain C++. Included by exactly one kernel file.

#include <cstdint>
#include <cstring>

namespace engine::cpu {
namespace {

struct Vec
{
    float lane[16];
};

#define ENGINE_EACH_LANE(expression)                                                               \
    Vec result;                                                                                    \
    for (int i = 0; i < 16; ++i)                                                                   \
        result.lane[i] = (expression);                                                             \
    return result

inline Vec set1(float x)
{
    ENGINE_EACH_LANE(x);
}
inline Vec load(const float *p)
{
    ENGINE_EACH_LANE(p[i]);
}
inline Vec loadPartial(const float *p, int n)
{
    ENGINE_EACH_LANE(i < n ? p[i] : 0.0f);
}
inline Vec add(const Vec &a, const Vec &b)
{
    ENGINE_EACH_LANE(a.lane[i] + b.lane[i]);
}
inline Vec sub(const Vec &a, const Vec &b)
{
    ENGINE_EACH_LANE(a.lane[i] - b.lane[i]);
}
inline Vec mul(const Vec &a, const Vec &b)
{
    ENGINE_EACH_LANE(a.lane[i] * b.lane[i]);
}
inline Vec div(const Vec &a, const Vec &b)
{
    ENGINE_EACH_LANE(a.lane[i] / b.lane[i]);
}
inline Vec fma(const Vec &a, const Vec &b, const Vec &c)
{
    ENGINE_EACH_LANE(a.lane[i] * b.lane[i] + c.lane[i]);
}
inline Vec max(const Vec &a, const Vec &b)
{
    ENGINE_EACH_LANE(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]);
}
inline Vec min(const Vec &a, const Vec &b)
{
    ENGINE_EACH_LANE(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]);
}
// Lanes [first, last) of a, elsewhere b.
inline Vec within(const Vec &a, int first, int last, const Vec &b)
{
    ENGINE_EACH_LANE(i >= first && i < last ? a.lane[i] : b.lane[i]);
}
// Nearest whole number, of magnitudes below 2^22.
inline Vec roundWhole(const Vec &a)
{
    ENGINE_EACH_LANE((a.lane[i] + 12582912.0f) - 12582912.0f);
}
// a * 2^n for whole n in [-126, 127].
inline Vec scale2(const Vec &a, const Vec &n)
{
    Vec result;
    for (int i = 0; i < 16; ++i) {
        const std::uint32_t bits = static_cast<std::uint32_t>(static_cast<int>(n.lane[i]) + 127)
                                   << 23;
        float power;
        std::memcpy(&power, &bits, 4);
        result.lane[i] = a.lane[i] * power;
    }
    return result;
}
inline void store(float *p, const Vec &a)
{
    std::memcpy(p, a.lane, 64);
}
inline void storePartial(float *p, const Vec &a, int n)
{
    for (int i = 0; i < n; ++i)
        p[i] = a.lane[i];
}
inline float sumOf(const Vec &a)
{
    float sum[8];
    for (int i = 0; i < 8; ++i)
        sum[i] = a.lane[i] + a.lane[i + 8];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}
inline float maxOf(const Vec &a)
{
    float best = a.lane[0];
    for (int i = 1; i < 16; ++i)
        best = a.lane[i] > best ? a.lane[i] : best;
    return best;
}
inline void storeBf16(std::uint16_t *p, const Vec &a)
{
    for (int i = 0; i < 16; ++i) {
        std::uint32_t bits;
        std::memcpy(&bits, &a.lane[i], 4);
        const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
        p[i] = static_cast<std::uint16_t>(nan ? (bits >> 16 | 0x40)
                                              : ((bits + 0x7fff + (bits >> 16 & 1)) >> 16));
    }
}

#undef ENGINE_EACH_LANE

// Products with bf16 weights: inputs stay fp32, pairs of weights are widened.
using Input = float;
struct WeightPairs
{
    Vec even;
    Vec odd;
};
struct InputPair
{
    float even;
    float odd;
};
inline WeightPairs loadPairs(const std::uint16_t *p)
{
    WeightPairs pairs;
    for (int i = 0; i < 16; ++i) {
        const std::uint32_t even = std::uint32_t{p[2 * i]} << 16;
        const std::uint32_t odd = std::uint32_t{p[2 * i + 1]} << 16;
        std::memcpy(&pairs.even.lane[i], &even, 4);
        std::memcpy(&pairs.odd.lane[i], &odd, 4);
    }
    return pairs;
}
inline InputPair loadInputPair(const float *p)
{
    return {p[0], p[1]};
}
inline Vec dotPairs(const Vec &sum, const InputPair &a, const WeightPairs &b)
{
    Vec result;
    for (int i = 0; i < 16; ++i)
        result.lane[i] = sum.lane[i] + a.even * b.even.lane[i] + a.odd * b.odd.lane[i];
    return result;
}
inline void storeInput(float *p, const Vec &a)
{
    store(p, a);
}

constexpr ActivationFormat kBf16Activations = ActivationFormat::Fp32Rows;
constexpr int kTileRows = 4; // rows of a register tile

} // namespace
} // namespace engine::cpu
