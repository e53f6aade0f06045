// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/infer/cpu/kernels/kernels.h"
#include "engine/infer/decoder.h"

namespace engine::cpu {

// The sizes of everything that a decoder allocates, known before any of it is.
struct CpuLayout
{
    int threads = 1;
    std::int64_t pagesEach = 0;  // of the longest sequence
    std::int64_t cachePages = 0; // of each layer
    std::int64_t logitRows = 0;  // rows of logits computed at a time for sampling
    std::int64_t qkvWidth = 0;   // the widest layer's
    std::vector<std::int64_t> attendedWidths;
    std::vector<std::int64_t> ffnWidths;
    KernelLimits limits;
    MemoryUse memory;
    std::int64_t kvBytesPerPosition = 0;
};

CpuLayout layoutOf(const ModelSpec &model, const DecoderOptions &options);

// Refuses options and models that this backend cannot run, memory apart.
Result<void> checkSupported(const ModelSpec &model, const DecoderOptions &options);

} // namespace engine::cpu
