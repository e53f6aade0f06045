// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/cuda/support.h"

#include <array>

#include "engine/infer/random_bits.h"

namespace {

using namespace cudatest;

// A product with codes equals the float32 product with what the codes stand for: activations and
// codes are exact in bf16, scales are applied to fp32 sums.
constexpr double kSumError = 1e-9;

struct Format
{
    const char *name;
    Storage storage;
    int group;
    bool minimum = false;
    double quantisingError; // of the values themselves, normal weights
};

constexpr std::array kFormats{
    Format{"fp8 128", Storage::Fp8, 128, false, 1.2e-3},
    Format{"int8 128", Storage::Int8, 128, false, 6e-5},
    Format{"int8 32", Storage::Int8, 32, false, 4e-5},
    Format{"int4 128", Storage::Int4, 128, false, 2e-2},
    Format{"int4 32", Storage::Int4, 32, false, 1e-2},
    Format{"int4 128 with minima", Storage::Int4, 128, true, 1},
    Format{"int4 32 with minima", Storage::Int4, 32, true, 1},
};

// A quantised matrix on the device.
struct Quantised
{
    DeviceArray<std::uint8_t> codes;
    DeviceArray<__half> scales;
    DeviceArray<__half> minima;
    MatrixView view;

    Quantised(const Format &format, int rows, int columns)
        : codes(std::size_t(roundUp(rows, kTileRows) * columns) /
                    (format.storage == Storage::Int4 ? 2 : 1),
                true),
          scales(std::size_t(roundUp(rows, kTileRows) * columns / format.group)),
          minima(
              std::size_t(format.minimum ? roundUp(rows, kTileRows) * columns / format.group : 0))
    {
        view = {.storage = format.storage,
                .data = codes.data(),
                .scales = scales.data(),
                .minima = format.minimum ? minima.data() : nullptr,
                .factor = 1.0f / 64,
                .rows = rows,
                .columns = columns,
                .group = format.group};
    }
};

// What the codes stand for, read back and decoded by other means than the kernels'.
std::vector<float> decoded(const Format &format, const Quantised &matrix)
{
    const MatrixView &view = matrix.view;
    const std::vector<std::uint8_t> codes = matrix.codes.read();
    const std::vector<__half> scales = matrix.scales.read();
    const std::vector<__half> minima = matrix.minima.read();
    std::vector<float> values;
    for (int row = 0; row < view.rows; ++row) {
        for (int column = 0; column < view.columns; ++column) {
            float code = 0;
            if (format.storage == Storage::Int4) {
                const std::int64_t at = nibbleOfCode4(row, column, view.columns);
                const int byte = codes[std::size_t(at / 2)];
                code = float((at % 2 ? byte / 16 : byte % 16) - 8);
            } else {
                const std::uint8_t byte =
                    codes[std::size_t(byteOfCode8(row, column, view.columns))];
                if (format.storage == Storage::Int8) {
                    code = float(std::int8_t(byte));
                } else {
                    const int exponent = byte / 8 % 16;
                    const float size = exponent ? std::ldexp(8.0f + float(byte % 8), exponent - 10)
                                                : std::ldexp(float(byte % 8), -9);
                    code = byte >= 128 ? -size : size;
                }
            }
            const auto at =
                std::size_t(scaleIndex(row, column / format.group, view.columns / format.group));
            float value = code * float(scales[at]);
            if (format.minimum)
                value += float(minima[at]);
            values.push_back(value * view.factor);
        }
    }
    return values;
}

TEST(Weights, EveryCodeHasAPlaceOfItsOwn)
{
    std::vector<int> seen8(32 * 128, 0);
    std::vector<int> seen4(32 * 256, 0);
    for (int row = 0; row < 32; ++row) {
        for (int column = 0; column < 256; ++column) {
            if (column < 128)
                ++seen8.at(std::size_t(byteOfCode8(row, column, 128)));
            ++seen4.at(std::size_t(nibbleOfCode4(row, column, 256)));
        }
    }
    EXPECT_EQ(seen8, std::vector<int>(seen8.size(), 1));
    EXPECT_EQ(seen4, std::vector<int>(seen4.size(), 1));
}

TEST(Weights, QuantisingKeepsTheValuesAndDequantisingGivesThemBack)
{
    for (const Format &format : kFormats) {
        if (format.minimum)
            continue; // files bring these
        SCOPED_TRACE(format.name);
        const int rows = 19;
        const int columns = 256;
        std::vector<float> w = rounded(normal(std::size_t(rows * columns), 1, 0.05f));
        std::fill(w.begin() + columns, w.begin() + columns + 128, 0.0f); // a group of nothing
        const DeviceArray<bf16> from(toBf16(w, std::size_t(columns), std::size_t(columns)));
        forEachSeed([&] {
            const Quantised matrix(format, rows, columns);
            launchQuantise(from.data(), matrix.view, rows, stream().get());
            const std::vector<float> values = decoded(format, matrix);
            EXPECT_LE(errorOf(values, w), format.quantisingError);
            DeviceArray<bf16> back(w.size());
            launchDequantise(matrix.view, back.data(), stream().get());
            EXPECT_LE(errorOf(toFloats(back.read()), values), 1e-5);
        });
    }
}

// Random codes, scales and minima: every code of every format occurs.
TEST(Weights, StreamedProductsEqualTheProductWithTheDecodedValues)
{
    for (const Format &format : kFormats) {
        for (const auto &[rows, outputs, inputs] :
             {std::array{1, 17, 128}, {5, 16, 300}, {12, 15, 128}, {33, 33, 256}, {64, 16, 1100}}) {
            SCOPED_TRACE(std::string(format.name) + " " + std::to_string(rows) + " x " +
                         std::to_string(outputs) + " x " + std::to_string(inputs));
            const int columns = int(roundUp(inputs, kColumnPad));
            const Quantised matrix(format, outputs, columns);
            std::mt19937 random(5);
            std::vector<std::uint8_t> codes(matrix.codes.read().size());
            for (std::uint8_t &code : codes) {
                code = std::uint8_t(random());
                if (format.storage == Storage::Fp8 && code % 128 == 127)
                    code = std::uint8_t(code - 1); // NaN is not a weight
            }
            stream().toDevice(matrix.codes.data(), codes.data(), std::int64_t(codes.size()));
            const auto place = [&](const DeviceArray<__half> &array, float sigma) {
                std::vector<__half> halves;
                for (const float value : normal(array.read().size(), 6, sigma))
                    halves.push_back(__half(value));
                stream().toDevice(array.data(), halves.data(), std::int64_t(halves.size() * 2));
            };
            place(matrix.scales, 1);
            place(matrix.minima, 4);
            const std::vector<float> x = rounded(normal(std::size_t(rows * inputs), 7));
            const std::vector<bf16> padded = toBf16(x, std::size_t(inputs), std::size_t(columns));
            const DeviceArray<bf16> input(padded);
            const std::vector<float> want =
                multiplied(toFloats(padded), decoded(format, matrix), std::size_t(columns));
            forEachSeed(
                [&] {
                    DeviceArray<float> out(want.size());
                    launchStreamedProduct(matrix.view,
                                          {.rows = input.data(), .count = rows, .pitch = columns},
                                          {.rows = out.data(), .pitch = outputs}, stream().get());
                    EXPECT_LE(errorOf(out.read(), want), kSumError);
                },
                1 + int(rows < 8));
        }
    }
}

#ifndef __CUDACC__
TEST(Weights, StreamedProductsMoveEachCodeOnce)
{
    if (!simt::watchesAccesses())
        GTEST_SKIP() << "bytes are counted by the race flavour alone";
    for (const Format &format : kFormats) {
        const int outputs = 64;
        const int columns = 2048;
        const Quantised matrix(format, outputs, columns);
        stream().fill(matrix.codes.data(), 0x11, std::int64_t(matrix.codes.read().size()));
        stream().fill(matrix.scales.data(), 0, std::int64_t(matrix.scales.read().size() * 2));
        stream().fill(matrix.minima.data(), 0, std::int64_t(matrix.minima.read().size() * 2));
        const DeviceArray<bf16> input(toBf16(normal(2048, 1), 2048, 2048));
        DeviceArray<float> out(64);
        simt::traffic = {};
        launchStreamedProduct(matrix.view, {.rows = input.data(), .count = 1, .pitch = columns},
                              {.rows = out.data(), .pitch = outputs}, stream().get());
        const double code = format.storage == Storage::Int4 ? 0.5 : 1;
        const double scale = (format.minimum ? 4.0 : 2.0) / format.group;
        const double least = (code + scale) * outputs * columns + 2.0 * columns + 4.0 * outputs;
        // The 4 lanes of a row ask for the same scale at once: it counts once, as on the card.
        EXPECT_LE(double(simt::traffic.totalBytes()), 1.15 * least) << format.name;
        EXPECT_GE(double(simt::traffic.totalBytes()), least) << format.name;
        RecordProperty(std::string("bytes_over_least ") + format.name,
                       std::to_string(double(simt::traffic.totalBytes()) / least));
    }
}
#endif

TEST(Weights, SyntheticOnesAreTheCountersNumbers)
{
    const SyntheticRows tensor{.keyLow = 123,
                               .keyHigh = 456,
                               .step = 1e-7f,
                               .rows = 20,
                               .columns = 70,
                               .firstRow = 0,
                               .placement = Placement::Up};
    forEachSeed([&] {
        DeviceArray<bf16> out(48 * 128);
        launchSynthesise(tensor, out.data(), 128, stream().get());
        const std::vector<float> got = toFloats(out.read());
        for (int row = 0; row < 20; ++row) {
            for (int column = 0; column < 70; ++column) {
                const float want =
                    syntheticValue(std::uint32_t(row * 70 + column), 123 ^ mixBits32(0), 456) *
                    1e-7f;
                ASSERT_EQ(got[std::size_t((gateRow(row) + 8) * 128 + column)], float(bf16(want)));
            }
        }
    });
}

} // namespace
