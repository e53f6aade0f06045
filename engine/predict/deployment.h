// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/predict/layout.h"
#include "engine/spec/dtype.h"
#include "engine/spec/units.h"

namespace engine {

// How a model is put on a device, and what the device costs.
struct Deployment
{
    DType dtype = DType::Bf16;            // of the weights
    DType kvDType = DType::Bf16;          // of the KV cache
    std::int64_t prefillChunkTokens = 0;  // longest prefill step; 0 = the device's habit
    std::optional<MicroUsd> pricePerHour; // of the device; absent = unknown, no cost is formed
    double utilisation = 1;               // share of the rented hours that is used, over 0 to 1
    Layout layout;                        // over equal devices; the price is of one
    std::string servingEngine;            // "vllm" …; empty = what they have in common
    std::string engineVersion;

    friend bool operator==(const Deployment &, const Deployment &) = default;
};

} // namespace engine
