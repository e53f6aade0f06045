// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/infer/cpu/kernels/packed_matrix.h"
#include "engine/infer/cpu/kernels/thread_pool.h"
#include "engine/infer/decoder.h"
#include "engine/model/tensor_index.h"

namespace engine::cpu {

// A matrix as the file has it, (rows, columns), and where its rows go in a packed one.
struct MatrixPart
{
    std::string name;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t firstRow = 0;
    RowPlacement placement = RowPlacement::Plain;
    double sigma = 1; // of synthetic weights
};

// What a vector holds when it is synthetic.
enum class VectorKind { Norm, Bias };

// Brings weights into their packed form, from a folder or from nothing, with all threads of a pool.
// Reads the stop token and reports progress every 16 MiB.
class WeightFiller
{
public:
    // `index` is empty for synthetic weights. Everything given must outlive the filler.
    WeightFiller(const TensorIndex *index, std::uint64_t seed, ThreadPool &pool,
                 std::stop_token stop, const LoadProgress &progress, std::int64_t totalBytes);

    Result<void> fill(PackedMatrix &matrix, const MatrixPart &part);
    Result<void> fill(float *target, std::int64_t count, const std::string &name, VectorKind kind);

private:
    struct Source;
    void fillRows(PackedMatrix &matrix, const MatrixPart &part, const Source &source,
                  std::int64_t first, std::int64_t count, std::vector<float> &buffer) const;

    const TensorIndex *m_index;
    std::uint64_t m_seed;
    ThreadPool &m_pool;
    std::stop_token m_stop;
    const LoadProgress &m_progress;
    std::int64_t m_done = 0;
    std::int64_t m_total;
    std::vector<std::vector<float>> m_buffers; // one a thread
};

} // namespace engine::cpu
