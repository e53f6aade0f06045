// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "engine/spec/environment.h"

namespace engine {

// The environment block of a run on the CPU: how this program was built and the machine it runs on.
// Every key of the block is there, what is unknown (or has no sense without a GPU) as null. `root`
// is where /proc, /sys and /etc are looked for.
Environment machineEnvironment(const std::filesystem::path &root = "/");

// Last-level cache of the first core; absent when the kernel does not say.
std::optional<std::int64_t> lastLevelCacheBytes(const std::filesystem::path &root = "/");

// Counters of processor time since boot, over all cores, in seconds.
struct LoadReading
{
    double busySeconds = 0;  // of anybody, without steal
    double stealSeconds = 0; // taken by the machine underneath
    double totalSeconds = 0; // all of it, idle included
    double ownSeconds = 0;   // of this process
    std::optional<double> loadAverage;
    std::optional<double> coreMhz;     // of the first core, now
    std::optional<double> coreBaseMhz; // what it is sold with

    friend bool operator==(const LoadReading &, const LoadReading &) = default;
};

// Absent when the kernel does not say.
std::optional<LoadReading> readLoad(const std::filesystem::path &root = "/");

} // namespace engine
