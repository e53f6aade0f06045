// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/device_matrix.h"

#include <algorithm>
#include <thread>

#include "engine/infer/cpu/synthetic_weights.h"
#include "engine/infer/cuda/cuda_layout.h"

namespace engine::cuda {
namespace {

constexpr std::int64_t kStagingBytes = 32 << 20;
constexpr double kBiasSigma = 0.1;
// Scales are halves of this: weights of any usual size stay clear of the subnormal ones.
constexpr float kScaleFactor = 1.0f / 256;

// Rows [first, first + count) of the tensor as bf16, by all cores.
void convertRows(const StoredTensor &tensor, std::int64_t columns, std::int64_t first,
                 std::int64_t count, bf16 *out)
{
    const std::int64_t threads =
        std::clamp<std::int64_t>(count * columns >> 18, 1, std::thread::hardware_concurrency());
    const auto convert = [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> row(static_cast<std::size_t>(columns));
        for (std::int64_t i = begin; i < end; ++i) {
            readFloats(tensor, (first + i) * columns, columns, row.data());
            for (std::int64_t c = 0; c < columns; ++c)
                out[i * columns + c] = __float2bfloat16(row[std::size_t(c)]);
        }
    };
    std::vector<std::jthread> helpers;
    for (std::int64_t t = 1; t < threads; ++t)
        helpers.emplace_back(convert, count * t / threads, count * (t + 1) / threads);
    convert(0, count / threads);
}

} // namespace

Result<DeviceMatrix> DeviceMatrix::allocate(Storage storage, std::int64_t rows,
                                            std::int64_t columns)
{
    DeviceMatrix matrix;
    const std::int64_t padded = roundUp(columns, kColumnPad);
    const std::int64_t elements = roundUp(rows, kTileRows) * padded;
    const std::int64_t codes = storage == Storage::Bf16   ? 2 * rows * padded
                               : storage == Storage::Int4 ? elements / 2
                                                          : elements;
    Result<DeviceBuffer> data = DeviceBuffer::allocate(codes, true);
    if (!data)
        return tl::make_unexpected(data.error());
    matrix.m_data = std::move(*data);
    if (storage != Storage::Bf16) {
        Result<DeviceBuffer> scales = DeviceBuffer::allocate(2 * elements / kGroup);
        if (!scales)
            return tl::make_unexpected(scales.error());
        matrix.m_scales = std::move(*scales);
    }
    matrix.m_view = {.storage = storage,
                     .data = matrix.m_data.data(),
                     .scales = matrix.m_scales.as<const __half>(),
                     .minima = nullptr,
                     .factor = kScaleFactor,
                     .rows = int(rows),
                     .columns = int(padded),
                     .group = kGroup};
    return matrix;
}

WeightUploader::WeightUploader(const TensorIndex *index, std::uint64_t seed, const Stream &stream,
                               std::int64_t totalBytes, std::stop_token stop,
                               const LoadProgress &progress)
    : m_index(index),
      m_seed(seed),
      m_stream(stream),
      m_total(totalBytes),
      m_stop(std::move(stop)),
      m_progress(progress)
{
}

Result<WeightUploader> WeightUploader::create(const TensorIndex *index, std::uint64_t seed,
                                              const Stream &stream, std::int64_t scratchElements,
                                              std::int64_t totalBytes, std::stop_token stop,
                                              const LoadProgress &progress)
{
    WeightUploader uploader(index, seed, stream, totalBytes, std::move(stop), progress);
    if (index) {
        for (PinnedBuffer &buffer : uploader.m_staging) {
            Result<PinnedBuffer> made = PinnedBuffer::allocate(kStagingBytes);
            if (!made)
                return tl::make_unexpected(made.error());
            buffer = std::move(*made);
        }
    }
    Result<DeviceBuffer> scratch = DeviceBuffer::allocate(2 * scratchElements);
    if (!scratch)
        return tl::make_unexpected(scratch.error());
    uploader.m_scratch = std::move(*scratch);
    return uploader;
}

Result<void> WeightUploader::advance(std::int64_t bytes)
{
    if (m_stop.stop_requested())
        return fail(ErrorKind::Cancelled, "Loading the weights was cancelled.");
    m_done += bytes;
    if (m_progress)
        m_progress(std::min(m_done, m_total), m_total);
    return {};
}

Result<void> WeightUploader::upload(bf16 *rows, std::int64_t pitch, const MatrixPart &part,
                                    const StoredTensor &tensor)
{
    const std::int64_t rowBytes = 2 * part.columns;
    // Whole groups of 8 rows: gates and ups are placed by such groups.
    const std::int64_t slice = std::max<std::int64_t>(8, kStagingBytes / rowBytes / 8 * 8);
    int turn = 0;
    for (std::int64_t first = 0; first < part.rows; first += slice, turn ^= 1) {
        const std::int64_t count = std::min(slice, part.rows - first);
        if (count * rowBytes > kStagingBytes)
            return fail(ErrorKind::Unsupported, part.name + " has rows of " +
                                                    std::to_string(part.columns) +
                                                    " columns, more than the GPU loader takes.");
        bf16 *staged = m_staging[turn].as<bf16>();
        convertRows(tensor, part.columns, first, count, staged); // while the last copy runs
        if (Result<void> idle = m_stream.wait(); !idle)
            return idle;
        if (part.placement == Placement::Plain) {
            m_stream.toDevice(rows + (part.firstRow + first) * pitch, 2 * pitch, staged, rowBytes,
                              rowBytes, count);
        } else {
            const std::int64_t shift = part.placement == Placement::Up ? 8 : 0;
            for (std::int64_t group = 0; group < count; group += 8)
                m_stream.toDevice(rows + (gateRow(first + group) + shift) * pitch, 2 * pitch,
                                  staged + group * part.columns, rowBytes, rowBytes,
                                  std::min<std::int64_t>(8, count - group));
        }
        if (Result<void> more = advance(0); !more)
            return more;
    }
    return m_stream.wait();
}

Result<void> WeightUploader::fillPart(bf16 *rows, std::int64_t pitch, const MatrixPart &part)
{
    if (m_index) {
        const std::int64_t shape[] = {part.rows, part.columns};
        const Result<StoredTensor> stored = m_index->tensor(part.name, shape);
        if (!stored)
            return tl::make_unexpected(stored.error());
        return upload(rows, pitch, part, *stored);
    }
    const cpu::SyntheticTensor made = cpu::SyntheticTensor::of(m_seed, part.name, part.sigma);
    launchSynthesise({.keyLow = made.keyLow,
                      .keyHigh = made.keyHigh,
                      .step = made.step,
                      .rows = part.rows,
                      .columns = part.columns,
                      .firstRow = part.firstRow,
                      .placement = part.placement},
                     rows, int(pitch), m_stream.get());
    return m_stream.wait();
}

Result<DeviceMatrix> WeightUploader::matrix(Storage storage, std::int64_t rows,
                                            std::int64_t columns,
                                            const std::vector<MatrixPart> &parts)
{
    Result<DeviceMatrix> made = DeviceMatrix::allocate(storage, rows, columns);
    if (!made)
        return made;
    const MatrixView &view = made->view();
    const bool isQuantised = storage != Storage::Bf16;
    auto *target =
        isQuantised ? m_scratch.as<bf16>() : static_cast<bf16 *>(const_cast<void *>(view.data));
    m_stream.fill(target, 0, 2 * rows * view.columns);
    for (const MatrixPart &part : parts) {
        if (Result<void> filled = fillPart(target, view.columns, part); !filled)
            return tl::make_unexpected(filled.error());
    }
    if (isQuantised)
        launchQuantise(target, view, rows, m_stream.get());
    if (Result<void> done = m_stream.wait(); !done)
        return tl::make_unexpected(done.error());
    if (Result<void> more = advance(matrixBytes(storage, rows, columns)); !more)
        return tl::make_unexpected(more.error());
    return made;
}

Result<void> WeightUploader::vector(std::vector<float> &target, std::int64_t count,
                                    const std::string &name, VectorKind kind)
{
    const std::size_t first = target.size();
    target.resize(first + std::size_t(count), 1.0f);
    if (!m_index) {
        if (kind == VectorKind::Bias)
            cpu::generate(cpu::SyntheticTensor::of(m_seed, name, kBiasSigma), 0, count,
                          target.data() + first);
        return {};
    }
    const std::int64_t shape[] = {count};
    const Result<StoredTensor> stored = m_index->tensor(name, shape);
    if (!stored)
        return tl::make_unexpected(stored.error());
    readFloats(*stored, 0, count, target.data() + first);
    return {};
}

Result<DeviceBuffer> WeightUploader::place(const std::vector<float> &values)
{
    const auto bytes = std::int64_t(values.size() * sizeof(float));
    Result<DeviceBuffer> buffer = DeviceBuffer::allocate(bytes);
    if (!buffer || bytes == 0)
        return buffer;
    m_stream.toDevice(buffer->data(), values.data(), bytes);
    if (Result<void> done = m_stream.wait(); !done)
        return tl::make_unexpected(done.error());
    return buffer;
}

} // namespace engine::cuda
