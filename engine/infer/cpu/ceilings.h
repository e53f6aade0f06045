// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "engine/spec/result.h"

namespace engine::cpu {

// What this CPU can do at best with some threads, measured by loops that are none of the engine's
// own: the yardstick of every share the engine reports.
struct Ceilings
{
    int threads = 0;
    // 1e9 bytes/s: the best of several read-only loops over memory, held for half a second or more.
    double readGbs = 0;
    double denseBf16Tflops = 0; // best of the bf16 multiply-add units (AMX, AVX512-BF16), else fp32
    double denseFp32Tflops = 0; // fused multiply-adds
    // What the read loop went over; shares of it may come from a last-level cache of this size.
    double readBufferBytes = 0;
    double lastLevelCacheBytes = 0; // 0 = unknown
};

enum class CeilingEffort { Quick /* about a second */, Full /* under three */ };

// `threads` 0 = every core. DoesNotFit when there is no memory for the buffer, Cancelled within
// 50 ms of a stop request.
Result<Ceilings> measureCeilings(int threads, CeilingEffort effort, std::stop_token stop);

} // namespace engine::cpu
