// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/machine.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/spec/build_info.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

// Of the block in the order in which its definition lists them.
constexpr const char *kKeys[] = {"app_version",
                                 "git_commit",
                                 "compiler",
                                 "compile_flags",
                                 "backend",
                                 "engine_isa",
                                 "os",
                                 "kernel",
                                 "virtualised",
                                 "cpu_model",
                                 "cpu_sockets",
                                 "cpu_threads_used",
                                 "cpu_governor",
                                 "cpu_mhz",
                                 "l2_bytes",
                                 "l3_bytes",
                                 "numa_nodes",
                                 "mem_bytes",
                                 "huge_pages",
                                 "load_avg",
                                 "steal_pct",
                                 "gpu_name",
                                 "gpu_count",
                                 "gpu_mem_bytes",
                                 "gpu_l2_bytes",
                                 "gpu_sms",
                                 "driver",
                                 "cuda_runtime",
                                 "power_limit_w",
                                 "power_default_w",
                                 "clock_sm_max_mhz",
                                 "clock_mem_mhz",
                                 "ecc",
                                 "mig",
                                 "pcie",
                                 "nvlink",
                                 "other_gpu_processes",
                                 "model_name",
                                 "model_sha256",
                                 "tokenizer_sha256",
                                 "format",
                                 "weight_type",
                                 "kv_type",
                                 "weights_bytes",
                                 "param_count",
                                 "synthetic_weights",
                                 "mode",
                                 "sampling",
                                 "seed",
                                 "prompt_source",
                                 "started_utc",
                                 "clock",
                                 "ceiling_read_gbs",
                                 "ceiling_gemm_tflops",
                                 "ceiling_dense_tflops",
                                 "ceiling_launch_us",
                                 "ceiling_roundtrip_us"};

// Files under /proc and /sys are short; what is longer is not what was looked for.
constexpr std::size_t kMaxFileBytes = 1 << 20;

std::optional<std::string> readText(const fs::path &file)
{
    std::ifstream stream(file);
    if (!stream)
        return std::nullopt;
    std::string text(kMaxFileBytes, '\0');
    stream.read(text.data(), std::streamsize(text.size()));
    text.resize(std::size_t(stream.gcount()));
    return text;
}

std::optional<std::string> firstLine(const fs::path &file)
{
    std::optional<std::string> text = readText(file);
    if (text)
        text->resize(std::min(text->size(), text->find('\n')));
    if (!text || text->empty())
        return std::nullopt;
    return text;
}

std::optional<double> firstNumber(const fs::path &file)
{
    const std::optional<std::string> line = firstLine(file);
    if (!line)
        return std::nullopt;
    char *end = nullptr;
    const double value = std::strtod(line->c_str(), &end);
    return end == line->c_str() ? std::nullopt : std::optional(value);
}

// "key   : value" of /proc/cpuinfo, "Key:  123 kB" of /proc/meminfo, KEY="value" of os-release.
std::optional<std::string> field(const std::string &text, const std::string &key, char separator)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t at = line.find(separator);
        if (at == std::string::npos || line.compare(0, key.size(), key) != 0 ||
            line.find_first_not_of(" \t", key.size()) != at)
            continue;
        std::string value = line.substr(at + 1);
        value.erase(0, value.find_first_not_of(" \t\""));
        value.erase(value.find_last_not_of(" \t\"") + 1);
        return value;
    }
    return std::nullopt;
}

std::optional<std::int64_t> memoryBytes(const fs::path &root, const std::string &key)
{
    const std::optional<std::string> text = readText(root / "proc/meminfo");
    const std::optional<std::string> value = text ? field(*text, key, ':') : std::nullopt;
    if (!value)
        return std::nullopt;
    return std::strtoll(value->c_str(), nullptr, 10) * 1024;
}

// Of the first core's data or unified cache of that level; "2048K", "480M".
std::optional<std::int64_t> cacheBytes(const fs::path &root, int level)
{
    for (int index = 0; index < 8; ++index) {
        const fs::path folder =
            root / "sys/devices/system/cpu/cpu0/cache" / ("index" + std::to_string(index));
        const std::optional<std::string> type = firstLine(folder / "type");
        const std::optional<std::string> size = firstLine(folder / "size");
        if (firstNumber(folder / "level") != level || !size || type == "Instruction")
            continue;
        char *end = nullptr;
        const std::int64_t count = std::strtoll(size->c_str(), &end, 10);
        const std::int64_t unit = *end == 'K' ? 1024 : *end == 'M' ? 1024 * 1024 : 1;
        if (count > 0)
            return count * unit;
    }
    return std::nullopt;
}

