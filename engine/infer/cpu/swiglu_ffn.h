// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "engine/infer/cpu/grouped_attention.h"
#include "engine/infer/cpu/layer.h"

namespace engine::cpu {

// down(silu(gate(x)) * up(x)): gate and up are one product over interleaved rows.
Result<std::unique_ptr<FfnBlock>> makeSwiGlu(const FfnSpec &spec, const LayerPlace &place,
                                             WeightFiller &filler);

// Bytes of its packed weights, norm and biases.
std::int64_t swiGluBytes(const FfnSpec &spec, std::int64_t hidden, DType type);

} // namespace engine::cpu
