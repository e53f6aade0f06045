// SPDX-License-Identifier: Apache-2.0
// The GPU decoder as a whole on the stand-in: weights, cache, the order of launches, sampling.
#include "engine/infer/cuda/cuda_decoder.h"
#include "tests/engine/cuda/stand_in.h"
#include "tests/engine/infer/golden.h"

namespace {

using namespace golden;

// Rounding to eight bits on both sides, in different orders of summation.
constexpr double kAgainstPublished = 2e-2;
constexpr double kAgainstCpu = 1.5e-2;
// Rounding weights to codes; the bound of four bits is loose on models this small.
constexpr double kFp8 = 0.1;
constexpr double kInt8 = 2.5e-2;
constexpr double kInt4 = 0.45;

DecoderOptions gpuOptions(DType type = DType::Bf16)
{
    DecoderOptions result = options(type);
    result.kvType = DType::Bf16;
    return result;
}

std::unique_ptr<Decoder> makeGpu(const ModelSpec &model, const WeightSource &weights,
                                 const DecoderOptions &options)
{
    auto decoder = cuda::makeCudaDecoder(0, model, weights, options, {}, {});
    EXPECT_TRUE(decoder) << decoder.error().message;
    return decoder ? std::move(*decoder) : nullptr;
}

std::unique_ptr<Decoder> makeGpu(const Golden &golden, DType type = DType::Bf16)
{
    return makeGpu(golden.model.spec, golden.model.weights, gpuOptions(type));
}

class GpuDecoder : public testing::TestWithParam<std::string>
{
protected:
    // A run of a whole model is long; the race detector has its turn in a test of its own.
    void SetUp() override { simt::watchAccesses(false); }
    void TearDown() override { simt::watchAccesses(true); }
};

TEST_P(GpuDecoder, GivesTheLogitsOfTheCpuDecoder)
{
    const Golden golden = load(GetParam());
    const auto gpu = makeGpu(golden);
    ASSERT_TRUE(gpu);
    const std::vector<float> logits = run(*gpu, golden.prompts);
    EXPECT_LE(relativeL2(logits, golden.expected), kAgainstPublished);
    const auto cpu = make(golden.model, gpuOptions());
    ASSERT_TRUE(cpu);
    EXPECT_LE(relativeL2(logits, run(*cpu, golden.prompts)), kAgainstCpu);
}

INSTANTIATE_TEST_SUITE_P(Dense, GpuDecoder, testing::ValuesIn(kModels),
                         [](const auto &one) { return one.param; });

class GpuSteps : public testing::Test
{
protected:
    void SetUp() override { simt::watchAccesses(false); }
    void TearDown() override { simt::watchAccesses(true); }
};

Prompt shortPrompt(const Golden &golden)
{
    Prompt prompt = golden.prompts.front();
    prompt.tokens.resize(std::min<std::size_t>(prompt.tokens.size(), 11));
    prompt.prefill = std::min<std::size_t>(prompt.tokens.size(), 9);
    return prompt;
}

TEST_F(GpuSteps, RaceFreeFromTokensToSamples)
{
    simt::watchAccesses(true);
    const Golden golden = load("qwen2");
    const auto gpu = makeGpu(golden);
    ASSERT_TRUE(gpu);
    const SequenceId one = open(*gpu);
    const SequenceId two = open(*gpu);
    const std::vector<TokenId> prompt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    StepOutput output;
    const TokenSpan first{one, prompt, SpanOutput::Sample};
    ASSERT_TRUE(gpu->step({&first, 1}, output, {}));
    const std::vector<TokenSpan> mixed{{one, output.sampled, SpanOutput::Sample},
                                       {two, std::span(prompt).first(5), SpanOutput::Logits}};
    StepOutput second;
    ASSERT_TRUE(gpu->step(mixed, second, {}));
    StepOutput third;
    const std::vector<TokenId> next{second.sampled.front(), 17};
    const std::vector<TokenSpan> decode{{one, {&next[0], 1}, SpanOutput::Sample},
                                        {two, {&next[1], 1}, SpanOutput::Sample}};
    ASSERT_TRUE(gpu->step(decode, third, {}));
    EXPECT_EQ(third.sampled.size(), 2u);
}

TEST_F(GpuSteps, AnyChunksOfAPromptGiveTheSameLogits)
{
    const Golden golden = load("qwen3");
    const auto gpu = makeGpu(golden);
    ASSERT_TRUE(gpu);
    const std::vector<float> whole = run(*gpu, {shortPrompt(golden)});
    for (const std::size_t chunk : {1, 4})
        EXPECT_LE(relativeL2(run(*gpu, {shortPrompt(golden)}, chunk), whole), 1e-2) << chunk;
}

// A decode step goes through the recorded graph, one with logits does not: their tokens agree.
TEST_F(GpuSteps, TheGraphSamplesWhatTheLogitsSay)
{
    const Golden golden = load("llama");
    const auto gpu = makeGpu(golden);
    ASSERT_TRUE(gpu);
    const auto vocabulary = std::size_t(golden.model.spec.vocabulary);
    const std::vector<TokenId> prompt{5, 6, 7, 8, 9};
    std::vector<SequenceId> sequences;
    for (int i = 0; i < 3; ++i) {
        sequences.push_back(open(*gpu));
        logitsOf(*gpu, sequences.back(), std::span(prompt).first(std::size_t(i) + 3));
    }
    std::vector<TokenId> tokens{11, 22, 33};
    for (int step = 0; step < 2; ++step) {
        std::vector<TokenSpan> spans;
        for (std::size_t i = 0; i < 3; ++i)
            spans.push_back({sequences[i], {&tokens[i], 1}, SpanOutput::Logits});
        StepOutput logits;
        ASSERT_TRUE(gpu->step(spans, logits, {}));
        StepOutput sampled;
        for (std::size_t i = 0; i < 3; ++i) {
            ASSERT_TRUE(gpu->truncate(sequences[i], gpu->length(sequences[i]) - 1));
            spans[i].output = SpanOutput::Sample;
        }
        ASSERT_TRUE(gpu->step(spans, sampled, {}));
        ASSERT_EQ(sampled.sampled.size(), 3u);
        for (std::size_t i = 0; i < 3; ++i) {
            const auto row = logits.logits.begin() + std::ptrdiff_t(i * vocabulary);
            EXPECT_EQ(sampled.sampled[i],
                      std::max_element(row, row + std::ptrdiff_t(vocabulary)) - row);
        }
        tokens = sampled.sampled;
    }
}

TEST_F(GpuSteps, ACopyGoesOnAsItsOriginal)
{
    const Golden golden = load("llama");
    const auto gpu = makeGpu(golden);
    ASSERT_TRUE(gpu);
    const std::vector<TokenId> prompt{5, 6, 7, 8, 9, 10};
    const SequenceId one = open(*gpu);
    const SequenceId two = open(*gpu);
    logitsOf(*gpu, one, prompt);
    ASSERT_TRUE(gpu->copy(one, two, 6));
    const std::vector<TokenId> next{77};
    EXPECT_EQ(logitsOf(*gpu, one, next), logitsOf(*gpu, two, next));
}

TEST_F(GpuSteps, MakesTheSyntheticWeightsOfTheCpu)
{
    const Golden golden = load("llama");
    WeightSource synthetic;
    synthetic.seed = 9;
    const auto gpu = makeGpu(golden.model.spec, synthetic, gpuOptions());
    auto cpu = makeDecoder(DeviceKind::Cpu, golden.model.spec, synthetic, gpuOptions(), {});
    ASSERT_TRUE(gpu && cpu);
    EXPECT_LE(relativeL2(run(*gpu, {shortPrompt(golden)}), run(**cpu, {shortPrompt(golden)})),
              kAgainstCpu);
}

TEST_F(GpuSteps, RunsQuantisedWeights)
{
    const Golden golden = load("llama");
    const auto exact = makeGpu(golden);
    ASSERT_TRUE(exact);
    const std::vector<float> want = run(*exact, {shortPrompt(golden)});
    for (const auto &[type, bound] :
         {std::pair{DType::Fp8, kFp8}, {DType::Int8, kInt8}, {DType::Int4, kInt4}}) {
        const auto gpu = makeGpu(golden, type);
        ASSERT_TRUE(gpu);
        const double error = relativeL2(run(*gpu, {shortPrompt(golden)}), want);
        EXPECT_LE(error, bound) << dtypeName(type);
        EXPECT_GE(error, 1e-4) << dtypeName(type);
        EXPECT_LT(gpu->memory().weightBytes, exact->memory().weightBytes);
    }
}

// More rows than are streamed: tiles for bf16, and codes that become bf16 first.
TEST_F(GpuSteps, LongStepsAgreeWithShortOnes)
{
    const Golden golden = load("smollm2");
    Prompt prompt;
    for (int i = 0; i < 70; ++i)
        prompt.tokens.push_back((i * 37 + 11) % golden.model.spec.vocabulary);
    prompt.prefill = 70;
    for (const DType type : {DType::Bf16, DType::Int8}) {
        DecoderOptions wide = gpuOptions(type);
        wide.maxStepTokens = 128;
        const auto gpu = makeGpu(golden.model.spec, golden.model.weights, wide);
        ASSERT_TRUE(gpu);
        // Codes times their scales are rounded to bf16 on the way to the tiles.
        EXPECT_LE(relativeL2(run(*gpu, {prompt}), run(*gpu, {prompt}, 35)),
                  type == DType::Bf16 ? 1e-2 : 2.5e-2)
            << dtypeName(type);
    }
}

TEST_F(GpuSteps, RefusesInOneSentence)
{
    const Golden golden = load("llama");
    DecoderOptions bad = gpuOptions();
    bad.weightType = DType::Fp32;
    auto refused = cuda::makeCudaDecoder(0, golden.model.spec, golden.model.weights, bad, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Unsupported);
    bad = gpuOptions();
    ModelSpec huge = golden.model.spec;
    huge.maxPositions = 1 << 30;
    bad.maxPositions = 1 << 28;
    refused = cuda::makeCudaDecoder(0, huge, golden.model.weights, bad, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::DoesNotFit);
    EXPECT_NE(refused.error().message.find("would fit"), std::string::npos)
        << refused.error().message;
    refused =
        cuda::makeCudaDecoder(7, golden.model.spec, golden.model.weights, gpuOptions(), {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::NotFound);
}

TEST_F(GpuSteps, AStopRequestEndsAPromptAndKeepsTheLengths)
{
    const Golden golden = load("llama");
    const auto gpu = makeGpu(golden);
    ASSERT_TRUE(gpu);
    const SequenceId sequence = open(*gpu);
    std::stop_source source;
    source.request_stop();
    const std::vector<TokenId> prompt{5, 6, 7};
    const TokenSpan span{sequence, prompt, SpanOutput::Sample};
    StepOutput output;
    const Result<void> done = gpu->step({&span, 1}, output, source.get_token());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Cancelled);
    EXPECT_EQ(gpu->length(sequence), 0);
}

} // namespace
