// SPDX-License-Identifier: Apache-2.0
// What a decoder promises beside right logits: sampling, rewinding, copying, stopping, no
// allocation.
#include <atomic>
#include <map>
#include <numeric>
#include <thread>

#include "tests/engine/infer/allocations.h"
#include "tests/engine/infer/golden.h"

namespace {

using namespace golden;

ModelSpec tinySpec(int layers = 2, int hidden = 64)
{
    ModelSpec model;
    model.name = "tiny";
    model.hidden = hidden;
    model.vocabulary = 50;
    model.maxPositions = 4096;
    LayerSpec layer;
    layer.attention.heads = 4;
    layer.attention.kvHeads = 2;
    layer.attention.headDim = 16;
    layer.ffn.intermediate = 2 * hidden;
    model.layers.assign(std::size_t(layers), layer);
    return model;
}

std::unique_ptr<Decoder> synthetic(const ModelSpec &model, const DecoderOptions &options)
{
    return make({.spec = model, .weights = {}}, options);
}

std::vector<TokenId> tokens(int count, int first = 3)
{
    std::vector<TokenId> result;
    for (int i = 0; i < count; ++i)
        result.push_back((first + i * 7) % 50);
    return result;
}

TEST(Decoder, AtTemperatureZeroTheSampleIsTheLargestLogit)
{
    const auto decoder = synthetic(tinySpec(), options(DType::Bf16));
    const SequenceId one = open(*decoder);
    const SequenceId two = open(*decoder);
    const std::vector<TokenId> prompt = tokens(20);
    const std::vector<float> logits = logitsOf(*decoder, one, prompt);
    StepOutput output;
    const TokenSpan span{two, prompt, SpanOutput::Sample};
    ASSERT_TRUE(decoder->step({&span, 1}, output, {}));
    ASSERT_EQ(output.sampled.size(), 1u);
    const auto last = logits.end() - 50;
    EXPECT_EQ(output.sampled[0], std::max_element(last, logits.end()) - last);
    EXPECT_TRUE(output.logits.empty());
}

TEST(Decoder, AChunkInTheMiddleGivesNothing)
{
    const auto decoder = synthetic(tinySpec(), options(DType::Bf16));
    const std::vector<TokenId> prompt = tokens(10);
    const std::vector<TokenId> other = tokens(4, 9);
    const TokenSpan spans[] = {{open(*decoder), prompt, SpanOutput::None},
                               {open(*decoder), other, SpanOutput::Sample}};
    StepOutput output;
    ASSERT_TRUE(decoder->step(spans, output, {}));
    EXPECT_EQ(output.sampled.size(), 1u);
    EXPECT_EQ(decoder->length(spans[0].sequence), 10);
    EXPECT_EQ(decoder->length(spans[1].sequence), 4);
}

// Counts against the softmax of the logits: chi-squared with 49 degrees of freedom is above 95 in
// one of 10,000 runs, and the draws are fixed by their seed. Layers that see one position only
// give every position of the sequence the same logits.
TEST(Decoder, WithATemperatureTokensComeAsOftenAsTheSoftmaxSays)
{
    constexpr int kDraws = 4000;
    ModelSpec model = tinySpec();
    for (LayerSpec &layer : model.layers)
        layer.attention.window = 1;
    DecoderOptions warm = options(DType::Fp32);
    warm.maxPositions = kDraws + 1;
    warm.sampling.temperature = 1.7;
    const auto decoder = synthetic(model, warm);
    const SequenceId sequence = open(*decoder);
    const std::vector<TokenId> token{3};
    std::vector<double> chances;
    for (const float logit : logitsOf(*decoder, sequence, token))
        chances.push_back(std::exp(logit / 1.7));
    const double total = std::accumulate(chances.begin(), chances.end(), 0.0);
    std::vector<int> counts(chances.size(), 0);
    StepOutput output;
    for (int i = 0; i < kDraws; ++i) {
        const TokenSpan span{sequence, token, SpanOutput::Sample};
        ASSERT_TRUE(decoder->step({&span, 1}, output, {}));
        ++counts[std::size_t(output.sampled[0])];
    }
    double chiSquared = 0;
    for (std::size_t i = 0; i < chances.size(); ++i) {
        const double expected = kDraws * chances[i] / total;
        chiSquared += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    EXPECT_LT(chiSquared, 95);
    EXPECT_GT(chiSquared, 15); // draws that match too well are not random
}

TEST(Decoder, ARewoundStepRepeatsItself)
{
    const auto decoder = synthetic(tinySpec(), options(DType::Bf16));
    const SequenceId sequence = open(*decoder);
    const std::vector<TokenId> prompt = tokens(64); // the next token needs a new page
    const std::vector<TokenId> next = tokens(1);
    logitsOf(*decoder, sequence, prompt);
    const std::vector<float> first = logitsOf(*decoder, sequence, next);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(decoder->truncate(sequence, 64));
        EXPECT_EQ(decoder->length(sequence), 64);
        EXPECT_EQ(logitsOf(*decoder, sequence, next), first);
    }
    EXPECT_FALSE(decoder->truncate(sequence, 66));
    EXPECT_FALSE(decoder->truncate(sequence, -1));
}

TEST(Decoder, ACopyGoesOnAsItsOriginalWould)
{
    for (const DType type : {DType::Fp32, DType::Bf16}) {
        const auto decoder = synthetic(tinySpec(), options(type));
        const SequenceId original = open(*decoder);
        const SequenceId copy = open(*decoder);
        for (int i = 0; i < 2; ++i)
            logitsOf(*decoder, original, tokens(50));
        logitsOf(*decoder, copy, tokens(5, 20)); // replaced
        ASSERT_TRUE(decoder->copy(original, copy, 90));
        EXPECT_EQ(decoder->length(copy), 90);
        const std::vector<float> ofCopy = logitsOf(*decoder, copy, tokens(3, 11));
        ASSERT_TRUE(decoder->truncate(original, 90));
        EXPECT_EQ(logitsOf(*decoder, original, tokens(3, 11)), ofCopy);
        EXPECT_FALSE(decoder->copy(original, copy, 1000));
        EXPECT_FALSE(decoder->copy(original, original, 1));
    }
}

TEST(Decoder, AStoppedStepLeavesLengthsAndPagesAsTheyWere)
{
    const auto decoder = synthetic(tinySpec(), options(DType::Bf16));
    const SequenceId sequence = open(*decoder);
    const std::vector<float> expected = logitsOf(*decoder, sequence, tokens(60));
    std::stop_source stop;
    stop.request_stop();
    const std::vector<TokenId> more = tokens(10);
    const TokenSpan span{sequence, more, SpanOutput::Sample};
    StepOutput output;
    const Result<void> stopped = decoder->step({&span, 1}, output, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::Cancelled);
    EXPECT_EQ(decoder->length(sequence), 60);
    EXPECT_TRUE(output.sampled.empty());
    ASSERT_TRUE(decoder->truncate(sequence, 0));
    EXPECT_EQ(logitsOf(*decoder, sequence, tokens(60)), expected);
}

TEST(Decoder, AStepStopsInItsMiddle)
{
    // Long enough that no machine is through before the stop is asked for.
    DecoderOptions large = options(DType::Bf16);
    large.maxPositions = 512;
    large.maxStepTokens = 512;
    const auto decoder = synthetic(tinySpec(200), large);
    const SequenceId sequence = open(*decoder);
    const std::vector<TokenId> prompt = tokens(512);
    const TokenSpan span{sequence, prompt, SpanOutput::Sample};
    std::stop_source stop;
    std::atomic<bool> started{false};
    std::jthread stopper([&] {
        started.wait(false);
        stop.request_stop();
    });
    started = true;
    started.notify_one();
    StepOutput output;
    const Result<void> stopped = decoder->step({&span, 1}, output, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::Cancelled);
    EXPECT_EQ(decoder->length(sequence), 0);
}

TEST(Decoder, AStepAllocatesNothing)
{
    if (!allocationsAreCounted())
        GTEST_SKIP() << "the sanitizer brings an operator new of its own";
    const auto decoder = synthetic(tinySpec(), options(DType::Bf16));
    const SequenceId one = open(*decoder);
    const SequenceId two = open(*decoder);
    const std::vector<TokenId> prompt = tokens(40);
    const TokenSpan spans[] = {{one, std::span(prompt).first(1), SpanOutput::Sample},
                               {two, prompt, SpanOutput::Logits}};
    StepOutput output;
    ASSERT_TRUE(decoder->step(spans, output, {})); // sizes `output`
    int allocations = 0;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(decoder->truncate(two, 0)); // pages go and come
        startCounting();
        const Result<void> done = decoder->step(spans, output, {});
        allocations += stopCounting();
        ASSERT_TRUE(done);
    }
    EXPECT_EQ(allocations, 0);
}

