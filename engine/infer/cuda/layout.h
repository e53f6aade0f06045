// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where weights, keys and values lie in the device's memory. Functions are constexpr so that
// kernels, host code and tests share them.

#include <cstdint>

namespace engine::cuda {

// Storage of a weight matrix.
enum class Storage { Bf16, Fp8, Int8, Int4 };

inline constexpr int kLanes = 32;
inline constexpr int kTileRows = 16; // outputs that one mma takes
inline constexpr int kPageTokens = 64;
inline constexpr int kColumnPad = 128;  // inputs are padded with zeros to a multiple of it
inline constexpr int kPairColumns = 32; // two k-steps of an mma; a lane's share is 8 in a row

constexpr std::int64_t roundUp(std::int64_t value, std::int64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

// Columns of a quantised matrix that 16 bytes of a lane hold a share of: 4 lanes a row.
constexpr int stepColumns(Storage storage)
{
    return storage == Storage::Bf16 ? 32 : storage == Storage::Int4 ? 128 : 64;
}

// Quantised codes: [rows / 16][columns / step][2 halves of 8 rows][32 lanes][16 bytes], so that a
// warp reads 512 bytes in a row; lane 4 g + c has columns 8 c .. 8 c + 8 of each 32, as mma takes
// them. Byte of an 8-bit code:
constexpr std::int64_t byteOfCode8(std::int64_t row, std::int64_t column, std::int64_t columns)
{
    const std::int64_t step = row / kTileRows * (columns / 64) + column / 64;
    const int half = int(row % kTileRows / 8);
    const int lane = int(row % 8) * 4 + int(column % 32 / 8);
    const int j = int(column % 8);
    // Neighbours lie two bytes apart: a mask takes both out into 16-bit halves.
    const int byte = int(column % 64 / 32) * 8 + j / 4 * 4 + j % 2 * 2 + j % 4 / 2;
    return ((step * 2 + half) * kLanes + lane) * 16 + byte;
}

// Nibble (in order of significance, byte by byte) of a 4-bit code.
constexpr std::int64_t nibbleOfCode4(std::int64_t row, std::int64_t column, std::int64_t columns)
{
    const std::int64_t step = row / kTileRows * (columns / 128) + column / 128;
    const int half = int(row % kTileRows / 8);
    const int lane = int(row % 8) * 4 + int(column % 32 / 8);
    const int j = int(column % 8);
    // Neighbours lie four nibbles apart.
    const int nibble = int(column % 128 / 32) * 8 + j / 2 + j % 2 * 4;
    return ((step * 2 + half) * kLanes + lane) * 32 + nibble;
}

// Scales and minima: [rows / 16][columns / group][16].
constexpr std::int64_t scaleIndex(std::int64_t row, std::int64_t group, std::int64_t groups)
{
    return (row / kTileRows * groups + group) * kTileRows + row % kTileRows;
}

// Row of a gate (or its up, 8 later) in the matrix that holds both: 8 gates, their 8 ups, and so
// on.
constexpr std::int64_t gateRow(std::int64_t channel)
{
    return channel / 8 * 16 + channel % 8;
}

// Heads are padded with zeros to a width that the attention kernels are made for.
inline constexpr int kMostHeadDim = 256;
constexpr int paddedHeadDim(int headDim)
{
    return headDim > 128 ? 256 : int(roundUp(headDim, kPairColumns));
}

// A slab is one page of one KV head: keys [64 tokens][dims], then values [8][dims][8 tokens].
constexpr std::int64_t slabElements(int paddedDim)
{
    return std::int64_t{2} * kPageTokens * paddedDim;
}

constexpr std::int64_t keyElement(int token, int dim, int paddedDim)
{
    return std::int64_t{token} * paddedDim + dim;
}

constexpr std::int64_t valueElement(int token, int dim, int paddedDim)
{
    return std::int64_t{kPageTokens} * paddedDim + (std::int64_t{token / 8} * paddedDim + dim) * 8 +
           token % 8;
}

// How the cache of one sequence is cut among the blocks of a decode kernel: [begin + i * share,
// begin + (i + 1) * share), the last one cut at `end`. Known on the device, so that one graph
// serves every length.
struct SplitPlan
{
    int begin = 0; // rounded down to 32
    int end = 0;
    int share = 0;
    int count = 0;
};

constexpr SplitPlan planSplits(int length, int window, int mostSplits, int leastShare)
{
    SplitPlan plan;
    const int first = window > 0 && length > window ? length - window : 0;
    plan.begin = first / 32 * 32;
    plan.end = length;
    const int even = (length - plan.begin + mostSplits - 1) / mostSplits;
    plan.share = int(roundUp(even > leastShare ? even : leastShare, 32));
    plan.count = (length - plan.begin + plan.share - 1) / plan.share;
    return plan;
}

} // namespace engine::cuda
