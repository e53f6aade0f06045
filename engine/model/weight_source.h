// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace engine {

// Where the numbers of the weights come from.
struct WeightSource
{
    enum class Kind { Synthetic, Directory };
    Kind kind = Kind::Synthetic;
    std::string directory;  // Hugging Face folder with *.safetensors
    std::uint64_t seed = 1; // of synthetic weights

    friend bool operator==(const WeightSource &, const WeightSource &) = default;
};

} // namespace engine
