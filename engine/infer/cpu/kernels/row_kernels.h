// SPDX-License-Identifier: Apache-2.0
#pragma once

// Operations on rows, written over the Vec of the including kernel file: elementary functions,
// RMSNorm, rope, appending to the cache, sampling.

#include "engine/infer/cpu/kernels/isa_table.h"
#include "engine/infer/random_bits.h"

namespace engine::cpu {
namespace {

// 2^x for x in [-126, 127], to 2e-7 of its value.
inline Vec exp2Of(Vec x)
{
    const Vec whole = roundWhole(x);
    const Vec part = sub(x, whole);
    Vec power = set1(1.33335581e-3f); // ln(2)^k / k!, fitted on [-1/2, 1/2]
    power = fma(power, part, set1(9.61812910e-3f));
    power = fma(power, part, set1(5.55041087e-2f));
    power = fma(power, part, set1(2.40226507e-1f));
    power = fma(power, part, set1(6.93147181e-1f));
    power = fma(power, part, set1(1.0f));
    return scale2(power, whole);
}

inline Vec expOf(Vec x)
{
    const Vec scaled = mul(x, set1(1.44269504f));
    return exp2Of(min(max(scaled, set1(-126.0f)), set1(126.0f)));
}

inline Vec siluOf(Vec x)
{
    return div(x, add(set1(1.0f), expOf(sub(set1(0.0f), x))));
}

// Writes 16 columns of a row of activations.
inline void storeActivation(const ActivationView &view, std::int64_t row, std::int64_t column,
                            Vec value)
{
    switch (view.format) {
    case ActivationFormat::Fp32Rows:
        store(static_cast<float *>(view.data) + row * view.pitch + column, value);
        break;
    case ActivationFormat::Bf16Rows:
        storeBf16(static_cast<std::uint16_t *>(view.data) + row * view.pitch + column, value);
        break;
    case ActivationFormat::Bf16Tiles:
        storeBf16(static_cast<std::uint16_t *>(view.data) +
                      tileElement(view.rows, view.columns, row, column),
                  value);
        break;
    }
}

// Writes one element of a row of activations.
inline void storeActivationElement(const ActivationView &view, std::int64_t row,
                                   std::int64_t column, float value)
{
    std::uint16_t rounded[16];
    storeBf16(rounded, set1(value));
    switch (view.format) {
    case ActivationFormat::Fp32Rows:
        static_cast<float *>(view.data)[row * view.pitch + column] = value;
        break;
    case ActivationFormat::Bf16Rows:
        static_cast<std::uint16_t *>(view.data)[row * view.pitch + column] = rounded[0];
        break;
    case ActivationFormat::Bf16Tiles:
        static_cast<std::uint16_t *>(view.data)[tileElement(view.rows, view.columns, row, column)] =
            rounded[0];
        break;
    }
}

inline int lanesLeft(std::int64_t end, std::int64_t at)
{
    return static_cast<int>(end - at < 16 ? end - at : 16);
}

inline float inverseRoot(float sumOfSquares, std::int64_t count, float epsilon)
{
    return 1.0f / __builtin_sqrtf(sumOfSquares / static_cast<float>(count) + epsilon);
}

inline float sumOfSquares(const float *row, std::int64_t columns)
{
    Vec sums[2] = {set1(0), set1(0)};
    std::int64_t column = 0;
    for (; column + 32 <= columns; column += 32) {
        for (int i = 0; i < 2; ++i) {
            const Vec x = load(row + column + 16 * i);
            sums[i] = fma(x, x, sums[i]);
        }
    }
    for (; column < columns; column += 16) {
        const Vec x = loadPartial(row + column, lanesLeft(columns, column));
        sums[0] = fma(x, x, sums[0]);
    }
    return sumOf(add(sums[0], sums[1]));
}

void rmsNormRows(const NormJob &job, std::int64_t firstRow, std::int64_t lastRow)
{
    for (std::int64_t i = firstRow; i < lastRow; ++i) {
        const std::int64_t from = job.source.index ? job.source.index[i] : i;
        const float *row = job.source.rows + from * job.source.stride;
        const Vec scale =
            set1(inverseRoot(sumOfSquares(row, job.columns), job.columns, job.epsilon));
        for (std::int64_t column = 0; column < job.output.columns; column += 16) {
            const int lanes = lanesLeft(job.columns, column);
            const Vec x = loadPartial(row + column, lanes);
            const Vec weight = loadPartial(job.weight + column, lanes);
            storeActivation(job.output, i, column, mul(mul(x, scale), weight));
        }
    }
}

inline void normHead(float *head, int headDim, const float *weight, float epsilon)
{
    const Vec scale = set1(inverseRoot(sumOfSquares(head, headDim), headDim, epsilon));
    for (int i = 0; i < headDim; i += 16) {
        const int lanes = lanesLeft(headDim, i);
        const Vec x = mul(loadPartial(head + i, lanes), scale);
        storePartial(head + i, mul(x, loadPartial(weight + i, lanes)), lanes);
    }
}

// Turns the pairs of a head by the angles of its position.
inline void turnHead(float *head, const HeadShape &shape, const float *cosines)
{
    const int pairs = shape.rotaryDim / 2;
    const float *sines = cosines + pairs;
    if (shape.interleaved) {
        for (int i = 0; i < pairs; ++i) {
            const float a = head[2 * i];
            const float b = head[2 * i + 1];
            head[2 * i] = a * cosines[i] - b * sines[i];
            head[2 * i + 1] = b * cosines[i] + a * sines[i];
        }
        return;
    }
    for (int i = 0; i < pairs; i += 16) {
        const int lanes = lanesLeft(pairs, i);
        const Vec a = loadPartial(head + i, lanes);
        const Vec b = loadPartial(head + pairs + i, lanes);
        const Vec c = loadPartial(cosines + i, lanes);
        const Vec s = loadPartial(sines + i, lanes);
        storePartial(head + i, sub(mul(a, c), mul(b, s)), lanes);
        storePartial(head + pairs + i, fma(b, c, mul(a, s)), lanes);
    }
}

inline void prepareHead(float *head, const HeadShape &shape, const float *norm,
                        std::int64_t position)
{
    if (norm)
        normHead(head, shape.headDim, norm, shape.normEpsilon);
    if (shape.rotaryDim > 0)
        turnHead(head, shape, shape.rope + position * shape.rotaryDim);
}

// Writes the key and the value of one position. `slot` is its place in the page.
inline void storeKeyValueFp32(float *slab, std::int64_t paddedDim, std::int64_t slot,
                              const float *key, const float *value, int headDim)
{
    float *keys = slab + slot;
    float *values = slab + kPagePositions * paddedDim + slot * paddedDim;
    for (std::int64_t dim = 0; dim < paddedDim; ++dim)
        keys[dim * kPagePositions] = dim < headDim ? key[dim] : 0.0f;
    for (std::int64_t dim = 0; dim < paddedDim; ++dim)
        values[dim] = dim < headDim ? value[dim] : 0.0f;
}

inline void storeKeyValueBf16(std::uint16_t *slab, std::int64_t paddedDim, std::int64_t slot,
                              const float *key, const float *value, int headDim)
{
    std::uint16_t row[16];
    std::uint16_t *keys = slab + slot / 16 * 512 + slot % 16 * 2;
    std::uint16_t *values = slab + kPagePositions * paddedDim + slot / 32 * 32 * paddedDim +
                            slot % 32 / 2 * 32 + slot % 2;
    for (std::int64_t dim = 0; dim < paddedDim; dim += 16) {
        storeBf16(row, loadPartial(key + dim, lanesLeft(headDim, dim)));
        std::uint16_t *target = keys + dim / 32 * 2048 + dim % 32 / 2 * 32;
        for (int pair = 0; pair < 8; ++pair)
            __builtin_memcpy(target + pair * 32, row + 2 * pair, 4);
        storeBf16(row, loadPartial(value + dim, lanesLeft(headDim, dim)));
        for (int i = 0; i < 16; ++i)
            values[dim * 32 + i * 2] = row[i];
    }
}

// Zeroes the values of a block of 32 positions: products read whole pages, and zero weights do not
// hide a NaN that an earlier owner of the page left behind.
inline void clearValues(const KvView &cache, std::int64_t page, std::int64_t slot)
{
    const std::int64_t values = (kPagePositions + slot) * cache.paddedDim * cache.elementBytes();
    const std::int64_t bytes = 32 * cache.paddedDim * cache.elementBytes();
    for (std::int64_t head = 0; head < cache.kvHeads; ++head)
        __builtin_memset(static_cast<char *>(cache.slab(page, head)) + values, 0,
                         static_cast<unsigned long>(bytes));
}

// The unit that begins a block clears it, unless it fills all of it, and the page's other block if
// no unit of this step does.
inline void clearNewBlocks(const AppendJob &job, const AppendUnit &unit)
{
    const std::int64_t position = unit.span->depth + unit.firstToken;
    const std::int64_t slot = position % kPagePositions;
    if (slot % 32 != 0)
        return;
    const std::int64_t page = unit.span->pages[position / kPagePositions];
    if (unit.tokens < 32)
        clearValues(job.cache, page, slot);
    if (slot == 0 && unit.firstToken + 32 >= unit.span->tokens)
        clearValues(job.cache, page, 32);
}

void appendKvUnit(const AppendJob &job, const AppendUnit &unit)
{
    const HeadShape &shape = job.shape;
    const std::int64_t d = shape.headDim;
    clearNewBlocks(job, unit);
    for (std::int64_t token = unit.firstToken; token < unit.firstToken + unit.tokens; ++token) {
        const std::int64_t position = unit.span->depth + token;
        const std::int64_t page = unit.span->pages[position / kPagePositions];
        const std::int64_t slot = position % kPagePositions;
        float *row = job.qkv + (unit.span->firstRow + token) * job.stride;
        for (int head = 0; head < shape.heads; ++head)
            prepareHead(row + head * d, shape, shape.queryNorm, position);
        float *keys = row + shape.heads * d;
        const float *values = keys + shape.kvHeads * d;
        for (int head = 0; head < shape.kvHeads; ++head) {
            prepareHead(keys + head * d, shape, shape.keyNorm, position);
            void *slab = job.cache.slab(page, head);
            if (job.cache.type == DType::Fp32)
                storeKeyValueFp32(static_cast<float *>(slab), job.cache.paddedDim, slot,
                                  keys + head * d, values + head * d, shape.headDim);
            else
                storeKeyValueBf16(static_cast<std::uint16_t *>(slab), job.cache.paddedDim, slot,
                                  keys + head * d, values + head * d, shape.headDim);
        }
    }
}

// ln(x) for normal positive x, to 1e-6 absolute: x = m * 2^e with m in [sqrt(1/2), sqrt(2)),
// ln(m) = 2 atanh((m - 1) / (m + 1)).
inline float logOf(float x)
{
    std::uint32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    const std::uint32_t shifted = bits - 0x3f3504f3u;
    const int exponent = static_cast<int>(shifted) >> 23;
    const std::uint32_t mantissa = (shifted & 0x007fffffu) + 0x3f3504f3u;
    float m;
    __builtin_memcpy(&m, &mantissa, 4);
    const float t = (m - 1.0f) / (m + 1.0f);
    const float u = t * t;
    const float series =
        1.0f + u * (0.33333333f + u * (0.2f + u * (0.14285714f + u * 0.11111111f)));
    return static_cast<float>(exponent) * 0.693147181f + 2.0f * t * series;
}

// Standard Gumbel noise of one token: -ln(-ln(u)), u uniform in (0, 1).
inline float gumbelNoise(std::uint64_t key, std::uint32_t token)
{
    const float u = sampleUniform(key, token);
    return -logOf(-logOf(u));
}

Candidate sampleTokens(const SampleJob &job, std::int64_t first, std::int64_t last)
{
    constexpr int kBlock = 64;
    const std::uint64_t key = sampleKeyBits(job.key.seed, job.key.sequence, job.key.position);
    const bool noisy = job.temperature > 0;
    const float inverse = noisy ? static_cast<float>(1.0 / job.temperature) : 1.0f;
    Candidate best{-__builtin_inff(), static_cast<std::int32_t>(first)};
    for (std::int64_t block = first; block < last; block += kBlock) {
        const int count = static_cast<int>(last - block < kBlock ? last - block : kBlock);
        float scores[kBlock];
        for (int i = 0; i < kBlock; ++i)
            scores[i] = i < count ? job.logits[block + i] * inverse : -__builtin_inff();
        if (noisy) {
            for (int i = 0; i < kBlock; ++i)
                scores[i] += gumbelNoise(key, static_cast<std::uint32_t>(block + i));
        }
        Vec top = load(scores);
        for (int i = 16; i < kBlock; i += 16)
            top = max(top, load(scores + i));
        if (!(maxOf(top) > best.score))
            continue;
        for (int i = 0; i < count; ++i) {
            if (scores[i] > best.score)
                best = {scores[i], static_cast<std::int32_t>(block + i)};
        }
    }
    return best;
}

} // namespace
} // namespace engine::cpu
