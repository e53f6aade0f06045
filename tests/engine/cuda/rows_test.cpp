// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/random_bits.h"
#include "tests/engine/cuda/support.h"

namespace {

using namespace cudatest;

constexpr double kFp32Error = 1e-12;
constexpr double kBf16Error = 1e-5; // rounding to 8 bits: (2^-9)^2 / 3 and no more

TEST(Rows, EmbeddingCopiesTheTokensRows)
{
    const int width = 72;
    const int pitch = 128;
    const std::vector<float> table = rounded(normal(std::size_t(11 * width), 1));
    const std::vector<int> tokens{0, 10, 3, 3};
    const DeviceArray<bf16> rows(toBf16(table, std::size_t(width), std::size_t(pitch)));
    const DeviceArray<int> wanted(tokens);
    forEachSeed([&] {
        DeviceArray<float> residual(tokens.size() * std::size_t(width));
        launchEmbed(rows.data(), pitch, width, wanted.data(), int(tokens.size()), residual.data(),
                    stream().get());
        const std::vector<float> got = residual.read();
        for (std::size_t i = 0; i < got.size(); ++i)
            ASSERT_EQ(got[i], table[std::size_t(tokens[i / 72]) * 72 + i % 72]);
    });
}

TEST(Rows, RmsNormDividesByTheRootMeanSquare)
{
    for (const int width : {1, 37, 256, 1000}) {
        const std::vector<float> x = normal(std::size_t(5 * width), unsigned(width));
        const std::vector<float> weight = normal(std::size_t(width), 7);
        const std::vector<int> index{4, 0, 2};
        const DeviceArray<float> rows(x);
        const DeviceArray<float> weights(weight);
        const DeviceArray<int> chosen(index);
        const std::vector<float> all = rmsNormed(x, weight, 1e-5f);
        std::vector<float> want;
        for (const int row : index)
            want.insert(want.end(), all.begin() + row * width, all.begin() + (row + 1) * width);
        const int pitch = int(roundUp(width, kColumnPad));
        forEachSeed([&] {
            DeviceArray<bf16> out(std::size_t(3 * pitch));
            launchRmsNorm(rows.data(), width, chosen.data(), 3, weights.data(), 1e-5f, out.data(),
                          pitch, stream().get());
            const std::vector<float> padded = toFloats(out.read());
            std::vector<float> got;
            for (int row = 0; row < 3; ++row)
                got.insert(got.end(), padded.begin() + row * pitch,
                           padded.begin() + row * pitch + width);
            EXPECT_LE(errorOf(got, want), kBf16Error) << width;
        });
    }
}

TEST(Rows, FinishingAProductAddsBiasResidualAndGate)
{
    const int columns = 48;
    const std::vector<float> product = normal(3 * 48, 1);
    const std::vector<float> bias = normal(48, 2);
    const DeviceArray<float> from(product);
    const DeviceArray<float> biases(bias);
    forEachSeed([&] {
        const std::vector<float> before = normal(3 * 48, 3);
        DeviceArray<float> rows(before);
        launchFinishProduct(from.data(), 3, columns,
                            {.kind = ProductOutput::Kind::Add,
                             .rows = rows.data(),
                             .pitch = columns,
                             .bias = biases.data()},
                            stream().get());
        std::vector<float> want(before.size());
        for (std::size_t i = 0; i < want.size(); ++i)
            want[i] = before[i] + product[i] + bias[i % 48];
        EXPECT_LE(errorOf(rows.read(), want), kFp32Error);

        DeviceArray<bf16> inner(3 * 24);
        launchFinishProduct(from.data(), 3, columns,
                            {.kind = ProductOutput::Kind::SwiGlu,
                             .inner = inner.data(),
                             .pitch = 24,
                             .bias = biases.data()},
                            stream().get());
        std::vector<float> gated(3 * 24);
        for (std::size_t row = 0; row < 3; ++row) {
            for (std::size_t channel = 0; channel < 24; ++channel) {
                const auto gate = std::size_t(gateRow(std::int64_t(channel)));
                const auto at = [&](std::size_t i) { return product[row * 48 + i] + bias[i]; };
                gated[row * 24 + channel] = siluOf(at(gate)) * at(gate + 8);
            }
        }
        EXPECT_LE(errorOf(toFloats(inner.read()), gated), kBf16Error);
    });
}

struct SampleCase
{
    int vocabulary;
    float inverseTemperature;
};

TEST(Rows, SamplingPicksTheBestScore)
{
    for (const SampleCase c : {SampleCase{1, 0}, {31, 0}, {4096, 0}, {5001, 0}, {5001, 1.25f}}) {
        const int rows = 2;
        const std::vector<float> logits =
            normal(std::size_t(rows * c.vocabulary), unsigned(c.vocabulary));
        std::vector<SampleRow> keys;
        std::vector<int> want;
        for (int row = 0; row < rows; ++row) {
            keys.push_back({sampleKeyBits(7, std::uint64_t(row), 5)});
            float best = -INFINITY;
            int token = 0;
            for (int i = 0; i < c.vocabulary; ++i) {
                float score = logits[std::size_t(row * c.vocabulary + i)];
                if (c.inverseTemperature > 0)
                    score = score * c.inverseTemperature -
                            std::log(-std::log(sampleUniform(keys.back().key, unsigned(i))));
                if (score > best) {
                    best = score;
                    token = i;
                }
            }
            want.push_back(token);
        }
        const DeviceArray<float> scores(logits);
        const DeviceArray<SampleRow> rowKeys(keys);
        DeviceArray<Candidate> partial(std::size_t(rows * kSampleBlocks));
        DeviceArray<unsigned> tickets(std::vector<unsigned>(2, 0));
        forEachSeed(
            [&] {
                for (int time = 0; time < 2; ++time) { // twice: the tickets must be ready again
                    DeviceArray<int> tokens(2);
                    launchSample(scores.data(), c.vocabulary, c.vocabulary, rows, rowKeys.data(),
                                 c.inverseTemperature, partial.data(), tickets.data(),
                                 tokens.data(), stream().get());
                    EXPECT_EQ(tokens.read(), want) << c.vocabulary;
                }
            },
            c.vocabulary == 31 ? 3 : 1);
    }
}

// Equal scores must not depend on which block ends first.
TEST(Rows, SamplingTakesTheFirstOfEqualScores)
{
    std::vector<float> logits(6000, 1.0f);
    logits[5999] = logits[4500] = logits[321] = 2.0f;
    const DeviceArray<float> scores(logits);
    const DeviceArray<SampleRow> keys(1);
    DeviceArray<Candidate> partial(kSampleBlocks);
    DeviceArray<unsigned> tickets(std::vector<unsigned>(1, 0));
    forEachSeed([&] {
        DeviceArray<int> tokens(1);
        launchSample(scores.data(), 6000, 6000, 1, keys.data(), 0, partial.data(), tickets.data(),
                     tokens.data(), stream().get());
        EXPECT_EQ(tokens.read().front(), 321);
    });
}

} // namespace
