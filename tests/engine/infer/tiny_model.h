// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/infer/decoder.h"

// A small random model written as a Hugging Face folder, and its logits by a plain double forward
// that is written from the architectures' definitions and shares no code with the engine.
struct TinyModel
{
    enum class Store { F32, F16, Bf16 };

    // What config.json says.
    std::string architecture = "LlamaForCausalLM";
    int hidden = 48;
    int intermediate = 72;
    int layers = 2;
    int heads = 4;
    int kvHeads = 2;
    int headDim = 12;
    int vocabulary = 101;
    int maxPositions = 128;
    double theta = 10000;
    double epsilon = 1e-5;
    bool tied = false;
    bool qkvBias = false;
    bool outputBias = false;
    bool mlpBias = false;
    bool qkNorm = false;
    std::vector<int> windows; // one a layer, 0 = none; empty = none anywhere
    std::string configExtra;  // further fields, each with a comma before it
    // What those mean for the rotary embedding.
    std::vector<double> frequencies; // of the pairs; empty = plain
    double magnitude = 1;            // on cosines and sines

    // How the weights are written.
    Store store = Store::F32;
    int shards = 0; // 0 = a single file
    bool misaligned = false;

    struct Tensor
    {
        std::vector<std::int64_t> shape;
        std::vector<double> values; // as stored
    };
    std::map<std::string, Tensor> tensors;

    // Draws the weights; call it after the fields are set.
    void draw(unsigned seed);
    void write(const std::string &folder) const;
    // (positions, vocabulary)
    std::vector<float> logits(const std::vector<engine::TokenId> &tokens) const;

    std::vector<double> plainFrequencies() const;
};