TEST(Decoder, SequencesComeAndGo)
{
    const auto decoder = synthetic(tinySpec(), options(DType::Bf16));
    std::vector<SequenceId> sequences;
    for (int i = 0; i < 4; ++i)
        sequences.push_back(open(*decoder));
    const Result<SequenceId> fifth = decoder->open();
    ASSERT_FALSE(fifth);
    EXPECT_EQ(fifth.error().kind, ErrorKind::DoesNotFit);
    logitsOf(*decoder, sequences[1], tokens(30));
    decoder->close(sequences[1]);
    EXPECT_EQ(decoder->length(sequences[1]), 0);
    EXPECT_EQ(decoder->length(open(*decoder)), 0);
}

TEST(Decoder, MixedPrecisionOfWeightsAndCacheAgrees)
{
    std::map<std::pair<DType, DType>, std::vector<float>> logits;
    for (const DType weights : {DType::Fp32, DType::Bf16}) {
        for (const DType cache : {DType::Fp32, DType::Bf16}) {
            DecoderOptions mixed = options(weights);
            mixed.kvType = cache;
            const auto decoder = synthetic(tinySpec(), mixed);
            logits[{weights, cache}] = logitsOf(*decoder, open(*decoder), tokens(40));
        }
    }
    const std::vector<float> &reference = logits.at({DType::Fp32, DType::Fp32});
    for (const auto &[types, values] : logits)
        EXPECT_LE(relativeL2(values, reference), 2e-2);
}

TEST(Decoder, DescribesWhatItHolds)
{
    const ModelSpec model = tinySpec();
    const DecoderOptions asked = options(DType::Bf16);
    const auto decoder = synthetic(model, asked);
    const DecoderInfo info = decoder->describe();
    EXPECT_EQ(info.backend, "cpu");
    EXPECT_EQ(info.threads, 2);
    EXPECT_EQ(info.kvBytesPerPosition, 2 * 2 * 2 * 32 * 2); // layers, K and V, heads, padded dims
    EXPECT_EQ(info.pagePositions, 64);
    // Two embeddings of 50 (padded to 64) x 64, per layer 128 x 64 + 64 x 64 + 256 x 64 + 64 x 128.
    const std::int64_t matrices = 2 * 64 * 64 + 2 * (128 * 64 + 64 * 64 + 256 * 64 + 64 * 128);
    EXPECT_EQ(info.weightBytes, matrices * 2 + 5 * 64 * 4);
    EXPECT_EQ(decoder->memory().totalBytes(), estimateMemory(model, asked).totalBytes());
}

} // namespace
