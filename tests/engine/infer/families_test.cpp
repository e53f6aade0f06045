// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "tests/engine/infer/golden.h"
#include "tests/engine/infer/tiny_model.h"
#include "tests/engine/model/temporary_folder.h"

namespace {

using namespace golden;

std::vector<TokenId> someTokens(const TinyModel &model, int count)
{
    std::vector<TokenId> tokens;
    for (int i = 0; i < count; ++i)
        tokens.push_back((i * 53 + 7) % model.vocabulary);
    return tokens;
}

// Logits of prefill and decode stand within the goldens' bounds of the double forward.
void expectAgreement(TinyModel model)
{
    model.draw(7);
    TemporaryFolder folder;
    model.write(folder.path());
    const Result<ResolvedModel> resolved = resolveModel(folder.path());
    ASSERT_TRUE(resolved) << resolved.error().message;
    const std::vector<Prompt> prompts{{someTokens(model, 50), 30}};
    const std::vector<float> expected = model.logits(prompts[0].tokens);
    const auto precise = make(*resolved, options(DType::Fp32));
    ASSERT_TRUE(precise);
    EXPECT_LE(maxAbsError(run(*precise, prompts), expected), 1e-4);
    const auto rounded = make(*resolved, options(DType::Bf16));
    ASSERT_TRUE(rounded);
    EXPECT_LE(relativeL2(run(*rounded, prompts), expected), 2e-2);
}

TEST(Families, PlainLlamaWithAsManyKeyHeadsAsQueryHeads)
{
    TinyModel model;
    model.kvHeads = 4;
    expectAgreement(model);
}

TEST(Families, OneKeyHeadForAllQueries)
{
    TinyModel model;
    model.kvHeads = 1;
    model.heads = 6;
    expectAgreement(model);
}

TEST(Families, LlamaWithBiasesEverywhere)
{
    TinyModel model;
    model.qkvBias = model.outputBias = model.mlpBias = true;
    model.configExtra = R"(,"attention_bias":true,"mlp_bias":true)";
    expectAgreement(model);
}

TEST(Families, LinearRope)
{
    TinyModel model;
    model.frequencies = model.plainFrequencies();
    for (double &frequency : model.frequencies)
        frequency /= 4;
    model.configExtra = R"(,"rope_scaling":{"type":"linear","factor":4.0})";
    expectAgreement(model);
}

TEST(Families, Llama3RopeKeepsShortAndDividesLongWavelengths)
{
    TinyModel model;
    for (const double frequency : model.plainFrequencies()) {
        const double turns = 64 * frequency / (2 * std::numbers::pi); // over the original length
        const double share = std::clamp((turns - 1) / (4.0 - 1), 0.0, 1.0);
        model.frequencies.push_back(frequency * share + frequency / 8 * (1 - share));
    }
    model.configExtra = R"(,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,)"
                        R"("high_freq_factor":4,"original_max_position_embeddings":64})";
    expectAgreement(model);
}

// The bounds of the ramp, computed here for head_dim 12, theta 10000, 32 original positions:
// 12 ln(32 / (2 pi b)) / (2 ln 10000) is -1.20 for b = 32 and 1.06 for b = 1, so 0 and 2.
TEST(Families, YarnRope)
{
    TinyModel model;
    const double ramp[] = {0, 0.5, 1, 1, 1, 1};
    for (std::size_t i = 0; i < 6; ++i) {
        const double plain = model.plainFrequencies()[i];
        model.frequencies.push_back(plain / 4 * ramp[i] + plain * (1 - ramp[i]));
    }
    model.magnitude = 0.1 * std::log(4.0) + 1;
    for (const char *architecture : {"LlamaForCausalLM", "Qwen3ForCausalLM"}) {
        model.architecture = architecture;
        model.qkNorm = model.architecture == "Qwen3ForCausalLM";
        model.configExtra = R"(,"rope_scaling":{"type":"yarn","factor":4.0,)"
                            R"("original_max_position_embeddings":32})";
        expectAgreement(model);
        model.tensors.clear();
    }
}

TEST(Families, UntiedQwen2WithSlidingUpperLayers)
{
    TinyModel model;
    model.architecture = "Qwen2ForCausalLM";
    model.layers = 3;
    model.qkvBias = true;
    model.windows = {0, 0, 9};
    model.configExtra = R"(,"use_sliding_window":true,"sliding_window":9,"max_window_layers":2)";
    expectAgreement(model);
}

TEST(Families, Qwen3WithHeadsWiderThanTheStream)
{
    TinyModel model;
    model.architecture = "Qwen3ForCausalLM";
    model.qkNorm = true;
    model.headDim = 20;
    model.tied = true;
    expectAgreement(model);
}

TEST(Families, Qwen3WithAttentionBias)
{
    TinyModel model;
    model.architecture = "Qwen3ForCausalLM";
    model.qkNorm = model.qkvBias = model.outputBias = true;
    model.configExtra = R"(,"attention_bias":true)";
    expectAgreement(model);
}

TEST(Families, MistralSlidesInEveryLayer)
{
    TinyModel model;
    model.architecture = "MistralForCausalLM";
    model.windows = {5, 5};
    model.configExtra = R"(,"sliding_window":5)";
    expectAgreement(model);
}

TEST(Families, ShardsAndEveryStoredType)
{
    for (const auto store :
         {TinyModel::Store::F32, TinyModel::Store::F16, TinyModel::Store::Bf16}) {
        TinyModel model;
        model.store = store;
        model.shards = 3;
        expectAgreement(model);
    }
}

TEST(Families, TensorsThatDoNotLieAligned)
{
    for (const auto store : {TinyModel::Store::F32, TinyModel::Store::F16}) {
        TinyModel model;
        model.store = store;
        model.misaligned = true;
        expectAgreement(model);
    }
}

TEST(Families, RotaryParametersOfTheNewerForm)
{
    TinyModel model;
    model.frequencies = model.plainFrequencies();
    for (double &frequency : model.frequencies)
        frequency /= 2;
    model.configExtra =
        R"(,"rope_parameters":{"rope_type":"linear","factor":2.0,"rope_theta":10000.0})";
    expectAgreement(model);
}

} // namespace
