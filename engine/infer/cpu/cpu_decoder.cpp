// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/cpu_decoder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/infer/cpu/cpu_layout.h"
#include "engine/infer/cpu/decoder_weights.h"
#include "engine/infer/cpu/step_batch.h"
#include "engine/infer/memory.h"
#include "engine/infer/span_check.h"
#include "engine/model/weight_tensors.h"
#include "engine/spec/work.h"

namespace engine::cpu {
namespace {

tl::unexpected<Error> cancelled()
{
    return fail(ErrorKind::Cancelled, "The step was cancelled.");
}

class CpuDecoder final : public Decoder
{
public:
    CpuDecoder(const ModelSpec &model, const DecoderOptions &options, const CpuLayout &layout);

    Result<void> prepare(Isa isa);
    Result<void> load(const TensorIndex *index, std::uint64_t seed, std::stop_token stop,
                      const LoadProgress &progress);

    DecoderInfo describe() const override;
    MemoryUse memory() const override { return m_layout.memory; }
    Result<SequenceId> open() override;
    void close(SequenceId sequence) override { m_sequences.close(sequence); }
    std::int64_t length(SequenceId sequence) const override
    {
        return m_sequences.isOpen(sequence) ? m_sequences.length(sequence) : 0;
    }
    Result<void> truncate(SequenceId sequence, std::int64_t length) override;
    Result<void> copy(SequenceId from, SequenceId to, std::int64_t length) override;
    Result<void> step(std::span<const TokenSpan> spans, StepOutput &output,
                      std::stop_token stop) override;

private:
    bool runLayers(const std::stop_token &stop);
    bool sampleRows(StepOutput &output, const std::stop_token &stop);
    bool fullLogits(StepOutput &output, const std::stop_token &stop);
    void normRows(std::span<const std::int32_t> rows);

    ModelSpec m_model;
    DecoderOptions m_options;
    CpuLayout m_layout;
    ThreadPool m_pool;
    std::unique_ptr<Kernels> m_kernels;
    SequenceTable m_sequences;

