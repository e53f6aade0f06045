// SPDX-License-Identifier: Apache-2.0
#include "engine/spec/work.h"

#include <gtest/gtest.h>

namespace {

using namespace engine;

ModelSpec uniform(int layers, const LayerSpec &layer, int hidden, int vocabulary, bool tied)
{
    ModelSpec model;
    model.hidden = hidden;
    model.vocabulary = vocabulary;
    model.tiedOutput = tied;
    model.layers.assign(std::size_t(layers), layer);
    return model;
}

ModelSpec llama8b()
{
    LayerSpec layer;
    layer.attention.heads = 32;
    layer.attention.kvHeads = 8;
    layer.attention.headDim = 128;
    layer.ffn.intermediate = 14336;
    return uniform(32, layer, 4096, 128256, false);
}

TEST(Work, LlamaEightBillionHasItsPublishedParameterCount)
{
    EXPECT_EQ(parameterCount(llama8b()), 8030261248);
}

TEST(Work, QwenSmallHasItsPublishedParameterCount)
{
    LayerSpec layer;
    layer.attention.heads = 16;
    layer.attention.kvHeads = 8;
    layer.attention.headDim = 128;
    layer.attention.qkNorm = true;
    layer.ffn.intermediate = 3072;
    EXPECT_EQ(parameterCount(uniform(28, layer, 1024, 151936, true)), 596049920);
}

TEST(Work, KeyValueBytesOfATokenAreTwoHeadsTimesLayers)
{
    EXPECT_EQ(kvBytesPerToken(llama8b(), DType::Bf16).value, 131072);
    EXPECT_EQ(kvBytes(llama8b(), DType::Fp8, 1000).value, 65536000);
}

TEST(Work, AWindowCapsTheKeyValueBytesAndThePairs)
{
    ModelSpec model = llama8b();
    const Work whole = prefillWork(model, DType::Bf16, DType::Bf16, 10, 0);
    for (LayerSpec &layer : model.layers)
        layer.attention.window = 4;
    EXPECT_EQ(kvBytes(model, DType::Bf16, 100).value, 4 * 131072);
    // Ten positions see 1+2+3+4*7 = 34 keys instead of 55.
    const Work windowed = prefillWork(model, DType::Bf16, DType::Bf16, 10, 0);
    EXPECT_EQ((whole.flops - windowed.flops).value, 4.0 * 32 * 128 * 32 * (55 - 34));
    // After six cached ones every new position sees four.
    const Work deep = prefillWork(model, DType::Bf16, DType::Bf16, 3, 6);
    const Work first = prefillWork(model, DType::Bf16, DType::Bf16, 3, 0);
    EXPECT_EQ((deep.flops - first.flops).value, 4.0 * 32 * 128 * 32 * (12 - 6));
}

TEST(Work, ADecodeStepReadsEachWeightOnceWhateverTheBatch)
{
    const ModelSpec model = llama8b();
    const Work one = decodeStepWork(model, DType::Bf16, DType::Bf16, 1, 1024);
    const Work eight = decodeStepWork(model, DType::Bf16, DType::Bf16, 8, 1024);
    // All but the embedding, of which one row a sequence is read.
    const double expected = 2.0 * (8030261248.0 - 128256.0 * 4096 + 4096);
    EXPECT_EQ(one.weightBytes.value, expected);
    EXPECT_EQ(eight.weightBytes.value, expected + 7 * 2 * 4096);
    EXPECT_EQ(eight.kvReadBytes.value, 8 * one.kvReadBytes.value);
    EXPECT_EQ(eight.flops.value, 8 * one.flops.value);
}

TEST(Work, PrefillOfOneTokenCostsWhatADecodeStepCosts)
{
    const ModelSpec model = llama8b();
    EXPECT_EQ(prefillWork(model, DType::Bf16, DType::Bf16, 1, 99).flops,
              decodeStepWork(model, DType::Bf16, DType::Bf16, 1, 100).flops);
}

} // namespace
