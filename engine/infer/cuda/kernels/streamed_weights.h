// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the streaming product reads weights of each storage. A Tile is a lane's share of 16 rows by
// kColumns columns; fragment() makes the A operand of one k-step of 16 columns. Within each 32
// columns, lane 4 g + c holds 8 c .. 8 c + 8 and hands them out in the order in which the B operand
// is read: a product does not mind the order of its terms.

#include "engine/infer/cuda/kernels/common.h"

namespace engine::cuda {

struct Tile
{
    uint4 low;  // row g
    uint4 high; // row g + 8
};

struct Bf16Weights
{
    static constexpr int kColumns = 32;
    static constexpr int kGroup = 0; // no scales
    static constexpr bool kMinimum = false;

    const bf16 *data;
    int rows;
    int columns;

    __device__ Tile load(int firstRow, int step, int lane) const
    {
        const uint4 zero = make_uint4(0, 0, 0, 0);
        const int row = firstRow + lane / 4;
        const bf16 *place = data + std::int64_t{row} * columns + step * kColumns + lane % 4 * 8;
        Tile tile;
        tile.low = row < rows ? loadOnce(reinterpret_cast<const uint4 *>(place)) : zero;
        tile.high =
            row + 8 < rows
                ? loadOnce(reinterpret_cast<const uint4 *>(place + std::int64_t{8} * columns))
                : zero;
        return tile;
    }

    static __device__ void fragment(const Tile &tile, int kStep, std::uint32_t (&a)[4])
    {
        a[0] = wordOf(tile.low, kStep * 2);
        a[1] = wordOf(tile.high, kStep * 2);
        a[2] = wordOf(tile.low, kStep * 2 + 1);
        a[3] = wordOf(tile.high, kStep * 2 + 1);
    }
};

// What the quantised storages share: codes in lane order, half scales a group.
template <int Columns, int Group, bool Minimum>
struct PackedWeights
{
    static constexpr int kColumns = Columns;
    static constexpr int kGroup = Group;
    static constexpr bool kMinimum = Minimum;

    const uint4 *data;
    const __half *scales;
    const __half *minima;
    float factor;
    int rows;
    int columns;

    __device__ Tile load(int firstRow, int step, int lane) const
    {
        const uint4 *place =
            data +
            (std::int64_t{firstRow / kTileRows} * (columns / Columns) + step) * (2 * kLanes) + lane;
        Tile tile;
        tile.low = loadOnce(place);
        tile.high = loadOnce(place + kLanes);
        return tile;
    }

    // Of rows g and g + 8; column is the first of the group's part.
    __device__ float2 scale(int firstRow, int column, int lane) const
    {
        return pairOf(scales, firstRow, column, lane);
    }
    __device__ float2 minimum(int firstRow, int column, int lane) const
    {
        return pairOf(minima, firstRow, column, lane);
    }

private:
    __device__ float2 pairOf(const __half *values, int firstRow, int column, int lane) const
    {
        const __half *place =
            values + scaleIndex(firstRow + lane / 4, column / Group, columns / Group);
        return make_float2(__half2float(place[0]) * factor, __half2float(place[8]) * factor);
    }
};

// Two bf16 numbers from the bytes 0 and 2 of a word: the e4m3 bits, moved to where bf16 has its
// exponent and mantissa, are the number times 2^-120, subnormal ones too.
__device__ __forceinline__ std::uint32_t bf16OfE4m3(std::uint32_t bytes)
{
    const std::uint32_t bits = (bytes & 0x00800080u) << 8 | (bytes & 0x007f007fu) << 4;
    const std::uint32_t rebias = 0x7b807b80u; // 2^120, twice
    const __nv_bfloat162 pair = __hmul2(*reinterpret_cast<const __nv_bfloat162 *>(&bits),
                                        *reinterpret_cast<const __nv_bfloat162 *>(&rebias));
    return *reinterpret_cast<const std::uint32_t *>(&pair);
}

// Two bf16 numbers from the bytes 0 and 2 of a word of int8 codes with their sign bits flipped.
__device__ __forceinline__ std::uint32_t bf16OfInt8(std::uint32_t flipped)
{
    // The float 2^23 + n has n in its low bits.
    const float low = __uint_as_float(__byte_perm(flipped, 0x4b000000u, 0x7650)) - 8388736.0f;
    const float high = __uint_as_float(__byte_perm(flipped, 0x4b000000u, 0x7652)) - 8388736.0f;
    return __byte_perm(__float_as_uint(low), __float_as_uint(high), 0x7632);
}

// Two bf16 numbers from nibbles 0 and 4 of a word: 128 + n has n in its low bits.
__device__ __forceinline__ std::uint32_t bf16OfInt4(std::uint32_t word)
{
    const std::uint32_t bits = (word & 0x000f000fu) | 0x43004300u;
    const std::uint32_t offset = 0x43084308u; // 136, twice
    const __nv_bfloat162 pair = __hsub2(*reinterpret_cast<const __nv_bfloat162 *>(&bits),
                                        *reinterpret_cast<const __nv_bfloat162 *>(&offset));
    return *reinterpret_cast<const std::uint32_t *>(&pair);
}

template <int Group>
struct Fp8Weights : PackedWeights<64, Group, false>
{
    static __device__ void fragment(const Tile &tile, int kStep, std::uint32_t (&a)[4])
    {
        const std::uint32_t low = wordOf(tile.low, kStep);
        const std::uint32_t high = wordOf(tile.high, kStep);
        a[0] = bf16OfE4m3(low);
        a[1] = bf16OfE4m3(high);
        a[2] = bf16OfE4m3(low >> 8);
        a[3] = bf16OfE4m3(high >> 8);
    }
};

template <int Group>
struct Int8Weights : PackedWeights<64, Group, false>
{
    static __device__ void fragment(const Tile &tile, int kStep, std::uint32_t (&a)[4])
    {
        const std::uint32_t low = wordOf(tile.low, kStep) ^ 0x80808080u;
        const std::uint32_t high = wordOf(tile.high, kStep) ^ 0x80808080u;
        a[0] = bf16OfInt8(low);
        a[1] = bf16OfInt8(high);
        a[2] = bf16OfInt8(low >> 8);
        a[3] = bf16OfInt8(high >> 8);
    }
};

template <int Group, bool Minimum>
struct Int4Weights : PackedWeights<128, Group, Minimum>
{
    static __device__ void fragment(const Tile &tile, int kStep, std::uint32_t (&a)[4])
    {
        const int shift = kStep % 2 * 8;
        const std::uint32_t low = wordOf(tile.low, kStep / 2) >> shift;
        const std::uint32_t high = wordOf(tile.high, kStep / 2) >> shift;
        a[0] = bf16OfInt4(low);
        a[1] = bf16OfInt4(high);
        a[2] = bf16OfInt4(low >> 4);
        a[3] = bf16OfInt4(high >> 4);
    }
};

} // namespace engine::cuda
