// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/kernels.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <vector>

#include "engine/infer/cpu/kernels/isa_table.h"

namespace engine::cpu {

namespace {

constexpr std::int64_t kSampleChunk = 16384; // tokens of a vocabulary that one thread takes

const IsaTable &tableOf(Isa isa)
{
    switch (isa) {
#if defined(__x86_64__)
    case Isa::Avx2:
        return avx2Table();
    case Isa::Avx512Bf16:
        return avx512Bf16Table();
    case Isa::Amx:
        return amxTable();
#endif
    default:
        return portableTable();
    }
}

std::int64_t ceilDiv(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

std::int64_t paddedDim(const KernelLimits &limits)
{
    return ceilDiv(limits.headDim, 32) * 32;
}

std::int64_t partialRows(const KernelLimits &limits)
{
    return (limits.cachePages / kSplitPages + limits.sequences) * limits.kvHeads * kSplitRows;
}

std::int64_t attendUnits(const KernelLimits &limits)
{
    const std::int64_t group = ceilDiv(limits.heads, limits.kvHeads);
    const std::int64_t blocks = limits.rows * group / kAttendRows + limits.sequences;
    return blocks * limits.kvHeads + partialRows(limits) / kSplitRows;
}

std::int64_t appendUnits(const KernelLimits &limits)
{
    return limits.rows / 32 + 2 * limits.sequences;
}

// Small enough that every thread gets several, large enough to share what is read with them.
std::int64_t panelsPerUnit(std::int64_t panels, std::int64_t rows, int threads)
{
    if (rows <= 32)
        return 1;
    return std::clamp(panels / (threads * 2), std::int64_t{1}, kMatmulPanels);
}

} // namespace

struct Kernels::Workspace
{
    HugeBuffer scratch;  // kScratchBytes a thread
    HugeBuffer partials; // of split attention
    std::vector<AppendUnit> appendUnits;
    std::vector<AttendUnit> attendUnits;
    std::vector<std::int64_t> splitUnits; // indices of first units of split row blocks
    std::vector<Candidate> candidates;
    std::int64_t partialRows = 0;
    std::int64_t partialStride = 0;

