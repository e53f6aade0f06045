// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/model/json_fields.h"
#include "engine/spec/model_spec.h"

namespace engine {

// Which layers of an architecture are something else than grouped attention with SwiGLU.
struct LayerKinds
{
    enum class Mixer {
        Grouped,
        Latent,     // every layer (DeepSeek-V3, Kimi K2, GLM-5)
        Lightning,  // those that attn_type_list marks with 0 (MiniMax-Text-01, M1)
        GatedDelta, // those that layer_types calls linear_attention (Qwen3-Next, Qwen3.5)
    };

    bool experts = false;
    bool expertBias = false;
    Mixer mixer = Mixer::Grouped;
};

// The attention of a latent (MLA) config.json, with its indexer where there is one.
AttentionSpec readLatentAttention(JsonFields &fields);

// Turns the uniform dense `layers` into what config.json says of experts and mixers; complaints are
// collected in `fields`.
void applyLayerKinds(const LayerKinds &kinds, JsonFields &fields, std::vector<LayerSpec> &layers,
                     const std::string &where);

} // namespace engine
