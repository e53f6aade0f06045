// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "engine/infer/cpu/kernels/bfloat16.h"
#include "tests/engine/infer/kernels/support.h"

namespace engine::cpu::test {

class RowTest : public KernelTest
{
};

TEST_P(RowTest, NormalisesByTheRootMeanSquare)
{
    const auto kernels = makeKernels();
    for (const DType type : {DType::Fp32, DType::Bf16}) {
        for (const std::int64_t columns : {1, 15, 16, 17, 31, 32, 100, 1024, 2048}) {
            const std::int64_t rows = 21;
            const auto size = static_cast<std::size_t>(rows * columns);
            const auto input = randomFloats(size, 5, 3);
            const auto weight = randomFloats(static_cast<std::size_t>(columns), 6);
            Activations output = makeActivations(*kernels, type, rows, columns);
            const std::vector<float> poison(size, kNan);
            output.write(poison.data(), columns);
            kernels->rmsNorm({.rows = input.data(), .stride = columns}, weight.data(), 1e-5f,
                             output);
            std::vector<double> expected(size);
            for (std::int64_t row = 0; row < rows; ++row) {
                double square = 0;
                for (std::int64_t i = 0; i < columns; ++i)
                    square +=
                        std::pow(double{input[static_cast<std::size_t>(row * columns + i)]}, 2);
                const double factor = 1 / std::sqrt(square / static_cast<double>(columns) + 1e-5);
                for (std::int64_t i = 0; i < columns; ++i) {
                    const auto at = static_cast<std::size_t>(row * columns + i);
                    expected[at] = input[at] * factor * weight[static_cast<std::size_t>(i)];
                }
            }
            std::vector<float> result(size, kNan);
            output.read(result.data(), columns);
            EXPECT_LT(normalisedError(result, expected),
                      type == DType::Fp32 ? kFp32Limit : kBf16Limit)
                << columns;
        }
    }
}

TEST_P(RowTest, NormGathersTheRowsThatTheIndexNames)
{
    const auto kernels = makeKernels();
    const auto input = randomFloats(40 * 64, 5);
    const std::vector<float> ones(64, 1.0f);
    const std::array<std::int32_t, 3> index{39, 0, 7};
    Activations output = makeActivations(*kernels, DType::Fp32, 3, 64);
    kernels->rmsNorm({.rows = input.data(), .stride = 64, .index = index.data()}, ones.data(), 0,
                     output);
    std::vector<float> result(3 * 64);
    output.read(result.data(), 64);
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t from = static_cast<std::size_t>(index[i]) * 64;
        EXPECT_NEAR(result[i * 64 + 5] / result[i * 64], input[from + 5] / input[from], 1e-3);
    }
}

TEST_P(RowTest, LooksUpEmbeddingRows)
{
    const auto kernels = makeKernels();
    for (const DType type : {DType::Fp32, DType::Bf16}) {
        const PackedMatrix matrix = packMatrix(randomFloats(70 * 50, 4), 70, 50, type);
        const std::vector<float> all = unpackMatrix(matrix);
        const std::vector<std::int32_t> tokens{0, 69, 33, 33, 1};
        std::vector<float> rows(5 * 50, kNan);
        kernels->embed(matrix, tokens, rows.data(), 50);
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            for (std::size_t k = 0; k < 50; ++k)
                EXPECT_EQ(rows[i * 50 + k], all[static_cast<std::size_t>(tokens[i]) * 50 + k]);
        }
    }
}

TEST_P(RowTest, GreedySamplingTakesTheLargestLogit)
{
    const auto kernels = makeKernels();
    for (const std::int64_t vocabulary : {1, 15, 64, 65, 1000, 16384, 16385, 151936}) {
        auto logits = randomFloats(static_cast<std::size_t>(3 * vocabulary), 9);
        std::vector<std::int32_t> expected;
        for (std::int64_t row = 0; row < 3; ++row) {
            const std::int64_t winner = (vocabulary - 1) * row / 2;
            logits[static_cast<std::size_t>(row * vocabulary + winner)] = 100;
            expected.push_back(static_cast<std::int32_t>(winner));
        }
        const std::vector<SampleKey> keys(3);
        std::vector<std::int32_t> tokens(3, -1);
        kernels->sample(logits.data(), vocabulary, vocabulary, 0, keys, tokens);
        EXPECT_EQ(tokens, expected) << vocabulary;
    }
}

