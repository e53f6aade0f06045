// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/isa.h"

#include <array>

#if defined(__x86_64__)
#include <cpuid.h>
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace engine::cpu {

namespace {

constexpr std::array kAllIsas{Isa::Portable, Isa::Avx2, Isa::Avx512Bf16, Isa::Amx};

#if defined(__x86_64__)

struct Features
{
    bool avx2 = false;
    bool avx512Bf16 = false;
    bool amx = false;
};

std::uint64_t enabledState()
{
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
}

// Linux hands out the 8 KiB of tile state only to processes that ask.
bool mayUseTiles()
{
    constexpr long kRequestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
    constexpr long kTileData = 18;
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

Features detect()
{
    Features found;
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(1, 0, &a, &b, &c, &d))
        return found;
    const bool osxsave = c & 1u << 27;
    const bool fma = c & 1u << 12;
    const bool f16c = c & 1u << 29;
    if (!osxsave || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return found;
    const unsigned subleaves = a;
    const std::uint64_t state = enabledState();
    const bool ymm = (state & 0x6) == 0x6;
    const bool zmm = (state & 0xe6) == 0xe6;
    const bool tiles = (state & 0x60000) == 0x60000;
    found.avx2 = ymm && fma && f16c && (b & 1u << 5);
    const bool avx512 = (b & 1u << 16) && (b & 1u << 17) && (b & 1u << 30) && (b & 1u << 31);
    const bool amx = (d & 1u << 22) && (d & 1u << 24);
    if (subleaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
        found.avx512Bf16 = found.avx2 && zmm && avx512 && (a & 1u << 5);
    found.amx = found.avx512Bf16 && amx && tiles && mayUseTiles();
    return found;
}

#endif

} // namespace

std::string_view isaName(Isa isa)
{
    switch (isa) {
    case Isa::Portable:
        return "portable";
    case Isa::Avx2:
        return "avx2";
    case Isa::Avx512Bf16:
        return "avx512bf16";
    case Isa::Amx:
        return "amx";
    }
    return "";
}

std::optional<Isa> isaFromName(std::string_view name)
{
    for (Isa isa : kAllIsas) {
        if (isaName(isa) == name)
            return isa;
    }
    return std::nullopt;
}

std::vector<Isa> availableIsas()
{
    std::vector<Isa> isas;
#if defined(__x86_64__)
    static const Features features = detect();
    if (features.amx)
        isas.push_back(Isa::Amx);
    if (features.avx512Bf16)
        isas.push_back(Isa::Avx512Bf16);
    if (features.avx2)
        isas.push_back(Isa::Avx2);
#endif
    isas.push_back(Isa::Portable);
    return isas;
}

} // namespace engine::cpu
