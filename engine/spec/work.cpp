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

double latentElements(const AttentionSpec &attention, int hidden)
{
    const LatentSpec &l = attention.latent;
    const double heads = attention.heads;
    const double query = heads * (l.nopeDim + l.ropeDim);
    double sum = l.queryRank > 0 ? l.queryRank * (hidden + query) : hidden * query;
    sum += double(hidden) * (l.latentRank + l.ropeDim);
    sum += l.latentRank * heads * (l.nopeDim + l.valueDim) + heads * l.valueDim * hidden;
    if (l.indexHeads > 0) {
        const double source = l.queryRank > 0 ? l.queryRank : hidden;
        sum += source * l.indexHeads * l.indexDim + double(hidden) * (l.indexDim + l.indexHeads);
    }
    return sum;
}

double linearElements(const AttentionSpec &attention, int hidden)
{
    const LinearSpec &l = attention.linear;
    const double keys = double(l.keyHeads) * l.keyDim;
    const double values = double(l.valueHeads) * l.valueDim;
    // queries and keys, values and gate, output; decay and step size a head
    return hidden * (2 * keys + 3 * values + (l.delta ? 2.0 * l.valueHeads : 0));
}

double attentionElements(const AttentionSpec &attention, int hidden)
{
    switch (attention.kind) {
    case AttentionKind::Latent:
        return latentElements(attention, hidden);
    case AttentionKind::Linear:
        return linearElements(attention, hidden);
    case AttentionKind::Grouped:
        break;
    }
    const double queryWidth = double(attention.heads) * attention.headDim;
    const double keyWidth = double(attention.kvHeads) * attention.headDim;
    return hidden * ((attention.outputGate ? 3 : 2) * queryWidth + 2 * keyWidth);
}

LayerMatrices matricesOf(const LayerSpec &layer, int hidden)
{
    const AttentionSpec &attention = layer.attention;
    const FfnSpec &ffn = layer.ffn;
    const double queryWidth = double(attention.heads) * attention.headDim;
    const double keyWidth = double(attention.kvHeads) * attention.headDim;
    LayerMatrices result;
    result.attention = attentionElements(attention, hidden);
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
    if (attention.kind == AttentionKind::Latent)
        result.vectors += attention.latent.queryRank + attention.latent.latentRank;
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

// FLOPs of one query-key pair in all heads: scores and values.
double pairFlops(const AttentionSpec &attention, bool decode)
{
    const LatentSpec &l = attention.latent;
    if (attention.kind == AttentionKind::Grouped)
        return 4.0 * attention.heads * attention.headDim;
    if (attention.kind == AttentionKind::Linear)
        return 0;
    if (decode) // absorbed: queries and values live in the latent space
        return 2.0 * attention.heads * (2.0 * l.latentRank + l.ropeDim);
    return 2.0 * attention.heads * (l.nopeDim + l.ropeDim + l.valueDim);
}

// Of one token through a layer's state: decay, rank-one update and read.
double stateFlops(const AttentionSpec &attention)
{
    const LinearSpec &l = attention.linear;
    return attention.kind == AttentionKind::Linear ? 6.0 * l.valueHeads * l.keyDim * l.valueDim : 0;
}

// Cached bytes of one token in one layer; a fixed state has none.
double tokenCacheBytes(const AttentionSpec &attention, DType type)
{
    const LatentSpec &l = attention.latent;
    switch (attention.kind) {
    case AttentionKind::Grouped:
        return 2.0 * attention.kvHeads * attention.headDim * bytesPerElement(type);
    case AttentionKind::Latent:
        // The indexer's key: one fp8 number a dimension and a scale.
        return (l.latentRank + l.ropeDim) * bytesPerElement(type) +
               (l.indexHeads > 0 ? l.indexDim + 4.0 : 0);
    case AttentionKind::Linear:
        return 0;
    }
    return 0;
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
        total += tokenCacheBytes(layer.attention, type) * seen(layer.attention, double(positions));
        total += layerStateBytes(layer.attention).value;
    }
    return Bytes(total);
}

Bytes kvBytesPerToken(const ModelSpec &model, DType type)
{
    double total = 0;
    for (const LayerSpec &layer : model.layers)
        total += tokenCacheBytes(layer.attention, type);
    return Bytes(total);
}

Bytes layerStateBytes(const AttentionSpec &attention)
{
    if (attention.kind != AttentionKind::Linear)
        return Bytes(0);
    const LinearSpec &l = attention.linear;
    const double channels = 2.0 * l.keyHeads * l.keyDim + double(l.valueHeads) * l.valueDim;
    return Bytes(4.0 * l.valueHeads * l.keyDim * l.valueDim +
                 2.0 * channels * std::max(l.convolution - 1, 0));
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
        work.flops += Flops(
            (2 * perToken + stateFlops(a) + pairFlops(a, true) * seen(a, double(context))) * b);
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
        work.flops += Flops(2 * (m.attention + m.ffnPerToken + m.router) * t + stateFlops(a) * t +
                            pairFlops(a, false) * attentionPairs(a, t, double(depth)));
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
