// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace engine {

// How positions turn the query and key vectors.
struct RopeSpec
{
    enum class Kind { None, Plain, Linear, Llama3, Yarn };

    Kind kind = Kind::Plain;
    double theta = 10000;
    double factor = 1;
    std::int64_t originalMaxPositions = 0;
    double lowFrequencyFactor = 1;  // Llama3
    double highFrequencyFactor = 4; // Llama3
    double betaFast = 32;           // Yarn
    double betaSlow = 1;            // Yarn
    double magnitude = 1;           // Yarn: factor on cos and sin
    bool truncate = true;           // Yarn: round the ramp's bounds
    int rotaryDim = 0;              // dimensions that turn; 0 = the whole head
    bool interleaved = false;       // pairs (2i, 2i+1) instead of (i, i + d/2)

    friend bool operator==(const RopeSpec &, const RopeSpec &) = default;
};

// Kinds of attention, each with a cache of its own kind: Grouped keeps keys and values in pages,
// Latent keeps one compressed row a token, Linear keeps a fixed state a sequence.
enum class AttentionKind { Grouped, Latent, Linear };
enum class CacheKind { PagedKv, PagedLatent, FixedState };

constexpr CacheKind cacheKindOf(AttentionKind kind)
{
    switch (kind) {
    case AttentionKind::Grouped:
        return CacheKind::PagedKv;
    case AttentionKind::Latent:
        return CacheKind::PagedLatent;
    case AttentionKind::Linear:
        return CacheKind::FixedState;
    }
    return CacheKind::PagedKv;
}

// Shape of latent attention (MLA): one row of latentRank + ropeDim numbers a token is cached for
// all heads. With an indexer each query attends to the topK positions that it ranks highest.
struct LatentSpec
{
    int queryRank = 0; // 0 = queries are not compressed
    int latentRank = 0;
    int nopeDim = 0; // of a query or key head, besides ropeDim
    int ropeDim = 0;
    int valueDim = 0;   // of a value head
    int indexHeads = 0; // 0 = no indexer
    int indexDim = 0;
    std::int64_t indexTopK = 0;

    friend bool operator==(const LatentSpec &, const LatentSpec &) = default;
};

// Shape of linear attention: each value head keeps a state of keyDim x valueDim a sequence.
struct LinearSpec
{
    int keyHeads = 0;
    int valueHeads = 0;
    int keyDim = 0;
    int valueDim = 0;
    int convolution = 0; // width of the short convolution before it; 0 = none
    bool delta = false;  // gated delta rule (decay and step size a head), else plain decay

    friend bool operator==(const LinearSpec &, const LinearSpec &) = default;
};

struct AttentionSpec
{
    AttentionKind kind = AttentionKind::Grouped;
    int heads = 0;   // query heads
    int kvHeads = 0; // key and value heads; heads is a multiple
    int headDim = 0;
    std::int64_t window = 0; // positions seen, the own one included; 0 = all
    bool qkvBias = false;
    bool outputBias = false;
    bool qkNorm = false;     // RMSNorm of each query and key head before rope
    bool outputGate = false; // a gate as wide as the queries before the output matrix
    LatentSpec latent;       // of kind Latent
    LinearSpec linear;       // of kind Linear
    RopeSpec rope;

    friend bool operator==(const AttentionSpec &, const AttentionSpec &) = default;
};

enum class FfnKind { SwiGlu, MixtureOfExperts };

struct FfnSpec
{
    FfnKind kind = FfnKind::SwiGlu;
    int intermediate = 0; // of one expert in a mixture
    bool bias = false;
    int experts = 0; // routed experts; 0 = dense
    int expertsPerToken = 0;
    int sharedIntermediate = 0; // width of the always-on expert; 0 = none

    friend bool operator==(const FfnSpec &, const FfnSpec &) = default;
};

struct LayerSpec
{
    AttentionSpec attention;
    FfnSpec ffn;

    friend bool operator==(const LayerSpec &, const LayerSpec &) = default;
};

// A decoder-only transformer: embedding, a list of layers, a final norm and the output matrix.
struct ModelSpec
{
    std::string name;         // "qwen3-0.6b", or the folder's name
    std::string architecture; // as in config.json: "Qwen3ForCausalLM"
    std::string source;       // where the shape comes from
    int hidden = 0;
    int vocabulary = 0;
    std::int64_t maxPositions = 0; // context limit
    double normEpsilon = 1e-6;
    bool tiedOutput = false;
    std::vector<LayerSpec> layers;

    friend bool operator==(const ModelSpec &, const ModelSpec &) = default;
};

} // namespace engine
