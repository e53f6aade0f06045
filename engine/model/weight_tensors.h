// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/tensor_index.h"
#include "engine/spec/model_spec.h"

namespace engine {

// A tensor that a model must have, by its Hugging Face name.
struct TensorRequest
{
    std::string name;
    std::vector<std::int64_t> shape;
};

// "model.layers.3.self_attn.q_proj.weight" is layerTensorName(3, "self_attn.q_proj.weight").
std::string layerTensorName(std::size_t layer, const std::string &part);

// Every tensor of a dense model; a tied output matrix has none of its own.
std::vector<TensorRequest> weightTensors(const ModelSpec &model);

// Whether the index holds all of them in the right shape and a readable type; the error names the
// first that is not.
Result<void> checkWeights(const TensorIndex &index, const ModelSpec &model);

} // namespace engine
