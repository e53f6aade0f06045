// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/spec/result.h"

namespace engine {

// One look at a card's state. What the driver does not tell is empty, never 0.
struct GpuReading
{
    std::optional<double> smClockMhz;
    std::optional<double> memoryClockMhz;
    std::optional<double> watts;
    std::optional<double> celsius;
    std::optional<double> joules; // since the driver was loaded: energy of a span is a difference
    std::optional<std::int64_t> usedBytes; // by all programs
    bool isThermallyThrottled = false;     // the card slows down for its heat or its power supply
    bool isPowerCapped = false;            // usual under full load
};

// NVML of one card, opened at run time. Reading costs the device nothing and leaves its settings
// alone. Any thread may read.
class GpuSensors
{
public:
    // `index` counts as nvidia-smi does. Unsupported when the library is not there, DeviceFailed
    // when it knows no such card.
    static Result<GpuSensors> open(int index, const std::string &library = "libnvidia-ml.so.1");
    GpuSensors(GpuSensors &&) noexcept;
    GpuSensors &operator=(GpuSensors &&) noexcept;
    ~GpuSensors();

    GpuReading read() const;

private:
    struct State;
    explicit GpuSensors(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace engine
