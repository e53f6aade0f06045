// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/infer/decoder.h"

namespace engine::cpu {

// The decoder on this machine's cores. What can be refused is refused before anything is allocated.
Result<std::unique_ptr<Decoder>> makeCpuDecoder(const ModelSpec &model, const WeightSource &weights,
                                                const DecoderOptions &options, std::stop_token stop,
                                                const LoadProgress &progress);

} // namespace engine::cpu
