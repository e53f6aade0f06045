// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/infer/cpu/kernels/huge_buffer.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"

namespace engine::cpu {

// Angle per position of each pair of a head, and the factor on cosines and sines. Formulas: RoPE
// (Su et al. 2021), linear (position interpolation), Llama 3.1, YaRN (Peng et al. 2023), as
// transformers computes them.
std::vector<double> ropeFrequencies(const RopeSpec &rope, int rotaryDim);

// Leading dimensions of a head that turn.
int rotaryDimOf(const AttentionSpec &attention);

// (positions, [pairs cosines | pairs sines]) in fp32, computed in double.
class RopeTable
{
public:
    static Result<RopeTable> create(const RopeSpec &rope, int rotaryDim, std::int64_t positions);
    static std::int64_t bytesFor(int rotaryDim, std::int64_t positions)
    {
        return positions * rotaryDim * std::int64_t(sizeof(float));
    }
    const float *data() const { return static_cast<const float *>(m_buffer.data()); }

private:
    HugeBuffer m_buffer;
};

} // namespace engine::cpu
