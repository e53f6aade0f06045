// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/infer/cpu/kernels/kernels.h"

namespace engine::cpu::test {

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Normalised mean squared error limits: bf16 rounding of inputs gives about 2^-18 / 3.
inline constexpr double kBf16Limit = 2e-5;
inline constexpr double kFp32Limit = 1e-11;

inline std::vector<float> randomFloats(std::size_t count, unsigned seed, float scale = 1)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, scale);
    std::vector<float> values(count);
    for (float &value : values)
        value = normal(random);
    return values;
}

// Sum of squared differences over the sum of squares; NaN if any value is one.
inline double normalisedError(const std::vector<float> &value, const std::vector<double> &expected)
{
    EXPECT_EQ(value.size(), expected.size());
    double difference = 0;
    double square = 1e-30;
    for (std::size_t i = 0; i < value.size(); ++i) {
        difference += (value[i] - expected[i]) * (value[i] - expected[i]);
        square += expected[i] * expected[i];
    }
    return difference / square;
}

inline Activations makeActivations(Kernels &kernels, DType type, std::int64_t rows,
                                   std::int64_t columns)
{
    auto activations = Activations::allocate(kernels.activationFormat(type), rows, columns);
    EXPECT_TRUE(activations);
    activations->setRows(rows);
    return std::move(*activations);
}

inline PackedMatrix packMatrix(const std::vector<float> &values, std::int64_t outputs,
                               std::int64_t inputs, DType type)
{
    auto matrix = PackedMatrix::allocate(outputs, inputs, type);
    EXPECT_TRUE(matrix);
    matrix->packRows(values.data(), DType::Fp32, inputs, 0, outputs);
    return std::move(*matrix);
}

// What the matrix really holds, after rounding to its type.
inline std::vector<float> unpackMatrix(const PackedMatrix &matrix)
{
    std::vector<float> values(static_cast<std::size_t>(matrix.outputs() * matrix.inputs()));
    for (std::int64_t output = 0; output < matrix.outputs(); ++output)
        matrix.unpackRow(output, {values.data() + output * matrix.inputs(),
                                  static_cast<std::size_t>(matrix.inputs())});
    return values;
}

// A test body that runs on each kernel variant of this CPU.
class KernelTest : public testing::TestWithParam<Isa>
{
protected:
    std::unique_ptr<Kernels> makeKernels(const KernelLimits &limits = {.rows = 1024,
                                                                       .sequences = 16,
                                                                       .cachePages = 256,
                                                                       .heads = 32,
                                                                       .kvHeads = 8,
                                                                       .headDim = 256})
    {
        auto kernels = Kernels::create(m_pool, GetParam(), limits);
        EXPECT_TRUE(kernels);
        return std::move(*kernels);
    }

    ThreadPool m_pool{2};
};

inline std::string isaTestName(const testing::TestParamInfo<Isa> &info)
{
    return std::string(isaName(info.param));
}

} // namespace engine::cpu::test
