// SPDX-License-Identifier: Apache-2.0
#pragma once

// The AMX tiles as rows of 64 bytes. Included by files compiled for AMX.

#include <cstdint>
#include <immintrin.h>

namespace engine::cpu {
namespace {

// The compiler knows neither that tile loads and the configuration read memory, nor when.
#define ENGINE_MEMORY_BARRIER() __asm__ volatile("" ::: "memory")

// All eight tiles as 16 rows; or 0 to 5 (sums and inputs) as fewer, 6 and 7 (weights) as 16.
class TileScope
{
public:
    explicit TileScope(int rows = 16)
    {
        alignas(64) std::uint8_t config[64] = {};
        config[0] = 1; // palette
        for (int tile = 0; tile < 8; ++tile) {
            config[16 + 2 * tile] = 64; // bytes of a row
            config[48 + tile] = static_cast<std::uint8_t>(tile < 6 ? rows : 16);
        }
        ENGINE_MEMORY_BARRIER();
        _tile_loadconfig(config);
    }
    ~TileScope() { _tile_release(); }
    TileScope(const TileScope &) = delete;
    TileScope &operator=(const TileScope &) = delete;
};

} // namespace
} // namespace engine::cpu
