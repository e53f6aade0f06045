// SPDX-License-Identifier: Apache-2.0
#include "engine/model/model_config.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/model/resolve_model.h"
#include "engine/spec/work.h"

namespace {

using namespace engine;

// A small config of one family; `extra` overrides or adds fields (last one of a name would be
// refused, so what it overrides is left out here).
std::string config(const std::string &architecture, const std::string &extra,
                   const std::string &without = {})
{
    const std::pair<const char *, std::string> fields[] = {
        {"architectures", "[\"" + architecture + "\"]"},
        {"hidden_size", "64"},
        {"intermediate_size", "120"},
        {"num_hidden_layers", "4"},
        {"num_attention_heads", "4"},
        {"num_key_value_heads", "2"},
        {"vocab_size", "330"},
        {"max_position_embeddings", "512"},
    };
    std::string text = "{";
    for (const auto &[key, value] : fields) {
        const std::string quoted = std::string("\"") + key + "\"";
        if (extra.find(quoted) == std::string::npos && without != key)
            text += (text.size() > 1 ? "," : "") + quoted + ":" + value;
    }
    if (!extra.empty())
        text += "," + extra;
    return text + "}";
}

ModelSpec read(const std::string &text)
{
    const Result<ModelSpec> model = readModelConfig(text, "config.json");
    EXPECT_TRUE(model) << model.error().message;
    return model ? *model : ModelSpec{};
}

std::string refusal(const std::string &text, ErrorKind kind = ErrorKind::BadInput)
{
    const Result<ModelSpec> model = readModelConfig(text, "config.json");
    EXPECT_FALSE(model) << text;
    if (model)
        return {};
    EXPECT_EQ(model.error().kind, kind) << model.error().message;
    EXPECT_EQ(model.error().message.back(), '.');
    EXPECT_EQ(model.error().message.find('\n'), std::string::npos);
    return model.error().message;
}

TEST(ModelConfig, LlamaHasItsDefaults)
{
    const ModelSpec model = read(config("LlamaForCausalLM", "", "num_key_value_heads"));
    ASSERT_EQ(model.layers.size(), 4u);
    const AttentionSpec &attention = model.layers[0].attention;
    EXPECT_EQ(attention.kvHeads, 4); // as many as query heads
    EXPECT_EQ(attention.headDim, 16);
    EXPECT_FALSE(attention.qkvBias);
    EXPECT_FALSE(attention.qkNorm);
    EXPECT_EQ(attention.window, 0);
    EXPECT_EQ(attention.rope, RopeSpec{});
    EXPECT_EQ(model.normEpsilon, 1e-6);
    EXPECT_FALSE(model.tiedOutput);
    EXPECT_EQ(model.maxPositions, 512);
    EXPECT_EQ(read(config("LlamaForCausalLM", "", "max_position_embeddings")).maxPositions, 2048);
}

TEST(ModelConfig, AttentionBiasOfLlamaCoversTheOutputToo)
{
    const ModelSpec model =
        read(config("LlamaForCausalLM", R"("attention_bias":true,"mlp_bias":true)"));
    EXPECT_TRUE(model.layers[0].attention.qkvBias);
    EXPECT_TRUE(model.layers[0].attention.outputBias);
    EXPECT_TRUE(model.layers[0].ffn.bias);
}

TEST(ModelConfig, Qwen2AlwaysHasQkvBiasAndNeverAnOutputBias)
{
    const ModelSpec model = read(config("Qwen2ForCausalLM", R"("tie_word_embeddings":true)"));
    EXPECT_TRUE(model.layers[0].attention.qkvBias);
    EXPECT_FALSE(model.layers[0].attention.outputBias);
    EXPECT_TRUE(model.tiedOutput);
}

TEST(ModelConfig, Qwen3NormsHeadsAndItsHeadDimWins)
{
    const ModelSpec model = read(config("Qwen3ForCausalLM", R"("head_dim":32)"));
    EXPECT_TRUE(model.layers[0].attention.qkNorm);
    EXPECT_EQ(model.layers[0].attention.headDim, 32);
    EXPECT_EQ(read(config("Qwen3ForCausalLM", "")).layers[0].attention.headDim, 128);
}

TEST(ModelConfig, MistralSlidesUnlessItsWindowIsNull)
{
    EXPECT_EQ(
        read(config("MistralForCausalLM", R"("sliding_window":8)")).layers[3].attention.window, 8);
    EXPECT_EQ(
        read(config("MistralForCausalLM", R"("sliding_window":null)")).layers[0].attention.window,
        0);
    EXPECT_EQ(read(config("MistralForCausalLM", "")).layers[0].attention.window, 4096);
}

TEST(ModelConfig, QwenSlidesOnlyWhereItSaysSo)
{
    const auto windows = [](const std::string &extra) {
        std::vector<std::int64_t> result;
        for (const LayerSpec &layer : read(config("Qwen2ForCausalLM", extra)).layers)
            result.push_back(layer.attention.window);
        return result;
    };
    using List = std::vector<std::int64_t>;
    EXPECT_EQ(windows(R"("sliding_window":16,"use_sliding_window":false,"max_window_layers":2)"),
              (List{0, 0, 0, 0}));
    EXPECT_EQ(windows(R"("sliding_window":16,"use_sliding_window":true,"max_window_layers":2)"),
              (List{0, 0, 16, 16}));
    EXPECT_EQ(
        windows(R"("sliding_window":16,"use_sliding_window":true,"layer_types":)"
                R"(["sliding_attention","full_attention","full_attention","sliding_attention"])"),
        (List{16, 0, 0, 16}));
}

TEST(ModelConfig, ReadsEveryRopeScaling)
{
    const auto rope = [](const std::string &extra) {
        return read(config("LlamaForCausalLM", extra)).layers[0].attention.rope;
    };
    const RopeSpec linear = rope(R"("rope_scaling":{"type":"linear","factor":4.0})");
    EXPECT_EQ(linear.kind, RopeSpec::Kind::Linear);
    EXPECT_EQ(linear.factor, 4);
    const RopeSpec llama = rope(
        R"("rope_theta":500000,"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1,)"
        R"("high_freq_factor":4.0,"original_max_position_embeddings":64})");
    EXPECT_EQ(llama.kind, RopeSpec::Kind::Llama3);
    EXPECT_EQ(llama.originalMaxPositions, 64);
    EXPECT_EQ(llama.theta, 500000);
    const RopeSpec plain = rope(R"("rope_parameters":{"rope_type":"default","rope_theta":250000})");
    EXPECT_EQ(plain.kind, RopeSpec::Kind::Plain);
    EXPECT_EQ(plain.theta, 250000);
}

