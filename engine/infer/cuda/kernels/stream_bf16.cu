// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/kernels/stream.h"
#include "engine/infer/cuda/kernels/streamed_product.h"

namespace engine::cuda {

void streamBf16(const MatrixView &matrix, const ProductInput &input, const ProductOutput &output,
                cudaStream_t stream)
{
    streamWith(Bf16Weights{static_cast<const bf16 *>(matrix.data), matrix.rows, matrix.columns},
               input, output, stream);
}

} // namespace engine::cuda
