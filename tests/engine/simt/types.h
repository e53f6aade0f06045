// SPDX-License-Identifier: Apache-2.0
#pragma once

// CUDA's vector and small floating-point types for a plain C++ compiler: same names, sizes,
// alignment and rounding.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#define SIMT_VECTOR(Name, Element, Align)                                                          \
    struct alignas(Align) Name##2                                                                  \
    {                                                                                              \
        Element x, y;                                                                              \
    };                                                                                             \
    struct alignas(2 * (Align)) Name##4                                                            \
    {                                                                                              \
        Element x, y, z, w;                                                                        \
    };                                                                                             \
    inline Name##2 make_##Name##2(Element x, Element y)                                            \
    {                                                                                              \
        return {x, y};                                                                             \
    }                                                                                              \
    inline Name##4 make_##Name##4(Element x, Element y, Element z, Element w)                      \
    {                                                                                              \
        return {x, y, z, w};                                                                       \
    }
SIMT_VECTOR(float, float, 8)
SIMT_VECTOR(int, int, 8)
SIMT_VECTOR(uint, unsigned, 8)
#undef SIMT_VECTOR

struct uint3
{
    unsigned x = 0, y = 0, z = 0;
};

struct dim3
{
    unsigned x, y, z;
    constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

// NOLINTBEGIN: these are CUDA's names.
struct __nv_bfloat16
{
    std::uint16_t bits;
    __nv_bfloat16() = default;
    __nv_bfloat16(float value)
    {
        const auto all = std::bit_cast<std::uint32_t>(value);
        bits = value != value ? 0x7fff : std::uint16_t((all + 0x7fff + (all >> 16 & 1)) >> 16);
    }
    operator float() const { return std::bit_cast<float>(std::uint32_t(bits) << 16); }
};

struct __half
{
    std::uint16_t bits;
    __half() = default;
    __half(float value)
    {
        const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
        const float size = std::fabs(value);
        if (value != value) {
            bits = 0x7fff;
        } else if (size >= 65520) {
            bits = sign | 0x7c00;
        } else {
            const int e = std::max(size > 0 ? std::ilogb(size) : -14, -14);
            const int mantissa = int(std::nearbyint(std::ldexp(size, 10 - e)));
            bits = std::uint16_t(sign | (mantissa + (e + 14) * 1024));
        }
    }
    operator float() const
    {
        const int e = bits >> 10 & 31;
        const int m = bits & 1023;
        const float size = e == 31 ? (m ? NAN : INFINITY)
                           : e     ? std::ldexp(float(1024 + m), e - 25)
                                   : std::ldexp(float(m), -24);
        return bits & 0x8000 ? -size : size;
    }
};

struct alignas(4) __nv_bfloat162
{
    __nv_bfloat16 x, y;
};

// Four bits of exponent, three of mantissa; rounds to nearest even and saturates at 448.
struct __nv_fp8_e4m3
{
    std::uint8_t __x;
    __nv_fp8_e4m3() = default;
    explicit __nv_fp8_e4m3(float value)
    {
        const std::uint8_t sign = std::signbit(value) ? 0x80 : 0;
        if (value != value) {
            __x = 0x7f;
            return;
        }
        const float size = std::min(std::fabs(value), 448.0f);
        const int e = std::max(size > 0 ? std::ilogb(size) : -6, -6);
        const int m = int(std::nearbyint(std::ldexp(size, 3 - e)));
        __x = std::uint8_t(sign | std::min(m + (e + 6) * 8, 0x7e));
    }
    explicit operator float() const
    {
        const int e = __x >> 3 & 15;
        const int m = __x & 7;
        const float size = e == 15 && m == 7 ? NAN
                           : e               ? std::ldexp(float(8 + m), e - 10)
                                             : std::ldexp(float(m), -9);
        return __x & 0x80 ? -size : size;
    }
};

inline __nv_bfloat16 __float2bfloat16(float value)
{
    return value;
}
inline float __bfloat162float(__nv_bfloat16 value)
{
    return value;
}
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y)
{
    return {x, y};
}
inline float2 __bfloat1622float2(__nv_bfloat162 value)
{
    return {value.x, value.y};
}
inline __nv_bfloat162 __hsub2(__nv_bfloat162 a, __nv_bfloat162 b)
{
    return {float(a.x) - float(b.x), float(a.y) - float(b.y)};
}
inline __nv_bfloat162 __hmul2(__nv_bfloat162 a, __nv_bfloat162 b)
{
    return {float(a.x) * float(b.x), float(a.y) * float(b.y)};
}
inline __half __float2half(float value)
{
    return value;
}
inline float __half2float(__half value)
{
    return value;
}
// NOLINTEND
