// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/gpu_sensors.h"

#include <dlfcn.h>

namespace engine {
namespace {

// NVML's interface as its manual gives it (version 2 symbols); the toolkit need not be there.
using Handle = struct NvmlDevice *;
constexpr int kSuccess = 0;
constexpr int kSmClock = 1;
constexpr int kMemoryClock = 2;
constexpr int kGpuTemperature = 0;
constexpr unsigned long long kPowerCap = 0x4;
// Slowdown by hardware, by software for heat, by hardware for heat, by the power brake.
constexpr unsigned long long kThermal = 0x8 | 0x20 | 0x40 | 0x80;

struct Memory
{
    unsigned long long total, free, used;
};

} // namespace

struct GpuSensors::State
{
    void *library = nullptr;
    Handle device = nullptr;
    bool isInitialised = false;
    int (*shutdown)() = nullptr;
    int (*clock)(Handle, int, unsigned *) = nullptr;
    int (*power)(Handle, unsigned *) = nullptr; // milliwatts
    int (*temperature)(Handle, int, unsigned *) = nullptr;
    int (*energy)(Handle, unsigned long long *) = nullptr; // millijoules
    int (*memory)(Handle, Memory *) = nullptr;
    int (*reasons)(Handle, unsigned long long *) = nullptr;

    ~State()
    {
        if (isInitialised && shutdown)
            shutdown();
        if (library)
            dlclose(library);
    }
    // A function the library lacks stays null, and what it would tell stays unknown.
    template <class F>
    void find(F &function, const char *name)
    {
        function = reinterpret_cast<F>(dlsym(library, name));
    }
};

GpuSensors::GpuSensors(std::unique_ptr<State> state) : m_state(std::move(state)) {}
GpuSensors::GpuSensors(GpuSensors &&) noexcept = default;
GpuSensors &GpuSensors::operator=(GpuSensors &&) noexcept = default;
GpuSensors::~GpuSensors() = default;

Result<GpuSensors> GpuSensors::open(int index, const std::string &library)
{
    auto state = std::make_unique<State>();
    state->library = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!state->library)
        return fail(ErrorKind::Unsupported,
                    "Clocks, power and temperature of the GPU are unknown: there is no " + library +
                        ", which comes with the driver.");
    int (*init)() = nullptr;
    int (*handleOf)(unsigned, Handle *) = nullptr;
    state->find(init, "nvmlInit_v2");
    state->find(handleOf, "nvmlDeviceGetHandleByIndex_v2");
    state->find(state->shutdown, "nvmlShutdown");
    state->find(state->clock, "nvmlDeviceGetClockInfo");
    state->find(state->power, "nvmlDeviceGetPowerUsage");
    state->find(state->temperature, "nvmlDeviceGetTemperature");
    state->find(state->energy, "nvmlDeviceGetTotalEnergyConsumption");
    state->find(state->memory, "nvmlDeviceGetMemoryInfo");
    state->find(state->reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");
    state->isInitialised = init && init() == kSuccess;
    if (!state->isInitialised || !handleOf || handleOf(unsigned(index), &state->device) != kSuccess)
        return fail(ErrorKind::DeviceFailed,
                    "Clocks, power and temperature of the GPU are unknown: the driver's " +
                        library + " knows no GPU of number " + std::to_string(index) + ".");
    return GpuSensors(std::move(state));
}

GpuReading GpuSensors::read() const
{
    const State &nvml = *m_state;
    GpuReading reading;
    unsigned value = 0;
    unsigned long long large = 0;
    if (nvml.clock && nvml.clock(nvml.device, kSmClock, &value) == kSuccess)
        reading.smClockMhz = value;
    if (nvml.clock && nvml.clock(nvml.device, kMemoryClock, &value) == kSuccess)
        reading.memoryClockMhz = value;
    if (nvml.power && nvml.power(nvml.device, &value) == kSuccess)
        reading.watts = value / 1e3;
    if (nvml.temperature && nvml.temperature(nvml.device, kGpuTemperature, &value) == kSuccess)
        reading.celsius = value;
    if (nvml.energy && nvml.energy(nvml.device, &large) == kSuccess)
        reading.joules = double(large) / 1e3;
    Memory memory{};
    if (nvml.memory && nvml.memory(nvml.device, &memory) == kSuccess)
        reading.usedBytes = std::int64_t(memory.used);
    if (nvml.reasons && nvml.reasons(nvml.device, &large) == kSuccess) {
        reading.isThermallyThrottled = (large & kThermal) != 0;
        reading.isPowerCapped = (large & kPowerCap) != 0;
    }
    return reading;
}

} // namespace engine
