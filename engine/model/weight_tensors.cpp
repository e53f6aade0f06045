// SPDX-License-Identifier: Apache-2.0
#include "engine/model/weight_tensors.h"

namespace engine {
namespace {

void addLayer(const ModelSpec &model, std::size_t index, std::vector<TensorRequest> &tensors)
{
    const AttentionSpec &attention = model.layers[index].attention;
    const FfnSpec &ffn = model.layers[index].ffn;
    const std::int64_t hidden = model.hidden;
    const std::int64_t queries = std::int64_t(attention.heads) * attention.headDim;
    const std::int64_t keys = std::int64_t(attention.kvHeads) * attention.headDim;
    const auto add = [&](const std::string &part, std::vector<std::int64_t> shape) {
        tensors.push_back({layerTensorName(index, part), std::move(shape)});
    };
    const auto addProjection = [&](const std::string &part, std::int64_t outputs,
                                   std::int64_t inputs, bool bias) {
        add(part + ".weight", {outputs, inputs});
        if (bias)
            add(part + ".bias", {outputs});
    };
    add("input_layernorm.weight", {hidden});
    addProjection("self_attn.q_proj", queries, hidden, attention.qkvBias);
    addProjection("self_attn.k_proj", keys, hidden, attention.qkvBias);
    addProjection("self_attn.v_proj", keys, hidden, attention.qkvBias);
    addProjection("self_attn.o_proj", hidden, queries, attention.outputBias);
    if (attention.qkNorm) {
        add("self_attn.q_norm.weight", {attention.headDim});
        add("self_attn.k_norm.weight", {attention.headDim});
    }
    add("post_attention_layernorm.weight", {hidden});
    addProjection("mlp.gate_proj", ffn.intermediate, hidden, ffn.bias);
    addProjection("mlp.up_proj", ffn.intermediate, hidden, ffn.bias);
    addProjection("mlp.down_proj", hidden, ffn.intermediate, ffn.bias);
}

} // namespace

std::string layerTensorName(std::size_t layer, const std::string &part)
{
    return "model.layers." + std::to_string(layer) + "." + part;
}

std::vector<TensorRequest> weightTensors(const ModelSpec &model)
{
    std::vector<TensorRequest> tensors;
    tensors.push_back({"model.embed_tokens.weight", {model.vocabulary, model.hidden}});
    for (std::size_t i = 0; i < model.layers.size(); ++i)
        addLayer(model, i, tensors);
    tensors.push_back({"model.norm.weight", {model.hidden}});
    if (!model.tiedOutput)
        tensors.push_back({"lm_head.weight", {model.vocabulary, model.hidden}});
    return tensors;
}

Result<void> checkWeights(const TensorIndex &index, const ModelSpec &model)
{
    for (const TensorRequest &request : weightTensors(model)) {
        if (const Result<StoredTensor> tensor = index.tensor(request.name, request.shape); !tensor)
            return tl::make_unexpected(tensor.error());
    }
    return {};
}

} // namespace engine