    DecoderWeights m_weights;
    StepBatch m_batch;
    LayerWorkspace m_workspace;
    HugeBuffer m_residual; // (rows, hidden)
    HugeBuffer m_logits;   // (logitRows, vocabulary)
};

CpuDecoder::CpuDecoder(const ModelSpec &model, const DecoderOptions &options,
                       const CpuLayout &layout)
    : m_model(model),
      m_options(options),
      m_layout(layout),
      m_pool(layout.threads),
      m_sequences(options.maxSequences, layout.pagesEach, layout.cachePages, kPagePositions),
      m_batch(options)
{
}

// Kernels and workspaces: everything but weights and caches.
Result<void> CpuDecoder::prepare(Isa isa)
{
    Result<std::unique_ptr<Kernels>> kernels = Kernels::create(m_pool, isa, m_layout.limits);
    if (!kernels)
        return tl::make_unexpected(kernels.error());
    m_kernels = std::move(*kernels);
    const ActivationFormat format = m_kernels->activationFormat(m_options.weightType);
    const std::int64_t rows = m_options.maxStepTokens;
    const auto allocate = [&](Activations &target, std::int64_t columns) -> Result<void> {
        Result<Activations> result = Activations::allocate(format, rows, columns);
        if (!result)
            return tl::make_unexpected(result.error());
        target = std::move(*result);
        return {};
    };
    const auto allocateAll = [&](std::vector<Activations> &targets,
                                 const std::vector<std::int64_t> &widths) -> Result<void> {
        targets.resize(widths.size());
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (Result<void> r = allocate(targets[i], widths[i]); !r)
                return r;
        }
        return {};
    };
    if (Result<void> r = allocate(m_workspace.normed, m_model.hidden); !r)
        return r;
    if (Result<void> r = allocateAll(m_workspace.attended, m_layout.attendedWidths); !r)
        return r;
    if (Result<void> r = allocateAll(m_workspace.ffnInner, m_layout.ffnWidths); !r)
        return r;
    const std::pair<HugeBuffer *, std::int64_t> buffers[] = {
        {&m_residual, rows * rowPitch(m_model.hidden)},
        {&m_workspace.projected, rows * rowPitch(m_layout.qkvWidth)},
        {&m_logits, m_layout.logitRows * m_model.vocabulary}};
    for (const auto &[buffer, floats] : buffers) {
        Result<HugeBuffer> result = HugeBuffer::allocate(floats * std::int64_t(sizeof(float)));
        if (!result)
            return tl::make_unexpected(result.error());
        *buffer = std::move(*result);
    }
    return {};
}

Result<void> CpuDecoder::load(const TensorIndex *index, std::uint64_t seed, std::stop_token stop,
                              const LoadProgress &progress)
{
    WeightFiller filler(index, seed, m_pool, std::move(stop), progress,
                        std::int64_t(weightBytes(m_model, m_options.weightType).value));
    return m_weights.load(m_model, m_options, m_layout.cachePages, filler);
}

DecoderInfo CpuDecoder::describe() const
{
    return {.backend = "cpu",
            .isa = std::string(isaName(m_kernels->isa())),
            .threads = m_pool.threads(),
            .weightBytes = m_layout.memory.weightBytes,
            .kvBytesPerPosition = m_layout.kvBytesPerPosition,
            .pagePositions = kPagePositions,
            .parameterCount = parameterCount(m_model)};
}

Result<SequenceId> CpuDecoder::open()
{
    return openSequence(m_sequences, m_options.maxSequences);
}

Result<void> CpuDecoder::truncate(SequenceId sequence, std::int64_t length)
{
    if (Result<void> checked = checkTruncate(m_sequences, sequence, length); !checked)
        return checked;
    m_sequences.setLength(sequence, length);
    m_sequences.releaseSurplus(sequence);
    return {};
}

Result<void> CpuDecoder::copy(SequenceId from, SequenceId to, std::int64_t length)
{
    if (Result<void> reserved = reserveCopy(m_sequences, from, to, length); !reserved)
        return reserved;
    const std::span<const std::int32_t> targets = m_sequences.pages(to);
    const std::span<const std::int32_t> sources = m_sequences.pages(from);
    m_pool.forEach(std::int64_t(m_weights.layers.size()), 1,
                   [&](std::int64_t begin, std::int64_t end, int) {
                       for (std::int64_t i = begin; i < end; ++i) {
                           LayerCache &cache = m_weights.layers[std::size_t(i)].attention->cache();
                           cache.copyState(from, to);
                           for (std::size_t page = 0; page < targets.size(); ++page)
                               cache.copyPage(sources[page], targets[page]);
                       }
                   });
    return {};
}

bool CpuDecoder::runLayers(const std::stop_token &stop)
{
    const StepState state{.residual = static_cast<float *>(m_residual.data()),
                          .stride = rowPitch(m_model.hidden),
                          .rows = std::int64_t(m_batch.tokens().size()),
                          .spans = m_batch.spans()};
    m_kernels->embed(m_weights.embedding, m_batch.tokens(), state.residual, state.stride);
    for (Layer &layer : m_weights.layers) {
        if (stop.stop_requested())
            return false;
        layer.attention->run(*m_kernels, m_workspace, state);
        if (stop.stop_requested())
            return false;
        layer.ffn->run(*m_kernels, m_workspace, state);
    }
    return !stop.stop_requested();
}

void CpuDecoder::normRows(std::span<const std::int32_t> rows)
{
    m_workspace.normed.setRows(std::int64_t(rows.size()));
    m_kernels->rmsNorm({.rows = static_cast<const float *>(m_residual.data()),
                        .stride = rowPitch(m_model.hidden),
                        .index = rows.data()},
                       m_weights.finalNorm.data(), float(m_model.normEpsilon), m_workspace.normed);
}

bool CpuDecoder::sampleRows(StepOutput &output, const std::stop_token &stop)
{
    output.sampled.resize(m_batch.sampleRows().size());
    auto *logits = static_cast<float *>(m_logits.data());
    const auto block = std::size_t(m_layout.logitRows);
    for (std::size_t first = 0; first < m_batch.sampleRows().size(); first += block) {
        if (stop.stop_requested())
            return false;
        const std::size_t count = std::min(block, m_batch.sampleRows().size() - first);
        normRows(m_batch.sampleRows().subspan(first, count));
        m_kernels->matmul(m_workspace.normed, m_weights.output(),
                          {.rows = logits, .stride = m_model.vocabulary});
        m_kernels->sample(logits, m_model.vocabulary, m_model.vocabulary,
                          m_options.sampling.temperature,
                          m_batch.sampleKeys().subspan(first, count),
                          std::span(output.sampled).subspan(first, count));
    }
    return true;
}

bool CpuDecoder::fullLogits(StepOutput &output, const std::stop_token &stop)
{
    const auto vocabulary = std::size_t(m_model.vocabulary);
    output.logits.resize(m_batch.logitRows().size() * vocabulary);
    if (m_batch.logitRows().empty())
        return true;
    if (stop.stop_requested())
        return false;
    normRows(m_batch.logitRows());
    m_kernels->matmul(m_workspace.normed, m_weights.output(),
                      {.rows = output.logits.data(), .stride = m_model.vocabulary});
    return true;
}

Result<void> CpuDecoder::step(std::span<const TokenSpan> spans, StepOutput &output,
                              std::stop_token stop)
{
    output.sampled.clear();
    output.logits.clear();
    if (Result<void> checked = m_batch.check(spans, m_sequences, m_model, m_options); !checked)
        return checked;
    if (spans.empty())
        return {};
    m_batch.place(spans, m_sequences, m_options.sampling.seed);
    const bool done = runLayers(stop) && sampleRows(output, stop) && fullLogits(output, stop);
    for (const TokenSpan &span : spans) {
        if (done)
            m_sequences.setLength(span.sequence, m_sequences.length(span.sequence) +
                                                     std::int64_t(span.tokens.size()));
        else
            m_sequences.releaseSurplus(span.sequence);
    }
    if (!done) {
        output.sampled.clear();
        output.logits.clear();
        return cancelled();
    }
    return {};
}

Result<Isa> chooseIsa(const std::string &name)
{
    const std::vector<Isa> available = availableIsas();
    if (name.empty())
        return available.front();
    const std::optional<Isa> wanted = isaFromName(name);
    if (!wanted)
        return fail(ErrorKind::BadInput, "There is no kernel variant \"" + name.substr(0, 60) +
                                             "\"; known are amx, avx512bf16, avx2 and portable.");
    return *wanted;
}

} // namespace

