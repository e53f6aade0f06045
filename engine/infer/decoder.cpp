// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/decoder.h"

#include <new>

#include "engine/infer/cpu/cpu_decoder.h"
#include "engine/infer/cpu/cpu_layout.h"
#include "engine/infer/gpu_backend.h"

namespace engine {

MemoryUse estimateMemory(const ModelSpec &model, const DecoderOptions &options)
{
    return cpu::layoutOf(model, options).memory;
}

Result<std::unique_ptr<Decoder>> makeDecoder(DeviceKind kind, const ModelSpec &model,
                                             const WeightSource &weights,
                                             const DecoderOptions &options, std::stop_token stop,
                                             const LoadProgress &progress)
{
    if (kind == DeviceKind::Gpu) {
        const Result<GpuBackend *> backend = gpuBackend();
        if (!backend)
            return tl::make_unexpected(backend.error());
        return (*backend)->makeDecoder(options.gpu, model, weights, options, std::move(stop),
                                       progress);
    }
    try {
        return cpu::makeCpuDecoder(model, weights, options, std::move(stop), progress);
    } catch (const std::bad_alloc &) {
        return fail(ErrorKind::DoesNotFit, "The memory ran out while " + model.name +
                                               " was prepared; use a smaller "
                                               "model, batch or context.");
    }
}

} // namespace engine
