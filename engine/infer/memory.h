// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/infer/decoder.h"

namespace engine {

// Memory that this process may still take: the least of what the system has available, what the
// control groups above it leave, and what its own address-space limit leaves, less 2 %.
std::optional<std::int64_t> availableMemoryBytes();

// DoesNotFit with one sentence (bytes asked for and free, and what would fit) unless the decoder
// fits into `available` bytes.
Result<void> checkMemory(const ModelSpec &model, const DecoderOptions &options,
                         std::int64_t available);

// "13.5 GB": decimal units, three digits.
std::string byteText(std::int64_t bytes);

} // namespace engine
