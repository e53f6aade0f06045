// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace engine {

// The physical constants of a serving engine on a kind of device. All positive, fitted as
// logarithms. Shares are of the data sheet; times in seconds.
enum class Physical {
    GemmBf16,          // share of the dense rate of products in 16 bits
    GemmFp8,           // in 8 bits
    GemmFp4,           // in 4 bits
    WeightBandwidth,   // share of the bandwidth that streams dense weights
    ExpertBandwidth,   // that streams experts
    ExpertCompute,     // rate of expert products relative to a dense one
    AttentionCompute,  // share of the 16-bit rate
    KvBandwidth,       // share of the bandwidth for the cache
    PaddingRows,       // rows that a product wastes
    ExpertPadding,     // rows per touched expert
    PerLayer,          // launches, norms, barriers of a layer
    PerExpertLayer,    // more where the layer has experts
    PerMixerLayer,     // more where attention is latent or linear
    AllReduce,         // latency of one
    Dispatch,          // of sending tokens to experts, a layer
    Network,           // share of the link bandwidth
    PerStep,           // scheduler, sampler
    PerSequence,       // a sequence and step
    PerPrefillLayer,   // more where a prompt is in the step
    FirstToken,        // HTTP, tokeniser, detokeniser
    FirstTokenPerUser, // the same, for each user at once
    Shared,            // part of a mixed step that prompt and decoding share
    ChunkTokens,       // prompt tokens of a step
    BurstShare,        // part of the benchmark that is the start burst
    Queue,             // factor on the steady wait
    Skew,              // of routing
    Imbalance,         // of expert parallelism
    Elementwise,       // of the passes of unfused code
    Accepted,          // tokens a step of multi-token prediction yields
};
inline constexpr std::size_t kPhysicalCount = 29;
using PhysicalVector = std::array<double, kPhysicalCount>;

// What a constant is called in files, its start value and the sd of its logarithm.
struct PhysicalBelief
{
    std::string_view name;
    double median = 1;
    double spread = 0.5;
};
const std::array<PhysicalBelief, kPhysicalCount> &physicalBeliefs();

constexpr std::size_t at(Physical constant)
{
    return std::size_t(constant);
}

} // namespace engine
