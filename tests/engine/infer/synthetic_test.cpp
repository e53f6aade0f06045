// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/synthetic_weights.h"

#include "tests/engine/infer/golden.h"

namespace {

using namespace golden;

TEST(SyntheticWeights, AnyPartIsTheSameWhateverIsMadeWithIt)
{
    const auto tensor = cpu::SyntheticTensor::of(1, "model.layers.0.mlp.up_proj.weight", 0.5);
    std::vector<float> whole(1000);
    cpu::generate(tensor, 0, 1000, whole.data());
    std::vector<float> part(77);
    cpu::generate(tensor, 333, 77, part.data());
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 333));
    // Across 2^32, where the upper half of the index changes.
    const std::int64_t edge = (std::int64_t{1} << 32) - 3;
    std::vector<float> across(6);
    cpu::generate(tensor, edge, 6, across.data());
    for (std::int64_t i = 0; i < 6; ++i) {
        float one = 0;
        cpu::generate(tensor, edge + i, 1, &one);
        EXPECT_EQ(one, across[std::size_t(i)]);
    }
    EXPECT_NE(across[3], whole[0]);
}

TEST(SyntheticWeights, HaveTheirMeanAndSpreadAndDifferByNameAndSeed)
{
    constexpr int kCount = 200000;
    std::vector<float> a(kCount), b(kCount);
    const auto correlation = [&] {
        double sum = 0;
        for (std::size_t i = 0; i < kCount; ++i)
            sum += double(a[i]) * b[i];
        return sum / kCount;
    };
    cpu::generate(cpu::SyntheticTensor::of(1, "a", 2.0), 0, kCount, a.data());
    double mean = 0, square = 0;
    for (const float value : a) {
        mean += value / kCount;
        square += double(value) * value / kCount;
    }
    EXPECT_NEAR(mean, 0, 0.02);
    EXPECT_NEAR(square, 4.0, 0.03);
    EXPECT_LT(*std::max_element(a.begin(), a.end()), 2 * std::sqrt(3.0) + 1e-6);
    for (const auto &other :
         {cpu::SyntheticTensor::of(1, "b", 2.0), cpu::SyntheticTensor::of(2, "a", 2.0)}) {
        cpu::generate(other, 0, kCount, b.data());
        EXPECT_NEAR(correlation(), 0, 0.04);
    }
    cpu::generate(cpu::SyntheticTensor::of(1, "a", 2.0), 1, kCount, b.data()); // shifted by one
    EXPECT_NEAR(correlation(), 0, 0.04);
}

// 126 layers, the depth of the largest preset: the logits keep about unit variance.
TEST(SyntheticWeights, ActivationsKeepTheirScaleThroughEveryLayer)
{
    for (const std::size_t layers : {1, 80, 126}) {
        for (const bool tied : {false, true}) {
            ModelSpec model;
            model.name = "deep";
            model.hidden = 64;
            model.vocabulary = 512;
            model.maxPositions = 64;
            model.tiedOutput = tied;
            LayerSpec layer;
            layer.attention.heads = 4;
            layer.attention.kvHeads = 2;
            layer.attention.headDim = 16;
            layer.attention.qkvBias = true;
            layer.ffn.intermediate = 192;
            model.layers.assign(layers, layer);
            for (const DType type : {DType::Fp32, DType::Bf16}) {
                DecoderOptions own = options(type);
                own.maxPositions = 64;
                const auto decoder = make({.spec = model, .weights = {}}, own);
                std::vector<TokenId> prompt;
                for (int i = 0; i < 64; ++i)
                    prompt.push_back(i * 5);
                double square = 0;
                const std::vector<float> logits = logitsOf(*decoder, open(*decoder), prompt);
                for (const float value : logits)
                    square += double(value) * value / double(logits.size());
                EXPECT_GT(square, 0.5) << layers;
                EXPECT_LT(square, 2.0) << layers; // fails on NaN and infinity too
            }
        }
    }
}

TEST(SyntheticWeights, TheSameSeedGivesTheSameModelAndAnotherSeedAnother)
{
    ResolvedModel model = load("llama").model;
    const auto logits = [&](std::uint64_t seed) {
        model.weights = {};
        model.weights.seed = seed;
        const auto decoder = make(model, options(DType::Bf16));
        return logitsOf(*decoder, open(*decoder), std::vector<TokenId>{1, 2, 3});
    };
    const std::vector<float> first = logits(1);
    EXPECT_EQ(first, logits(1));
    EXPECT_NE(first, logits(2));
}

TEST(Loading, ReportsEveryByteAndStopsWhenAsked)
{
    ModelSpec model = resolveModel("smollm2-135m")->spec;
    DecoderOptions own = options(DType::Bf16);
    std::int64_t last = 0, total = 0;
    int calls = 0;
    std::stop_source stop;
    const auto stopped = makeDecoder(DeviceKind::Cpu, model, {}, own, stop.get_token(),
                                     [&](std::int64_t done, std::int64_t all) {
                                         EXPECT_GE(done, last);
                                         last = done;
                                         total = all;
                                         if (++calls == 4)
                                             stop.request_stop();
                                     });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::Cancelled);
    EXPECT_EQ(calls, 4);
    EXPECT_EQ(total, 134'515'008 * 2);
    model.layers.resize(2);
    last = 0;
    ASSERT_TRUE(
        makeDecoder(DeviceKind::Cpu, model, {}, own, {}, [&](std::int64_t done, std::int64_t all) {
            last = done;
            total = all;
        }));
    EXPECT_GE(last, total - total / 1000); // norms are not worth a report of their own
}

} // namespace
