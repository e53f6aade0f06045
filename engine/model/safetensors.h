// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/spec/result.h"

namespace engine {

// One entry of a safetensors header. Offsets count from the start of the file.
struct TensorEntry
{
    std::string name;
    std::string type; // "F32", "BF16", as the file writes it
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    friend bool operator==(const TensorEntry &, const TensorEntry &) = default;
};

// Reads and checks the header of a safetensors file given whole (as a mapping): lengths, shapes
// against byte ranges, ranges inside the file and not overlapping, no name twice. The memory that
// it takes is bounded by the file's own header, which may have kMaxSafetensorsHeader bytes.
Result<std::vector<TensorEntry>> readSafetensorsHeader(std::span<const std::byte> file,
                                                       const std::string &where);

inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000; // the format's own limit

} // namespace engine
