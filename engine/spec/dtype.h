// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace engine {

// How a number is stored. Weights and KV cache have one each.
enum class DType { Fp32, Bf16, Fp16, Fp8, Int8, Fp4, Int4 };

inline constexpr std::array kAllDTypes{DType::Fp32, DType::Bf16, DType::Fp16, DType::Fp8,
                                       DType::Int8, DType::Fp4,  DType::Int4};

// Bytes that one stored element takes, scales included where a format has them.
constexpr double bytesPerElement(DType type)
{
    switch (type) {
    case DType::Fp32:
        return 4;
    case DType::Bf16:
    case DType::Fp16:
        return 2;
    case DType::Fp8:
    case DType::Int8:
        return 1;
    case DType::Fp4:
        return 0.5625; // nvfp4: 4 bits and one byte of scale for 16
    case DType::Int4:
        return 0.515625; // 4 bits and one fp16 scale for 128
    }
    return 0;
}

constexpr std::string_view dtypeName(DType type)
{
    switch (type) {
    case DType::Fp32:
        return "fp32";
    case DType::Bf16:
        return "bf16";
    case DType::Fp16:
        return "fp16";
    case DType::Fp8:
        return "fp8";
    case DType::Int8:
        return "int8";
    case DType::Fp4:
        return "fp4";
    case DType::Int4:
        return "int4";
    }
    return "";
}

constexpr std::optional<DType> dtypeFromName(std::string_view name)
{
    for (DType type : kAllDTypes) {
        if (dtypeName(type) == name)
            return type;
    }
    return std::nullopt;
}

} // namespace engine
