// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/kernels/stream.h"

namespace engine::cuda {

bool canNormInput(int rows, int columns)
{
    // Two blocks of this size fit beside each other on every chip from sm_80 on.
    constexpr std::int64_t kMostBytes = 72 * 1024;
    return rows <= kMostNormedRows && std::int64_t{rows} * columns * 2 <= kMostBytes;
}

void launchStreamedProduct(const MatrixView &weights, const ProductInput &input,
                           const ProductOutput &output, cudaStream_t stream)
{
    switch (weights.storage) {
    case Storage::Bf16:
        return streamBf16(weights, input, output, stream);
    case Storage::Fp8:
        return streamFp8(weights, input, output, stream);
    case Storage::Int8:
        return streamInt8(weights, input, output, stream);
    case Storage::Int4:
        return streamInt4(weights, input, output, stream);
    }
}

} // namespace engine::cuda
