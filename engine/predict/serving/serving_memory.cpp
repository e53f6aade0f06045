// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/predict/serving/serving_point.h"
#include "engine/spec/work.h"

namespace engine {
namespace {

constexpr double kUsableShare = 0.92;
constexpr double kReserve = 4e9; // activations, graphs, communication, the runtime

} // namespace

Bytes weightBytesPerDevice(const ModelSpec &model, const StepTypes &types, const Layout &layout)
{
    const double ranks = double(layout.tensor) * layout.dataAttention;
    double bytes = 0;
    for (const LayerSpec &layer : model.layers) {
        LayerSpec mixerOnly = layer;
        mixerOnly.ffn = {};
        const double mixer = double(layerParameters(mixerOnly, model.hidden));
        bytes += mixer * bytesPerElement(types.attention) / layout.tensor;
        const FfnSpec &ffn = layer.ffn;
        const double expert = 3.0 * model.hidden * ffn.intermediate;
        const double shared = 3.0 * model.hidden * ffn.sharedIntermediate;
        if (ffn.experts > 0) {
            bytes += expert * ffn.experts * bytesPerElement(types.experts) /
                     std::max(ranks, double(layout.expert));
            bytes +=
                shared * bytesPerElement(types.dense) / ranks + 2.0 * model.hidden * ffn.experts;
        } else {
            bytes += (expert + shared) * bytesPerElement(types.dense) / ranks;
        }
    }
    bytes += double(model.vocabulary) * model.hidden * (model.tiedOutput ? 2 : 4) / layout.tensor;
    return Bytes(bytes / layout.pipeline);
}

Bytes cacheBytesPerDevice(const ModelSpec &model, const StepTypes &types, const Layout &layout,
                          double positions)
{
    double bytes = 0;
    for (const LayerSpec &layer : model.layers) {
        ModelSpec one;
        one.layers.assign(1, layer);
        double own = kvBytes(one, types.cache, std::int64_t(std::ceil(positions))).value;
        const AttentionSpec &a = layer.attention;
        if (a.kind == AttentionKind::Grouped)
            own /= std::min<double>(layout.tensor, a.kvHeads);
        else if (a.kind == AttentionKind::Linear)
            own /= layout.tensor;
        bytes += own;
    }
    return Bytes(bytes / layout.pipeline / layout.context);
}

double mostSequences(const ModelSpec &model, const DeviceSpec &device, const StepTypes &types,
                     const Layout &layout, double positions)
{
    const double left = kUsableShare * device.memory.value -
                        weightBytesPerDevice(model, types, layout).value - kReserve;
    return layout.dataAttention * left / cacheBytesPerDevice(model, types, layout, positions).value;
}

} // namespace engine