TEST(ModelConfig, YarnFillsInWhatItsScalingLeavesOut)
{
    const ModelSpec model =
        read(config("Qwen2ForCausalLM", R"("rope_scaling":{"type":"yarn","factor":4.0})"));
    const RopeSpec &rope = model.layers[0].attention.rope;
    EXPECT_EQ(rope.kind, RopeSpec::Kind::Yarn);
    EXPECT_EQ(rope.originalMaxPositions, 512); // max_position_embeddings
    EXPECT_EQ(rope.betaFast, 32);
    EXPECT_EQ(rope.betaSlow, 1);
    EXPECT_TRUE(rope.truncate);
    EXPECT_DOUBLE_EQ(rope.magnitude, 0.1 * std::log(4.0) + 1);
    EXPECT_EQ(model.maxPositions, 2048);
}

TEST(ModelConfig, YarnTakesAttentionFactorOrTheQuotientOfItsScales)
{
    const auto magnitude = [](const std::string &extra) {
        return read(config("LlamaForCausalLM",
                           R"("rope_scaling":{"rope_type":"yarn","factor":4.0,)" + extra + "}"))
            .layers[0]
            .attention.rope.magnitude;
    };
    EXPECT_EQ(magnitude(R"("attention_factor":1.25)"), 1.25);
    EXPECT_DOUBLE_EQ(magnitude(R"("mscale":1.0,"mscale_all_dim":1.0)"), 1);
    EXPECT_DOUBLE_EQ(magnitude(R"("mscale":1.0,"mscale_all_dim":0.5)"),
                     (0.1 * std::log(4.0) + 1) / (0.05 * std::log(4.0) + 1));
}

TEST(ModelConfig, UnknownArchitectureIsNamedBesideTheKnownOnes)
{
    const std::string text =
        refusal(config("PhimoeForCausalLM", R"("num_local_experts":8)"), ErrorKind::Unsupported);
    EXPECT_NE(text.find("PhimoeForCausalLM"), std::string::npos);
    for (const std::string &known : knownArchitectures())
        EXPECT_NE(text.find(known), std::string::npos) << text;
}

TEST(ModelConfig, ModelTypeStandsInForAMissingArchitecture)
{
    EXPECT_EQ(read(config("", R"("model_type":"qwen2")", "architectures")).architecture,
              "Qwen2ForCausalLM");
    EXPECT_NE(refusal("{}").find("architectures"), std::string::npos);
}

TEST(ModelConfig, HostileNumbersAreRefusedByName)
{
    for (const char *key :
         {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
          "num_key_value_heads", "vocab_size", "max_position_embeddings", "head_dim"}) {
        for (const char *value : {"0", "-1", "1e300", "2.5", "\"64\"", "18446744073709551615",
                                  "9223372036854775807", "[]", "{}", "true", "1e999999"}) {
            const std::string extra = std::string("\"") + key + "\":" + value;
            const std::string text = refusal(config("LlamaForCausalLM", extra));
            if (std::string(value) != "1e999999") { // no JSON number at all
                EXPECT_NE(text.find(key), std::string::npos) << text;
            }
        }
    }
}

