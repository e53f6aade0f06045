// SPDX-License-Identifier: Apache-2.0
#include "engine/model/layer_kinds.h"

#include <algorithm>

namespace engine {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxExperts = 1 << 16;
constexpr std::int64_t kMaxDim = 1 << 16;
constexpr std::int64_t kMaxWidth = 1 << 22;

// The first of `keys` that config.json has, else the first.
const char *firstOf(const JsonFields &fields, std::initializer_list<const char *> keys)
{
    for (const char *key : keys) {
        if (fields.has(key))
            return key;
    }
    return *keys.begin();
}

FfnSpec readExperts(const LayerKinds &kinds, JsonFields &fields, const FfnSpec &dense)
{
    FfnSpec ffn;
    ffn.kind = FfnKind::MixtureOfExperts;
    ffn.bias = kinds.expertBias;
    ffn.experts = int(fields.integer(
        firstOf(fields, {"num_experts", "num_local_experts", "n_routed_experts"}), 1, kMaxExperts));
    ffn.expertsPerToken = int(fields.integer(
        firstOf(fields, {"num_experts_per_tok", "experts_per_token"}), 1, ffn.experts));
    ffn.intermediate = int(
        fields.integer("moe_intermediate_size", 1, kMaxWidth, std::int64_t(dense.intermediate)));
    const std::int64_t shared = fields.integer("n_shared_experts", 0, 64, 0);
    ffn.sharedIntermediate = int(fields.integer(
        firstOf(fields, {"shared_expert_intermediate_size", "shared_intermediate_size"}), 0,
        kMaxWidth, shared * ffn.intermediate));
    return ffn;
}

AttentionSpec lightning(const AttentionSpec &full)
{
    AttentionSpec attention = full;
    attention.kind = AttentionKind::Linear;
    attention.linear = {.keyHeads = full.heads,
                        .valueHeads = full.heads,
                        .keyDim = full.headDim,
                        .valueDim = full.headDim};
    return attention;
}

AttentionSpec gatedDelta(JsonFields &fields, const AttentionSpec &full)
{
    AttentionSpec attention = full;
    attention.kind = AttentionKind::Linear;
    attention.qkNorm = false;
    LinearSpec &linear = attention.linear;
    linear.keyHeads = int(fields.integer("linear_num_key_heads", 1, kMaxDim));
    linear.valueHeads = int(fields.integer("linear_num_value_heads", 1, kMaxDim));
    linear.keyDim = int(fields.integer("linear_key_head_dim", 1, kMaxDim));
    linear.valueDim = int(fields.integer("linear_value_head_dim", 1, kMaxDim));
    linear.convolution = int(fields.integer("linear_conv_kernel_dim", 0, 64, 4));
    linear.delta = true;
    return attention;
}

// A list of one entry a layer, or nothing with a complaint.
const json *perLayer(JsonFields &fields, const char *key, std::size_t layers,
                     const std::string &where)
{
    const json *list = fields.find(key);
    if (list && (!list->is_array() || list->size() != layers)) {
        fields.complain(ErrorKind::BadInput, where + ": \"" + key +
                                                 "\" must be a list with one entry a layer (" +
                                                 std::to_string(layers) + ").");
        return nullptr;
    }
    return list;
}

void applyLightning(JsonFields &fields, std::vector<LayerSpec> &layers, const std::string &where)
{
    const json *types = perLayer(fields, "attn_type_list", layers.size(), where);
    if (!types) {
        fields.complain(ErrorKind::BadInput,
                        where +
                            ": \"attn_type_list\" is missing: it says which layers are linear.");
        return;
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if ((*types)[i] == json(0))
            layers[i].attention = lightning(layers[i].attention);
    }
}

void applyGatedDelta(JsonFields &fields, std::vector<LayerSpec> &layers, const std::string &where)
{
    const bool gate = fields.boolean("attn_output_gate", true);
    const std::int64_t interval = fields.integer("full_attention_interval", 1, 4096, 4);
    const json *types = perLayer(fields, "layer_types", layers.size(), where);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const bool linear =
            types ? (*types)[i] == json("linear_attention") : (std::int64_t(i) + 1) % interval != 0;
        if (linear)
            layers[i].attention = gatedDelta(fields, layers[i].attention);
        else
            layers[i].attention.outputGate = gate;
    }
}

} // namespace

AttentionSpec readLatentAttention(JsonFields &fields)
{
    AttentionSpec attention;
    attention.kind = AttentionKind::Latent;
    attention.heads = int(fields.integer("num_attention_heads", 1, kMaxDim));
    attention.kvHeads = 1;
    LatentSpec &latent = attention.latent;
    latent.queryRank = int(fields.integer("q_lora_rank", 0, kMaxDim, 0));
    latent.latentRank = int(fields.integer("kv_lora_rank", 1, kMaxDim));
    latent.nopeDim = int(fields.integer("qk_nope_head_dim", 1, kMaxDim));
    latent.ropeDim = int(fields.integer("qk_rope_head_dim", 0, kMaxDim));
    latent.valueDim = int(fields.integer("v_head_dim", 1, kMaxDim));
    latent.indexHeads = int(fields.integer("index_n_heads", 0, kMaxDim, 0));
    if (latent.indexHeads > 0) {
        latent.indexDim = int(fields.integer("index_head_dim", 1, kMaxDim));
        latent.indexTopK = fields.integer("index_topk", 1, std::int64_t{1} << 31);
    }
    attention.headDim = latent.nopeDim + latent.ropeDim;
    return attention;
}

void applyLayerKinds(const LayerKinds &kinds, JsonFields &fields, std::vector<LayerSpec> &layers,
                     const std::string &where)
{
    if (kinds.experts && !layers.empty()) {
        const FfnSpec experts = readExperts(kinds, fields, layers.front().ffn);
        const std::int64_t dense =
            fields.integer("first_k_dense_replace", 0, std::int64_t(layers.size()), 0);
        for (std::size_t i = std::size_t(dense); i < layers.size(); ++i)
            layers[i].ffn = experts;
    }
    if (kinds.mixer == LayerKinds::Mixer::Lightning)
        applyLightning(fields, layers, where);
    else if (kinds.mixer == LayerKinds::Mixer::GatedDelta)
        applyGatedDelta(fields, layers, where);
}

} // namespace engine
