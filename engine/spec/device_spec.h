// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/spec/dtype.h"
#include "engine/spec/units.h"

namespace engine {

enum class DeviceKind { Cpu, Gpu };

// A rent, with who said so and when.
struct RentalPrice
{
    MicroUsd perHour = 0; // of one device
    std::string source;
    std::string date; // ISO, "2026-08-06"

    friend bool operator==(const RentalPrice &, const RentalPrice &) = default;
};

// One accelerator or one CPU, by its data sheet or as measured here.
struct DeviceSpec
{
    std::string id;   // "h100-sxm", "cpu"
    std::string name; // "NVIDIA H100 SXM"
    DeviceKind kind = DeviceKind::Gpu;
    Bytes memory;
    BytesPerSecond bandwidth;
    std::map<DType, FlopsPerSecond> denseRate; // multiply-add counts two; absent = not offered
    Bytes lastLevelCache;
    BytesPerSecond linkBandwidth;    // to a neighbour, one way; 0 = none
    double watts = 0;                // 0 = unknown
    std::vector<RentalPrice> prices; // newest first
    std::string source;
    bool measuredHere = false; // rates come from this machine's own ceilings

    friend bool operator==(const DeviceSpec &, const DeviceSpec &) = default;
};

} // namespace engine
