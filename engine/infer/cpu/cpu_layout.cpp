// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/cpu_layout.h"

#include <algorithm>
#include <thread>

#include "engine/infer/cpu/grouped_attention.h"
#include "engine/infer/cpu/layer.h"
#include "engine/infer/cpu/rope_table.h"
#include "engine/infer/cpu/swiglu_ffn.h"

namespace engine::cpu {
namespace {

constexpr std::int64_t kMaxSequences = 1 << 16;
constexpr std::int64_t kMaxStepTokens = 1 << 20;
constexpr std::int64_t kAbsurdBytes = std::int64_t{1} << 58;
constexpr int kMaxThreads = 1024;
constexpr int kMaxHeadDim = 256; // of the attention kernels

std::int64_t ceilDiv(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

void addWidth(std::vector<std::int64_t> &widths, std::int64_t width)
{
    if (std::find(widths.begin(), widths.end(), width) == widths.end())
        widths.push_back(width);
}

// Formats differ by variant; the widest is assumed.
std::int64_t activationBytes(std::int64_t rows, std::int64_t columns)
{
    return Activations::bytesFor(ActivationFormat::Fp32Rows, ceilDiv(rows, 16) * 16, columns);
}

std::int64_t workspaceBytesOf(const ModelSpec &model, const DecoderOptions &options,
                              const CpuLayout &layout)
{
    const std::int64_t rows = options.maxStepTokens;
    std::int64_t bytes = rows * (rowPitch(model.hidden) + rowPitch(layout.qkvWidth)) * 4;
    bytes += activationBytes(rows, model.hidden);
    for (const std::int64_t width : layout.attendedWidths)
        bytes += activationBytes(rows, width);
    for (const std::int64_t width : layout.ffnWidths)
        bytes += activationBytes(rows, width);
    bytes += layout.logitRows * model.vocabulary * 4;
    std::vector<RopeSpec> ropes;
    for (const LayerSpec &layer : model.layers) {
        const RopeSpec &rope = layer.attention.rope;
        if (std::find(ropes.begin(), ropes.end(), rope) != ropes.end())
            continue;
        ropes.push_back(rope);
        bytes += RopeTable::bytesFor(rotaryDimOf(layer.attention), options.maxPositions);
    }
    return bytes + Kernels::workspaceBytes(layout.threads, layout.limits);
}

} // namespace

CpuLayout layoutOf(const ModelSpec &model, const DecoderOptions &options)
{
    CpuLayout layout;
    layout.threads = options.threads > 0 ? options.threads
                                         : std::max(1, int(std::thread::hardware_concurrency()));
    layout.pagesEach = ceilDiv(options.maxPositions, kPagePositions);
    layout.cachePages = options.maxSequences * layout.pagesEach;
    // However the positions fall to the sequences, each may waste all but one slot of a page.
    if (options.kvPositions > 0)
        layout.cachePages = std::min(
            layout.cachePages,
            (options.kvPositions + options.maxSequences * (kPagePositions - 1)) / kPagePositions);
    layout.logitRows = std::clamp<std::int64_t>(options.maxSequences, 16, 256);
    layout.limits.rows = options.maxStepTokens;
    layout.limits.sequences = options.maxSequences;
    layout.limits.cachePages = layout.cachePages;

    const std::int64_t embedding =
        PackedMatrix::bytesFor(model.vocabulary, model.hidden, options.weightType);
    layout.memory.weightBytes = embedding * (model.tiedOutput ? 1 : 2) + 4 * model.hidden;
    double kvBytes = 0;
    for (const LayerSpec &layer : model.layers) {
        const AttentionSpec &attention = layer.attention;
        layout.limits.heads = std::max(layout.limits.heads, attention.heads);
        layout.limits.kvHeads = std::max(layout.limits.kvHeads, attention.kvHeads);
        layout.limits.headDim = std::max(layout.limits.headDim, attention.headDim);
        const std::int64_t queries = std::int64_t(attention.heads) * attention.headDim;
        const std::int64_t keys = std::int64_t(attention.kvHeads) * attention.headDim;
        layout.qkvWidth = std::max(layout.qkvWidth, queries + 2 * keys);
        addWidth(layout.attendedWidths, queries);
        addWidth(layout.ffnWidths, layer.ffn.intermediate);
        layout.memory.weightBytes +=
            groupedAttentionBytes(attention, model.hidden, options.weightType) +
            swiGluBytes(layer.ffn, model.hidden, options.weightType);
        const std::int64_t page =
            KvPages::bytesPerPage(attention.kvHeads, attention.headDim, options.kvType);
        kvBytes += double(page) * double(layout.cachePages);
        layout.kvBytesPerPosition += page / kPagePositions;
    }
    // Beyond this nothing fits anywhere, and sums of the rest might not fit into 64 bits.
    if (kvBytes > double(kAbsurdBytes)) {
        layout.memory.kvBytes = kAbsurdBytes;
        return layout;
    }
    layout.memory.kvBytes = std::int64_t(kvBytes);
    layout.memory.workspaceBytes = workspaceBytesOf(model, options, layout);
    return layout;
}

Result<void> checkSupported(const ModelSpec &model, const DecoderOptions &options)
{
    const auto badOption = [](const std::string &what, std::int64_t given, std::int64_t most) {
        return fail(ErrorKind::BadInput, what + " must be from 1 to " + std::to_string(most) +
                                             ", not " + std::to_string(given) + ".");
    };
    if (options.maxSequences < 1 || options.maxSequences > kMaxSequences)
        return badOption("The number of sequences", options.maxSequences, kMaxSequences);
    if (options.maxStepTokens < 1 || options.maxStepTokens > kMaxStepTokens)
        return badOption("The tokens of a step", options.maxStepTokens, kMaxStepTokens);
    if (options.threads < 0 || options.threads > kMaxThreads)
        return badOption("The number of threads", options.threads, kMaxThreads);
    if (options.maxPositions < 1 || options.kvPositions < 0)
        return fail(ErrorKind::BadInput, "A context must have at least one position.");
    if (!(options.sampling.temperature >= 0 && options.sampling.temperature <= 1e6))
        return fail(ErrorKind::BadInput, "The temperature must be from 0 to 1,000,000.");
    if (options.maxPositions > model.maxPositions)
        return fail(ErrorKind::DoesNotFit, "A context of " + std::to_string(options.maxPositions) +
                                               " positions is over the limit of " + model.name +
                                               ", which is " + std::to_string(model.maxPositions) +
                                               "; ask for at most that.");
    for (const DType type : {options.weightType, options.kvType}) {
        if (type != DType::Bf16 && type != DType::Fp32)
            return fail(ErrorKind::Unsupported,
                        "The CPU runs weights and KV cache in bf16 or fp32, not in " +
                            std::string(dtypeName(type)) + ".");
    }
    if (model.layers.empty() || model.hidden < 1 || model.vocabulary < 1)
        return fail(ErrorKind::BadInput, model.name + " has no layers: it is no model.");
    for (const LayerSpec &layer : model.layers) {
        if (layer.attention.kind != AttentionKind::Grouped || layer.ffn.kind != FfnKind::SwiGlu)
            return fail(ErrorKind::Unsupported,
                        model.name + " has a kind of layer that the CPU decoder does not run; it "
                                     "runs grouped-query attention with SwiGLU.");
        if (layer.attention.headDim > kMaxHeadDim)
            return fail(ErrorKind::Unsupported, model.name + " has heads of " +
                                                    std::to_string(layer.attention.headDim) +
                                                    " dimensions; the CPU decoder runs at most " +
                                                    std::to_string(kMaxHeadDim) + ".");
    }
    return {};
}

} // namespace engine::cpu
