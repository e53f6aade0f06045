// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/memory_need.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/predict/serving/serving_point.h"
#include "engine/spec/work.h"

namespace engine {
namespace {

constexpr std::int64_t kMostSequences = 1 << 20;

// What a runtime cannot hand out, and what it keeps for itself (context, graphs, libraries).
struct Reserve
{
    double usableShare = 0;
    Bytes runtime;
};

Reserve reserveOf(const DeviceSpec &device)
{
    if (device.kind == DeviceKind::Cpu)
        return {0.9, Bytes(64e6)};
    return {0.92, Bytes(2e9)};
}

// Activations of the longest step: residual stream, norms and attention output at 4 bytes, the
// two halves of the feed-forward in between, and fp32 logits of every sequence.
Bytes workspaceOf(const ModelSpec &model, const DeviceSpec &device, const Deployment &deployment,
                  std::int64_t batch)
{
    double widest = 0;
    for (const LayerSpec &layer : model.layers) {
        const AttentionSpec &a = layer.attention;
        const double attention = double(a.heads + 2 * a.kvHeads) * a.headDim;
        const double ffn = 2.0 * (double(layer.ffn.intermediate) + layer.ffn.sharedIntermediate);
        widest = std::max(widest, attention + ffn);
    }
    const double rows = double(std::max(batch, chunkTokensOf(device, deployment)));
    const double activations = rows * (3.0 * model.hidden + widest) * 4;
    const double logits = double(batch) * model.vocabulary * 4;
    return Bytes(activations + logits) + reserveOf(device).runtime;
}

template <class Holds>
std::int64_t largestThat(std::int64_t limit, const Holds &holds)
{
    if (limit < 1 || !holds(1))
        return 0;
    std::int64_t good = 1;
    std::int64_t bad = limit + 1;
    while (bad - good > 1) {
        const std::int64_t middle = good + (bad - good) / 2;
        (holds(middle) ? good : bad) = middle;
    }
    return good;
}

std::string gigabytes(Bytes amount)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3g GB", amount.value / 1e9);
    return text;
}

} // namespace

std::int64_t chunkTokensOf(const DeviceSpec &device, const Deployment &deployment)
{
    if (deployment.prefillChunkTokens > 0)
        return deployment.prefillChunkTokens;
    return device.kind == DeviceKind::Cpu ? 512 : 8192;
}

MemoryNeed memoryNeed(const ModelSpec &model, const DeviceSpec &device,
                      const Deployment &deployment, const Workload &workload)
{
    const std::int64_t positions = workload.contextTokens + workload.outputTokens;
    MemoryNeed need;
    const Layout &layout = deployment.layout;
    const StepTypes types = stepTypesOf(model, deployment.dtype, deployment.kvDType);
    if (layout == Layout{} && types.attention == types.experts) {
        need.weights = weightBytes(model, deployment.dtype);
        need.kv = kvBytes(model, deployment.kvDType, positions) * double(workload.batch);
    } else {
        need.weights = weightBytesPerDevice(model, types, layout);
        const double groups = layout.dataAttention;
        need.kv = cacheBytesPerDevice(model, types, layout, double(positions)) *
                  std::ceil(double(workload.batch) / groups);
    }
    need.workspace = workspaceOf(model, device, deployment, workload.batch);
    need.available = device.memory * reserveOf(device).usableShare;
    if (model.maxPositions > 0 && positions > model.maxPositions)
        need.fit = Fit::OverContextLimit;
    else if (need.needed() > need.available)
        need.fit = Fit::OverMemory;
    return need;
}

std::int64_t largestBatch(const ModelSpec &model, const DeviceSpec &device,
                          const Deployment &deployment, const Workload &workload)
{
    return largestThat(kMostSequences, [&](std::int64_t batch) {
        Workload candidate = workload;
        candidate.batch = batch;
        return memoryNeed(model, device, deployment, candidate).fit == Fit::Fits;
    });
}

std::int64_t longestContext(const ModelSpec &model, const DeviceSpec &device,
                            const Deployment &deployment, const Workload &workload)
{
    const std::int64_t limit = model.maxPositions > 0 ? model.maxPositions : std::int64_t(1) << 30;
    return largestThat(limit, [&](std::int64_t context) {
        Workload candidate = workload;
        candidate.contextTokens = context;
        return memoryNeed(model, device, deployment, candidate).fit == Fit::Fits;
    });
}

std::string doesNotFitSentence(const ModelSpec &model, const DeviceSpec &device,
                               const Deployment &deployment, const Workload &workload)
{
    const MemoryNeed need = memoryNeed(model, device, deployment, workload);
    if (need.fit == Fit::Fits)
        return {};
    const std::int64_t context = longestContext(model, device, deployment, workload);
    if (need.fit == Fit::OverContextLimit) {
        return "Over the model's limit: context and output are " +
               std::to_string(workload.contextTokens + workload.outputTokens) + " tokens, " +
               model.name + " takes " + std::to_string(model.maxPositions) +
               (context > 0 ? "; the longest context that fits is " + std::to_string(context) + "."
                            : ".");
    }
    std::string text = "Does not fit: needs " + gigabytes(need.needed()) + " (weights " +
                       gigabytes(need.weights) + ", KV " + gigabytes(need.kv) + ", workspace " +
                       gigabytes(need.workspace) + "), " + device.name + " has " +
                       gigabytes(need.available) + " to give";
    const std::int64_t batch = largestBatch(model, device, deployment, workload);
    if (batch > 0)
        text += "; at this context the largest batch is " + std::to_string(batch);
    if (context > 0)
        text += "; at this batch the longest context is " + std::to_string(context);
    if (batch == 0 && context == 0)
        text += "; no batch and no context fits: take a smaller type, model or a larger device";
    return text + ".";
}

} // namespace engine
