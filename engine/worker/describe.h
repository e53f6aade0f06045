// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/model/resolve_model.h"
#include "engine/spec/result.h"

namespace engine {

// What this machine's CPU is, and, once measured, what it does at best.
struct CpuReport
{
    std::string name;              // empty = unknown
    int threads = 0;               // that a sweep uses unless told otherwise
    std::string isa;               // kernel variant that would run
    std::vector<std::string> isas; // all that this CPU has
    std::optional<std::int64_t> memoryBytes;
    std::optional<std::int64_t> availableBytes;
    std::optional<std::int64_t> l2Bytes;
    std::optional<std::int64_t> l3Bytes;
    std::optional<double> readGbs;     // 1e9 bytes a second
    std::optional<double> denseTflops; // bf16
    std::optional<double> denseFp32Tflops;
};

// At once, nothing measured.
CpuReport describeCpu();

// With ceilings: takes a few seconds of `threads` cores (0 = all). Cancelled soon after a request.
Result<CpuReport> measureCpu(int threads, std::stop_token stop);

// Why no GPU can be used.
std::string gpuReason();

// {"devices":[{"id":"cpu", "usable":true, …}, {"id":"cuda", "usable":false, "reason":…}]}
std::string describeDevicesJson(const CpuReport &cpu);

// What --model NAME|DIR|config.json is: shape, parameters, bytes in bf16 and fp32.
Result<std::string> inspectModelJson(const std::string &nameOrPath, const std::string &resources);
std::string modelsJson(const std::vector<ModelPreset> &presets);

} // namespace engine
