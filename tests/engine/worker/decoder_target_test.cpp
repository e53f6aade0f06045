// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/decoder_target.h"

#include <map>

#include <gtest/gtest.h>

namespace {

using namespace engine;

// Keeps the books of a decoder and computes nothing.
class FakeDecoder : public Decoder
{
public:
    struct Step
    {
        std::vector<std::int64_t> depths; // of each span, before the step
        std::vector<std::vector<TokenId>> tokens;
        std::vector<SpanOutput> outputs;
    };
    std::vector<Step> steps;
    std::map<SequenceId, std::int64_t> lengths;
    std::int64_t mostOpen = 0;
    std::int64_t copies = 0;
    TokenId nextSample = 100;

    DecoderInfo describe() const override
    {
        DecoderInfo info;
        info.kvBytesPerPosition = 10;
        info.pagePositions = 16;
        return info;
    }
    MemoryUse memory() const override { return {1000, 999999, 50}; }
    Result<SequenceId> open() override
    {
        SequenceId id = 0;
        while (lengths.count(id))
            ++id;
        lengths[id] = 0;
        mostOpen = std::max(mostOpen, std::int64_t(lengths.size()));
        return id;
    }
    void close(SequenceId sequence) override { EXPECT_EQ(lengths.erase(sequence), 1u); }
    std::int64_t length(SequenceId sequence) const override { return lengths.at(sequence); }
    Result<void> truncate(SequenceId sequence, std::int64_t length) override
    {
        EXPECT_LE(length, lengths.at(sequence));
        lengths.at(sequence) = length;
        return {};
    }
    Result<void> copy(SequenceId from, SequenceId to, std::int64_t length) override
    {
        EXPECT_LE(length, lengths.at(from));
        lengths.at(to) = length;
        ++copies;
        return {};
    }
    Result<void> step(std::span<const TokenSpan> spans, StepOutput &output,
                      std::stop_token stop) override
    {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "stopped");
        Step step;
        output.sampled.clear();
        for (const TokenSpan &span : spans) {
            step.depths.push_back(lengths.at(span.sequence));
            step.tokens.emplace_back(span.tokens.begin(), span.tokens.end());
            step.outputs.push_back(span.output);
            lengths.at(span.sequence) += std::int64_t(span.tokens.size());
            if (span.output == SpanOutput::Sample)
                output.sampled.push_back(nextSample++);
        }
        steps.push_back(std::move(step));
        return {};
    }
};

ModelSpec model()
{
    ModelSpec spec;
    spec.vocabulary = 5000;
    return spec;
}

TEST(DecoderTarget, PromptsGoInOneAfterAnotherInChunks)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    DecoderTarget target(decoder, spec, 100, 1);
    const Result<std::vector<Seconds>> waits = target.prefill(2, 250, {});
    ASSERT_TRUE(waits);
    ASSERT_EQ(waits->size(), 2u);
    EXPECT_LE((*waits)[0], (*waits)[1]);
    ASSERT_EQ(decoder.steps.size(), 6u);
    std::vector<std::size_t> sizes;
    std::vector<SpanOutput> outputs;
    for (const FakeDecoder::Step &step : decoder.steps) {
        ASSERT_EQ(step.tokens.size(), 1u);
        sizes.push_back(step.tokens[0].size());
        outputs.push_back(step.outputs[0]);
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 50, 100, 100, 50}));
    using enum SpanOutput;
    EXPECT_EQ(outputs, (std::vector{None, None, Sample, None, None, Sample}));
    EXPECT_NE(decoder.steps[0].tokens[0], decoder.steps[3].tokens[0]); // fresh tokens
}

TEST(DecoderTarget, EveryStepAttendsToTheSamePositionsAndIsFedItsOwnTokens)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    DecoderTarget target(decoder, spec, 100, 1);
    ASSERT_TRUE(target.prepare(3, 64, {}));
    decoder.steps.clear();
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(target.step({}));
    for (const FakeDecoder::Step &step : decoder.steps)
        EXPECT_EQ(step.depths, (std::vector<std::int64_t>{63, 63, 63})); // and the new one is 64
    EXPECT_EQ(decoder.steps[1].tokens[0].front(), decoder.nextSample - 9);
    EXPECT_EQ(decoder.steps[2].tokens[2].front(), decoder.nextSample - 4);
}

TEST(DecoderTarget, OtherBatchesOfAContextNeedNoNewPrefill)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    DecoderTarget target(decoder, spec, 100, 1);
    ASSERT_TRUE(target.prefill(1, 64, {}));
    ASSERT_TRUE(target.prepare(4, 64, {}));
    EXPECT_EQ(decoder.copies, 3);
    ASSERT_TRUE(target.step({}));
    ASSERT_TRUE(target.prepare(2, 64, {}));
    ASSERT_TRUE(target.step({}));
    ASSERT_TRUE(target.prepare(3, 32, {})); // the front of the same prompt
    ASSERT_TRUE(target.step({}));
    EXPECT_EQ(decoder.steps.back().depths, (std::vector<std::int64_t>{31, 31, 31}));
    std::int64_t prefilled = 0;
    for (const FakeDecoder::Step &step : decoder.steps)
        prefilled += step.tokens[0].size() > 1;
    EXPECT_EQ(prefilled, 1);
    ASSERT_TRUE(target.prepare(1, 128, {})); // longer: this one is new
    EXPECT_EQ(decoder.lengths.begin()->second, 127);
}

TEST(DecoderTarget, ABurstNeedsNoCopies)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    DecoderTarget target(decoder, spec, 100, 1);
    ASSERT_TRUE(target.prefill(4, 64, {}));
    ASSERT_TRUE(target.prepare(4, 64, {}));
    EXPECT_EQ(decoder.copies, 0);
}

TEST(DecoderTarget, AContextOfOneDecodesFromNothing)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    DecoderTarget target(decoder, spec, 100, 1);
    ASSERT_TRUE(target.prefill(1, 1, {}));
    ASSERT_TRUE(target.prepare(2, 1, {}));
    ASSERT_TRUE(target.step({}));
    EXPECT_EQ(decoder.steps.back().depths, (std::vector<std::int64_t>{0, 0}));
}

TEST(DecoderTarget, StoppingLeavesItReadyForMore)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    DecoderTarget target(decoder, spec, 100, 1);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(target.prefill(2, 64, stop.get_token()).error().kind, ErrorKind::Cancelled);
    ASSERT_TRUE(target.prepare(2, 64, {}));
    EXPECT_TRUE(target.step({}));
}

TEST(DecoderTarget, ClosesItsSequencesWhenItGoes)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    {
        DecoderTarget target(decoder, spec, 100, 1);
        ASSERT_TRUE(target.prepare(5, 64, {}));
        EXPECT_EQ(decoder.lengths.size(), 5u);
    }
    EXPECT_TRUE(decoder.lengths.empty());
}

TEST(DecoderTarget, MemoryIsWeightsWorkspaceAndTheCellsOwnPages)
{
    FakeDecoder decoder;
    const ModelSpec spec = model();
    const DecoderTarget target(decoder, spec, 100, 1);
    // 20 + 9 - 1 = 28 positions are two pages of 16.
    EXPECT_EQ(target.memoryBytes({3, 20, 9}), 1000 + 50 + 3 * 32 * 10);
}

} // namespace
