// SPDX-License-Identifier: Apache-2.0
#include "engine/model/model_config.h"

#include <array>
#include <optional>

#include "engine/model/json_fields.h"
#include "engine/model/layer_kinds.h"
#include "engine/model/rope_config.h"

namespace engine {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxConfigBytes = 16 << 20;
constexpr std::int64_t kMaxWidth = 1 << 20;
constexpr std::int64_t kMaxLayers = 4096;
constexpr std::int64_t kMaxHeads = 1 << 16;
constexpr std::int64_t kMaxHeadDim = 1024;

// What transformers assumes of an architecture where config.json is silent.
struct Family
{
    const char *architecture;
    const char *modelType;
    std::int64_t maxPositions;
    std::optional<std::int64_t> kvHeads = {}; // absent: as many as query heads
    std::optional<std::int64_t> headDim = {}; // absent: hidden / heads
    bool qkvBias = false;                     // always there
    bool biasSwitch = false;                  // attention_bias counts, for q, k, v and o alike
    bool mlpBiasSwitch = false;
    bool qkNorm = false;
    enum class Window { None, Always, Switched, Listed } window = Window::None;
    LayerKinds kinds = {}; // what config.json says of layers other than dense grouped ones
};

const std::array<Family, 16> kFamilies{{
    {.architecture = "LlamaForCausalLM",
     .modelType = "llama",
     .maxPositions = 2048,
     .biasSwitch = true,
     .mlpBiasSwitch = true},
    {.architecture = "Qwen2ForCausalLM",
     .modelType = "qwen2",
     .maxPositions = 32768,
     .kvHeads = 32,
     .qkvBias = true,
     .window = Family::Window::Switched},
    {.architecture = "Qwen3ForCausalLM",
     .modelType = "qwen3",
     .maxPositions = 32768,
     .kvHeads = 32,
     .headDim = 128,
     .biasSwitch = true,
     .qkNorm = true,
     .window = Family::Window::Switched},
    {.architecture = "MistralForCausalLM",
     .modelType = "mistral",
     .maxPositions = 131072,
     .kvHeads = 8,
     .window = Family::Window::Always},
    {.architecture = "Qwen3MoeForCausalLM",
     .modelType = "qwen3_moe",
     .maxPositions = 32768,
     .headDim = 128,
     .biasSwitch = true,
     .qkNorm = true,
     .kinds = {.experts = true}},
    {.architecture = "MixtralForCausalLM",
     .modelType = "mixtral",
     .maxPositions = 131072,
     .kvHeads = 8,
     .window = Family::Window::Always,
     .kinds = {.experts = true}},
    {.architecture = "GptOssForCausalLM",
     .modelType = "gpt_oss",
     .maxPositions = 131072,
     .kvHeads = 8,
     .headDim = 64,
     .biasSwitch = true,
     .window = Family::Window::Listed,
     .kinds = {.experts = true, .expertBias = true}},
    {.architecture = "MiniMaxM2ForCausalLM",
     .modelType = "minimax_m2",
     .maxPositions = 196608,
     .headDim = 128,
     .qkNorm = true,
     .kinds = {.experts = true}},
    {.architecture = "MiniMaxM1ForCausalLM",
     .modelType = "minimax_m1",
     .maxPositions = 10240000,
     .headDim = 128,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::Lightning}},
    {.architecture = "MiniMaxText01ForCausalLM",
     .modelType = "minimax_text_01",
     .maxPositions = 10240000,
     .headDim = 128,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::Lightning}},
    {.architecture = "Qwen3_5MoeForConditionalGeneration",
     .modelType = "qwen3_5_moe",
     .maxPositions = 262144,
     .headDim = 256,
     .qkNorm = true,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::GatedDelta}},
    {.architecture = "Qwen3NextForCausalLM",
     .modelType = "qwen3_next",
     .maxPositions = 262144,
     .headDim = 256,
     .qkNorm = true,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::GatedDelta}},
    {.architecture = "DeepseekV3ForCausalLM",
     .modelType = "deepseek_v3",
     .maxPositions = 163840,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::Latent}},
    {.architecture = "DeepseekV32ForCausalLM",
     .modelType = "deepseek_v32",
     .maxPositions = 163840,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::Latent}},
    {.architecture = "KimiK25ForConditionalGeneration",
     .modelType = "kimi_k25",
     .maxPositions = 262144,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::Latent}},
    {.architecture = "GlmMoeDsaForCausalLM",
     .modelType = "glm_moe_dsa",
     .maxPositions = 202752,
     .kinds = {.experts = true, .mixer = LayerKinds::Mixer::Latent}},
}};

