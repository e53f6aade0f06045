// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/infer/cuda/device_matrix.h"

namespace engine::cuda {

// Products of a library, where one is there and faster (see cublas.h).
class LibraryProducts
{
public:
    virtual ~LibraryProducts() = default;
    virtual std::string name() const = 0;
    // product (rows, weights.rows) = input times bf16 weights transposed, in fp32. False when the
    // library has nothing for this shape: own kernels then do it.
    virtual bool multiply(const MatrixView &weights, const ProductInput &input, float *product,
                          const Stream &stream) = 0;
};

// Chooses how a product is done: few rows stream the weights, many go through the matrix units, for
// which quantised weights become bf16 first. All work is queued; nothing is allocated.
class Products
{
public:
    // Scratch for M rows: normed inputs, and one dequantised matrix.
    static Result<Products> create(std::int64_t maxRows, std::int64_t rowPitch,
                                   std::int64_t scratchElements, const Stream &stream);
    // For products of exactly `rows` rows, which have been multiplied once with every matrix before
    // they are timed or recorded; `product` holds (rows, the widest matrix).
    void useLibrary(std::unique_ptr<LibraryProducts> library, int rows, DeviceBuffer product);

    // The RMSNorm of fp32 rows (of those that `index` names, if given) times the weights.
    void multiplyNormed(const MatrixView &weights, const float *residual, int width,
                        const int *index, int count, const float *norm, float epsilon,
                        const ProductOutput &output, const Stream &stream) const;
    void multiply(const MatrixView &weights, const ProductInput &input, const ProductOutput &output,
                  const Stream &stream) const;

private:
    DeviceBuffer m_normed; // (maxRows, rowPitch) bf16
    std::int64_t m_pitch = 0;
    DeviceBuffer m_scratch;
    std::unique_ptr<LibraryProducts> m_library;
    int m_libraryRows = 0;
    DeviceBuffer m_product;
};

} // namespace engine::cuda
