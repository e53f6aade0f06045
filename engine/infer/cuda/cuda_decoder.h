// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/infer/decoder.h"

namespace engine::cuda {

// The decoder on one GPU. What can be refused is refused before anything is allocated. All memory
// is taken and all decode steps are recorded as graphs here; step() allocates nothing.
Result<std::unique_ptr<Decoder>>
makeCudaDecoder(int device, const ModelSpec &model, const WeightSource &weights,
                const DecoderOptions &options, std::stop_token stop, const LoadProgress &progress);

} // namespace engine::cuda