template <class T>
EnvironmentValue orUnknown(const std::optional<T> &value)
{
    return value ? EnvironmentValue(*value) : EnvironmentValue();
}

EnvironmentValue orUnknown(const char *text)
{
    return *text ? EnvironmentValue(std::string(text)) : EnvironmentValue();
}

void addCpu(Environment &environment, const fs::path &root)
{
    const std::string info = readText(root / "proc/cpuinfo").value_or("");
    environment["cpu_model"] = orUnknown(field(info, "model name", ':'));
    if (const auto flags = field(info, "flags", ':'))
        environment["virtualised"] = (" " + *flags + " ").find(" hypervisor ") != std::string::npos;
    std::set<std::string> sockets;
    std::istringstream lines(info);
    for (std::string line; std::getline(lines, line);) {
        if (line.compare(0, 11, "physical id") == 0)
            sockets.insert(line);
    }
    if (!sockets.empty())
        environment["cpu_sockets"] = std::int64_t(sockets.size());
    const fs::path core = root / "sys/devices/system/cpu/cpu0";
    environment["cpu_governor"] = orUnknown(firstLine(core / "cpufreq/scaling_governor"));
    if (const auto mhz = field(info, "cpu MHz", ':'))
        environment["cpu_mhz"] = std::strtod(mhz->c_str(), nullptr);
    environment["l2_bytes"] = orUnknown(cacheBytes(root, 2));
    environment["l3_bytes"] = orUnknown(cacheBytes(root, 3));
}

void addSystem(Environment &environment, const fs::path &root)
{
    const std::string release = readText(root / "etc/os-release").value_or("");
    environment["os"] = orUnknown(field(release, "PRETTY_NAME", '='));
    utsname system{};
    if (uname(&system) == 0)
        environment["kernel"] = std::string(system.release);
    std::int64_t nodes = 0;
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(root / "sys/devices/system/node", ignored)) {
        const std::string name = entry.path().filename().string();
        nodes += name.compare(0, 4, "node") == 0 && name.size() > 4;
    }
    if (nodes > 0)
        environment["numa_nodes"] = nodes;
    environment["mem_bytes"] = orUnknown(memoryBytes(root, "MemTotal"));
    const auto pages = firstLine(root / "sys/kernel/mm/transparent_hugepage/enabled");
    if (pages && pages->find('[') < pages->find(']')) { // "always [madvise] never"
        const std::size_t open = pages->find('[') + 1;
        environment["huge_pages"] = pages->substr(open, pages->find(']') - open);
    }
}

} // namespace

Environment machineEnvironment(const fs::path &root)
{
    Environment environment;
    for (const char *key : kKeys)
        environment[key] = EnvironmentValue();
    environment["app_version"] = orUnknown(appVersion());
    environment["git_commit"] = orUnknown(gitCommit());
    environment["compiler"] = orUnknown(compilerName());
    environment["compile_flags"] = orUnknown(compileFlags());
    environment["clock"] = std::string("steady");
    addCpu(environment, root);
    addSystem(environment, root);
    environment["load_avg"] = orUnknown(firstNumber(root / "proc/loadavg"));
    return environment;
}

std::optional<std::int64_t> lastLevelCacheBytes(const fs::path &root)
{
    for (int level : {4, 3, 2}) {
        if (const std::optional<std::int64_t> bytes = cacheBytes(root, level))
            return bytes;
    }
    return std::nullopt;
}

std::optional<LoadReading> readLoad(const fs::path &root)
{
    const std::optional<std::string> line = firstLine(root / "proc/stat");
    if (!line || line->compare(0, 4, "cpu ") != 0)
        return std::nullopt;
    // user nice system idle iowait irq softirq steal; guest time is inside user and nice.
    std::istringstream numbers(line->substr(4));
    double ticks[8] = {};
    for (double &tick : ticks)
        numbers >> tick;
    const double second = double(sysconf(_SC_CLK_TCK));
    LoadReading reading;
    reading.busySeconds = (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / second;
    reading.stealSeconds = ticks[7] / second;
    reading.totalSeconds =
        reading.busySeconds + reading.stealSeconds + (ticks[3] + ticks[4]) / second;
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        reading.ownSeconds = double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                             double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    }
    reading.loadAverage = firstNumber(root / "proc/loadavg");
    const fs::path frequency = root / "sys/devices/system/cpu/cpu0/cpufreq";
    if (const auto khz = firstNumber(frequency / "scaling_cur_freq"))
        reading.coreMhz = *khz / 1000;
    if (const auto khz = firstNumber(frequency / "base_frequency"))
        reading.coreBaseMhz = *khz / 1000;
    return reading;
}

} // namespace engine
