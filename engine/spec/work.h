// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/spec/dtype.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/units.h"

namespace engine {

// FLOPs and bytes of a piece of work, counted from the tensors that it touches.
struct Work
{
    Flops flops;
    Bytes weightBytes; // each weight touched once
    Bytes kvReadBytes;
    Bytes kvWriteBytes;

    Bytes bytes() const { return weightBytes + kvReadBytes + kvWriteBytes; }
    friend bool operator==(const Work &, const Work &) = default;
};

// Elements of one layer's matrices, norms and biases included; of the embedding; of the whole
// model (a tied output matrix counted once; layers for multi-token prediction are not counted).
std::int64_t layerParameters(const LayerSpec &layer, int hidden);
std::int64_t parameterCount(const ModelSpec &model);

// Bytes of the whole model's weights; norms and biases are kept in the same type.
Bytes weightBytes(const ModelSpec &model, DType type);

// Cache bytes of one sequence of `positions` tokens, over layers: grouped attention keeps
// 2 * kv_heads * head_dim * bytes * min(positions, window), latent attention
// (latent + rope) * bytes a position, and what its indexer keeps, linear attention its state.
Bytes kvBytes(const ModelSpec &model, DType type, std::int64_t positions);
// The same for one more token in every layer, windows and states left out of account.
Bytes kvBytesPerToken(const ModelSpec &model, DType type);
// What one layer keeps of a sequence of any length: an fp32 state and the convolution's inputs.
Bytes layerStateBytes(const AttentionSpec &attention);

// One decode step of `batch` sequences that each attend to `context` positions, the new one
// included. Weights are read once; the embedding gives `batch` rows, the output matrix is read
// whole.
Work decodeStepWork(const ModelSpec &model, DType weightType, DType kvType, std::int64_t batch,
                    std::int64_t context);

// `tokens` new tokens after `depth` cached ones, logits for the last position only. The causal half
// is counted: attention sees depth * tokens + tokens (tokens + 1) / 2 pairs, windows respected.
Work prefillWork(const ModelSpec &model, DType weightType, DType kvType, std::int64_t tokens,
                 std::int64_t depth);

} // namespace engine
