// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/cuda/support.h"

#include <functional>

namespace {

using namespace cudatest;

// Inputs are the same bf16 numbers on both sides, sums are fp32.
constexpr double kSumError = 1e-10;
constexpr double kBf16Error = 1e-5; // where the kernel rounds its own inputs or outputs to bf16

struct Shape
{
    int rows, outputs, inputs;
};

// A matrix in bf16, and what a product with it reads.
struct Case
{
    Shape shape;
    int pitch;
    std::vector<float> x, w, bias;
    DeviceArray<bf16> rows, matrix;
    DeviceArray<float> biases;

    explicit Case(Shape s)
        : shape(s),
          pitch(int(roundUp(s.inputs, kColumnPad))),
          x(rounded(normal(std::size_t(s.rows * s.inputs), 1))),
          w(rounded(normal(std::size_t(s.outputs * s.inputs), 2, 1 / std::sqrt(float(s.inputs))))),
          bias(normal(std::size_t(s.outputs), 3)),
          rows(toBf16(x, std::size_t(s.inputs), std::size_t(pitch))),
          matrix(toBf16(w, std::size_t(s.inputs), std::size_t(pitch)), true),
          biases(bias)
    {
    }
    MatrixView view() const
    {
        return {.data = matrix.data(), .rows = shape.outputs, .columns = pitch};
    }
    ProductInput input() const
    {
        return {.rows = rows.data(), .count = shape.rows, .pitch = pitch};
    }
};

using Launch = void (*)(const MatrixView &, const ProductInput &, const ProductOutput &,
                        cudaStream_t);

void checkStoreAndAdd(Launch launchProduct, Shape shape, int seeds = 3)
{
    SCOPED_TRACE(std::to_string(shape.rows) + " x " + std::to_string(shape.outputs) + " x " +
                 std::to_string(shape.inputs));
    const Case c(shape);
    const std::vector<float> product = multiplied(c.x, c.w, std::size_t(shape.inputs));
    const std::vector<float> before = normal(product.size(), 4);
    forEachSeed(
        [&] {
            DeviceArray<float> stored(product.size());
            launchProduct(c.view(), c.input(), {.rows = stored.data(), .pitch = shape.outputs},
                          stream().get());
            EXPECT_LE(errorOf(stored.read(), product), kSumError);

            DeviceArray<float> added(before);
            launchProduct(c.view(), c.input(),
                          {.kind = ProductOutput::Kind::Add,
                           .rows = added.data(),
                           .pitch = shape.outputs,
                           .bias = c.biases.data()},
                          stream().get());
            std::vector<float> want(product.size());
            for (std::size_t i = 0; i < want.size(); ++i)
                want[i] = before[i] + product[i] + c.bias[i % std::size_t(shape.outputs)];
            EXPECT_LE(errorOf(added.read(), want), kSumError);
        },
        seeds);
}

void checkSwiGlu(Launch launchProduct, int rows, int channels, int inputs)
{
    SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(channels) + " channels");
    const int outputs = int(roundUp(channels, 8)) * 2;
    const Case c({rows, outputs, inputs});
    const std::vector<float> product = multiplied(c.x, c.w, std::size_t(inputs));
    std::vector<float> want(std::size_t(rows * outputs / 2));
    for (std::size_t i = 0; i < want.size(); ++i) {
        const std::size_t row = i / std::size_t(outputs / 2);
        const auto gate = std::size_t(gateRow(std::int64_t(i % std::size_t(outputs / 2))));
        const auto at = [&](std::size_t n) {
            return product[row * std::size_t(outputs) + n] + c.bias[n];
        };
        want[i] = siluOf(at(gate)) * at(gate + 8);
    }
    forEachSeed([&] {
        DeviceArray<bf16> inner(want.size());
        launchProduct(c.view(), c.input(),
                      {.kind = ProductOutput::Kind::SwiGlu,
                       .inner = inner.data(),
                       .pitch = outputs / 2,
                       .bias = c.biases.data()},
                      stream().get());
        EXPECT_LE(errorOf(toFloats(inner.read()), want), kBf16Error);
    });
}

TEST(StreamedProduct, Bf16EqualsItsTwin)
{
    for (const Shape shape : {Shape{1, 1, 8},
                              {1, 17, 100},
                              {7, 15, 72},
                              {8, 16, 128},
                              {9, 33, 130},
                              {17, 31, 96},
                              {33, 64, 40},
                              {64, 65, 200}})
        checkStoreAndAdd(launchStreamedProduct, shape);
    // More columns than one round of all warps.
    checkStoreAndAdd(launchStreamedProduct, {3, 16, 2100});
}

TEST(StreamedProduct, SwiGluMultipliesGateAndUp)
{
    for (const int rows : {1, 9, 40})
        checkSwiGlu(launchStreamedProduct, rows, 20, 72);
}

TEST(StreamedProduct, NormsItsOwnInput)
{
    for (const Shape shape : {Shape{1, 17, 100}, {3, 16, 72}, {8, 33, 256}}) {
        const Case c(shape);
        ASSERT_TRUE(canNormInput(shape.rows, c.pitch));
        const std::vector<float> residual = normal(c.x.size(), 5);
        const std::vector<float> norm = normal(std::size_t(shape.inputs), 6);
        const DeviceArray<float> residuals(residual);
        const DeviceArray<float> norms(norm);
        const std::vector<float> want =
            multiplied(rounded(rmsNormed(residual, norm, 1e-5f)), c.w, std::size_t(shape.inputs));
        forEachSeed([&] {
            DeviceArray<float> stored(want.size());
            launchStreamedProduct(c.view(),
                                  {.residual = residuals.data(),
                                   .norm = norms.data(),
                                   .epsilon = 1e-5f,
                                   .count = shape.rows,
                                   .width = shape.inputs},
                                  {.rows = stored.data(), .pitch = shape.outputs}, stream().get());
            EXPECT_LE(errorOf(stored.read(), want), kBf16Error);
        });
    }
}

TEST(TiledProduct, Bf16EqualsItsTwin)
{
    for (const Shape shape :
         {Shape{1, 1, 8}, {127, 65, 72}, {128, 128, 128}, {129, 127, 40}, {130, 130, 104}})
        checkStoreAndAdd(launchTiledProduct, shape, shape.rows == 129 ? 3 : 1);
}

TEST(TiledProduct, SwiGluMultipliesGateAndUp)
{
    checkSwiGlu(launchTiledProduct, 5, 20, 72);
    checkSwiGlu(launchTiledProduct, 131, 72, 40);
}

#ifndef __CUDACC__
TEST(StreamedProduct, MovesEachWeightOnce)
{
    if (!simt::watchesAccesses())
        GTEST_SKIP() << "bytes are counted by the race flavour alone";
    for (const int rows : {1, 8, 16, 64}) {
        const Case c({rows, 128, 2048});
        DeviceArray<float> out(std::size_t(rows * 128));
        simt::traffic = {};
        launchStreamedProduct(c.view(), c.input(), {.rows = out.data(), .pitch = 128},
                              stream().get());
        const double least = 2.0 * 128 * 2048 + 2.0 * rows * 2048 + 4.0 * rows * 128;
        EXPECT_LE(double(simt::traffic.totalBytes()), 1.15 * least) << rows;
        EXPECT_GE(double(simt::traffic.totalBytes()), least) << rows;
        RecordProperty("bytes_over_least_" + std::to_string(rows),
                       std::to_string(double(simt::traffic.totalBytes()) / least));
    }
}
#endif

} // namespace
