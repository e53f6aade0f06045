// SPDX-License-Identifier: Apache-2.0
// The module's face: what engine/infer/gpu_backend.h finds when it opens it.
#include <new>

#include "engine/infer/cuda/cuda_ceilings.h"
#include "engine/infer/cuda/cuda_decoder.h"
#include "engine/infer/cuda/library_products.h"
#include "engine/infer/cuda/runtime.h"
#include "engine/infer/gpu_backend.h"

namespace engine::cuda {
namespace {

class CudaBackend final : public GpuBackend
{
public:
    Result<std::vector<GpuDevice>> devices() override
    {
        std::vector<GpuDevice> found;
        Result<DeviceFacts> facts = deviceFacts(0);
        if (!facts)
            return tl::make_unexpected(facts.error());
        for (int index = 0; facts; facts = deviceFacts(++index))
            found.push_back({.name = facts->name,
                             .architecture = "sm_" + std::to_string(facts->capability),
                             .memoryBytes = facts->memoryBytes,
                             .freeBytes = facts->freeBytes,
                             .library = libraryName()});
        return found;
    }

    Result<GpuCeilings> measureCeilings(int device) override
    {
        return cuda::measureCeilings(device);
    }

    Result<std::unique_ptr<Decoder>> makeDecoder(int device, const ModelSpec &model,
                                                 const WeightSource &weights,
                                                 const DecoderOptions &options,
                                                 std::stop_token stop,
                                                 const LoadProgress &progress) override
    {
        try {
            return makeCudaDecoder(device, model, weights, options, std::move(stop), progress);
        } catch (const std::bad_alloc &) {
            return fail(ErrorKind::DoesNotFit, "The system's memory ran out while " + model.name +
                                                   " was brought to the GPU.");
        }
    }
};

} // namespace
} // namespace engine::cuda

extern "C" __attribute__((visibility("default"))) engine::GpuBackend *
paretoscopeGpuBackend(int version)
{
    static engine::cuda::CudaBackend backend;
    return version == engine::kGpuBackendVersion ? &backend : nullptr;
}
