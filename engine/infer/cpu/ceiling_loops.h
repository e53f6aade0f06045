// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Bare loops that show what one core can do, each compiled for its CPU; measureCeilings() times
// them. Like all files compiled for one CPU they call no inline function of the standard library.
namespace engine::cpu {

// Reads `bytes` (a multiple of 16 KiB) and returns something that depends on them.
using ReadLoop = float (*)(const void *data, std::int64_t bytes);

// Runs `rounds` rounds of multiply-adds from registers and returns something that depends on them.
struct ArithmeticLoop
{
    float (*run)(std::int64_t rounds) = nullptr;
    double flopsPerRound = 0;
};

struct CeilingLoops
{
    ReadLoop reads[6] = {}; // the last ones may be absent
    ArithmeticLoop bf16;    // absent where the CPU has no such unit
    ArithmeticLoop fp32;
};

CeilingLoops portableCeilingLoops();
#if defined(__x86_64__)
CeilingLoops avx2CeilingLoops();
CeilingLoops avx512CeilingLoops();
CeilingLoops amxCeilingLoops(); // bf16 alone
#endif

} // namespace engine::cpu
