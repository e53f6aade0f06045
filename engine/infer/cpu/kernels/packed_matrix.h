// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "engine/infer/cpu/kernels/huge_buffer.h"
#include "engine/spec/dtype.h"
#include "engine/spec/result.h"

namespace engine::cpu {

// Outputs a panel holds, and inputs a block of it holds.
inline constexpr std::int64_t kPanelOutputs = 32;
inline constexpr std::int64_t kBlockInputs = 32;

// Which outputs packed rows become. A gate and an up matrix share one: 16 gate outputs, then the 16
// up outputs of the same indices, in each panel.
enum class RowPlacement { Plain, Gate, Up };

// Weights (outputs, inputs), stored for streaming: panels of 32 outputs, each contiguous. Bf16
// panels are blocks of 32 inputs, [inputs/32][2 halves of 16 outputs][16 pairs][16 outputs][2],
// fp32 panels [inputs][32 outputs]. Outputs and inputs are padded with zeros to 32.
class PackedMatrix
{
public:
    PackedMatrix() = default;
    // `type` is Bf16 or Fp32. For a gate and an up matrix of n outputs each, `outputs` is
    // gateUpOutputs(n).
    static Result<PackedMatrix> allocate(std::int64_t outputs, std::int64_t inputs, DType type);
    static std::int64_t bytesFor(std::int64_t outputs, std::int64_t inputs, DType type);
    static constexpr std::int64_t gateUpOutputs(std::int64_t outputs)
    {
        return (outputs + 15) / 16 * 32;
    }

    // Packs `rows` rows of `inputs` elements, `stride` elements apart, of type Fp32, Bf16 or Fp16.
    // Row r becomes output firstRow + r (Plain) or its place among gates or ups. Different rows may
    // be packed by different threads at once.
    void packRows(const void *source, DType sourceType, std::int64_t stride, std::int64_t firstRow,
                  std::int64_t rows, RowPlacement placement = RowPlacement::Plain);

    // Copies the weights of one output (an embedding row, say) to `row`, inputs() floats.
    void unpackRow(std::int64_t output, std::span<float> row) const;

    std::int64_t outputs() const { return m_outputs; }
    std::int64_t inputs() const { return m_inputs; }
    DType type() const { return m_type; }
    std::int64_t panels() const { return (m_outputs + kPanelOutputs - 1) / kPanelOutputs; }
    std::int64_t paddedInputs() const
    {
        return (m_inputs + kBlockInputs - 1) / kBlockInputs * kBlockInputs;
    }
    const void *data() const { return m_buffer.data(); }
    std::int64_t bytes() const { return m_buffer.bytes(); }

private:
    HugeBuffer m_buffer;
    std::int64_t m_outputs = 0;
    std::int64_t m_inputs = 0;
    DType m_type = DType::Bf16;
};

} // namespace engine::cpu
