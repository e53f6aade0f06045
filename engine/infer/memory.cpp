// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/memory.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

namespace engine {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

// A file that holds one number; "max" and what cannot be read are no limit.
std::int64_t readNumber(const std::string &path, std::int64_t fallback)
{
    std::ifstream stream(path);
    std::int64_t value = 0;
    return stream >> value ? value : fallback;
}

// The value of a "key value" line, as /proc/meminfo and memory.stat have them.
std::optional<std::int64_t> readLine(const std::string &path, const std::string &key)
{
    std::ifstream stream(path);
    std::string line;
    while (std::getline(stream, line)) {
        std::istringstream words(line);
        std::string name;
        std::int64_t value = 0;
        if (words >> name >> value && name == key)
            return value;
    }
    return std::nullopt;
}

// Page cache that a group would give back counts as free.
std::int64_t leftInGroup(const std::string &folder, const char *limitFile, const char *usageFile,
                         const char *cacheKey)
{
    const std::int64_t limit = readNumber(folder + "/" + limitFile, kNoLimit);
    if (limit == kNoLimit)
        return kNoLimit;
    const std::int64_t usage = readNumber(folder + "/" + usageFile, 0);
    const std::int64_t cache = readLine(folder + "/memory.stat", cacheKey).value_or(0);
    return std::max<std::int64_t>(0, limit - std::max<std::int64_t>(0, usage - cache));
}

// The tightest of this process's control group and those above it, version 2 and 1.
std::int64_t leftInGroups()
{
    std::int64_t left = kNoLimit;
    std::ifstream stream("/proc/self/cgroup");
    std::string line;
    while (std::getline(stream, line)) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const bool unified = controllers.empty();
        if (!unified && controllers.find("memory") == std::string::npos)
            continue;
        const std::string root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
        std::string group = line.substr(second + 1);
        for (;;) {
            left = std::min(
                left,
                unified ? leftInGroup(root + group, "memory.max", "memory.current", "inactive_file")
                        : leftInGroup(root + group, "memory.limit_in_bytes",
                                      "memory.usage_in_bytes", "total_inactive_file"));
            if (group.empty() || group == "/")
                break;
            group.resize(group.rfind('/'));
        }
    }
    return left;
}

std::int64_t leftOfAddressSpace()
{
    rlimit limit = {};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return kNoLimit;
    const std::int64_t used = readNumber("/proc/self/statm", 0) * sysconf(_SC_PAGESIZE);
    return std::max<std::int64_t>(0, std::int64_t(limit.rlim_cur) - used);
}

// The largest value in [1, high] for which `fits`; 0 when none. `fits` is monotonic.
template <class Fits>
std::int64_t largestThat(std::int64_t high, Fits fits)
{
    std::int64_t low = 0;
    while (low < high) {
        const std::int64_t middle = low + (high - low + 1) / 2;
        if (fits(middle))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

bool fitsWith(const ModelSpec &model, DecoderOptions options, std::int64_t available)
{
    return estimateMemory(model, options).totalBytes() <= available;
}

std::string alternatives(const ModelSpec &model, const DecoderOptions &options,
                         std::int64_t available)
{
    std::string text;
    const auto add = [&text](const std::string &choice) {
        text += (text.empty() ? "" : " or ") + choice;
    };
    DecoderOptions other = options;
    const std::int64_t batch =
        options.kvPositions > 0 ? 0 : largestThat(options.maxSequences - 1, [&](std::int64_t n) {
            other.maxSequences = n;
            return fitsWith(model, other, available);
        });
    if (batch > 0)
        add("batch " + std::to_string(batch));
    other = options;
    const std::int64_t context = largestThat(options.maxPositions - 1, [&](std::int64_t n) {
        other.maxPositions = n;
        other.kvPositions = std::min(options.kvPositions, n * options.maxSequences);
        return fitsWith(model, other, available);
    });
    if (context > 0)
        add("a context of " + std::to_string(context));
    other = options;
    other.weightType = other.kvType = DType::Bf16;
    if (options.weightType == DType::Fp32 && fitsWith(model, other, available))
        add("dtype bf16");
    if (text.empty())
        return "not even one short sequence would fit; take a smaller model";
    return text + " would fit";
}

} // namespace

std::string byteText(std::int64_t bytes)
{
    const char *units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    double value = double(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < std::size(units)) {
        value /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text,
                  value < 10 && unit    ? "%.2f %s"
                  : value < 100 && unit ? "%.1f %s"
                                        : "%.0f %s",
                  value, units[unit]);
    return text;
}

std::optional<std::int64_t> availableMemoryBytes()
{
    const std::optional<std::int64_t> kibibytes = readLine("/proc/meminfo", "MemAvailable:");
    const std::int64_t left =
        std::min({kibibytes ? *kibibytes * 1024 : kNoLimit, leftInGroups(), leftOfAddressSpace()});
    if (left == kNoLimit)
        return std::nullopt;
    return left - left / 50; // page tables and whatever else runs need some too
}

Result<void> checkMemory(const ModelSpec &model, const DecoderOptions &options,
                         std::int64_t available)
{
    const MemoryUse use = estimateMemory(model, options);
    if (use.totalBytes() <= available)
        return {};
    return fail(ErrorKind::DoesNotFit,
                model.name + " in " + std::string(dtypeName(options.weightType)) + " with " +
                    std::to_string(options.maxSequences) + " sequence" +
                    (options.maxSequences == 1 ? "" : "s") + " of " +
                    std::to_string(options.maxPositions) + " positions needs " +
                    byteText(use.totalBytes()) + " (weights " + byteText(use.weightBytes) +
                    ", KV cache " + byteText(use.kvBytes) + ", workspace " +
                    byteText(use.workspaceBytes) + ") and " + byteText(available) +
                    " are free: " + alternatives(model, options, available) + ".");
}

} // namespace engine
