// SPDX-License-Identifier: Apache-2.0
#pragma once

// Counter hashes: the same numbers on every device, in any order. Functions are constexpr so that a
// CUDA compiler takes them for the device too, and always inlined: no copy compiled for one
// instruction set may serve another.

#include <cstdint>

namespace engine {

// A mix of 32 bits that vectorises (constants of Chris Wellons' lowbias32).
[[gnu::always_inline]] constexpr std::uint32_t mixBits32(std::uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

// A mix of 64 bits (the finaliser of MurmurHash3).
[[gnu::always_inline]] constexpr std::uint64_t mixBits64(std::uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ull;
    x ^= x >> 33;
    return x;
}

// The key of the noise that one sampled token draws.
[[gnu::always_inline]] constexpr std::uint64_t
sampleKeyBits(std::uint64_t seed, std::uint64_t sequence, std::uint64_t position)
{
    constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ull;
    return mixBits64(seed + mixBits64(sequence + kStep + mixBits64(position + kStep)));
}

// A uniform number in (0, 1) for one token of the vocabulary.
[[gnu::always_inline]] constexpr float sampleUniform(std::uint64_t key, std::uint32_t token)
{
    const std::uint32_t random =
        mixBits32(mixBits32(token + std::uint32_t(key)) ^ std::uint32_t(key >> 32));
    return (float(int(random >> 9)) + 0.5f) * 0x1p-23f;
}

// Value `low` of a synthetic tensor's run of 2^32 values, uniform around 0, in units of its step.
[[gnu::always_inline]] constexpr float syntheticValue(std::uint32_t low, std::uint32_t key,
                                                      std::uint32_t keyHigh)
{
    return float(std::int32_t(mixBits32(mixBits32(low ^ key) + keyHigh)) >> 9) + 0.5f;
}

} // namespace engine
