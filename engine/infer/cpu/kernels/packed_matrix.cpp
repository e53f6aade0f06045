// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/packed_matrix.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "engine/infer/cpu/kernels/bfloat16.h"

namespace engine::cpu {

namespace {

std::int64_t outputOf(std::int64_t row, RowPlacement placement)
{
    if (placement == RowPlacement::Plain)
        return row;
    return row / 16 * 32 + row % 16 + (placement == RowPlacement::Up ? 16 : 0);
}

// Where element (output, input) of a bf16 matrix lies, in elements.
std::int64_t bf16Offset(std::int64_t output, std::int64_t input, std::int64_t paddedInputs)
{
    const std::int64_t panel = output / kPanelOutputs;
    const std::int64_t half = output % kPanelOutputs / 16;
    const std::int64_t block = input / kBlockInputs;
    const std::int64_t pair = input % kBlockInputs / 2;
    return panel * kPanelOutputs * paddedInputs + (block * 2 + half) * 512 + pair * 32 +
           output % 16 * 2 + input % 2;
}

std::int64_t fp32Offset(std::int64_t output, std::int64_t input, std::int64_t paddedInputs)
{
    return output / kPanelOutputs * kPanelOutputs * paddedInputs + input * kPanelOutputs +
           output % kPanelOutputs;
}

float readFloat(const void *source, DType type, std::int64_t index)
{
    if (type == DType::Fp32)
        return static_cast<const float *>(source)[index];
    const std::uint16_t bits = static_cast<const std::uint16_t *>(source)[index];
    return type == DType::Bf16 ? toFloat(BFloat16{bits}) : halfToFloat(bits);
}

std::uint16_t readBf16(const void *source, DType type, std::int64_t index)
{
    if (type == DType::Bf16)
        return static_cast<const std::uint16_t *>(source)[index];
    return toBFloat16(readFloat(source, type, index)).bits;
}

// `count` inputs of a row from element `first` on, rounded to bf16; simple loops that vectorise.
void readBlock(const void *source, DType type, std::int64_t first, std::int64_t count,
               std::uint16_t *out)
{
    if (type == DType::Bf16) {
        std::memcpy(out, static_cast<const std::uint16_t *>(source) + first,
                    static_cast<std::size_t>(count) * 2);
    } else if (type == DType::Fp32) {
        const float *values = static_cast<const float *>(source) + first;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto bits = std::bit_cast<std::uint32_t>(values[i]);
            const std::uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
            const std::uint32_t nan = bits >> 16 | 0x40;
            out[i] = static_cast<std::uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? nan : rounded);
        }
    } else {
        for (std::int64_t i = 0; i < count; ++i)
            out[i] = readBf16(source, type, first + i);
    }
}

// Sixteen rows that become one half of a panel: whole cache lines are written in order.
void packHalfPanel(const void *source, DType type, std::int64_t stride, std::int64_t inputs,
                   std::uint16_t *half)
{
    for (std::int64_t block = 0; block < inputs; block += kBlockInputs) {
        alignas(64) std::uint16_t values[16][kBlockInputs] = {};
        const std::int64_t count = inputs - block < kBlockInputs ? inputs - block : kBlockInputs;
        for (std::int64_t row = 0; row < 16; ++row)
            readBlock(source, type, row * stride + block, count, values[row]);
        std::uint16_t *target = half + block / kBlockInputs * 1024;
        for (std::int64_t pair = 0; pair < kBlockInputs / 2; ++pair) {
            for (std::int64_t row = 0; row < 16; ++row)
                std::memcpy(target + pair * 32 + row * 2, values[row] + pair * 2, 4);
        }
    }
}

} // namespace

std::int64_t PackedMatrix::bytesFor(std::int64_t outputs, std::int64_t inputs, DType type)
{
    const std::int64_t paddedOutputs =
        (outputs + kPanelOutputs - 1) / kPanelOutputs * kPanelOutputs;
    const std::int64_t paddedInputs = (inputs + kBlockInputs - 1) / kBlockInputs * kBlockInputs;
    return paddedOutputs * paddedInputs * (type == DType::Fp32 ? 4 : 2);
}

Result<PackedMatrix> PackedMatrix::allocate(std::int64_t outputs, std::int64_t inputs, DType type)
{
    constexpr std::int64_t kLargest = std::int64_t{1} << 30;
    if (type != DType::Fp32 && type != DType::Bf16)
        return fail(ErrorKind::Unsupported, "Weights of type " + std::string(dtypeName(type)) +
                                                " cannot be packed; use bf16 or fp32.");
    if (outputs < 1 || inputs < 1 || outputs > kLargest || inputs > kLargest / 32)
        return fail(ErrorKind::BadInput, "A weight matrix of " + std::to_string(outputs) + " x " +
                                             std::to_string(inputs) + " is out of range.");
    auto buffer = HugeBuffer::allocate(bytesFor(outputs, inputs, type));
    if (!buffer)
        return tl::unexpected<Error>(buffer.error());
    PackedMatrix matrix;
    matrix.m_buffer = std::move(*buffer);
    matrix.m_outputs = outputs;
    matrix.m_inputs = inputs;
    matrix.m_type = type;
    return matrix;
}

void PackedMatrix::packRows(const void *source, DType sourceType, std::int64_t stride,
                            std::int64_t firstRow, std::int64_t rows, RowPlacement placement)
{
    const std::int64_t padded = paddedInputs();
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t output = outputOf(firstRow + row, placement);
        assert(output >= 0 && output < m_outputs);
        const std::int64_t first = row * stride;
        if (m_type == DType::Bf16 && output % 16 == 0 && rows - row >= 16) {
            const std::int64_t width = sourceType == DType::Fp32 ? 4 : 2;
            packHalfPanel(
                static_cast<const char *>(source) + first * width, sourceType, stride, m_inputs,
                static_cast<std::uint16_t *>(m_buffer.data()) + bf16Offset(output, 0, padded));
            row += 15;
            continue;
        }
        if (m_type == DType::Fp32) {
            float *target = static_cast<float *>(m_buffer.data()) + fp32Offset(output, 0, padded);
            for (std::int64_t input = 0; input < m_inputs; ++input)
                target[input * kPanelOutputs] = readFloat(source, sourceType, first + input);
            continue;
        }
        auto *target =
            static_cast<std::uint16_t *>(m_buffer.data()) + bf16Offset(output, 0, padded);
        for (std::int64_t input = 0; input < m_inputs; ++input)
            target[input / 32 * 1024 + input % 32 / 2 * 32 + input % 2] =
                readBf16(source, sourceType, first + input);
    }
}

void PackedMatrix::unpackRow(std::int64_t output, std::span<float> row) const
{
    assert(output >= 0 && output < m_outputs && std::ssize(row) == m_inputs);
    const std::int64_t padded = paddedInputs();
    if (m_type == DType::Fp32) {
        const float *source =
            static_cast<const float *>(m_buffer.data()) + fp32Offset(output, 0, padded);
        for (std::int64_t input = 0; input < m_inputs; ++input)
            row[static_cast<std::size_t>(input)] = source[input * kPanelOutputs];
        return;
    }
    const auto *source =
        static_cast<const std::uint16_t *>(m_buffer.data()) + bf16Offset(output, 0, padded);
    for (std::int64_t input = 0; input < m_inputs; ++input)
        row[static_cast<std::size_t>(input)] =
            toFloat(BFloat16{source[input / 32 * 1024 + input % 32 / 2 * 32 + input % 2]});
}

} // namespace engine::cpu
