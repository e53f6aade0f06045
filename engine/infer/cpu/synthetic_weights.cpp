// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/synthetic_weights.h"

#include <algorithm>
#include <cmath>

#include "engine/infer/random_bits.h"

namespace engine::cpu {
namespace {

// Indices of one run share the upper 32 bits of their index.
[[gnu::always_inline]] inline void fillRun(std::uint32_t low, std::uint32_t key,
                                           std::uint32_t keyHigh, float step, std::int64_t count,
                                           float *out)
{
    for (std::int64_t i = 0; i < count; ++i)
        out[i] = syntheticValue(low + std::uint32_t(i), key, keyHigh) * step;
}

using Fill = void (*)(std::uint32_t, std::uint32_t, std::uint32_t, float, std::int64_t, float *);

void fillPortable(std::uint32_t low, std::uint32_t key, std::uint32_t keyHigh, float step,
                  std::int64_t count, float *out)
{
    fillRun(low, key, keyHigh, step, count, out);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void fillAvx2(std::uint32_t low, std::uint32_t key,
                                              std::uint32_t keyHigh, float step, std::int64_t count,
                                              float *out)
{
    fillRun(low, key, keyHigh, step, count, out);
}
#endif

Fill bestFill()
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return fillAvx2;
#endif
    return fillPortable;
}

} // namespace

SyntheticTensor SyntheticTensor::of(std::uint64_t seed, std::string_view name, double sigma)
{
    // FNV-1a over the name, then the seed mixed in.
    std::uint64_t hash = 0xcbf29ce484222325ull;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    hash ^= seed * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93ull;
    hash ^= hash >> 32;
    SyntheticTensor tensor;
    tensor.keyLow = std::uint32_t(hash);
    tensor.keyHigh = std::uint32_t(hash >> 32);
    // A uniform number in (-a, a) has the standard deviation a / sqrt(3).
    tensor.step = float(sigma * std::sqrt(3.0) * 0x1p-22);
    return tensor;
}

void generate(const SyntheticTensor &tensor, std::int64_t first, std::int64_t count, float *out)
{
    static const Fill fill = bestFill();
    constexpr std::int64_t kRun = std::int64_t{1} << 32;
    while (count > 0) {
        const std::int64_t run = std::min(count, kRun - first % kRun);
        const std::uint32_t key = tensor.keyLow ^ mixBits32(std::uint32_t(first / kRun));
        fill(std::uint32_t(first % kRun), key, tensor.keyHigh, tensor.step, run, out);
        first += run;
        count -= run;
        out += run;
    }
}

} // namespace engine::cpu