TEST(ModelConfig, HeadsThatDoNotDivideAreRefused)
{
    refusal(config("LlamaForCausalLM", R"("num_key_value_heads":3)"));
    refusal(config("LlamaForCausalLM", R"("num_attention_heads":6,"num_key_value_heads":3)"));
    refusal(config("LlamaForCausalLM", R"("head_dim":15)"));
    refusal(config("LlamaForCausalLM", R"("num_key_value_heads":8)"));
}

TEST(ModelConfig, UnsupportedFeaturesAreRefused)
{
    for (const char *extra :
         {R"("hidden_act":"gelu")", R"("rope_scaling":{"type":"dynamic","factor":2.0})",
          R"("rope_scaling":{"rope_type":"longrope","factor":2.0})",
          R"("partial_rotary_factor":0.5)"})
        refusal(config("LlamaForCausalLM", extra), ErrorKind::Unsupported);
    refusal(config("Qwen2ForCausalLM",
                   R"("layer_types":["full_attention","chunked","full_attention","x"])"),
            ErrorKind::Unsupported);
}

TEST(ModelConfig, BrokenRopeScalingIsRefused)
{
    for (const char *extra :
         {R"("rope_scaling":{"type":"linear"})", R"("rope_scaling":{"type":"linear","factor":-4})",
          R"("rope_scaling":{"type":"linear","factor":0})", R"("rope_scaling":7)",
          R"("rope_scaling":{"rope_type":"llama3","factor":8.0})",
          R"("rope_scaling":{"rope_type":5})", R"("rope_theta":0)", R"("rope_theta":-1)",
          R"("rms_norm_eps":-1)",
          R"("rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":4,)"
          R"("high_freq_factor":1,"original_max_position_embeddings":64})"})
        refusal(config("LlamaForCausalLM", extra));
}

TEST(ModelConfig, BrokenJsonIsRefused)
{
    for (const char *text :
         {"", "[]", "null", "{", "{\"architectures\":[\"LlamaForCausalLM\"],}",
          "{\"architectures\":7}", "{\"architectures\":[]}", "{\"a\":1,\"a\":2}", "\xff\xfe"})
        refusal(text);
    refusal(std::string(100000, '['));
}

