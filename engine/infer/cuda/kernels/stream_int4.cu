// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/kernels/stream.h"
#include "engine/infer/cuda/kernels/streamed_product.h"

namespace engine::cuda {

void streamInt4(const MatrixView &matrix, const ProductInput &input, const ProductOutput &output,
                cudaStream_t stream)
{
    if (matrix.group == 32 && matrix.minima)
        streamWith(packedWeights<Int4Weights<32, true>>(matrix), input, output, stream);
    else if (matrix.group == 32)
        streamWith(packedWeights<Int4Weights<32, false>>(matrix), input, output, stream);
    else if (matrix.minima)
        streamWith(packedWeights<Int4Weights<128, true>>(matrix), input, output, stream);
    else
        streamWith(packedWeights<Int4Weights<128, false>>(matrix), input, output, stream);
}

} // namespace engine::cuda
