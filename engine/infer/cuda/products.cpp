// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/products.h"

namespace engine::cuda {

Result<Products> Products::create(std::int64_t maxRows, std::int64_t rowPitch,
                                  std::int64_t scratchElements, const Stream &stream)
{
    Products products;
    products.m_pitch = rowPitch;
    Result<DeviceBuffer> normed = DeviceBuffer::allocate(2 * maxRows * rowPitch);
    if (!normed)
        return tl::make_unexpected(normed.error());
    products.m_normed = std::move(*normed);
    stream.fill(products.m_normed.data(), 0, products.m_normed.bytes()); // padding stays zero
    Result<DeviceBuffer> scratch = DeviceBuffer::allocate(2 * scratchElements);
    if (!scratch)
        return tl::make_unexpected(scratch.error());
    products.m_scratch = std::move(*scratch);
    return products;
}

void Products::useLibrary(std::unique_ptr<LibraryProducts> library, int rows, DeviceBuffer product)
{
    m_library = std::move(library);
    m_libraryRows = rows;
    m_product = std::move(product);
}

void Products::multiplyNormed(const MatrixView &weights, const float *residual, int width,
                              const int *index, int count, const float *norm, float epsilon,
                              const ProductOutput &output, const Stream &stream) const
{
    if (!index && canNormInput(count, weights.columns)) {
        launchStreamedProduct(weights,
                              {.residual = residual,
                               .norm = norm,
                               .epsilon = epsilon,
                               .count = count,
                               .width = width},
                              output, stream.get());
        return;
    }
    auto *rows = m_normed.as<bf16>();
    launchRmsNorm(residual, width, index, count, norm, epsilon, rows, int(m_pitch), stream.get());
    multiply(weights, {.rows = rows, .count = count, .pitch = int(m_pitch)}, output, stream);
}

void Products::multiply(const MatrixView &weights, const ProductInput &input,
                        const ProductOutput &output, const Stream &stream) const
{
    if (input.count <= kMostStreamedRows) {
        launchStreamedProduct(weights, input, output, stream.get());
        return;
    }
    MatrixView plain = weights;
    if (weights.storage != Storage::Bf16) {
        launchDequantise(weights, m_scratch.as<bf16>(), stream.get());
        plain = {.data = m_scratch.data(), .rows = weights.rows, .columns = weights.columns};
    }
    if (m_library && input.count == m_libraryRows &&
        m_library->multiply(plain, input, m_product.as<float>(), stream))
        launchFinishProduct(m_product.as<float>(), input.count, plain.rows, output, stream.get());
    else
        launchTiledProduct(plain, input, output, stream.get());
}

} // namespace engine::cuda
