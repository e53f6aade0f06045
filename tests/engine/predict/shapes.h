// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/predict/calibration.h"
#include "engine/predict/predictor.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/model_spec.h"

namespace shapes {

// `layers` equal layers of grouped attention with SwiGLU.
struct DenseShape
{
    int layers = 0;
    int hidden = 0;
    int heads = 0;
    int kvHeads = 0;
    int headDim = 128;
    int intermediate = 0;
    int vocabulary = 0;
    bool tied = false;
    bool qkNorm = false;
};

inline engine::ModelSpec dense(const std::string &name, const DenseShape &shape)
{
    engine::LayerSpec layer;
    layer.attention.heads = shape.heads;
    layer.attention.kvHeads = shape.kvHeads;
    layer.attention.headDim = shape.headDim;
    layer.attention.qkNorm = shape.qkNorm;
    layer.ffn.intermediate = shape.intermediate;
    engine::ModelSpec model;
    model.name = name;
    model.hidden = shape.hidden;
    model.vocabulary = shape.vocabulary;
    model.maxPositions = 131072;
    model.tiedOutput = shape.tied;
    model.layers.assign(std::size_t(shape.layers), layer);
    return model;
}

inline engine::ModelSpec llama8b()
{
    return dense("llama-3.1-8b", {32, 4096, 32, 8, 128, 14336, 128256, false, false});
}

inline engine::ModelSpec llama70b()
{
    return dense("llama-3.1-70b", {80, 8192, 64, 8, 128, 28672, 128256, false, false});
}

inline engine::ModelSpec qwen32b()
{
    return dense("qwen3-32b", {64, 5120, 64, 8, 128, 25600, 151936, false, true});
}

inline engine::ModelSpec qwenSmall()
{
    return dense("qwen3-0.6b", {28, 1024, 16, 8, 128, 3072, 151936, true, true});
}

inline engine::DeviceSpec gpu(double memoryGb, double bandwidthGbs, double bf16Tflops,
                              double fp8Tflops)
{
    engine::DeviceSpec device;
    device.id = "gpu";
    device.name = "A GPU";
    device.memory = engine::Bytes(memoryGb * 1e9);
    device.bandwidth = engine::BytesPerSecond(bandwidthGbs * 1e9);
    device.denseRate[engine::DType::Bf16] = engine::FlopsPerSecond(bf16Tflops * 1e12);
    if (fp8Tflops > 0)
        device.denseRate[engine::DType::Fp8] = engine::FlopsPerSecond(fp8Tflops * 1e12);
    return device;
}

inline engine::DeviceSpec h100()
{
    return gpu(80, 3350, 989, 1979);
}

inline engine::DeviceSpec cpu(double bandwidthGbs, double tflops)
{
    engine::DeviceSpec device = gpu(16, bandwidthGbs, tflops, 0);
    device.id = "cpu";
    device.name = "This CPU";
    device.kind = engine::DeviceKind::Cpu;
    device.measuredHere = true;
    return device;
}

} // namespace shapes
