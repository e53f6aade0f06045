// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace engine::cpu {

// The kernel variants. Amx needs AMX-BF16 and AVX512-BF16, Avx512Bf16 needs AVX512-BF16, Avx2 needs
// AVX2 and FMA.
enum class Isa { Portable, Avx2, Avx512Bf16, Amx };

// "portable", "avx2", "avx512bf16", "amx".
std::string_view isaName(Isa isa);
std::optional<Isa> isaFromName(std::string_view name);

// What this CPU and this operating system can run, fastest first; Portable is always last. Asks the
// kernel for leave to use AMX tiles.
std::vector<Isa> availableIsas();

} // namespace engine::cpu
