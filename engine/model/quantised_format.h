// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace engine {

// What one stored number of a quantised matrix is.
enum class QuantisedCode {
    E4m3, // an 8-bit float: 4 bits of exponent, 3 of mantissa, no infinities
    Int8, // two's complement
    Int4, // 0..15, standing for -8..7
};

// How a matrix (outputs, inputs) is held in few bits. Along a row, `group` neighbouring inputs
// share a scale: value = scale * code, plus the group's minimum where the format has one. Devices
// lay the codes out as their kernels like; these are the numbers that all of them agree on.
struct QuantisedFormat
{
    QuantisedCode code = QuantisedCode::Int8;
    int group = 128;
    bool hasMinimum = false;

    friend bool operator==(const QuantisedFormat &, const QuantisedFormat &) = default;
};

// The largest size of a code, which the largest weight of a group is mapped to.
constexpr float largestCode(QuantisedCode code)
{
    switch (code) {
    case QuantisedCode::E4m3:
        return 448;
    case QuantisedCode::Int8:
        return 127;
    case QuantisedCode::Int4:
        return 7;
    }
    return 0;
}

} // namespace engine
