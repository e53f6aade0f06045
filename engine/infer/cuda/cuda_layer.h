// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/infer/cuda/device_matrix.h"
#include "engine/spec/model_spec.h"

namespace engine::cuda {

// One layer's weights and cache on the device.
struct CudaLayer
{
    AttentionView attention; // but for what changes with a step
    DeviceMatrix qkv;
    DeviceMatrix output;
    DeviceMatrix gateUp; // rows as gateRow() says
    DeviceMatrix down;
    int intermediate = 0;
    DeviceBuffer inputNorm;
    DeviceBuffer postNorm;
    DeviceBuffer qkvBias, outputBias, gateUpBias, downBias; // empty without one
    DeviceBuffer queryNorm, keyNorm;
    DeviceBuffer cache; // [pages][kvHeads] slabs
    std::int64_t pageBytes = 0;
};

struct LayerPlace
{
    std::size_t index = 0;
    std::size_t count = 1;
    std::int64_t hidden = 0;
    float normEpsilon = 1e-6f;
    Storage storage = Storage::Bf16;
    std::int64_t cachePages = 0;
    const float *rope = nullptr;
};

Result<CudaLayer> loadLayer(const LayerSpec &spec, const LayerPlace &place,
                            WeightUploader &uploader);

} // namespace engine::cuda
