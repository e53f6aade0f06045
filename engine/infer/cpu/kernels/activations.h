// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/infer/cpu/kernels/huge_buffer.h"
#include "engine/spec/result.h"

namespace engine::cpu {

// How the inputs of a product lie in memory, as its kernels like them best.
enum class ActivationFormat {
    Fp32Rows,
    Bf16Rows,
    Bf16Tiles, // [inputs/256][rows/16][8 tiles of 32 inputs][16 rows][32 inputs]
};

// Inputs that a row of tiles holds before the next 16 rows follow: what the product keeps close.
inline constexpr std::int64_t kTileRowInputs = 256;

// A plain view for the kernels.
struct ActivationView
{
    void *data = nullptr;
    std::int64_t rows = 0;
    std::int64_t columns = 0; // padded to 32; the padding holds zeros
    std::int64_t pitch = 0;   // elements from row to row, of the formats in rows
    ActivationFormat format = ActivationFormat::Fp32Rows;
};

// Rows of inputs to a product, in the kernels' own format: written by norm, attention and SwiGLU,
// read by matmul. Sized once; the number of rows in use is set before each writing.
class Activations
{
public:
    Activations() = default;
    static Result<Activations> allocate(ActivationFormat format, std::int64_t maxRows,
                                        std::int64_t columns);
    static std::int64_t bytesFor(ActivationFormat format, std::int64_t maxRows,
                                 std::int64_t columns);

    // The contents are lost.
    void setRows(std::int64_t rows);
    std::int64_t rows() const { return m_view.rows; }
    std::int64_t maxRows() const { return m_maxRows; }
    std::int64_t columns() const { return m_columns; }
    const ActivationView &view() const { return m_view; }

    // Converts from and to plain fp32 rows, `stride` elements apart. For tests and odd jobs: one
    // thread, no hurry.
    void write(const float *source, std::int64_t stride);
    void read(float *target, std::int64_t stride) const;

private:
    HugeBuffer m_buffer;
    ActivationView m_view;
    std::int64_t m_maxRows = 0;
    std::int64_t m_columns = 0;
};

// Index of an element of a view in Bf16Tiles.
[[gnu::always_inline]] constexpr std::int64_t tileElement(std::int64_t rows, std::int64_t columns,
                                                          std::int64_t row, std::int64_t column)
{
    const std::int64_t rowTiles = (rows + 15) / 16;
    const std::int64_t block = column / kTileRowInputs;
    const std::int64_t left = columns - block * kTileRowInputs;
    const std::int64_t tiles = (left < kTileRowInputs ? left : kTileRowInputs) / 32;
    const std::int64_t tile =
        block * (kTileRowInputs / 32) * rowTiles + row / 16 * tiles + column % kTileRowInputs / 32;
    return tile * 512 + row % 16 * 32 + column % 32;
}

} // namespace engine::cpu
