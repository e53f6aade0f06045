// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/spec/device_spec.h"
#include "engine/spec/environment.h"
#include "engine/spec/units.h"

namespace engine {

// What can be known of a CPU without measuring anything.
struct CpuFacts
{
    std::string name; // "AMD EPYC …"
    std::string isa;  // "amx", "avx512bf16", "avx2", "portable": the best it has
    int cores = 1;    // that this process may use
    Bytes memory;     // total
    Bytes lastLevelCache;

    friend bool operator==(const CpuFacts &, const CpuFacts &) = default;
};

// Of the machine that runs this.
CpuFacts detectCpu();

// A device with id "cpu": bandwidth and rates are careful defaults per core and instruction set.
DeviceSpec cpuDevice(const CpuFacts &facts);

// The same with rates measured here: read bandwidth, and the dense rate of bf16 products.
DeviceSpec withCeilings(DeviceSpec device, BytesPerSecond read, FlopsPerSecond dense);

// The CPU that a run was measured on, from its environment block (ceiling_read_gbs,
// ceiling_dense_tflops, cpu_model, engine_isa, mem_bytes, l3_bytes); absent without the ceilings.
std::optional<DeviceSpec> cpuDeviceOf(const Environment &environment);

} // namespace engine
