// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/infer/decoder.h"

namespace engine {

struct GpuDevice
{
    std::string name;
    std::string architecture; // "sm_90"
    std::int64_t memoryBytes = 0;
    std::int64_t freeBytes = 0;
    std::string library; // of the large products: "own kernels", or cuBLASLt with its version
};

// What a GPU can do at best, measured by loops that are none of the engine's own.
struct GpuCeilings
{
    double readGbs = 0; // 1e9 bytes/s, a read-only stream over memory
    double copyGbs = 0; // read plus written
    double denseBf16Tflops = 0;
    double launchMicroseconds = 0; // from one empty kernel of a graph to the next
};

// The GPU side of the engine: a module of its own, opened at run time, so that one program runs on
// machines with and without a driver. Calls come from one thread at a time.
class GpuBackend
{
public:
    virtual ~GpuBackend() = default;
    // The GPUs that can be used; DeviceFailed with the reason when there is none.
    virtual Result<std::vector<GpuDevice>> devices() = 0;
    virtual Result<GpuCeilings> measureCeilings(int device) = 0;
    virtual Result<std::unique_ptr<Decoder>> makeDecoder(int device, const ModelSpec &model,
                                                         const WeightSource &weights,
                                                         const DecoderOptions &options,
                                                         std::stop_token stop,
                                                         const LoadProgress &progress) = 0;
};

// The backend of the module beside the program, opened once. DeviceFailed when there is none or
// it does not open; it opens without a driver, and says so in devices().
Result<GpuBackend *> gpuBackend();

// What the module and the program must agree on, and the module's only symbol.
inline constexpr int kGpuBackendVersion = 1;
inline constexpr const char *kGpuBackendSymbol = "paretoscopeGpuBackend";
using GpuBackendEntry = GpuBackend *(*)(int version); // null for another version

} // namespace engine
