// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/rope_table.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace engine::cpu {
namespace {

// Long wavelengths are divided by the factor, short ones kept, those between blended.
double llama3Frequency(const RopeSpec &rope, double frequency)
{
    const double original = double(rope.originalMaxPositions);
    const double wavelength = 2 * std::numbers::pi / frequency;
    if (wavelength < original / rope.highFrequencyFactor)
        return frequency;
    if (wavelength > original / rope.lowFrequencyFactor)
        return frequency / rope.factor;
    const double smooth = (original / wavelength - rope.lowFrequencyFactor) /
                          (rope.highFrequencyFactor - rope.lowFrequencyFactor);
    return (1 - smooth) * frequency / rope.factor + smooth * frequency;
}

// The pair that makes `rotations` turns over the original context.
double yarnPair(const RopeSpec &rope, double rotations, int dim)
{
    return dim * std::log(double(rope.originalMaxPositions) / (rotations * 2 * std::numbers::pi)) /
           (2 * std::log(rope.theta));
}

void scaleYarn(const RopeSpec &rope, int dim, std::vector<double> &frequencies)
{
    double low = yarnPair(rope, rope.betaFast, dim);
    double high = yarnPair(rope, rope.betaSlow, dim);
    if (rope.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, double(dim - 1));
    if (low == high)
        high += 0.001; // as transformers does against a division by zero
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const double ramp = std::clamp((double(i) - low) / (high - low), 0.0, 1.0);
        frequencies[i] = frequencies[i] / rope.factor * ramp + frequencies[i] * (1 - ramp);
    }
}

} // namespace

int rotaryDimOf(const AttentionSpec &attention)
{
    if (attention.rope.kind == RopeSpec::Kind::None)
        return 0;
    return attention.rope.rotaryDim > 0 ? attention.rope.rotaryDim : attention.headDim;
}

std::vector<double> ropeFrequencies(const RopeSpec &rope, int rotaryDim)
{
    std::vector<double> frequencies(std::size_t(rotaryDim / 2));
    for (std::size_t i = 0; i < frequencies.size(); ++i)
        frequencies[i] = std::pow(rope.theta, -2.0 * double(i) / rotaryDim);
    switch (rope.kind) {
    case RopeSpec::Kind::None:
    case RopeSpec::Kind::Plain:
        break;
    case RopeSpec::Kind::Linear:
        for (double &frequency : frequencies)
            frequency /= rope.factor;
        break;
    case RopeSpec::Kind::Llama3:
        for (double &frequency : frequencies)
            frequency = llama3Frequency(rope, frequency);
        break;
    case RopeSpec::Kind::Yarn:
        scaleYarn(rope, rotaryDim, frequencies);
        break;
    }
    return frequencies;
}

Result<RopeTable> RopeTable::create(const RopeSpec &rope, int rotaryDim, std::int64_t positions)
{
    RopeTable table;
    Result<HugeBuffer> buffer = HugeBuffer::allocate(bytesFor(rotaryDim, positions));
    if (!buffer)
        return tl::make_unexpected(buffer.error());
    table.m_buffer = std::move(*buffer);
    const std::vector<double> frequencies = ropeFrequencies(rope, rotaryDim);
    const double magnitude = rope.kind == RopeSpec::Kind::Yarn ? rope.magnitude : 1.0;
    auto *row = static_cast<float *>(table.m_buffer.data());
    for (std::int64_t position = 0; position < positions; ++position) {
        for (std::size_t i = 0; i < frequencies.size(); ++i) {
            const double angle = double(position) * frequencies[i];
            row[i] = float(std::cos(angle) * magnitude);
            row[frequencies.size() + i] = float(std::sin(angle) * magnitude);
        }
        row += 2 * frequencies.size();
    }
    return table;
}

} // namespace engine::cpu
