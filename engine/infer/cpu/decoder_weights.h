// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/infer/cpu/layer.h"
#include "engine/infer/cpu/rope_table.h"
#include "engine/infer/cpu/weight_filler.h"

namespace engine::cpu {

// Everything of a model that a decoder keeps in memory: packed weights, rotary tables, and layers
// with their caches.
struct DecoderWeights
{
    PackedMatrix embedding;
    std::optional<PackedMatrix> head; // absent when tied
    std::vector<float> finalNorm;
    std::vector<std::pair<RopeSpec, RopeTable>> ropes;
    std::vector<Layer> layers; // they point into `ropes`

    const PackedMatrix &output() const { return head ? *head : embedding; }

    // Into an empty one, `cachePages` pages for each layer. Cancelled when the filler is stopped.
    Result<void> load(const ModelSpec &model, const DecoderOptions &options,
                      std::int64_t cachePages, WeightFiller &filler);

private:
    Result<void> addLayer(const ModelSpec &model, std::size_t index, const DecoderOptions &options,
                          std::int64_t cachePages, WeightFiller &filler);
    Result<const float *> ropeFor(const AttentionSpec &attention, std::int64_t positions);
};

} // namespace engine::cpu
