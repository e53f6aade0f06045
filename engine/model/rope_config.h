// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/model/json_fields.h"
#include "engine/spec/model_spec.h"

namespace engine {

struct RopeConfig
{
    RopeSpec rope;
    std::int64_t maxPositions = 0; // the context limit that the scaling gives
};

// Reads rope_theta with rope_scaling, or the newer rope_parameters that holds both;
// complaints are collected in `fields`.
RopeConfig readRope(JsonFields &fields, std::int64_t maxPositions, const std::string &where);

} // namespace engine
