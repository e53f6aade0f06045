// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/weight_source.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"

namespace engine {

struct ResolvedModel
{
    ModelSpec spec;
    WeightSource weights;
};

// A well-known shape: config.json as published, with who published it and when it was read.
struct ModelPreset
{
    ModelSpec spec; // spec.name is the preset's name, spec.source where its shape comes from
    std::string date;
};

// The presets, smallest first. `resources` is the folder of --resources, whose models/*.json stand
// in for those compiled in; "" takes the latter.
Result<std::vector<ModelPreset>> modelPresets(const std::string &resources = {});

// What --model NAME|DIR|config.json means: a preset (synthetic weights), a Hugging Face folder
// (its weights), or a config.json alone (synthetic weights). An unknown name is NotFound and the
// message suggests the nearest presets.
Result<ResolvedModel> resolveModel(const std::string &nameOrPath,
                                   const std::string &resources = {});

} // namespace engine
