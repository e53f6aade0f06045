// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of kernels share: random inputs, errors, and the seeds of the stand-in. On a card
// the same tests run with the stand-in's questions answered by nothing.

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "engine/infer/cuda/kernels.h"
#include "tests/engine/cuda/device_array.h"
#include "tests/engine/cuda/stand_in.h"

namespace cudatest {

// Orders of threads that every case runs in; a card has its own.
template <class F>
void forEachSeed(F &&test, int seeds = 3)
{
#ifdef __CUDACC__
    (void)seeds;
    test();
#else
    for (int i = 1; i <= seeds; ++i) {
        SCOPED_TRACE("seed " + std::to_string(i));
        simt::seed = std::uint64_t(i) * 1000003;
        test();
    }
#endif
}

inline std::vector<float> normal(std::size_t count, unsigned seed, float sigma = 1)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> distribution(0, sigma);
    std::vector<float> values(count);
    for (float &value : values)
        value = distribution(random);
    return values;
}

// Rows of `width` values in rows of `pitch`, zero beyond.
inline std::vector<bf16> toBf16(const std::vector<float> &values, std::size_t width,
                                std::size_t pitch)
{
    std::vector<bf16> rows(values.size() / width * pitch, bf16(0.0f));
    for (std::size_t i = 0; i < values.size(); ++i)
        rows[i / width * pitch + i % width] = bf16(values[i]);
    return rows;
}

inline std::vector<float> toFloats(const std::vector<bf16> &values)
{
    std::vector<float> floats(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        floats[i] = float(values[i]);
    return floats;
}

// Values as bf16 keeps them.
inline std::vector<float> rounded(std::vector<float> values)
{
    for (float &value : values)
        value = float(bf16(value));
    return values;
}

// |got - want|^2 / |want|^2; infinite if anything is not a number.
inline double errorOf(const std::vector<float> &got, const std::vector<float> &want)
{
    EXPECT_EQ(got.size(), want.size());
    double error = 0;
    double size = 1e-30;
    for (std::size_t i = 0; i < std::min(got.size(), want.size()); ++i) {
        const double difference = double(got[i]) - double(want[i]);
        if (!std::isfinite(difference))
            return INFINITY;
        error += difference * difference;
        size += double(want[i]) * double(want[i]);
    }
    return error / size;
}

// y (rows, outputs) = x (rows, inputs) times w (outputs, inputs) transposed.
inline std::vector<float> multiplied(const std::vector<float> &x, const std::vector<float> &w,
                                     std::size_t inputs)
{
    const std::size_t rows = x.size() / inputs;
    const std::size_t outputs = w.size() / inputs;
    std::vector<float> y(rows * outputs);
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t n = 0; n < outputs; ++n) {
            float sum = 0;
            for (std::size_t k = 0; k < inputs; ++k)
                sum += x[r * inputs + k] * w[n * inputs + k];
            y[r * outputs + n] = sum;
        }
    }
    return y;
}

inline std::vector<float> rmsNormed(const std::vector<float> &x, const std::vector<float> &weight,
                                    float epsilon)
{
    std::vector<float> y(x.size());
    const std::size_t width = weight.size();
    for (std::size_t r = 0; r < x.size() / width; ++r) {
        float sum = 0;
        for (std::size_t i = 0; i < width; ++i)
            sum += x[r * width + i] * x[r * width + i];
        const float scale = 1 / std::sqrt(sum / float(width) + epsilon);
        for (std::size_t i = 0; i < width; ++i)
            y[r * width + i] = x[r * width + i] * scale * weight[i];
    }
    return y;
}

inline float siluOf(float x)
{
    return x / (1 + std::exp(-x));
}

} // namespace cudatest
