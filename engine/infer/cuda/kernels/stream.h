// SPDX-License-Identifier: Apache-2.0
#pragma once

// The streaming product, a file for each storage so that they compile beside each other.

#include "engine/infer/cuda/kernels.h"

namespace engine::cuda {

void streamBf16(const MatrixView &matrix, const ProductInput &input, const ProductOutput &output,
                cudaStream_t stream);
void streamFp8(const MatrixView &matrix, const ProductInput &input, const ProductOutput &output,
               cudaStream_t stream);
void streamInt8(const MatrixView &matrix, const ProductInput &input, const ProductOutput &output,
                cudaStream_t stream);
void streamInt4(const MatrixView &matrix, const ProductInput &input, const ProductOutput &output,
                cudaStream_t stream);

} // namespace engine::cuda
