// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/activations.h"

#include <cassert>

#include "engine/infer/cpu/kernels/bfloat16.h"

namespace engine::cpu {

namespace {

constexpr std::int64_t roundUp(std::int64_t value, std::int64_t to)
{
    return (value + to - 1) / to * to;
}

// A cache line more than the row, so that rows of 4 KiB do not all fall into one cache set.
std::int64_t pitchOf(std::int64_t columns)
{
    return roundUp(columns, 32) + 32;
}

std::int64_t indexOf(const ActivationView &view, std::int64_t row, std::int64_t column)
{
    if (view.format == ActivationFormat::Bf16Tiles)
        return tileElement(view.rows, view.columns, row, column);
    return row * view.pitch + column;
}

} // namespace

std::int64_t Activations::bytesFor(ActivationFormat format, std::int64_t maxRows,
                                   std::int64_t columns)
{
    if (format == ActivationFormat::Bf16Tiles)
        return roundUp(maxRows, 16) * roundUp(columns, 32) * 2;
    return maxRows * pitchOf(columns) * (format == ActivationFormat::Fp32Rows ? 4 : 2);
}

Result<Activations> Activations::allocate(ActivationFormat format, std::int64_t maxRows,
                                          std::int64_t columns)
{
    auto buffer = HugeBuffer::allocate(bytesFor(format, maxRows, columns));
    if (!buffer)
        return tl::unexpected<Error>(buffer.error());
    Activations activations;
    activations.m_buffer = std::move(*buffer);
    activations.m_maxRows = maxRows;
    activations.m_columns = columns;
    activations.m_view = {.data = activations.m_buffer.data(),
                          .rows = 0,
                          .columns = roundUp(columns, 32),
                          .pitch = pitchOf(columns),
                          .format = format};
    return activations;
}

void Activations::setRows(std::int64_t rows)
{
    assert(rows >= 0 && rows <= m_maxRows);
    m_view.rows = rows;
}

void Activations::write(const float *source, std::int64_t stride)
{
    for (std::int64_t row = 0; row < m_view.rows; ++row) {
        for (std::int64_t column = 0; column < m_view.columns; ++column) {
            const float value = column < m_columns ? source[row * stride + column] : 0.0f;
            const std::int64_t index = indexOf(m_view, row, column);
            if (m_view.format == ActivationFormat::Fp32Rows)
                static_cast<float *>(m_view.data)[index] = value;
            else
                static_cast<BFloat16 *>(m_view.data)[index] = toBFloat16(value);
        }
    }
}

void Activations::read(float *target, std::int64_t stride) const
{
    for (std::int64_t row = 0; row < m_view.rows; ++row) {
        for (std::int64_t column = 0; column < m_columns; ++column) {
            const std::int64_t index = indexOf(m_view, row, column);
            target[row * stride + column] =
                m_view.format == ActivationFormat::Fp32Rows
                    ? static_cast<const float *>(m_view.data)[index]
                    : toFloat(static_cast<const BFloat16 *>(m_view.data)[index]);
        }
    }
}

} // namespace engine::cpu