std::string architectureList()
{
    std::string text;
    for (const std::string &name : knownArchitectures())
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

const Family *findFamily(JsonFields &fields, const std::string &where)
{
    std::string name;
    if (const json *list = fields.find("architectures")) {
        if (!list->is_array() || list->empty() || !list->front().is_string()) {
            fields.complain(ErrorKind::BadInput,
                            where + ": \"architectures\" must be a list with the name of one.");
            return nullptr;
        }
        name = list->front().get<std::string>();
        for (const Family &family : kFamilies) {
            if (name == family.architecture)
                return &family;
        }
    } else {
        name = fields.text("model_type", "");
        for (const Family &family : kFamilies) {
            if (name == family.modelType)
                return &family;
        }
        if (name.empty()) {
            fields.complain(ErrorKind::BadInput,
                            where + " names no architecture: it is no Hugging Face config.json of "
                                    "a model (\"architectures\" is missing).");
            return nullptr;
        }
    }
    fields.complain(ErrorKind::Unsupported, where + ": architecture " + shown(json(name)) +
                                                " is not known; known are " + architectureList() +
                                                ".");
    return nullptr;
}

// The window of each layer; 0 = sees everything.
std::vector<std::int64_t> layerWindows(const Family &family, JsonFields &fields,
                                       std::int64_t layers, const std::string &where)
{
    std::vector<std::int64_t> windows(std::size_t(layers), 0);
    if (family.window == Family::Window::None)
        return windows;
    const bool switched = family.window == Family::Window::Switched;
    const bool listed = family.window == Family::Window::Listed;
    std::int64_t window = 0;
    const json *sizeField = fields.find("sliding_window");
    const bool nulled = !sizeField && fields.present("sliding_window");
    if (!nulled)
        window = fields.integer("sliding_window", 1, std::int64_t{1} << 31, 4096);
    if (switched && !fields.boolean("use_sliding_window", false))
        window = 0;
    const std::int64_t firstSliding =
        switched ? fields.integer("max_window_layers", 0, std::int64_t{1} << 31, 28) : 0;
    for (std::int64_t i = firstSliding; i < layers; ++i)
        windows[std::size_t(i)] = !listed || i % 2 == 0 ? window : 0;
    const json *types = fields.find("layer_types");
    if (!types)
        return windows;
    if (!types->is_array() || std::int64_t(types->size()) != layers) {
        fields.complain(ErrorKind::BadInput,
                        where + ": \"layer_types\" must be a list with one entry a layer (" +
                            std::to_string(layers) + ").");
        return windows;
    }
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const json &type = (*types)[i];
        const std::string name = type.is_string() ? type.get<std::string>() : std::string();
        if (name == "full_attention") {
            windows[i] = 0;
        } else if (name == "sliding_attention") {
            windows[i] = window;
        } else {
            fields.complain(ErrorKind::Unsupported,
                            where + ": layer type " + shown(type) + " is not supported.");
        }
    }
    return windows;
}

