// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/cuda_decoder.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/infer/cpu/grouped_attention.h"
#include "engine/infer/cpu/rope_table.h"
#include "engine/infer/cuda/cuda_layer.h"
#include "engine/infer/cuda/cuda_layout.h"
#include "engine/infer/cuda/library_products.h"
#include "engine/infer/cuda/products.h"
#include "engine/infer/cuda/step_inputs.h"
#include "engine/infer/random_bits.h"
#include "engine/infer/sequence_table.h"
#include "engine/infer/span_check.h"
#include "engine/model/weight_tensors.h"
#include "engine/spec/work.h"

namespace engine::cuda {
namespace {

constexpr int kLeastShare = 256; // tokens of a sequence that a block attends to at least

// What a step is made of, in the order in which its launches come.
struct StepShape
{
    int rows = 0;
    int entries = 0; // sequences with one token
    int tiles = 0;   // pieces of prompts
    int samples = 0;
    int logits = 0;
    bool allRowsSampled = false; // in their order: no index is needed
};

class CudaDecoder final : public Decoder
{
public:
    CudaDecoder(const DeviceFacts &device, const ModelSpec &model, const DecoderOptions &options,
                const CudaLayout &layout);

    Result<void> prepare();
    Result<void> load(const TensorIndex *index, std::uint64_t seed, std::stop_token stop,
                      const LoadProgress &progress);
    Result<void> recordDecodeSteps();
    Result<void> openLibraryFor(std::int64_t rows);

    DecoderInfo describe() const override;
    MemoryUse memory() const override { return m_layout.memory; }
    Result<SequenceId> open() override { return openSequence(m_sequences, m_options.maxSequences); }
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
    StepLimits limits() const
    {
        return {.model = m_model.name,
                .vocabulary = m_model.vocabulary,
                .maxPositions = m_options.maxPositions,
                .maxStepTokens = m_options.maxStepTokens,
                .pagePositions = kPageTokens};
    }
    Result<void> allocate(DeviceBuffer &target, std::int64_t bytes, bool zero = false);
    Result<const float *> ropeFor(const AttentionSpec &spec);
    StepShape placeSpans(std::span<const TokenSpan> spans);
    void placePrompt(const TokenSpan &span, int row, StepShape &shape);
    void padDecodeStep(StepShape &shape, int rows);
    Result<void> run(const StepShape &shape, const std::stop_token &stop);
    bool enqueue(const StepShape &shape, const std::stop_token &stop);
    void enqueueAttention(const CudaLayer &layer, const StepShape &shape);
    void enqueueFfn(const CudaLayer &layer, const StepShape &shape);
    void enqueueSamples(const StepShape &shape);
    Result<void> readLogits(const StepShape &shape, StepOutput &output);
    void multiplyHead(const float *residual, const int *index, int count);
    const DeviceMatrix &outputMatrix() const { return m_head ? *m_head : m_embedding; }

    DeviceFacts m_device;
    ModelSpec m_model;
    DecoderOptions m_options;
    CudaLayout m_layout;
    SequenceTable m_sequences;
    Stream m_stream;
    StepInputs m_inputs;
    Products m_products;

    DeviceMatrix m_embedding;
    std::optional<DeviceMatrix> m_head; // absent when tied
    DeviceBuffer m_finalNorm;
    std::vector<std::pair<RopeSpec, DeviceBuffer>> m_ropes;
    std::vector<CudaLayer> m_layers;

    DeviceBuffer m_residual; // (rows, hidden) fp32
    DeviceBuffer m_qkv;      // (rows, the widest layer's) fp32
    DeviceBuffer m_queries;  // (rows, heads, padded dim) bf16
    DeviceBuffer m_wide;     // (rows, pitch) bf16: attention's answers, then the FFN's insides
    DeviceBuffer m_logits;   // (logitRows, vocabulary) fp32
    DeviceBuffer m_partial, m_state, m_tickets; // of split attention
    DeviceBuffer m_candidates, m_sampleTickets, m_sampled;
    PinnedBuffer m_sampledHost;

