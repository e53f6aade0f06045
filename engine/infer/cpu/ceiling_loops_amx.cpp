// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/ceiling_loops.h"
#include "engine/infer/cpu/kernels/amx_tiles.h"

namespace engine::cpu {

namespace {

constexpr double kFlopsPerProduct = 2.0 * 16 * 16 * 32;

// Two by two tiles of sums, as a product has them, inputs and all in registers.
float multiplyTiles(std::int64_t rounds)
{
    alignas(64) std::uint16_t inputs[4][16][32];
    alignas(64) float sums[16][16];
    std::uint32_t random = 1;
    for (auto &tile : inputs) {
        for (auto &row : tile) {
            for (std::uint16_t &value : row) {
                random = random * 1664525u + 1013904223u;
                // Of both signs, magnitudes between 1/4 and 1/2.
                value =
                    static_cast<std::uint16_t>(0x3e80u | random >> 25 | (random >> 9 & 0x8000u));
            }
        }
    }
    ENGINE_MEMORY_BARRIER();
    const TileScope scope;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_loadd(4, inputs[0], 64);
    _tile_loadd(5, inputs[1], 64);
    _tile_loadd(6, inputs[2], 64);
    _tile_loadd(7, inputs[3], 64);
    for (std::int64_t round = 0; round < rounds; ++round) {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    float all = 0;
    _tile_stored(0, sums, 64);
    ENGINE_MEMORY_BARRIER();
    all += sums[3][5];
    _tile_stored(3, sums, 64);
    ENGINE_MEMORY_BARRIER();
    return all + sums[7][2];
}

} // namespace

CeilingLoops amxCeilingLoops()
{
    return {.reads = {},
            .bf16 = {.run = multiplyTiles, .flopsPerRound = 4 * kFlopsPerProduct},
            .fp32 = {}};
}

} // namespace engine::cpu