    void *scratchOf(int thread)
    {
        return static_cast<char *>(scratch.data()) + thread * kScratchBytes;
    }
    void buildAppendUnits(std::span<const SequenceSpan> spans);
    void buildAttendUnits(std::span<const SequenceSpan> spans, const HeadShape &shape);
    void addRowBlock(const SequenceSpan &span, const HeadShape &shape, std::int64_t kvHead,
                     std::int64_t firstRow, std::int64_t rows, std::int64_t &usedPartials);
};

// New tokens in groups that fall into one block of 32 positions.
void Kernels::Workspace::buildAppendUnits(std::span<const SequenceSpan> spans)
{
    appendUnits.clear();
    for (const SequenceSpan &span : spans) {
        for (std::int64_t token = 0; token < span.tokens;) {
            const std::int64_t left = 32 - (span.depth + token) % 32;
            const std::int64_t tokens = std::min(left, span.tokens - token);
            appendUnits.push_back({&span, token, tokens});
            token += tokens;
        }
    }
}

void Kernels::Workspace::addRowBlock(const SequenceSpan &span, const HeadShape &shape,
                                     std::int64_t kvHead, std::int64_t firstRow, std::int64_t rows,
                                     std::int64_t &usedPartials)
{
    const std::int64_t group = shape.heads / shape.kvHeads;
    const std::int64_t firstPosition = span.depth + firstRow / group;
    const std::int64_t lastPosition = span.depth + (firstRow + rows - 1) / group;
    const std::int64_t firstSeen =
        shape.window > 0 ? std::max<std::int64_t>(0, firstPosition + 1 - shape.window) : 0;
    AttendUnit unit{.span = &span,
                    .kvHead = kvHead,
                    .firstRow = firstRow,
                    .rows = rows,
                    .firstPage = firstSeen / kPagePositions,
                    .lastPage = lastPosition / kPagePositions + 1};
    const std::int64_t pages = unit.lastPage - unit.firstPage;
    const std::int64_t splits = ceilDiv(pages, kSplitPages);
    const bool split = splits > 1 && rows <= kSplitRows && span.tokens * group <= kSplitRows &&
                       usedPartials + splits * rows <= partialRows;
    if (!split) {
        attendUnits.push_back(unit);
        return;
    }
    splitUnits.push_back(std::ssize(attendUnits));
    const std::int64_t firstPage = unit.firstPage;
    const std::int64_t lastPage = unit.lastPage;
    unit.splits = splits;
    for (std::int64_t i = 0; i < splits; ++i) {
        unit.firstPage = firstPage + i * kSplitPages;
        unit.lastPage = std::min(unit.firstPage + kSplitPages, lastPage);
        unit.partial = usedPartials;
        usedPartials += rows;
        attendUnits.push_back(unit);
    }
}

// Head by head, so that threads meet in the same pages; late rows, which see most, come first.
void Kernels::Workspace::buildAttendUnits(std::span<const SequenceSpan> spans,
                                          const HeadShape &shape)
{
    attendUnits.clear();
    splitUnits.clear();
    std::int64_t usedPartials = 0;
    const std::int64_t group = shape.heads / shape.kvHeads;
    for (const SequenceSpan &span : spans) {
        const std::int64_t rows = span.tokens * group;
        const std::int64_t blocks = ceilDiv(rows, kAttendRows);
        for (std::int64_t head = 0; head < shape.kvHeads; ++head) {
            for (std::int64_t block = blocks - 1; block >= 0; --block) {
                const std::int64_t first = block * kAttendRows;
                addRowBlock(span, shape, head, first, std::min(kAttendRows, rows - first),
                            usedPartials);
            }
        }
    }
}

Kernels::Kernels(ThreadPool &pool, Isa isa, const IsaTable &table,
                 std::unique_ptr<Workspace> workspace)
    : m_pool(pool), m_isa(isa), m_table(table), m_workspace(std::move(workspace))
{
}

Kernels::~Kernels() = default;

std::int64_t Kernels::workspaceBytes(int threads, const KernelLimits &limits)
{
    const std::int64_t partialBytes = partialRows(limits) * (paddedDim(limits) + 16) * 4;
    return threads * kScratchBytes + partialBytes +
           attendUnits(limits) * static_cast<std::int64_t>(sizeof(AttendUnit)) +
           appendUnits(limits) * static_cast<std::int64_t>(sizeof(AppendUnit));
}

Result<std::unique_ptr<Kernels>> Kernels::create(ThreadPool &pool, Isa isa,
                                                 const KernelLimits &limits)
{
    const std::vector<Isa> isas = availableIsas();
    if (std::find(isas.begin(), isas.end(), isa) == isas.end())
        return fail(ErrorKind::Unsupported, "This CPU has no " + std::string(isaName(isa)) +
                                                " kernels; leave the choice to the engine or use "
                                                "\"portable\".");
    if (limits.headDim < 1 || limits.headDim > kMaxHeadDim || limits.kvHeads < 1 ||
        limits.heads < limits.kvHeads || limits.heads % limits.kvHeads != 0)
        return fail(ErrorKind::Unsupported,
                    "Attention with " + std::to_string(limits.heads) + " heads over " +
                        std::to_string(limits.kvHeads) + " KV heads of " +
                        std::to_string(limits.headDim) +
                        " dimensions is not supported; heads must be a multiple of KV heads and "
                        "a head at most 256 wide.");
    auto workspace = std::make_unique<Workspace>();
    workspace->partialRows = partialRows(limits);
    workspace->partialStride = paddedDim(limits) + 16;
    auto scratch = HugeBuffer::allocate(pool.threads() * kScratchBytes);
    if (!scratch)
        return tl::unexpected<Error>(scratch.error());
    auto partials = HugeBuffer::allocate(workspace->partialRows * workspace->partialStride * 4);
    if (!partials)
        return tl::unexpected<Error>(partials.error());
    workspace->scratch = std::move(*scratch);
    workspace->partials = std::move(*partials);
    workspace->appendUnits.reserve(static_cast<std::size_t>(appendUnits(limits)));
    workspace->attendUnits.reserve(static_cast<std::size_t>(attendUnits(limits)));
    workspace->splitUnits.reserve(static_cast<std::size_t>(limits.sequences * limits.kvHeads));
    workspace->candidates.reserve(4096);
    return std::unique_ptr<Kernels>(new Kernels(pool, isa, tableOf(isa), std::move(workspace)));
}

ActivationFormat Kernels::activationFormat(DType weightType) const
{
    return weightType == DType::Fp32 ? ActivationFormat::Fp32Rows : m_table.bf16Activations;
}

void Kernels::embed(const PackedMatrix &matrix, std::span<const std::int32_t> tokens, float *rows,
                    std::int64_t stride)
{
    const auto inputs = static_cast<std::size_t>(matrix.inputs());
    m_pool.forEach(std::ssize(tokens), 8, [&](std::int64_t begin, std::int64_t end, int) {
        for (std::int64_t i = begin; i < end; ++i)
            matrix.unpackRow(tokens[static_cast<std::size_t>(i)], {rows + i * stride, inputs});
    });
}

void Kernels::rmsNorm(const RowSource &source, const float *weight, float epsilon,
                      Activations &output)
{
    const NormJob job{.source = source,
                      .weight = weight,
                      .epsilon = epsilon,
                      .columns = output.columns(),
                      .output = output.view()};
    m_pool.forEach(output.rows(), 4, [&](std::int64_t begin, std::int64_t end, int) {
        m_table.rmsNorm(job, begin, end);
    });
}

void Kernels::matmul(const Activations &input, const PackedMatrix &weights,
                     const MatmulOutput &output)
{
    assert(input.view().columns == weights.paddedInputs());
    assert(input.view().format == activationFormat(weights.type()));
    MatmulJob job{.input = input.view(),
                  .weights = weights.data(),
                  .type = weights.type(),
                  .outputs = weights.outputs(),
                  .kind = output.kind,
                  .rows = output.rows,
                  .stride = output.stride,
                  .bias = output.bias,
                  .activations = {}};
    if (output.activations) {
        output.activations->setRows(input.rows());
        job.activations = output.activations->view();
    }
    const std::int64_t grain = panelsPerUnit(weights.panels(), input.rows(), m_pool.threads());
    m_pool.forEach(weights.panels(), grain, [&](std::int64_t begin, std::int64_t end, int thread) {
        m_table.matmul(job, begin, end, m_workspace->scratchOf(thread));
    });
}

void Kernels::appendKv(float *qkv, std::int64_t stride, std::span<const SequenceSpan> spans,
                       const HeadShape &shape, KvPages &cache)
{
    m_workspace->buildAppendUnits(spans);
    const AppendJob job{.qkv = qkv, .stride = stride, .shape = shape, .cache = cache.view()};
    const auto &units = m_workspace->appendUnits;
    m_pool.forEach(std::ssize(units), 1, [&](std::int64_t begin, std::int64_t end, int) {
        for (std::int64_t i = begin; i < end; ++i)
            m_table.appendKv(job, units[static_cast<std::size_t>(i)]);
    });
}

void Kernels::attend(const float *qkv, std::int64_t stride, std::span<const SequenceSpan> spans,
                     const HeadShape &shape, const KvPages &cache, Activations &output)
{
    Workspace &workspace = *m_workspace;
    workspace.buildAttendUnits(spans, shape);
    const AttendJob job{.qkv = qkv,
                        .stride = stride,
                        .shape = shape,
                        .cache = cache.view(),
                        .output = output.view(),
                        .partials = static_cast<float *>(workspace.partials.data()),
                        .partialStride = workspace.partialStride};
    const auto &units = workspace.attendUnits;
    m_pool.forEach(std::ssize(units), 1, [&](std::int64_t begin, std::int64_t end, int thread) {
        m_table.attend(job, units.data() + begin, end - begin, workspace.scratchOf(thread));
    });
    const auto &splits = workspace.splitUnits;
    m_pool.forEach(std::ssize(splits), 4, [&](std::int64_t begin, std::int64_t end, int) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t unit = splits[static_cast<std::size_t>(i)];
            m_table.merge(job, units[static_cast<std::size_t>(unit)]);
        }
    });
}

