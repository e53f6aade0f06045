// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/infer/cuda/layout.h"
#include "engine/infer/decoder.h"

namespace engine::cuda {

// The sizes of everything that a decoder allocates on the device, known before any of it is.
struct CudaLayout
{
    std::int64_t pagesEach = 0;       // of the longest sequence
    std::int64_t cachePages = 0;      // of each layer
    std::int64_t qkvWidth = 0;        // the widest layer's
    std::int64_t rowPitch = 0;        // of the widest bf16 input of a product
    std::int64_t queryPitch = 0;      // of prepared queries, heads padded
    std::int64_t scratchElements = 0; // of a dequantised matrix
    std::int64_t logitRows = 0;       // whose logits are computed at a time
    int mostHeads = 0;
    int mostKvHeads = 0;
    int mostDims = 0; // of a head, padded
    int mostSplits = 1;
    std::int64_t kvBytesPerPosition = 0;
    MemoryUse memory;
};

// `multiprocessors` of the device decide how far the decode attention is split.
CudaLayout layoutOf(const ModelSpec &model, const DecoderOptions &options, int multiprocessors);

// Refuses options and models that this backend cannot run, memory apart.
Result<void> checkSupported(const ModelSpec &model, const DecoderOptions &options);

// DoesNotFit, with the figures and what would fit, unless the layout takes at most `freeBytes`.
Result<void> checkMemory(const ModelSpec &model, const DecoderOptions &options,
                         const CudaLayout &layout, std::int64_t freeBytes);

Storage storageOf(DType type);

// Bytes of a matrix (rows, columns) with its scales.
std::int64_t matrixBytes(Storage storage, std::int64_t rows, std::int64_t columns);

// Inputs that share a scale in the matrices that the decoder quantises.
inline constexpr int kGroup = 128;

} // namespace engine::cuda