Result<std::unique_ptr<Decoder>> makeCpuDecoder(const ModelSpec &model, const WeightSource &weights,
                                                const DecoderOptions &options, std::stop_token stop,
                                                const LoadProgress &progress)
{
    if (Result<void> supported = checkSupported(model, options); !supported)
        return tl::make_unexpected(supported.error());
    const Result<Isa> isa = chooseIsa(options.isa);
    if (!isa)
        return tl::make_unexpected(isa.error());
    std::optional<TensorIndex> index;
    if (weights.kind == WeightSource::Kind::Directory) {
        Result<TensorIndex> opened = TensorIndex::open(weights.directory);
        if (!opened)
            return tl::make_unexpected(opened.error());
        if (Result<void> checked = checkWeights(*opened, model); !checked)
            return tl::make_unexpected(checked.error());
        index.emplace(std::move(*opened));
    }
    if (const std::optional<std::int64_t> available = availableMemoryBytes()) {
        if (Result<void> fits = checkMemory(model, options, *available); !fits)
            return tl::make_unexpected(fits.error());
    }
    auto decoder = std::make_unique<CpuDecoder>(model, options, layoutOf(model, options));
    if (Result<void> prepared = decoder->prepare(*isa); !prepared)
        return tl::make_unexpected(prepared.error());
    if (Result<void> loaded =
            decoder->load(index ? &*index : nullptr, weights.seed, std::move(stop), progress);
        !loaded)
        return tl::make_unexpected(loaded.error());
    return decoder;
}

} // namespace engine::cpu