void Kernels::sample(const float *logits, std::int64_t stride, std::int64_t vocabulary,
                     double temperature, std::span<const SampleKey> keys,
                     std::span<std::int32_t> tokens)
{
    assert(keys.size() == tokens.size());
    const std::int64_t chunks = ceilDiv(vocabulary, kSampleChunk);
    const std::int64_t rows = std::ssize(tokens);
    auto &candidates = m_workspace->candidates;
    candidates.resize(static_cast<std::size_t>(rows * chunks));
    m_pool.forEach(rows * chunks, 1, [&](std::int64_t begin, std::int64_t end, int) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t row = i / chunks;
            const std::int64_t first = i % chunks * kSampleChunk;
            const SampleJob job{.logits = logits + row * stride,
                                .temperature = temperature,
                                .key = keys[static_cast<std::size_t>(row)]};
            candidates[static_cast<std::size_t>(i)] =
                m_table.sample(job, first, std::min(first + kSampleChunk, vocabulary));
        }
    });
    for (std::int64_t row = 0; row < rows; ++row) {
        Candidate best = candidates[static_cast<std::size_t>(row * chunks)];
        for (std::int64_t chunk = 1; chunk < chunks; ++chunk) {
            const Candidate other = candidates[static_cast<std::size_t>(row * chunks + chunk)];
            if (other.score > best.score)
                best = other;
        }
        tokens[static_cast<std::size_t>(row)] = best.token;
    }
}

} // namespace engine::cpu
