// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/infer/kernels/support.h"

namespace engine::cpu::test {

namespace {

struct Shape
{
    std::int64_t rows;
    std::int64_t outputs;
    std::int64_t inputs;
};

// One, odd, a tile less and more one, and large in each direction.
const std::vector<Shape> kShapes{{1, 1, 1},       {1, 33, 31},    {2, 64, 64},    {3, 17, 33},
                                 {5, 96, 511},    {8, 160, 512},  {12, 32, 513},  {13, 63, 100},
                                 {15, 65, 160},   {16, 64, 1024}, {17, 96, 1056}, {31, 33, 512},
                                 {32, 576, 576},  {33, 31, 1000}, {47, 128, 96},  {64, 1088, 64},
                                 {100, 48, 1536}, {257, 96, 544}, {512, 64, 64},  {600, 40, 1100}};

std::vector<double> product(const std::vector<float> &input, const std::vector<float> &weights,
                            const Shape &shape)
{
    std::vector<double> result(static_cast<std::size_t>(shape.rows * shape.outputs));
    for (std::int64_t row = 0; row < shape.rows; ++row) {
        for (std::int64_t output = 0; output < shape.outputs; ++output) {
            double sum = 0;
            const float *a = input.data() + row * shape.inputs;
            const float *b = weights.data() + output * shape.inputs;
            for (std::int64_t k = 0; k < shape.inputs; ++k)
                sum += double{a[k]} * b[k];
            result[static_cast<std::size_t>(row * shape.outputs + output)] = sum;
        }
    }
    return result;
}

std::size_t area(std::int64_t rows, std::int64_t columns)
{
    return static_cast<std::size_t>(rows * columns);
}

double silu(double x)
{
    return x / (1 + std::exp(-x));
}

} // namespace

class MatmulTest : public KernelTest
{
protected:
    // Runs Store, then Add on top of it, both with bias, and compares with 64-bit sums.
    void expectProducts(const Shape &shape, DType type, double limit)
    {
        const auto kernels = makeKernels();
        const auto input = randomFloats(area(shape.rows, shape.inputs), 1);
        const auto bias = randomFloats(static_cast<std::size_t>(shape.outputs), 3);
        const PackedMatrix weights = packMatrix(randomFloats(area(shape.outputs, shape.inputs), 2),
                                                shape.outputs, shape.inputs, type);
        Activations activations = makeActivations(*kernels, type, shape.rows, shape.inputs);
        activations.write(input.data(), shape.inputs);
        std::vector<double> expected = product(input, unpackMatrix(weights), shape);
        for (std::size_t i = 0; i < expected.size(); ++i)
            expected[i] += bias[i % static_cast<std::size_t>(shape.outputs)];

        std::vector<float> rows(area(shape.rows, shape.outputs), kNan);
        MatmulOutput output{.rows = rows.data(), .stride = shape.outputs, .bias = bias.data()};
        kernels->matmul(activations, weights, output);
        EXPECT_LT(normalisedError(rows, expected), limit) << "store";

        output.kind = MatmulOutput::Kind::Add;
        kernels->matmul(activations, weights, output);
        for (double &value : expected)
            value *= 2;
        EXPECT_LT(normalisedError(rows, expected), limit) << "add";
    }
};

TEST_P(MatmulTest, MatchesSumsInDoubleForBf16)
{
    for (const Shape &shape : kShapes) {
        SCOPED_TRACE(std::to_string(shape.rows) + " x " + std::to_string(shape.outputs) + " x " +
                     std::to_string(shape.inputs));
        expectProducts(shape, DType::Bf16, kBf16Limit);
    }
}

TEST_P(MatmulTest, MatchesSumsInDoubleForFp32)
{
    for (const Shape &shape : kShapes) {
        SCOPED_TRACE(std::to_string(shape.rows) + " x " + std::to_string(shape.outputs) + " x " +
                     std::to_string(shape.inputs));
        expectProducts(shape, DType::Fp32, kFp32Limit);
    }
}

TEST_P(MatmulTest, GatesTheUpProjectionInOnePass)
{
    for (const Shape &shape : {Shape{1, 16, 64}, Shape{3, 17, 40}, Shape{16, 100, 512},
                               Shape{33, 48, 96}, Shape{200, 65, 600}}) {
        const auto kernels = makeKernels();
        const float scale = 1 / std::sqrt(static_cast<float>(shape.inputs));
        const auto input = randomFloats(area(shape.rows, shape.inputs), 1);
        const auto gate = randomFloats(area(shape.outputs, shape.inputs), 2, scale);
        const auto up = randomFloats(area(shape.outputs, shape.inputs), 3, scale);
        auto weights = PackedMatrix::allocate(PackedMatrix::gateUpOutputs(shape.outputs),
                                              shape.inputs, DType::Bf16);
        ASSERT_TRUE(weights);
        weights->packRows(gate.data(), DType::Fp32, shape.inputs, 0, shape.outputs,
                          RowPlacement::Gate);
        weights->packRows(up.data(), DType::Fp32, shape.inputs, 0, shape.outputs, RowPlacement::Up);
        Activations activations = makeActivations(*kernels, DType::Bf16, shape.rows, shape.inputs);
        activations.write(input.data(), shape.inputs);
        Activations result = makeActivations(*kernels, DType::Bf16, shape.rows, shape.outputs);
        const std::vector<float> poison(area(shape.rows, shape.outputs), kNan);
        result.write(poison.data(), shape.outputs);

        kernels->matmul(activations, *weights,
                        {.kind = MatmulOutput::Kind::SwiGlu, .activations = &result});
        std::vector<double> expected = product(input, gate, shape);
        const std::vector<double> ups = product(input, up, shape);
        for (std::size_t i = 0; i < expected.size(); ++i)
            expected[i] = silu(expected[i]) * ups[i];
        std::vector<float> rows(area(shape.rows, shape.outputs), kNan);
        result.read(rows.data(), shape.outputs);
        // Gates, ups and their product are rounded besides the inputs.
        EXPECT_LT(normalisedError(rows, expected), 5 * kBf16Limit) << shape.rows;
    }
}

TEST_P(MatmulTest, WritesNothingBesideItsRows)
{
    const auto kernels = makeKernels();
    const PackedMatrix weights = packMatrix(randomFloats(area(37, 64), 2), 37, 64, DType::Bf16);
    Activations activations = makeActivations(*kernels, DType::Bf16, 19, 64);
    activations.write(randomFloats(area(19, 64), 1).data(), 64);
    std::vector<float> rows(area(20, 50), 7.0f);
    kernels->matmul(activations, weights, {.rows = rows.data(), .stride = 50});
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i / 50 == 19 || i % 50 >= 37) {
            EXPECT_EQ(rows[i], 7.0f) << i;
        }
    }
}

TEST_P(MatmulTest, GivesTheSameBitsEachTime)
{
    const auto kernels = makeKernels();
    const PackedMatrix weights = packMatrix(randomFloats(area(512, 700), 2), 512, 700, DType::Bf16);
    Activations activations = makeActivations(*kernels, DType::Bf16, 70, 700);
    activations.write(randomFloats(area(70, 700), 1).data(), 700);
    std::vector<float> first(area(70, 512), kNan);
    kernels->matmul(activations, weights, {.rows = first.data(), .stride = 512});
    for (int round = 0; round < 5; ++round) {
        std::vector<float> rows(area(70, 512), kNan);
        kernels->matmul(activations, weights, {.rows = rows.data(), .stride = 512});
        EXPECT_EQ(rows, first);
    }
}

INSTANTIATE_TEST_SUITE_P(Variants, MatmulTest, testing::ValuesIn(availableIsas()), isaTestName);

} // namespace engine::cpu::test
