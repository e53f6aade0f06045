// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/memory.h"

#include "engine/model/model_config.h"
#include "tests/engine/infer/golden.h"

namespace {

using namespace golden;

DecoderOptions sized(std::int64_t batch, std::int64_t context, DType type = DType::Bf16)
{
    DecoderOptions result;
    result.weightType = result.kvType = type;
    result.threads = 2;
    result.maxSequences = batch;
    result.maxPositions = context;
    return result;
}

// Weights by the published parameter count; KV by 2 x layers x kv_heads x head_dim x 2 bytes.
TEST(Memory, TheEstimateIsTheWeightsAndTheCache)
{
    const ModelSpec model = resolveModel("llama-3.1-8b")->spec;
    const MemoryUse use = estimateMemory(model, sized(16, 2048));
    EXPECT_NEAR(double(use.weightBytes), 2 * 8'030'261'248.0, 5e6);
    EXPECT_EQ(use.kvBytes, std::int64_t{16} * 2048 * 2 * 32 * 8 * 128 * 2);
    EXPECT_GT(use.workspaceBytes, 0);
}

TEST(Memory, ACapacityOverAllSequencesCountsInsteadOfTheLongest)
{
    const ModelSpec model = resolveModel("llama-3.1-8b")->spec;
    DecoderOptions options = sized(16, 2048);
    options.kvPositions = 4096;
    const std::int64_t perPosition = 2 * 32 * 8 * 128 * 2;
    const std::int64_t bytes = estimateMemory(model, options).kvBytes;
    EXPECT_GE(bytes, 4096 * perPosition);
    EXPECT_LE(bytes, (4096 + 16 * 64) * perPosition);
}

TEST(Memory, WhatDoesNotFitIsRefusedWithBytesAndAWayOut)
{
    const ModelSpec model = resolveModel("llama-3.1-8b")->spec;
    const std::int64_t available = 22'000'000'000;
    EXPECT_TRUE(checkMemory(model, sized(1, 2048), available));
    const Result<void> refused = checkMemory(model, sized(64, 2048), available);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::DoesNotFit);
    const std::string &text = refused.error().message;
    EXPECT_NE(text.find("22.0 GB"), std::string::npos) << text;
    EXPECT_NE(text.find("weights 16.1 GB"), std::string::npos) << text;
    EXPECT_NE(text.find("KV cache 17.2 GB"), std::string::npos) << text;
    // The batch that it offers fits and one more does not.
    const std::size_t at = text.find("batch ");
    ASSERT_NE(at, std::string::npos) << text;
    const int batch = std::stoi(text.substr(at + 6));
    EXPECT_TRUE(checkMemory(model, sized(batch, 2048), available));
    EXPECT_FALSE(checkMemory(model, sized(batch + 1, 2048), available));
    const std::size_t context = text.find("context of ");
    ASSERT_NE(context, std::string::npos) << text;
    const int positions = std::stoi(text.substr(context + 11));
    EXPECT_TRUE(checkMemory(model, sized(64, positions), available));
}

TEST(Memory, AModelThatNeverFitsSaysSo)
{
    const ModelSpec model = resolveModel("llama-3.1-405b")->spec;
    const Result<void> refused = checkMemory(model, sized(1, 128), 22'000'000'000);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("smaller model"), std::string::npos);
    const ModelSpec small = resolveModel("llama-3.1-8b")->spec;
    const Result<void> wide = checkMemory(small, sized(1, 2048, DType::Fp32), 22'000'000'000);
    ASSERT_FALSE(wide);
    EXPECT_NE(wide.error().message.find("dtype bf16"), std::string::npos) << wide.error().message;
}

TEST(Memory, MakingADecoderThatDoesNotFitIsRefusedAtOnce)
{
    const ModelSpec model = resolveModel("llama-3.1-405b")->spec;
    int calls = 0;
    const auto decoder = makeDecoder(DeviceKind::Cpu, model, {}, sized(1, 128), {},
                                     [&](std::int64_t, std::int64_t) { ++calls; });
    ASSERT_FALSE(decoder);
    EXPECT_EQ(decoder.error().kind, ErrorKind::DoesNotFit);
    EXPECT_EQ(calls, 0);
}

// The widest shape that a config.json may describe, asked for at the largest batch and context.
TEST(Memory, AbsurdSizesAreRefusedWithoutOverflow)
{
    const Result<ModelSpec> model = readModelConfig(
        R"({"architectures":["LlamaForCausalLM"],"hidden_size":1048576,"intermediate_size":4194304,)"
        R"("num_hidden_layers":4096,"num_attention_heads":65536,"num_key_value_heads":65536,)"
        R"("head_dim":256,"vocab_size":16777216,"max_position_embeddings":2147483648})",
        "config.json");
    ASSERT_TRUE(model) << model.error().message;
    DecoderOptions options = sized(65536, 2147483648);
    options.maxStepTokens = 1 << 20;
    const auto decoder = makeDecoder(DeviceKind::Cpu, *model, {}, options, {});
    ASSERT_FALSE(decoder);
    EXPECT_EQ(decoder.error().kind, ErrorKind::DoesNotFit);
    const MemoryUse use = estimateMemory(*model, options);
    EXPECT_GT(use.weightBytes, std::int64_t{1} << 50);
    EXPECT_GT(use.kvBytes, std::int64_t{1} << 50);
}

TEST(Memory, SomethingIsAvailableHere)
{
    const auto bytes = availableMemoryBytes();
    ASSERT_TRUE(bytes);
    EXPECT_GT(*bytes, 1'000'000);
}

TEST(Memory, BytesReadAsPeopleWriteThem)
{
    EXPECT_EQ(byteText(0), "0 bytes");
    EXPECT_EQ(byteText(999), "999 bytes");
    EXPECT_EQ(byteText(1500), "1.50 kB");
    EXPECT_EQ(byteText(999'600), "1.00 MB");
    EXPECT_EQ(byteText(16'060'522'496), "16.1 GB");
    EXPECT_EQ(byteText(811'706'777'600), "812 GB");
}

} // namespace
