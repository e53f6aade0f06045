// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/operators.h"

#include <algorithm>

namespace engine {
namespace {

// Bytes that norms, rope, residuals and activations move per element of the hidden state and
// layer: 14 passes at 2 bytes in unfused code.
constexpr double kElementwiseBytes = 14 * 2;

// One layer in one step, split by operator.
class LayerLister
{
public:
    LayerLister(const LayerGroup &group, int hidden, DType dtype, DType kvDType,
                const StepShape &shape)
        : m_group(group),
          m_attention(group.layer.attention),
          m_hidden(hidden),
          m_weight(bytesPerElement(dtype)),
          m_kv(bytesPerElement(kvDType)),
          m_shape(shape)
    {
        const bool decode = shape.phase == Phase::Decode;
        m_chunks = double(shape.chunks());
        m_tokens = decode ? double(shape.sequences) : double(shape.context);
        m_rows = m_tokens / m_chunks;
    }

    void list(std::vector<OperatorWork> &out) const
    {
        const double query = double(m_attention.heads) * m_attention.headDim;
        const double key = double(m_attention.kvHeads) * m_attention.headDim;
        const FfnSpec &ffn = m_group.layer.ffn;
        const double width = double(ffn.intermediate) + ffn.sharedIntermediate;
        double qkvVectors = m_hidden; // the norm before attention
        if (m_attention.qkvBias)
            qkvVectors += query + 2 * key;
        if (m_attention.qkNorm)
            qkvVectors += 2.0 * m_attention.headDim;
        const double upVectors = m_hidden + (ffn.bias ? 2.0 * ffn.intermediate : 0);

        out.push_back(product(OperatorKind::Qkv, m_hidden * (query + 2 * key), qkvVectors));
        out.push_back(attention(query, key));
        out.push_back(product(OperatorKind::AttentionOutput, m_hidden * query,
                              m_attention.outputBias ? m_hidden : 0));
        out.push_back(product(OperatorKind::GateUp, 2.0 * m_hidden * width, upVectors));
        out.push_back(product(OperatorKind::Down, m_hidden * width, ffn.bias ? m_hidden : 0));
        OperatorWork elementwise = of(OperatorKind::Elementwise);
        elementwise.activationBytes = Bytes(kElementwiseBytes * m_hidden * m_tokens) * m_layers;
        out.push_back(elementwise);
    }

private:
    OperatorWork of(OperatorKind kind) const
    {
        OperatorWork work;
        work.kind = kind;
        work.count = m_group.count;
        return work;
    }

    OperatorWork product(OperatorKind kind, double elements, double vectors) const
    {
        OperatorWork work = of(kind);
        work.rows = m_rows;
        work.flops = Flops(2 * elements * m_tokens * m_layers);
        work.weightBytes = Bytes((elements + vectors) * m_weight * m_chunks * m_layers);
        return work;
    }

    OperatorWork attention(double query, double key) const
    {
        OperatorWork work = of(OperatorKind::Attention);
        const double perPosition = 2 * key * m_kv;
        double pairs = 0;
        double read = 0; // positions, over all chunks
        if (m_shape.phase == Phase::Decode) {
            read = seen(double(m_shape.context)) * m_tokens;
            pairs = read;
        } else {
            pairs = causalPairs(m_tokens);
            // Chunk i reads what lies before it and itself: the average depth is (n + 1) / 2n.
            read = seen(m_tokens * (m_chunks + 1) / (2 * m_chunks)) * m_chunks;
        }
        work.flops = Flops(4 * query * pairs * m_layers);
        work.kvReadBytes = Bytes(perPosition * read * m_layers);
        work.kvWriteBytes = Bytes(perPosition * m_tokens * m_layers);
        return work;
    }

    double seen(double positions) const
    {
        return m_attention.window > 0 ? std::min(positions, double(m_attention.window)) : positions;
    }

    double causalPairs(double tokens) const
    {
        const double whole = seen(tokens);
        return whole * (whole + 1) / 2 + (tokens - whole) * whole;
    }

    const LayerGroup &m_group;
    const AttentionSpec &m_attention;
    const double m_hidden;
    const double m_weight;
    const double m_kv;
    const StepShape &m_shape;
    const double m_layers = m_group.count;
    double m_chunks = 1;
    double m_tokens = 1;
    double m_rows = 1;
};

} // namespace

std::string_view operatorName(OperatorKind kind)
{
    switch (kind) {
    case OperatorKind::Embedding:
        return "embedding";
    case OperatorKind::Qkv:
        return "qkv";
    case OperatorKind::Attention:
        return "attention";
    case OperatorKind::AttentionOutput:
        return "attention_output";
    case OperatorKind::GateUp:
        return "gate_up";
    case OperatorKind::Down:
        return "down";
    case OperatorKind::Elementwise:
        return "elementwise";
    case OperatorKind::Head:
        return "head";
    case OperatorKind::LatentDown:
        return "latent_down";
    case OperatorKind::LatentUp:
        return "latent_up";
    case OperatorKind::Indexer:
        return "indexer";
    case OperatorKind::LinearState:
        return "linear_state";
    case OperatorKind::Router:
        return "router";
    case OperatorKind::Experts:
        return "experts";
    case OperatorKind::SharedExperts:
        return "shared_experts";
    case OperatorKind::AllReduce:
        return "all_reduce";
    case OperatorKind::Dispatch:
        return "dispatch";
    case OperatorKind::PipelineSend:
        return "pipeline_send";
    }
    return "";
}

std::vector<LayerGroup> groupLayers(const ModelSpec &model)
{
    std::vector<LayerGroup> groups;
    for (const LayerSpec &layer : model.layers) {
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const LayerGroup &group) {
            return group.layer == layer;
        });
        if (same == groups.end())
            groups.push_back({layer, 1});
        else
            ++same->count;
    }
    return groups;
}

ModelPlan planOf(const ModelSpec &model)
{
    return {groupLayers(model), int(model.layers.size()), model.hidden, model.vocabulary};
}

void listOperators(const ModelPlan &plan, DType dtype, DType kvDType, const StepShape &shape,
                   std::vector<OperatorWork> &out)
{
    out.clear();
    const bool decode = shape.phase == Phase::Decode;
    const double tokens = decode ? double(shape.sequences) : double(shape.context);
    const double sampled = decode ? double(shape.sequences) : 1;
    const double weight = bytesPerElement(dtype);

    OperatorWork embedding;
    embedding.kind = OperatorKind::Embedding;
    embedding.weightBytes = Bytes(tokens * plan.hidden * weight);
    out.push_back(embedding);

    for (const LayerGroup &group : plan.groups)
        LayerLister(group, plan.hidden, dtype, kvDType, shape).list(out);

    OperatorWork head;
    head.kind = OperatorKind::Head;
    head.rows = sampled;
    const double elements = double(plan.vocabulary) * plan.hidden;
    head.flops = Flops(2 * elements * sampled);
    head.weightBytes = Bytes((elements + plan.hidden) * weight);
    out.push_back(head);
}

} // namespace engine
