// SPDX-License-Identifier: Apache-2.0
#include "engine/spec/work.h"

#include <algorithm>

namespace engine {
namespace {

// Elements of the matrices that every token is multiplied with, per layer.
struct LayerMatrices
{
    double attention = 0;   // q, k, v, o
    double ffnPerToken = 0; // matrices one token passes through
    double ffnStored = 0;   // matrices in memory
    double router = 0;
    double vectors = 0; // norms and biases
};

LayerMatrices matricesOf(const LayerSpec &layer, int hidden)
{
    const AttentionSpec &attention = layer.attention;
    const FfnSpec &ffn = layer.ffn;
    const double queryWidth = double(attention.heads) * attention.headDim;
    const double keyWidth = double(attention.kvHeads) * attention.headDim;
    LayerMatrices result;
    result.attention = hidden * (2 * queryWidth + 2 * keyWidth);
    const double expert = 3.0 * hidden * ffn.intermediate;
    const double shared = 3.0 * hidden * ffn.sharedIntermediate;
    if (ffn.experts > 0) {
        result.ffnPerToken = expert * ffn.expertsPerToken + shared;
        result.ffnStored = expert * ffn.experts + shared;
        result.router = double(hidden) * ffn.experts;
    } else {
        result.ffnPerToken = expert + shared;
        result.ffnStored = expert + shared;
    }
    result.vectors = 2.0 * hidden;
    if (attention.qkvBias)
        result.vectors += queryWidth + 2 * keyWidth;
    if (attention.outputBias)
        result.vectors += hidden;
    if (attention.qkNorm)
        result.vectors += 2.0 * attention.headDim;
    if (ffn.bias)
        result.vectors += 2.0 * ffn.intermediate + hidden;
    return result;
}

double seen(const AttentionSpec &attention, double positions)
{
    return attention.window > 0 ? std::min(positions, double(attention.window)) : positions;
}

// Query-key pairs of `tokens` new positions after `depth` old ones.
double attentionPairs(const AttentionSpec &attention, double tokens, double depth)
{
    const double all = depth * tokens + tokens * (tokens + 1) / 2;
    if (attention.window <= 0 || depth + tokens <= double(attention.window))
        return all;
    const double window = double(attention.window);
    const double whole = std::clamp(window - depth, 0.0, tokens); // positions that still see all
    return depth * whole + whole * (whole + 1) / 2 + (tokens - whole) * window;
}

double outputElements(const ModelSpec &model)
{
    return double(model.vocabulary) * model.hidden;
}

} // namespace

std::int64_t layerParameters(const LayerSpec &layer, int hidden)
{
    const LayerMatrices m = matricesOf(layer, hidden);
    return std::int64_t(m.attention + m.ffnStored + m.router + m.vectors);
}

std::int64_t parameterCount(const ModelSpec &model)
{
    std::int64_t total = std::int64_t(outputElements(model)) * (model.tiedOutput ? 1 : 2);
    total += model.hidden;
    for (const LayerSpec &layer : model.layers)
        total += layerParameters(layer, model.hidden);
    return total;
}

Bytes weightBytes(const ModelSpec &model, DType type)
{
    return Bytes(double(parameterCount(model)) * bytesPerElement(type));
}

Bytes kvBytes(const ModelSpec &model, DType type, std::int64_t positions)
{
    double total = 0;
    for (const LayerSpec &layer : model.layers) {
        total += 2.0 * layer.attention.kvHeads * layer.attention.headDim * bytesPerElement(type) *
                 seen(layer.attention, double(positions));
    }
    return Bytes(total);
}

Bytes kvBytesPerToken(const ModelSpec &model, DType type)
{
    return kvBytes(model, type, 1);
}

Work decodeStepWork(const ModelSpec &model, DType weightType, DType kvType, std::int64_t batch,
                    std::int64_t context)
{
    const double b = double(batch);
    const double weight = bytesPerElement(weightType);
    Work work;
    for (const LayerSpec &layer : model.layers) {
        const LayerMatrices m = matricesOf(layer, model.hidden);
        const double perToken = m.attention + m.ffnPerToken + m.router;
        const double stored =
            m.attention + m.router + m.vectors + std::min(m.ffnStored, m.ffnPerToken * b);
        const AttentionSpec &a = layer.attention;
        work.flops +=
            Flops(2 * perToken * b + 4.0 * a.heads * a.headDim * seen(a, double(context)) * b);
        work.weightBytes += Bytes(stored * weight);
    }
    work.flops += Flops(2 * outputElements(model) * b);
    work.weightBytes += Bytes((outputElements(model) + model.hidden + b * model.hidden) * weight);
    work.kvReadBytes = kvBytes(model, kvType, context) * b;
    work.kvWriteBytes = kvBytesPerToken(model, kvType) * b;
    return work;
}

Work prefillWork(const ModelSpec &model, DType weightType, DType kvType, std::int64_t tokens,
                 std::int64_t depth)
{
    const double t = double(tokens);
    const double weight = bytesPerElement(weightType);
    Work work;
    for (const LayerSpec &layer : model.layers) {
        const LayerMatrices m = matricesOf(layer, model.hidden);
        const AttentionSpec &a = layer.attention;
        work.flops += Flops(2 * (m.attention + m.ffnPerToken + m.router) * t +
                            4.0 * a.heads * a.headDim * attentionPairs(a, t, double(depth)));
        work.weightBytes +=
            Bytes((m.attention + m.router + m.vectors + std::min(m.ffnStored, m.ffnPerToken * t)) *
                  weight);
    }
    work.flops += Flops(2 * outputElements(model));
    work.weightBytes += Bytes((outputElements(model) + model.hidden + t * model.hidden) * weight);
    work.kvReadBytes = kvBytes(model, kvType, depth + tokens);
    work.kvWriteBytes = kvBytesPerToken(model, kvType) * t;
    return work;
}

} // namespace engine
