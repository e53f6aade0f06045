// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/infer/golden.h"

#include "engine/infer/cpu/kernels/isa.h"

namespace {

using namespace golden;

// Bounds of the goldens: order of summation in fp32, rounding to eight bits in bf16.
constexpr double kFp32MaxAbs = 1e-4;
constexpr double kBf16RelativeL2 = 2e-2;

class GoldenModel : public testing::TestWithParam<std::string>
{
};

TEST_P(GoldenModel, Fp32GivesThePublishedLogitsOnEveryVariant)
{
    const Golden golden = load(GetParam());
    for (const cpu::Isa isa : cpu::availableIsas()) {
        const auto decoder =
            make(golden.model, options(DType::Fp32, std::string(cpu::isaName(isa))));
        ASSERT_TRUE(decoder);
        EXPECT_EQ(decoder->describe().isa, cpu::isaName(isa));
        const double error = maxAbsError(run(*decoder, golden.prompts), golden.expected);
        RecordProperty(std::string("max_abs_") + std::string(cpu::isaName(isa)),
                       std::to_string(error));
        EXPECT_LE(error, kFp32MaxAbs) << cpu::isaName(isa);
    }
}

TEST_P(GoldenModel, Bf16StaysWithinItsRoundingOnEveryVariant)
{
    const Golden golden = load(GetParam());
    for (const cpu::Isa isa : cpu::availableIsas()) {
        const auto decoder =
            make(golden.model, options(DType::Bf16, std::string(cpu::isaName(isa))));
        ASSERT_TRUE(decoder);
        EXPECT_LE(relativeL2(run(*decoder, golden.prompts), golden.expected), kBf16RelativeL2)
            << cpu::isaName(isa);
    }
}

TEST_P(GoldenModel, PrefillInChunksEqualsPrefillInOne)
{
    const Golden golden = load(GetParam());
    const auto decoder = make(golden.model, options(DType::Fp32));
    const std::vector<float> whole = run(*decoder, golden.prompts);
    for (const std::size_t chunk : {1, 3, 7}) {
        EXPECT_LE(maxAbsError(run(*decoder, golden.prompts, chunk), whole), 2e-5)
            << "chunks of " << chunk;
    }
}

TEST_P(GoldenModel, ABatchOfMixedLengthsEqualsEachAlone)
{
    const Golden golden = load(GetParam());
    const auto decoder = make(golden.model, options(DType::Fp32));
    const std::vector<float> alone = run(*decoder, golden.prompts);
    const auto vocabulary = std::size_t(golden.model.spec.vocabulary);

    // Every step takes the next chunk of each prompt: prompts in the middle of their prefill run
    // beside ones that decode.
    std::vector<SequenceId> sequences;
    std::vector<std::vector<float>> rows(golden.prompts.size());
    std::vector<std::size_t> done(golden.prompts.size(), 0);
    for (std::size_t i = 0; i < golden.prompts.size(); ++i)
        sequences.push_back(open(*decoder));
    for (bool more = true; more;) {
        std::vector<TokenSpan> spans;
        std::vector<std::size_t> owners;
        for (std::size_t i = golden.prompts.size(); i-- > 0;) {
            const Prompt &prompt = golden.prompts[i];
            if (done[i] == prompt.tokens.size())
                continue;
            const std::size_t count =
                done[i] < prompt.prefill ? std::min<std::size_t>(4, prompt.prefill - done[i]) : 1;
            spans.push_back({sequences[i], std::span(prompt.tokens).subspan(done[i], count),
                             SpanOutput::Logits});
            owners.push_back(i);
        }
        more = !spans.empty();
        StepOutput output;
        ASSERT_TRUE(decoder->step(spans, output, {}));
        auto row = output.logits.begin();
        for (std::size_t i = 0; i < spans.size(); ++i) {
            const std::size_t count = spans[i].tokens.size();
            rows[owners[i]].insert(rows[owners[i]].end(), row,
                                   row + std::ptrdiff_t(count * vocabulary));
            row += std::ptrdiff_t(count * vocabulary);
            done[owners[i]] += count;
        }
    }
    std::vector<float> together;
    for (const auto &part : rows)
        together.insert(together.end(), part.begin(), part.end());
    EXPECT_LE(maxAbsError(together, alone), 2e-5);
}

TEST_P(GoldenModel, TheSameStepGivesTheSameBits)
{
    const Golden golden = load(GetParam());
    for (const DType type : {DType::Fp32, DType::Bf16}) {
        const auto one = make(golden.model, options(type));
        const auto two = make(golden.model, options(type));
        const std::vector<float> first = run(*one, golden.prompts);
        EXPECT_EQ(first, run(*one, golden.prompts));
        EXPECT_EQ(first, run(*two, golden.prompts));
    }
}

// The sequence's pages lie scattered, in an order that an earlier life of the cache left behind.
TEST_P(GoldenModel, ScatteredPagesGiveWhatOrderedPagesGive)
{
    Golden golden = load(GetParam());
    Prompt longPrompt;
    for (int i = 0; i < 200; ++i)
        longPrompt.tokens.push_back((i * 37 + 11) % golden.model.spec.vocabulary);
    longPrompt.prefill = 190;
    DecoderOptions wide = options(DType::Fp32);
    wide.maxPositions = 256;
    const auto ordered = make(golden.model, wide);
    const auto scattered = make(golden.model, wide);
    const std::vector<TokenId> filler(60, 5);
    std::vector<SequenceId> open4;
    for (int i = 0; i < 4; ++i)
        open4.push_back(open(*scattered));
    for (int round = 0; round < 4; ++round) {
        for (const SequenceId sequence : open4)
            logitsOf(*scattered, sequence, filler);
    }
    for (const int i : {2, 0, 3, 1})
        scattered->close(open4[std::size_t(i)]);
    EXPECT_EQ(run(*ordered, {longPrompt}, 50), run(*scattered, {longPrompt}, 50));
}

INSTANTIATE_TEST_SUITE_P(Dense, GoldenModel, testing::ValuesIn(kModels),
                         [](const auto &one) { return one.param; });

} // namespace