AttentionSpec readAttention(const Family &family, JsonFields &fields, std::int64_t hidden,
                            const std::string &where)
{
    AttentionSpec attention;
    const std::int64_t heads = fields.integer("num_attention_heads", 1, kMaxHeads);
    const bool nulled = !fields.has("num_key_value_heads") && fields.present("num_key_value_heads");
    const std::int64_t kvHeads = fields.integer("num_key_value_heads", 1, kMaxHeads,
                                                nulled ? heads : family.kvHeads.value_or(heads));
    if (heads % kvHeads != 0)
        fields.complain(ErrorKind::BadInput,
                        where + ": " + std::to_string(heads) + " attention heads cannot share " +
                            std::to_string(kvHeads) +
                            " key/value heads evenly; the first must be a multiple of the second.");
    std::optional<std::int64_t> headDim = family.headDim;
    if (!headDim && !fields.has("head_dim")) {
        if (hidden % heads != 0)
            fields.complain(ErrorKind::BadInput,
                            where + ": \"hidden_size\" " + std::to_string(hidden) +
                                " is not a multiple of " + std::to_string(heads) +
                                " attention heads, and \"head_dim\" is missing.");
        headDim = hidden / heads;
    }
    const std::int64_t dim = fields.integer("head_dim", 1, kMaxHeadDim, headDim);
    if (dim % 2 != 0 || dim > kMaxHeadDim || dim < 1)
        fields.complain(ErrorKind::BadInput,
                        where + ": the head dimension is " + std::to_string(dim) +
                            "; rotary embeddings need an even one of at most " +
                            std::to_string(kMaxHeadDim) + ".");
    attention.heads = int(heads);
    attention.kvHeads = int(kvHeads);
    attention.headDim = int(dim);
    attention.qkNorm = family.qkNorm;
    const bool switchedOn = fields.boolean("attention_bias", false) && family.biasSwitch;
    attention.qkvBias = family.qkvBias || switchedOn;
    attention.outputBias = switchedOn;
    return attention;
}

void checkActivation(JsonFields &fields, const std::string &where)
{
    const std::string activation = fields.text("hidden_act", "silu");
    if (activation != "silu" && activation != "swish")
        fields.complain(ErrorKind::Unsupported, where + ": activation " + shown(json(activation)) +
                                                    " is not supported; only silu is.");
}

} // namespace

std::vector<std::string> knownArchitectures()
{
    std::vector<std::string> names;
    for (const Family &family : kFamilies)
        names.emplace_back(family.architecture);
    return names;
}

Result<ModelSpec> readModelConfig(std::string_view text, const std::string &where)
{
    if (text.size() > kMaxConfigBytes)
        return fail(ErrorKind::BadInput, where + " is larger than 16 MiB: it is no config.json.");
    const Result<json> config = parseJsonObject(text, where);
    if (!config)
        return tl::make_unexpected(config.error());
    JsonFields outer(*config, where);
    const Family *family = findFamily(outer, where);
    if (!family)
        return tl::make_unexpected(outer.error());
    // Models that see keep the shape of their text decoder one level deeper.
    const json *decoder = outer.find("text_config");
    const bool nested = decoder && decoder->is_object() && !outer.has("hidden_size");
    JsonFields fields(nested ? *decoder : *config, where);

    ModelSpec model;
    model.name = where;
    model.architecture = family->architecture;
    const std::int64_t hidden = fields.integer("hidden_size", 1, kMaxWidth);
    model.hidden = int(hidden);
    model.vocabulary = int(fields.integer("vocab_size", 1, std::int64_t{1} << 24));
    model.normEpsilon = fields.number("rms_norm_eps", 0, 1, 1e-6);
    model.tiedOutput = fields.boolean("tie_word_embeddings", false);
    const std::int64_t layers = fields.integer("num_hidden_layers", 1, kMaxLayers);
    const std::int64_t positions =
        fields.integer("max_position_embeddings", 1, std::int64_t{1} << 31, family->maxPositions);
    LayerSpec layer;
    const bool onlyExperts = family->kinds.experts && !fields.has("intermediate_size") &&
                             fields.has("moe_intermediate_size");
    layer.ffn.intermediate = int(fields.integer(
        onlyExperts ? "moe_intermediate_size" : "intermediate_size", 1, kMaxWidth * 4));
    layer.ffn.bias = fields.boolean("mlp_bias", false) && family->mlpBiasSwitch;
    layer.attention = family->kinds.mixer == LayerKinds::Mixer::Latent
                          ? readLatentAttention(fields)
                          : readAttention(*family, fields, hidden, where);
    const RopeConfig rope = readRope(fields, positions, where);
    layer.attention.rope = rope.rope;
    model.maxPositions = rope.maxPositions;
    checkActivation(fields, where);
    const std::vector<std::int64_t> windows = layerWindows(*family, fields, layers, where);
    if (fields.failed())
        return tl::make_unexpected(fields.error());
    model.layers.assign(std::size_t(layers), layer);
    for (std::size_t i = 0; i < windows.size(); ++i)
        model.layers[i].attention.window = windows[i];
    applyLayerKinds(family->kinds, fields, model.layers, where);
    if (fields.failed())
        return tl::make_unexpected(fields.error());
    return model;
}

} // namespace engine