    std::vector<int> m_decodeRows; // a decode step is padded to the next of these
    std::vector<Graph> m_decodeSteps;
    std::vector<char> m_seen; // by sequence: occurs in this step
};

CudaDecoder::CudaDecoder(const DeviceFacts &device, const ModelSpec &model,
                         const DecoderOptions &options, const CudaLayout &layout)
    : m_device(device),
      m_model(model),
      m_options(options),
      m_layout(layout),
      m_sequences(options.maxSequences, layout.pagesEach, layout.cachePages, kPageTokens),
      m_seen(std::size_t(options.maxSequences), 0)
{
    for (int rows = 1; rows < options.maxSequences; rows += std::max(1, rows / 2))
        m_decodeRows.push_back(rows);
    m_decodeRows.push_back(int(options.maxSequences));
}

Result<void> CudaDecoder::allocate(DeviceBuffer &target, std::int64_t bytes, bool zero)
{
    Result<DeviceBuffer> made = DeviceBuffer::allocate(bytes);
    if (!made)
        return tl::make_unexpected(made.error());
    target = std::move(*made);
    if (zero)
        m_stream.fill(target.data(), 0, bytes);
    return {};
}

// Everything but weights and caches.
Result<void> CudaDecoder::prepare()
{
    Result<Stream> stream = Stream::create();
    if (!stream)
        return tl::make_unexpected(stream.error());
    m_stream = std::move(*stream);
    const std::int64_t sequences = m_options.maxSequences;
    const std::int64_t rows = std::max(m_options.maxStepTokens, sequences);
    Result<StepInputs> inputs = StepInputs::create(sequences, rows, m_layout.pagesEach);
    if (!inputs)
        return tl::make_unexpected(inputs.error());
    m_inputs = std::move(*inputs);
    m_inputs.sendThrough(m_inputs.tables, m_inputs.tables.count, m_stream); // all zero
    Result<Products> products =
        Products::create(rows, m_layout.rowPitch, m_layout.scratchElements, m_stream);
    if (!products)
        return tl::make_unexpected(products.error());
    m_products = std::move(*products);
    Result<PinnedBuffer> sampled = PinnedBuffer::allocate(4 * rows);
    if (!sampled)
        return tl::make_unexpected(sampled.error());
    m_sampledHost = std::move(*sampled);
    const std::int64_t shares = sequences * m_layout.mostHeads * m_layout.mostSplits;
    const struct
    {
        DeviceBuffer &buffer;
        std::int64_t bytes;
        bool zero;
    } buffers[] = {
        {m_residual, 4 * rows * m_model.hidden, false},
        {m_qkv, 4 * rows * m_layout.qkvWidth, false},
        {m_queries, 2 * rows * m_layout.queryPitch, false},
        {m_wide, 2 * rows * m_layout.rowPitch, true},
        {m_logits, 4 * m_layout.logitRows * m_model.vocabulary, false},
        {m_partial, 4 * shares * m_layout.mostDims, false},
        {m_state, std::int64_t(sizeof(float2)) * shares, false},
        {m_tickets, 4 * sequences * m_layout.mostKvHeads, true},
        {m_candidates, std::int64_t(sizeof(Candidate)) * kSampleBlocks * m_layout.logitRows, false},
        {m_sampleTickets, 4 * m_layout.logitRows, true},
        {m_sampled, 4 * rows, true},
    };
    for (const auto &one : buffers) {
        if (auto r = allocate(one.buffer, one.bytes, one.zero); !r)
            return r;
    }
    return m_stream.wait();
}

// Layers with the same rotary embedding share a table.
Result<const float *> CudaDecoder::ropeFor(const AttentionSpec &spec)
{
    for (const auto &[rope, table] : m_ropes) {
        if (rope == spec.rope)
            return table.as<const float>();
    }
    const int dims = cpu::rotaryDimOf(spec);
    const Result<cpu::RopeTable> table =
        cpu::RopeTable::create(spec.rope, dims, m_options.maxPositions);
    if (!table)
        return tl::make_unexpected(table.error());
    const std::int64_t bytes = cpu::RopeTable::bytesFor(dims, m_options.maxPositions);
    DeviceBuffer placed;
    if (auto r = allocate(placed, bytes); !r)
        return tl::make_unexpected(r.error());
    if (bytes > 0)
        m_stream.toDevice(placed.data(), table->data(), bytes);
    if (auto r = m_stream.wait(); !r)
        return tl::make_unexpected(r.error());
    m_ropes.emplace_back(spec.rope, std::move(placed));
    return m_ropes.back().second.as<const float>();
}

Result<void> CudaDecoder::load(const TensorIndex *index, std::uint64_t seed, std::stop_token stop,
                               const LoadProgress &progress)
{
    Result<WeightUploader> uploader =
        WeightUploader::create(index, seed, m_stream, m_layout.scratchElements,
                               m_layout.memory.weightBytes, std::move(stop), progress);
    if (!uploader)
        return tl::make_unexpected(uploader.error());
    const auto table = [&](const char *name) {
        return uploader->matrix(Storage::Bf16, m_model.vocabulary, m_model.hidden,
                                {{.name = name,
                                  .rows = m_model.vocabulary,
                                  .columns = m_model.hidden,
                                  .sigma = cpu::syntheticSigma(m_model.hidden)}});
    };
    Result<DeviceMatrix> embedding = table("model.embed_tokens.weight");
    if (!embedding)
        return tl::make_unexpected(embedding.error());
    m_embedding = std::move(*embedding);
    for (std::size_t i = 0; i < m_model.layers.size(); ++i) {
        const Result<const float *> rope = ropeFor(m_model.layers[i].attention);
        if (!rope)
            return tl::make_unexpected(rope.error());
        Result<CudaLayer> layer = loadLayer(m_model.layers[i],
                                            {.index = i,
                                             .count = m_model.layers.size(),
                                             .hidden = m_model.hidden,
                                             .normEpsilon = float(m_model.normEpsilon),
                                             .storage = storageOf(m_options.weightType),
                                             .cachePages = m_layout.cachePages,
                                             .rope = *rope},
                                            *uploader);
        if (!layer)
            return tl::make_unexpected(layer.error());
        m_stream.fill(layer->cache.data(), m_options.poisonCache ? 0xff : 0, layer->cache.bytes());
        m_layers.push_back(std::move(*layer));
    }
    std::vector<float> norm;
    if (auto r = uploader->vector(norm, m_model.hidden, "model.norm.weight",
                                  WeightUploader::VectorKind::Norm);
        !r)
        return r;
    Result<DeviceBuffer> placed = uploader->place(norm);
    if (!placed)
        return tl::make_unexpected(placed.error());
    m_finalNorm = std::move(*placed);
    if (!m_model.tiedOutput) {
        Result<DeviceMatrix> head = table("lm_head.weight");
        if (!head)
            return tl::make_unexpected(head.error());
        m_head = std::move(*head);
    }
    return m_stream.wait();
}

Result<void> CudaDecoder::recordDecodeSteps()
{
    for (const int rows : m_decodeRows) {
        Result<Graph> graph = Graph::record(m_stream, [&] {
            const StepShape shape{
                .rows = rows, .entries = rows, .samples = rows, .allRowsSampled = true};
            enqueue(shape, {});
        });
        if (!graph)
            return tl::make_unexpected(graph.error());
        m_decodeSteps.push_back(std::move(*graph));
    }
    return {};
}

// Lets a library do the products of a full step, if there is one, and has it choose how.
Result<void> CudaDecoder::openLibraryFor(std::int64_t rows)
{
    std::unique_ptr<LibraryProducts> library = openLibrary();
    if (!library || rows <= kMostStreamedRows)
        return {};
    std::int64_t widest = 0;
    for (const CudaLayer &layer : m_layers)
        widest = std::max(
            {widest, std::int64_t{layer.qkv.view().rows}, std::int64_t{layer.gateUp.view().rows}});
    widest = std::max(widest, std::int64_t{m_model.hidden});
    DeviceBuffer product;
    if (auto r = allocate(product, 4 * rows * widest); !r)
        return {}; // own kernels need no such room
    m_products.useLibrary(std::move(library), int(rows), std::move(product));
    StepShape shape{.rows = int(rows)};
    enqueue(shape, {});
    return m_stream.wait();
}

DecoderInfo CudaDecoder::describe() const
{
    return {.backend = "cuda",
            .isa = "sm_" + std::to_string(m_device.capability),
            .threads = 0,
            .weightBytes = m_layout.memory.weightBytes,
            .kvBytesPerPosition = m_layout.kvBytesPerPosition,
            .pagePositions = kPageTokens,
            .parameterCount = parameterCount(m_model)};
}

Result<void> CudaDecoder::truncate(SequenceId sequence, std::int64_t length)
{
    if (Result<void> checked = checkTruncate(m_sequences, sequence, length); !checked)
        return checked;
    m_sequences.setLength(sequence, length);
    m_sequences.releaseSurplus(sequence);
    return {};
}

Result<void> CudaDecoder::copy(SequenceId from, SequenceId to, std::int64_t length)
{
    if (Result<void> reserved = reserveCopy(m_sequences, from, to, length); !reserved)
        return reserved;
    const std::span<const std::int32_t> targets = m_sequences.pages(to);
    const std::span<const std::int32_t> sources = m_sequences.pages(from);
    for (const CudaLayer &layer : m_layers) {
        auto *pages = layer.cache.as<char>();
        for (std::size_t i = 0; i < targets.size(); ++i)
            m_stream.onDevice(pages + targets[i] * layer.pageBytes,
                              pages + sources[i] * layer.pageBytes, layer.pageBytes);
    }
    return m_stream.wait();
}

// Cuts a prompt's new tokens into tiles that begin at a multiple of 8.
void CudaDecoder::placePrompt(const TokenSpan &span, int row, StepShape &shape)
{
    const auto depth = int(m_sequences.length(span.sequence));
    const auto count = int(span.tokens.size());
    for (int done = 0; done < count;) {
        const int position = depth + done;
        const int piece = std::min(kPageTokens - position % 8, count - done);
        m_inputs.host(m_inputs.tiles)[shape.tiles++] = {row + done, int(span.sequence), position,
                                                        piece};
        done += piece;
    }
}

// Gives the new tokens pages and rows; lengths stay as they are until the step is done.
StepShape CudaDecoder::placeSpans(std::span<const TokenSpan> spans)
{
    StepShape shape;
    for (const TokenSpan &span : spans) {
        const std::int64_t depth = m_sequences.length(span.sequence);
        m_sequences.reserve(span.sequence, depth + std::int64_t(span.tokens.size()));
        const std::span<const std::int32_t> pages = m_sequences.pages(span.sequence);
        const std::int64_t first = span.sequence * m_layout.pagesEach;
        int *table = m_inputs.host(m_inputs.tables) + first;
        if (!std::equal(pages.begin(), pages.end(), table)) {
            std::copy(pages.begin(), pages.end(), table);
            m_inputs.send(m_inputs.tables, first, std::int64_t(pages.size()), m_stream);
        }
        std::copy(span.tokens.begin(), span.tokens.end(),
                  m_inputs.host(m_inputs.tokens) + shape.rows);
        if (span.tokens.size() == 1)
            m_inputs.host(m_inputs.entries)[shape.entries++] = {shape.rows, int(span.sequence),
                                                                int(depth)};
        else
            placePrompt(span, shape.rows, shape);
        const int last = shape.rows + int(span.tokens.size()) - 1;
        if (span.output == SpanOutput::Sample) {
            m_inputs.host(m_inputs.keys)[shape.samples].key =
                sampleKeyBits(m_options.sampling.seed, std::uint64_t(span.sequence),
                              std::uint64_t(depth) + span.tokens.size());
            m_inputs.host(m_inputs.rows)[shape.samples++] = last;
        }
        shape.rows = last + 1;
    }
    // Rows whose logits are wanted follow those that are sampled.
    int row = 0;
    for (const TokenSpan &span : spans) {
        for (std::size_t i = 0; i < span.tokens.size(); ++i, ++row) {
            if (span.output == SpanOutput::Logits)
                m_inputs.host(m_inputs.rows)[shape.samples + shape.logits++] = row;
        }
    }
    shape.allRowsSampled = shape.samples == shape.rows;
    return shape;
}

// Adds rows that belong to no sequence.
void CudaDecoder::padDecodeStep(StepShape &shape, int rows)
{
    for (; shape.rows < rows; ++shape.rows) {
        m_inputs.host(m_inputs.entries)[shape.rows] = {shape.rows, 0, -1};
        m_inputs.host(m_inputs.tokens)[shape.rows] = 0;
    }
    shape.entries = shape.samples = rows;
}

void CudaDecoder::enqueueAttention(const CudaLayer &layer, const StepShape &shape)
{
    const int hidden = m_model.hidden;
    auto *residual = m_residual.as<float>();
    AttentionView view = layer.attention;
    view.qkv = m_qkv.as<float>();
    view.qkvPitch = layer.qkv.view().rows;
    view.tables = m_inputs.device(m_inputs.tables);
    view.tablePitch = int(m_layout.pagesEach);
    view.out = m_wide.as<bf16>();
    // Beyond their width these rows hold what an earlier kernel left: the weights are zero there.
    view.outPitch = layer.output.view().columns;
    m_products.multiplyNormed(layer.qkv.view(), residual, hidden, nullptr, shape.rows,
                              layer.inputNorm.as<float>(), float(m_model.normEpsilon),
                              {.rows = m_qkv.as<float>(),
                               .pitch = view.qkvPitch,
                               .bias = layer.qkvBias.as<const float>()},
                              m_stream);
    if (shape.tiles > 0) {
        const PromptTile *tiles = m_inputs.device(m_inputs.tiles);
        launchPrepareHeads(view, tiles, shape.tiles, m_queries.as<bf16>(), m_stream.get());
        launchPromptAttention(view, tiles, shape.tiles, m_queries.as<bf16>(), m_stream.get());
    }
    if (shape.entries > 0)
        launchDecodeAttention(view, m_inputs.device(m_inputs.entries), shape.entries,
                              {.partial = m_partial.as<float>(),
                               .state = m_state.as<float2>(),
                               .tickets = m_tickets.as<unsigned>(),
                               .mostSplits = m_layout.mostSplits,
                               .leastShare = kLeastShare},
                              m_stream.get());
    m_products.multiply(layer.output.view(),
                        {.rows = view.out, .count = shape.rows, .pitch = view.outPitch},
                        {.kind = ProductOutput::Kind::Add,
                         .rows = residual,
                         .pitch = hidden,
                         .bias = layer.outputBias.as<const float>()},
                        m_stream);
}

void CudaDecoder::enqueueFfn(const CudaLayer &layer, const StepShape &shape)
{
    auto *inner = m_wide.as<bf16>();
    const int pitch = layer.down.view().columns;
    m_products.multiplyNormed(layer.gateUp.view(), m_residual.as<float>(), m_model.hidden, nullptr,
                              shape.rows, layer.postNorm.as<float>(), float(m_model.normEpsilon),
                              {.kind = ProductOutput::Kind::SwiGlu,
                               .inner = inner,
                               .pitch = pitch,
                               .bias = layer.gateUpBias.as<const float>()},
                              m_stream);
    m_products.multiply(layer.down.view(), {.rows = inner, .count = shape.rows, .pitch = pitch},
                        {.kind = ProductOutput::Kind::Add,
                         .rows = m_residual.as<float>(),
                         .pitch = m_model.hidden,
                         .bias = layer.downBias.as<const float>()},
                        m_stream);
}

// The final norm and the output matrix over `count` rows, to the start of m_logits.
void CudaDecoder::multiplyHead(const float *residual, const int *index, int count)
{
    m_products.multiplyNormed(outputMatrix().view(), residual, m_model.hidden, index, count,
                              m_finalNorm.as<float>(), float(m_model.normEpsilon),
                              {.rows = m_logits.as<float>(), .pitch = m_model.vocabulary},
                              m_stream);
}

void CudaDecoder::enqueueSamples(const StepShape &shape)
{
    const double temperature = m_options.sampling.temperature;
    const auto block = int(m_layout.logitRows);
    for (int first = 0; first < shape.samples; first += block) {
        const int count = std::min(block, shape.samples - first);
        auto *residual = m_residual.as<float>();
        if (shape.allRowsSampled)
            multiplyHead(residual + std::int64_t{first} * m_model.hidden, nullptr, count);
        else
            multiplyHead(residual, m_inputs.device(m_inputs.rows) + first, count);
        launchSample(m_logits.as<float>(), m_model.vocabulary, m_model.vocabulary, count,
                     m_inputs.device(m_inputs.keys) + first,
                     temperature > 0 ? float(1 / temperature) : 0.0f, m_candidates.as<Candidate>(),
                     m_sampleTickets.as<unsigned>(), m_sampled.as<int>() + first, m_stream.get());
    }
    if (shape.samples > 0)
        m_stream.toHost(m_sampledHost.data(), m_sampled.data(), 4 * std::int64_t{shape.samples});
}

// Queues the whole step; false when it was cancelled on the way.
bool CudaDecoder::enqueue(const StepShape &shape, const std::stop_token &stop)
{
    m_inputs.sendThrough(m_inputs.tokens, shape.rows, m_stream);
    if (shape.tiles > 0)
        m_inputs.send(m_inputs.tiles, 0, shape.tiles, m_stream);
    const MatrixView &table = m_embedding.view();
    launchEmbed(static_cast<const bf16 *>(table.data), table.columns, m_model.hidden,
                m_inputs.device(m_inputs.tokens), shape.rows, m_residual.as<float>(),
                m_stream.get());
    for (const CudaLayer &layer : m_layers) {
        if (stop.stop_requested())
            return false;
        enqueueAttention(layer, shape);
        enqueueFfn(layer, shape);
    }
    enqueueSamples(shape);
    return !stop.stop_requested();
}

Result<void> CudaDecoder::readLogits(const StepShape &shape, StepOutput &output)
{
    const auto vocabulary = std::int64_t{m_model.vocabulary};
    output.logits.resize(std::size_t(shape.logits * vocabulary));
    const auto block = int(m_layout.logitRows);
    for (int first = 0; first < shape.logits; first += block) {
        const int count = std::min(block, shape.logits - first);
        multiplyHead(m_residual.as<float>(), m_inputs.device(m_inputs.rows) + shape.samples + first,
                     count);
        m_stream.toHost(output.logits.data() + first * vocabulary, m_logits.data(),
                        4 * count * vocabulary);
        if (Result<void> done = m_stream.wait(); !done)
            return done;
    }
    return {};
}

Result<void> CudaDecoder::run(const StepShape &shape, const std::stop_token &stop)
{
    const bool isDecode = shape.entries == shape.rows && shape.allRowsSampled;
    if (isDecode) {
        const auto bucket = std::lower_bound(m_decodeRows.begin(), m_decodeRows.end(), shape.rows);
        StepShape padded = shape;
        padDecodeStep(padded, *bucket);
        m_decodeSteps[std::size_t(bucket - m_decodeRows.begin())].launch(m_stream);
    } else if (!enqueue(shape, stop)) {
        if (Result<void> drained = m_stream.wait(); !drained)
            return drained;
        return fail(ErrorKind::Cancelled, "The step was cancelled.");
    }
    return m_stream.wait();
}

Result<void> CudaDecoder::step(std::span<const TokenSpan> spans, StepOutput &output,
                               std::stop_token stop)
{
    output.sampled.clear();
    output.logits.clear();
    if (Result<void> checked = checkSpans(spans, m_sequences, limits(), m_seen); !checked)
        return checked;
    if (spans.empty())
        return {};
    const StepShape shape = placeSpans(spans);
    Result<void> done = run(shape, stop);
    if (done)
        done = readLogits(shape, output);
    for (const TokenSpan &span : spans) {
        if (done)
            m_sequences.setLength(span.sequence, m_sequences.length(span.sequence) +
                                                     std::int64_t(span.tokens.size()));
        else
            m_sequences.releaseSurplus(span.sequence);
    }
    if (!done) {
        output.logits.clear();
        return done;
    }
    const int *sampled = m_sampledHost.as<int>();
    output.sampled.assign(sampled, sampled + shape.samples);
    return {};
}

} // namespace

Result<std::unique_ptr<Decoder>> makeCudaDecoder(int device, const ModelSpec &model,
                                                 const WeightSource &weights,
                                                 const DecoderOptions &options,
                                                 std::stop_token stop, const LoadProgress &progress)
{
    if (Result<void> supported = checkSupported(model, options); !supported)
        return tl::make_unexpected(supported.error());
    const Result<DeviceFacts> facts = deviceFacts(device);
    if (!facts)
        return tl::make_unexpected(facts.error());
    std::optional<TensorIndex> index;
    if (weights.kind == WeightSource::Kind::Directory) {
        Result<TensorIndex> opened = TensorIndex::open(weights.directory);
        if (!opened)
            return tl::make_unexpected(opened.error());
        if (Result<void> checked = checkWeights(*opened, model); !checked)
            return tl::make_unexpected(checked.error());
        index.emplace(std::move(*opened));
    }
    const CudaLayout layout = layoutOf(model, options, facts->multiprocessors);
    if (Result<void> fits = checkMemory(model, options, layout, facts->freeBytes); !fits)
        return tl::make_unexpected(fits.error());
    if (Result<void> used = useDevice(device); !used)
        return tl::make_unexpected(used.error());
    auto decoder = std::make_unique<CudaDecoder>(*facts, model, options, layout);
    if (Result<void> prepared = decoder->prepare(); !prepared)
        return tl::make_unexpected(prepared.error());
    if (Result<void> loaded =
            decoder->load(index ? &*index : nullptr, weights.seed, std::move(stop), progress);
        !loaded)
        return tl::make_unexpected(loaded.error());
    if (Result<void> opened = decoder->openLibraryFor(options.maxStepTokens); !opened)
        return tl::make_unexpected(opened.error());
    if (Result<void> recorded = decoder->recordDecodeSteps(); !recorded)
        return tl::make_unexpected(recorded.error());
    return decoder;
}

} // namespace engine::cuda
