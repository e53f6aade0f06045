// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/weight_filler.h"

#include <algorithm>
#include <cstdint>

#include "engine/infer/cpu/synthetic_weights.h"

namespace engine::cpu {
namespace {

constexpr std::int64_t kSliceBytes = 16 << 20;   // between two looks at the stop token
constexpr std::int64_t kBlockElements = 1 << 16; // converted or made by a thread at a time
constexpr double kBiasSigma = 0.1;

DType typeOf(StoredType stored)
{
    switch (stored) {
    case StoredType::F32:
        return DType::Fp32;
    case StoredType::F16:
        return DType::Fp16;
    case StoredType::Bf16:
        return DType::Bf16;
    }
    return DType::Fp32;
}

} // namespace

// Either a tensor of a file or the recipe of a synthetic one.
struct WeightFiller::Source
{
    std::optional<StoredTensor> stored;
    SyntheticTensor synthetic;
};

WeightFiller::WeightFiller(const TensorIndex *index, std::uint64_t seed, ThreadPool &pool,
                           std::stop_token stop, const LoadProgress &progress,
                           std::int64_t totalBytes)
    : m_index(index),
      m_seed(seed),
      m_pool(pool),
      m_stop(std::move(stop)),
      m_progress(progress),
      m_total(totalBytes),
      m_buffers(std::size_t(pool.threads()))
{
}

void WeightFiller::fillRows(PackedMatrix &matrix, const MatrixPart &part, const Source &source,
                            std::int64_t first, std::int64_t count,
                            std::vector<float> &buffer) const
{
    const std::int64_t columns = part.columns;
    if (source.stored) {
        const DType type = typeOf(source.stored->type);
        const std::int64_t width = type == DType::Fp32 ? 4 : 2;
        const std::byte *rows = source.stored->bytes.data() + first * columns * width;
        // The format does not promise that tensors lie aligned.
        if (reinterpret_cast<std::uintptr_t>(rows) % std::uintptr_t(width) == 0) {
            matrix.packRows(rows, type, columns, part.firstRow + first, count, part.placement);
            return;
        }
        readFloats(*source.stored, first * columns, count * columns, buffer.data());
    } else {
        generate(source.synthetic, first * columns, count * columns, buffer.data());
    }
    matrix.packRows(buffer.data(), DType::Fp32, columns, part.firstRow + first, count,
                    part.placement);
}

Result<void> WeightFiller::fill(PackedMatrix &matrix, const MatrixPart &part)
{
    Source source;
    if (m_index) {
        const std::int64_t shape[] = {part.rows, part.columns};
        Result<StoredTensor> stored = m_index->tensor(part.name, shape);
        if (!stored)
            return tl::make_unexpected(stored.error());
        source.stored = std::move(*stored);
    } else {
        source.synthetic = SyntheticTensor::of(m_seed, part.name, part.sigma);
    }
    const std::int64_t rowBytes = part.columns * (matrix.type() == DType::Fp32 ? 4 : 2);
    // Whole groups of 16 outputs, so that no two threads write to one place.
    const std::int64_t block = std::max<std::int64_t>(16, kBlockElements / part.columns / 16 * 16);
    for (std::vector<float> &buffer : m_buffers)
        buffer.resize(std::max(buffer.size(), std::size_t(block * part.columns)));
    const std::int64_t slice = std::max(block, kSliceBytes / rowBytes / block * block);
    for (std::int64_t begin = 0; begin < part.rows; begin += slice) {
        if (m_stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Loading the weights was cancelled.");
        const std::int64_t rows = std::min(slice, part.rows - begin);
        const std::int64_t blocks = (rows + block - 1) / block;
        m_pool.forEach(blocks, 1, [&](std::int64_t from, std::int64_t to, int thread) {
            for (std::int64_t i = from; i < to && !m_stop.stop_requested(); ++i) {
                const std::int64_t first = begin + i * block;
                fillRows(matrix, part, source, first, std::min(block, begin + rows - first),
                         m_buffers[std::size_t(thread)]);
            }
        });
        m_done += rows * rowBytes;
        if (m_progress)
            m_progress(std::min(m_done, m_total), m_total);
    }
    if (m_stop.stop_requested())
        return fail(ErrorKind::Cancelled, "Loading the weights was cancelled.");
    return {};
}

Result<void> WeightFiller::fill(float *target, std::int64_t count, const std::string &name,
                                VectorKind kind)
{
    if (!m_index) {
        if (kind == VectorKind::Norm)
            std::fill_n(target, count, 1.0f);
        else
            generate(SyntheticTensor::of(m_seed, name, kBiasSigma), 0, count, target);
        return {};
    }
    const std::int64_t shape[] = {count};
    const Result<StoredTensor> stored = m_index->tensor(name, shape);
    if (!stored)
        return tl::make_unexpected(stored.error());
    readFloats(*stored, 0, count, target);
    return {};
}

} // namespace engine::cpu
