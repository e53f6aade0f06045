// SPDX-License-Identifier: Apache-2.0
#include "engine/model/devices/cpu_device.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <variant>

#include <sched.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace engine {
namespace {

// Careful figures of one core: what the slower of the server cores measured so far gives.
struct CoreRates
{
    double bf16Tflops = 0;
    double fp32Tflops = 0;
};
constexpr double kBandwidthPerCoreGbs = 12;
constexpr double kMostBandwidthGbs = 200;

CoreRates coreRatesOf(const std::string &isa)
{
    if (isa == "amx")
        return {2.5, 0.16};
    if (isa == "avx512bf16")
        return {0.4, 0.16};
    if (isa == "avx2")
        return {0.08, 0.08};
    return {0.01, 0.01};
}

#if defined(__x86_64__)
std::string detectIsa()
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return "portable";
    const bool avx2 = b & (1u << 5);
    const bool avx512 = b & (1u << 16);
    const bool amx = (d & (1u << 22)) && (d & (1u << 24)); // AMX-BF16, AMX-TILE
    const bool leaf1 = a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d);
    const bool bf16 = leaf1 && (a & (1u << 5)); // AVX512-BF16
    if (amx && avx512)
        return "amx";
    if (bf16 && avx512)
        return "avx512bf16";
    return avx2 ? "avx2" : "portable";
}
#else
std::string detectIsa()
{
    return "portable";
}
#endif

std::string cpuName()
{
    std::ifstream info("/proc/cpuinfo");
    std::string line;
    while (std::getline(info, line)) {
        const std::size_t colon = line.find(':');
        if (line.rfind("model name", 0) == 0 && colon + 2 < line.size())
            return line.substr(colon + 2);
    }
    return "This CPU";
}

int usableCores()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    return int(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

Bytes lastLevelCache()
{
    const long size = sysconf(_SC_LEVEL3_CACHE_SIZE);
    return Bytes(size > 0 ? double(size) : 0);
}

std::optional<double> numberOf(const Environment &environment, const std::string &key)
{
    const auto found = environment.find(key);
    if (found == environment.end())
        return std::nullopt;
    if (const double *real = std::get_if<double>(&found->second))
        return *real;
    if (const std::int64_t *whole = std::get_if<std::int64_t>(&found->second))
        return double(*whole);
    return std::nullopt;
}

std::string textOf(const Environment &environment, const std::string &key)
{
    const auto found = environment.find(key);
    if (found == environment.end())
        return {};
    const std::string *text = std::get_if<std::string>(&found->second);
    return text ? *text : std::string();
}

} // namespace

CpuFacts detectCpu()
{
    CpuFacts facts;
    facts.name = cpuName();
    facts.isa = detectIsa();
    facts.cores = usableCores();
    facts.memory = Bytes(double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE)));
    facts.lastLevelCache = lastLevelCache();
    return facts;
}

DeviceSpec cpuDevice(const CpuFacts &facts)
{
    const CoreRates rates = coreRatesOf(facts.isa);
    const double cores = std::max(1, facts.cores);
    DeviceSpec device;
    device.id = "cpu";
    device.name = facts.name;
    device.kind = DeviceKind::Cpu;
    device.memory = facts.memory;
    device.lastLevelCache = facts.lastLevelCache;
    device.bandwidth =
        BytesPerSecond(std::min(cores * kBandwidthPerCoreGbs, kMostBandwidthGbs) * 1e9);
    device.denseRate[DType::Bf16] = FlopsPerSecond(cores * rates.bf16Tflops * 1e12);
    device.denseRate[DType::Fp32] = FlopsPerSecond(cores * rates.fp32Tflops * 1e12);
    device.source = "Careful defaults for " + std::to_string(int(cores)) + " cores with " +
                    facts.isa + "; nothing measured here yet.";
    return device;
}

DeviceSpec withCeilings(DeviceSpec device, BytesPerSecond read, FlopsPerSecond dense)
{
    device.bandwidth = read;
    const double faster = dense.value / device.denseRate[DType::Bf16].value;
    device.denseRate[DType::Bf16] = dense;
    // fp32 was not measured: it is taken to stand to its default as bf16 stands to its own.
    if (const auto fp32 = device.denseRate.find(DType::Fp32); fp32 != device.denseRate.end())
        fp32->second = fp32->second * faster;
    device.measuredHere = true;
    device.source = "Read bandwidth and dense bf16 rate measured on this machine.";
    return device;
}

std::optional<DeviceSpec> cpuDeviceOf(const Environment &environment)
{
    const std::optional<double> read = numberOf(environment, "ceiling_read_gbs");
    const std::optional<double> dense = numberOf(environment, "ceiling_dense_tflops");
    if (!read || !dense || !(*read > 0) || !(*dense > 0) || *read > 1e6 || *dense > 1e6)
        return std::nullopt;
    CpuFacts facts = detectCpu();
    if (const std::string name = textOf(environment, "cpu_model"); !name.empty())
        facts.name = name;
    if (const std::string isa = textOf(environment, "engine_isa"); !isa.empty())
        facts.isa = isa;
    if (const auto threads = numberOf(environment, "cpu_threads_used"); threads && *threads >= 1)
        facts.cores = int(std::min(*threads, 4096.0));
    if (const auto memory = numberOf(environment, "mem_bytes"); memory && *memory > 0)
        facts.memory = Bytes(*memory);
    if (const auto cache = numberOf(environment, "l3_bytes"); cache && *cache >= 0)
        facts.lastLevelCache = Bytes(*cache);
    return withCeilings(cpuDevice(facts), BytesPerSecond(*read * 1e9),
                        FlopsPerSecond(*dense * 1e12));
}

} // namespace engine
