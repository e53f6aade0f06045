// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/predict/predictor.h"
#include "engine/simulate/serving.h"
#include "engine/simulate/step_tables.h"
#include "engine/spec/result.h"

namespace engine {

// The performance model's step times as tables for a replica that batches as `serving` says: steps
// of 1 to maxSequences sequences at contexts up to the model's limit, prompts of 1 to stepTokens
// tokens. What the performance model calls a prompt's own time per sequence becomes the latency
// outside of steps. Sliding windows are taken at the length of one step's prompt.
Result<StepTables> predictedSteps(const Predictor &predictor, const Serving &serving);

// Tokens of KV cache that one replica holds beside weights and workspace, for sequences of
// `tokensEach` tokens; 0 where the weights alone do not fit. Models with a fixed state count it as
// tokens of that many.
std::int64_t cacheTokens(const Predictor &predictor, std::int64_t tokensEach);

} // namespace engine
