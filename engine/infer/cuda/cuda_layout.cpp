// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/cuda_layout.h"

#include <algorithm>
#include <string>

#include "engine/infer/cuda/kernels.h"
#include "engine/infer/memory.h"

namespace engine::cuda {
namespace {

constexpr std::int64_t kAbsurdBytes = std::int64_t{1} << 58;
constexpr std::int64_t kMostLogitRows = 64;
constexpr int kMostSplits = 64;

std::int64_t widthOf(const AttentionSpec &spec)
{
    return std::int64_t(spec.heads + 2 * spec.kvHeads) * spec.headDim;
}

void addLayer(const LayerSpec &layer, const ModelSpec &model, Storage storage, CudaLayout &layout)
{
    const AttentionSpec &attention = layer.attention;
    const std::int64_t queries = std::int64_t(attention.heads) * attention.headDim;
    const std::int64_t gateUp = 2 * roundUp(layer.ffn.intermediate, 8);
    const int dims = paddedHeadDim(attention.headDim);
    const auto add = [&](std::int64_t rows, std::int64_t columns) {
        layout.memory.weightBytes += matrixBytes(storage, rows, columns);
        if (storage != Storage::Bf16)
            layout.scratchElements =
                std::max(layout.scratchElements, rows * roundUp(columns, kColumnPad));
    };
    add(widthOf(attention), model.hidden);
    add(model.hidden, queries);
    add(gateUp, model.hidden);
    add(model.hidden, layer.ffn.intermediate);
    layout.memory.weightBytes += 4 * (2 * std::int64_t{model.hidden});
    layout.qkvWidth = std::max(layout.qkvWidth, widthOf(attention));
    layout.rowPitch = std::max({layout.rowPitch, roundUp(queries, kColumnPad),
                                roundUp(layer.ffn.intermediate, kColumnPad)});
    layout.queryPitch = std::max(layout.queryPitch, std::int64_t(attention.heads) * dims);
    layout.mostHeads = std::max(layout.mostHeads, attention.heads);
    layout.mostKvHeads = std::max(layout.mostKvHeads, attention.kvHeads);
    layout.mostDims = std::max(layout.mostDims, dims);
    layout.kvBytesPerPosition += 4 * std::int64_t{attention.kvHeads} * dims;
}

} // namespace

Storage storageOf(DType type)
{
    switch (type) {
    case DType::Fp8:
        return Storage::Fp8;
    case DType::Int8:
        return Storage::Int8;
    case DType::Int4:
        return Storage::Int4;
    default:
        return Storage::Bf16;
    }
}

std::int64_t matrixBytes(Storage storage, std::int64_t rows, std::int64_t columns)
{
    const std::int64_t padded = roundUp(columns, kColumnPad);
    if (storage == Storage::Bf16)
        return 2 * rows * padded;
    const std::int64_t elements = roundUp(rows, kTileRows) * padded;
    return (storage == Storage::Int4 ? elements / 2 : elements) + 2 * elements / kGroup;
}

CudaLayout layoutOf(const ModelSpec &model, const DecoderOptions &options, int multiprocessors)
{
    CudaLayout layout;
    const std::int64_t rows = options.maxStepTokens;
    layout.pagesEach = roundUp(options.maxPositions, kPageTokens) / kPageTokens;
    layout.cachePages = options.maxSequences * layout.pagesEach;
    if (options.kvPositions > 0) // each sequence may waste all but one place of a page
        layout.cachePages = std::min(
            layout.cachePages,
            (options.kvPositions + options.maxSequences * (kPageTokens - 1)) / kPageTokens);
    layout.rowPitch = roundUp(model.hidden, kColumnPad);
    for (const LayerSpec &layer : model.layers)
        addLayer(layer, model, storageOf(options.weightType), layout);
    layout.memory.weightBytes +=
        matrixBytes(Storage::Bf16, model.vocabulary, model.hidden) * (model.tiedOutput ? 1 : 2);
    const double kvBytes = double(layout.kvBytesPerPosition) * kPageTokens * layout.cachePages;
    layout.memory.kvBytes = kvBytes > double(kAbsurdBytes) ? kAbsurdBytes : std::int64_t(kvBytes);
    layout.logitRows = std::min(kMostLogitRows, std::max(options.maxSequences, rows));
    // Two blocks a multiprocessor when a single sequence is decoded; more sequences need no splits.
    const int blocks = 2 * multiprocessors / std::max(1, layout.mostKvHeads);
    layout.mostSplits = std::clamp(blocks, 1, kMostSplits);
    const std::int64_t shares = options.maxSequences * layout.mostHeads * layout.mostSplits;
    layout.memory.workspaceBytes =
        rows *
            (4 * (model.hidden + layout.qkvWidth) + 2 * (2 * layout.rowPitch + layout.queryPitch)) +
        4 * layout.logitRows * model.vocabulary + 2 * layout.scratchElements +
        shares * (4 * layout.mostDims + 8) + 4 * options.maxSequences * layout.pagesEach;
    return layout;
}

Result<void> checkSupported(const ModelSpec &model, const DecoderOptions &options)
{
    const auto within = [](const char *what, std::int64_t given,
                           std::int64_t most) -> Result<void> {
        if (given >= 1 && given <= most)
            return {};
        return fail(ErrorKind::BadInput, std::string(what) + " must be from 1 to " +
                                             std::to_string(most) + ", not " +
                                             std::to_string(given) + ".");
    };
    if (auto r = within("The number of sequences", options.maxSequences, 1 << 14); !r)
        return r;
    if (auto r = within("The tokens of a step", options.maxStepTokens, 1 << 16); !r)
        return r;
    if (auto r = within("The positions of a sequence", options.maxPositions, 1 << 30); !r)
        return r;
    if (!(options.sampling.temperature >= 0 && options.sampling.temperature <= 1e6))
        return fail(ErrorKind::BadInput, "The temperature must be from 0 to 1,000,000.");
    if (options.maxPositions > model.maxPositions)
        return fail(ErrorKind::DoesNotFit, "A context of " + std::to_string(options.maxPositions) +
                                               " positions is over the limit of " + model.name +
                                               ", which is " + std::to_string(model.maxPositions) +
                                               "; ask for at most that.");
    const DType type = options.weightType;
    if (type != DType::Bf16 && type != DType::Fp8 && type != DType::Int8 && type != DType::Int4)
        return fail(ErrorKind::Unsupported,
                    "The GPU runs weights in bf16, fp8, int8 or int4, not in " +
                        std::string(dtypeName(type)) + ".");
    if (options.kvType != DType::Bf16)
        return fail(ErrorKind::Unsupported, "The GPU keeps keys and values in bf16, not in " +
                                                std::string(dtypeName(options.kvType)) + ".");
    if (model.layers.empty() || model.hidden < 1 || model.vocabulary < 1)
        return fail(ErrorKind::BadInput, model.name + " has no layers: it is no model.");
    for (const LayerSpec &layer : model.layers) {
        const AttentionSpec &attention = layer.attention;
        if (attention.kind != AttentionKind::Grouped || layer.ffn.kind != FfnKind::SwiGlu)
            return fail(ErrorKind::Unsupported,
                        model.name + " has a kind of layer that the GPU decoder does not run; it "
                                     "runs grouped-query attention with SwiGLU.");
        if (attention.headDim > kMostHeadDim || attention.heads > kMostGroup * attention.kvHeads)
            return fail(ErrorKind::Unsupported,
                        model.name + " has " + std::to_string(attention.heads) + " heads of " +
                            std::to_string(attention.headDim) + " dimensions on " +
                            std::to_string(attention.kvHeads) +
                            " KV heads; the GPU decoder runs at most 16 heads of 256 on each.");
    }
    return {};
}

Result<void> checkMemory(const ModelSpec &model, const DecoderOptions &options,
                         const CudaLayout &layout, std::int64_t freeBytes)
{
    const MemoryUse &use = layout.memory;
    if (use.totalBytes() <= freeBytes)
        return {};
    std::string advice = "take a GPU with more memory, or fewer layers";
    const std::int64_t others = use.weightBytes + use.workspaceBytes;
    if (others < freeBytes && use.kvBytes > 0) {
        const double share = double(freeBytes - others) / double(use.kvBytes);
        advice =
            "a batch of " + std::to_string(std::int64_t(double(options.maxSequences) * share)) +
            " at this context would fit, or a context of " +
            std::to_string(std::int64_t(double(options.maxPositions) * share)) + " at this batch";
    } else {
        for (const DType type : {DType::Fp8, DType::Int4}) {
            DecoderOptions smaller = options;
            smaller.weightType = type;
            smaller.maxSequences = 1;
            if (layoutOf(model, smaller, 1).memory.totalBytes() <= freeBytes) {
                advice = "with " + std::string(dtypeName(type)) + " weights a batch of 1 fits";
                break;
            }
        }
    }
    return fail(ErrorKind::DoesNotFit,
                model.name + " in " + std::string(dtypeName(options.weightType)) + " takes " +
                    byteText(use.totalBytes()) + " (weights " + byteText(use.weightBytes) +
                    ", KV cache " + byteText(use.kvBytes) + "), and " + byteText(freeBytes) +
                    " of the GPU are free; " + advice + ".");
}

} // namespace engine::cuda
