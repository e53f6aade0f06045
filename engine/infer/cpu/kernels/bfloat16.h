// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace engine::cpu {

// The upper half of an fp32 number.
struct BFloat16
{
    std::uint16_t bits;
    friend bool operator==(const BFloat16 &, const BFloat16 &) = default;
};

constexpr float toFloat(BFloat16 value)
{
    return std::bit_cast<float>(std::uint32_t{value.bits} << 16);
}

// Rounds to nearest even; a NaN stays one.
constexpr BFloat16 toBFloat16(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return {static_cast<std::uint16_t>(bits >> 16 | 0x40)};
    return {static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

// An IEEE half, given by its bits.
constexpr float halfToFloat(std::uint16_t half)
{
    const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
    const std::uint32_t magnitude = half & 0x7fffu;
    if (magnitude >= 0x7c00) // infinity, NaN
        return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
    if (magnitude < 0x400) { // subnormal: magnitude * 2^-24
        const float value = static_cast<float>(magnitude) * 0x1p-24f;
        return sign ? -value : value;
    }
    return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
}

} // namespace engine::cpu