TEST_P(RowTest, TemperatureSamplingDrawsFromTheSoftmax)
{
    const auto kernels = makeKernels({.rows = 1});
    const std::vector<float> logits{0.0f, 1.0f, 2.0f, -1.0f};
    const double temperature = 0.7;
    std::array<double, 4> expected{};
    double total = 0;
    for (std::size_t i = 0; i < 4; ++i)
        total += expected[i] = std::exp(logits[i] / temperature);
    constexpr int kDraws = 20000;
    std::array<int, 4> counts{};
    for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
        const SampleKey key{.seed = 3, .sequence = draw % 7, .position = draw};
        std::int32_t token = -1;
        kernels->sample(logits.data(), 4, 4, temperature, {&key, 1}, {&token, 1});
        ASSERT_TRUE(token >= 0 && token < 4);
        ++counts[static_cast<std::size_t>(token)];
    }
    for (std::size_t i = 0; i < 4; ++i) {
        const double p = expected[i] / total;
        // Five standard deviations of a count.
        EXPECT_NEAR(counts[i], kDraws * p, 5 * std::sqrt(kDraws * p * (1 - p))) << i;
    }
}

TEST_P(RowTest, SamplingRepeatsWithItsKey)
{
    const auto kernels = makeKernels();
    const auto logits = randomFloats(50000, 9);
    const std::vector<SampleKey> keys{{.seed = 1, .sequence = 2, .position = 3}};
    std::vector<std::int32_t> first(1), second(1);
    kernels->sample(logits.data(), 50000, 50000, 1, keys, first);
    kernels->sample(logits.data(), 50000, 50000, 1, keys, second);
    EXPECT_EQ(first, second);
}

INSTANTIATE_TEST_SUITE_P(Variants, RowTest, testing::ValuesIn(availableIsas()), isaTestName);

TEST(BFloat16Test, RoundsToNearestEvenAndKeepsSpecialValues)
{
    EXPECT_EQ(toBFloat16(1.0f).bits, 0x3f80);
    EXPECT_EQ(toBFloat16(1.00390625f).bits, 0x3f80); // half way: to even
    EXPECT_EQ(toBFloat16(1.01171875f).bits, 0x3f82); // half way: to even
    EXPECT_EQ(toBFloat16(3.4e38f).bits, 0x7f80);
    EXPECT_TRUE(std::isnan(toFloat(toBFloat16(kNan))));
    EXPECT_EQ(halfToFloat(0x3c00), 1.0f);
    EXPECT_EQ(halfToFloat(0x0001), std::ldexp(1.0f, -24));
    EXPECT_EQ(halfToFloat(0xfbff), -65504.0f);
    EXPECT_TRUE(std::isinf(halfToFloat(0x7c00)));
    EXPECT_TRUE(std::isnan(halfToFloat(0x7e00)));
}

TEST(PackedMatrixTest, PacksEveryFloatTypeAlike)
{
    const std::vector<float> values{1.0f, -2.0f, 0.5f, 4.0f, 8.0f, -0.25f};
    const std::vector<std::uint16_t> halves{0x3c00, 0xc000, 0x3800, 0x4400, 0x4800, 0xb400};
    std::vector<std::uint16_t> brains;
    for (const float value : values)
        brains.push_back(toBFloat16(value).bits);
    for (const DType type : {DType::Fp32, DType::Bf16}) {
        auto matrix = PackedMatrix::allocate(2, 3, type);
        ASSERT_TRUE(matrix);
        matrix->packRows(values.data(), DType::Fp32, 3, 0, 2);
        EXPECT_EQ(unpackMatrix(*matrix), values);
        matrix->packRows(halves.data(), DType::Fp16, 3, 0, 2);
        EXPECT_EQ(unpackMatrix(*matrix), values);
        matrix->packRows(brains.data(), DType::Bf16, 3, 0, 2);
        EXPECT_EQ(unpackMatrix(*matrix), values);
    }
}

TEST(PackedMatrixTest, RefusesWhatItCannotHold)
{
    EXPECT_FALSE(PackedMatrix::allocate(4, 4, DType::Int4));
    EXPECT_FALSE(PackedMatrix::allocate(0, 4, DType::Bf16));
    EXPECT_FALSE(PackedMatrix::allocate(std::int64_t{1} << 40, 4, DType::Bf16));
}

TEST(KernelsTest, RefusesHeadsThatDoNotDivide)
{
    ThreadPool pool(1);
    const auto kernels =
        Kernels::create(pool, Isa::Portable, {.heads = 5, .kvHeads = 2, .headDim = 64});
    ASSERT_FALSE(kernels);
    EXPECT_EQ(kernels.error().kind, ErrorKind::Unsupported);
}

} // namespace engine::cpu::test
