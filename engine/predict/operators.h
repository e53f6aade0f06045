// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/spec/dtype.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/units.h"

namespace engine {

enum class Phase { Decode, Prefill };

// A new kind of layer adds its operators here and in listOperators(); timing, calibration and the
// breakdown take what is listed.
enum class OperatorKind {
    Embedding,
    Qkv,
    Attention,
    AttentionOutput,
    GateUp,
    Down,
    Elementwise,
    Head,
    LatentDown,  // hidden to the latent rows of queries and of keys and values
    LatentUp,    // latent rows to heads; in decode folded into queries and outputs, at equal cost
    Indexer,     // which positions sparse attention looks at
    LinearState, // reads and writes the state of linear attention
    Router,
    Experts,
    SharedExperts,
    AllReduce,
    Dispatch, // tokens to experts on other devices, and back
    PipelineSend
};

// "qkv", "attention" …: the word in tables and JSON.
std::string_view operatorName(OperatorKind kind);

// What one engine step works on. Decode: `sequences` sequences of one new token each that attend to
// `context` positions, the new one included. Prefill: `sequences` is 1, `context` new tokens from
// an empty cache, in chunks of `chunkTokens`.
struct StepShape
{
    Phase phase = Phase::Decode;
    std::int64_t sequences = 1;
    std::int64_t context = 1;
    std::int64_t chunkTokens = 0; // 0 = all at once

    std::int64_t chunks() const
    {
        if (phase == Phase::Decode || chunkTokens <= 0 || chunkTokens >= context)
            return 1;
        return (context + chunkTokens - 1) / chunkTokens;
    }
};

// Work of one operator, summed over the `count` layers that share it. `rows` are the rows of the
// matrix product of one launch (tokens of the step, or of one chunk), 0 where there is no product.
struct OperatorWork
{
    OperatorKind kind = OperatorKind::Qkv;
    int count = 1;
    double rows = 0;
    Flops flops;
    Bytes weightBytes;
    Bytes kvReadBytes;
    Bytes kvWriteBytes;
    Bytes activationBytes; // passes over the hidden state; no part of spec's Work
    Bytes sentBytes;       // over links, by one device

    Bytes bytes() const { return weightBytes + kvReadBytes + kvWriteBytes + activationBytes; }
};

// Layers of one shape and how many the model has of them, in order of first appearance.
struct LayerGroup
{
    LayerSpec layer;
    int count = 0;
};
std::vector<LayerGroup> groupLayers(const ModelSpec &model);

// What listOperators() needs of a model, gathered once.
struct ModelPlan
{
    std::vector<LayerGroup> groups;
    int layers = 0;
    int hidden = 0;
    int vocabulary = 0;
};
ModelPlan planOf(const ModelSpec &model);

// The operators of one step in order, into `out` (cleared first; nothing is allocated once it has
// grown). With one chunk, FLOPs, weight and KV bytes add up to decodeStepWork() and prefillWork();
// each further chunk reads the weights and the cached positions again.
void listOperators(const ModelPlan &plan, DType dtype, DType kvDType, const StepShape &shape,
                   std::vector<OperatorWork> &out);

} // namespace engine
