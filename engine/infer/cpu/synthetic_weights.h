// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace engine::cpu {

// The random numbers of one tensor: value i depends on (seed, name, i) alone, so that any part can
// be made anywhere, in any order, with the same bits on every machine.
struct SyntheticTensor
{
    std::uint32_t keyLow = 0;
    std::uint32_t keyHigh = 0;
    float step = 0; // value = (23-bit signed integer + 1/2) * step

    // Uniform with mean 0 and standard deviation `sigma`.
    static SyntheticTensor of(std::uint64_t seed, std::string_view name, double sigma);
};

// Values [first, first + count) of the tensor.
void generate(const SyntheticTensor &tensor, std::int64_t first, std::int64_t count, float *out);

} // namespace engine::cpu
