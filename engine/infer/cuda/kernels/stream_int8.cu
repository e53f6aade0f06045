// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/kernels/stream.h"
#include "engine/infer/cuda/kernels/streamed_product.h"

namespace engine::cuda {

void streamInt8(const MatrixView &matrix, const ProductInput &input, const ProductOutput &output,
                cudaStream_t stream)
{
    if (matrix.group == 32)
        streamWith(packedWeights<Int8Weights<32>>(matrix), input, output, stream);
    else
        streamWith(packedWeights<Int8Weights<128>>(matrix), input, output, stream);
}

} // namespace engine::cuda
