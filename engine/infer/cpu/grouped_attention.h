// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "engine/infer/cpu/layer.h"
#include "engine/infer/cpu/weight_filler.h"

namespace engine::cpu {

// Where a layer stands, for names and for the scale of synthetic weights.
struct LayerPlace
{
    std::size_t index = 0;
    std::size_t count = 1;
    std::int64_t hidden = 0;
    float normEpsilon = 1e-6f;
    DType weightType = DType::Bf16;
};

// Synthetic weights of a matrix that reads n unit-variance inputs give unit-variance outputs; those
// that write to the residual stream share its unit variance among all layers.
double syntheticSigma(std::int64_t inputs);
double syntheticResidualSigma(std::int64_t inputs, std::size_t layers);

// Grouped-query attention over a paged cache: q, k and v are one product, then norm and rope of the
// heads, attention, and the output product added to the residual.
// `rope` (positions, [cosines | sines]) outlives it.
Result<std::unique_ptr<AttentionBlock>>
makeGroupedAttention(const AttentionSpec &spec, const LayerPlace &place, const float *rope,
                     DType kvType, std::int64_t cachePages, WeightFiller &filler);

// Bytes of its packed weights, norms and biases.
std::int64_t groupedAttentionBytes(const AttentionSpec &spec, std::int64_t hidden, DType type);

} // namespace engine::cpu
