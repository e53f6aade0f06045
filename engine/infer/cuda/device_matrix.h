// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/infer/cuda/kernels.h"
#include "engine/infer/cuda/runtime.h"
#include "engine/infer/decoder.h"
#include "engine/model/tensor_index.h"

namespace engine::cuda {

// A weight matrix on the device.
class DeviceMatrix
{
public:
    static Result<DeviceMatrix> allocate(Storage storage, std::int64_t rows, std::int64_t columns);
    const MatrixView &view() const { return m_view; }

private:
    DeviceBuffer m_data;
    DeviceBuffer m_scales;
    MatrixView m_view;
};

// A tensor of the model and where its rows go in a matrix.
struct MatrixPart
{
    std::string name;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t firstRow = 0;
    Placement placement = Placement::Plain;
    double sigma = 1; // of synthetic weights
};

// Brings weights to the device, from a folder or from nothing; rounds them to codes on the device
// when the matrix wants them. Files are converted and copied through two pinned buffers, so that
// one fills while the other is on its way.
class WeightUploader
{
public:
    // `index` is empty for synthetic weights. Everything given outlives the uploader.
    static Result<WeightUploader> create(const TensorIndex *index, std::uint64_t seed,
                                         const Stream &stream, std::int64_t scratchElements,
                                         std::int64_t totalBytes, std::stop_token stop,
                                         const LoadProgress &progress);

    // A matrix made of the parts; rows and columns that no part has are zero.
    Result<DeviceMatrix> matrix(Storage storage, std::int64_t rows, std::int64_t columns,
                                const std::vector<MatrixPart> &parts);
    enum class VectorKind { Norm, Bias };
    // Adds a vector of the model to `target`, in fp32.
    Result<void> vector(std::vector<float> &target, std::int64_t count, const std::string &name,
                        VectorKind kind);
    Result<DeviceBuffer> place(const std::vector<float> &values);

private:
    WeightUploader(const TensorIndex *index, std::uint64_t seed, const Stream &stream,
                   std::int64_t totalBytes, std::stop_token stop, const LoadProgress &progress);
    Result<void> fillPart(bf16 *rows, std::int64_t pitch, const MatrixPart &part);
    Result<void> upload(bf16 *rows, std::int64_t pitch, const MatrixPart &part,
                        const StoredTensor &tensor);
    Result<void> advance(std::int64_t bytes);

    const TensorIndex *m_index;
    std::uint64_t m_seed;
    const Stream &m_stream;
    std::int64_t m_done = 0;
    std::int64_t m_total;
    std::stop_token m_stop;
    const LoadProgress &m_progress;
    PinnedBuffer m_staging[2];
    DeviceBuffer m_scratch; // bf16 rows that are being quantised
};

} // namespace engine::cuda