// Published counts: the safetensors metadata of each model's page, tied output counted once.
TEST(ModelPresets, HaveThePublishedParameterCounts)
{
    const std::map<std::string, std::int64_t> published{
        {"smollm2-135m", 134'515'008},     {"smollm2-360m", 361'821'120},
        {"smollm2-1.7b", 1'711'376'384},   {"qwen2.5-0.5b", 494'032'768},
        {"qwen2.5-1.5b", 1'543'714'304},   {"qwen2.5-7b", 7'615'616'512},
        {"qwen2.5-72b", 72'706'203'648},   {"qwen3-0.6b", 596'049'920},
        {"qwen3-1.7b", 1'720'574'976},     {"qwen3-4b", 4'022'468'096},
        {"qwen3-8b", 8'190'735'360},       {"qwen3-14b", 14'768'307'200},
        {"qwen3-32b", 32'762'123'264},     {"llama-3.2-1b", 1'235'814'400},
        {"llama-3.2-3b", 3'212'749'824},   {"llama-3.1-8b", 8'030'261'248},
        {"llama-3.1-70b", 70'553'706'496}, {"llama-3.1-405b", 405'853'388'800},
        {"llama-2-7b", 6'738'415'616},     {"mistral-7b-v0.3", 7'248'023'552},
        {"kimi-dev-72b", 72'706'203'648},
    };
    // Thousand millions as the models' papers and cards give them, layers for multi-token
    // prediction left out.
    const std::map<std::string, double> rounded{{"deepseek-v3", 671},
                                                {"deepseek-r1", 671},
                                                {"kimi-k2", 1026},
                                                {"kimi-k2.5", 1026},
                                                {"glm-5", 743},
                                                {"gpt-oss-120b", 116.8},
                                                {"gpt-oss-20b", 20.9},
                                                {"minimax-m2.5", 228.6},
                                                {"minimax-m1", 456},
                                                {"mixtral-8x7b", 46.7},
                                                {"qwen3-235b-a22b", 235.1},
                                                {"qwen3-30b-a3b", 30.5},
                                                {"qwen3.5-397b-a17b", 396.2}};
    const Result<std::vector<ModelPreset>> presets = modelPresets();
    ASSERT_TRUE(presets) << presets.error().message;
    EXPECT_EQ(presets->size(), published.size() + rounded.size());
    for (const ModelPreset &preset : *presets) {
        EXPECT_NE(preset.spec.source, "");
        EXPECT_GE(preset.date.size(), 7u) << preset.spec.name;
        if (const auto near = rounded.find(preset.spec.name); near != rounded.end()) {
            EXPECT_NEAR(double(parameterCount(preset.spec)) / 1e9, near->second,
                        0.004 * near->second)
                << preset.spec.name;
            continue;
        }
        ASSERT_TRUE(published.count(preset.spec.name)) << preset.spec.name;
        EXPECT_EQ(parameterCount(preset.spec), published.at(preset.spec.name)) << preset.spec.name;
    }
}

ModelSpec preset(const std::string &name)
{
    return resolveModel(name).value().spec;
}

// DeepSeek-V3 report, section 4.2: 61 layers, the first three dense; latent rows of 512 + 64.
TEST(ModelPresets, DeepSeekHasLatentAttentionAndExperts)
{
    const ModelSpec model = preset("deepseek-v3");
    EXPECT_EQ(model.layers.front().ffn.kind, FfnKind::SwiGlu);
    EXPECT_EQ(model.layers.front().ffn.intermediate, 18432);
    EXPECT_EQ(model.layers[3].ffn.experts, 256);
    EXPECT_EQ(model.layers[3].ffn.sharedIntermediate, 2048);
    EXPECT_EQ(model.layers[3].attention.kind, AttentionKind::Latent);
    EXPECT_EQ(kvBytesPerToken(model, DType::Bf16).value, 61 * 576 * 2);
}

TEST(ModelPresets, CacheBytesOfATokenAreThoseOfTheShapes)
{
    EXPECT_EQ(kvBytesPerToken(preset("llama-3.1-8b"), DType::Bf16).value, 131072);
    EXPECT_EQ(kvBytesPerToken(preset("kimi-dev-72b"), DType::Bf16).value, 327680);
    EXPECT_EQ(kvBytesPerToken(preset("minimax-m1"), DType::Bf16).value, 40960); // ten layers of 80
    EXPECT_EQ(kvBytesPerToken(preset("qwen3.5-397b-a17b"), DType::Bf16).value, 30720);
    // 64 heads of 128 x 128 numbers of four bytes, and three inputs of the convolution.
    EXPECT_EQ(layerStateBytes(preset("qwen3.5-397b-a17b").layers.front().attention).value,
              64.0 * 128 * 128 * 4 + 3 * 2 * (2 * 16 * 128 + 64 * 128));
    // Half of gpt-oss's layers see 128 positions.
    EXPECT_EQ(kvBytes(preset("gpt-oss-120b"), DType::Bf16, 4096).value,
              18.0 * 2 * 8 * 64 * 2 * (4096 + 128));
}

TEST(ModelConfig, ShapesOfDecodersThatSeeAreNested)
{
    const std::string text = R"({"architectures":["KimiK25ForConditionalGeneration"],"text_config":{
        "hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,
        "vocab_size":128,"kv_lora_rank":16,"q_lora_rank":24,"qk_nope_head_dim":8,
        "qk_rope_head_dim":4,"v_head_dim":8,"n_routed_experts":8,"num_experts_per_tok":2,
        "moe_intermediate_size":32,"n_shared_experts":1,"first_k_dense_replace":1}})";
    const ModelSpec model = read(text);
    EXPECT_EQ(model.layers[0].ffn.experts, 0);
    EXPECT_EQ(model.layers[1].ffn.experts, 8);
    EXPECT_EQ(model.layers[1].attention.latent.latentRank, 16);
    refusal(R"({"architectures":["DeepseekV3ForCausalLM"],"hidden_size":64})");
}

TEST(ResolveModel, AnUnknownPresetSuggestsTheNearest)
{
    const Result<ResolvedModel> model = resolveModel("lama-3.2-1b");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().kind, ErrorKind::NotFound);
    EXPECT_NE(model.error().message.find("llama-3.2-1b"), std::string::npos);
}

TEST(ResolveModel, APresetHasSyntheticWeights)
{
    const Result<ResolvedModel> model = resolveModel("Qwen3-0.6B");
    ASSERT_TRUE(model);
    EXPECT_EQ(model->spec.name, "qwen3-0.6b");
    EXPECT_EQ(model->weights.kind, WeightSource::Kind::Synthetic);
    EXPECT_EQ(model->spec.layers.size(), 28u);
}

TEST(ResolveModel, RefusesWhatIsNoModel)
{
    EXPECT_FALSE(resolveModel(""));
    EXPECT_FALSE(resolveModel("/"));
    EXPECT_FALSE(resolveModel("/dev/zero"));
    EXPECT_FALSE(resolveModel(std::string(100000, 'x')));
}

} // namespace
