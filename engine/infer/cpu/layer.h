// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/infer/cpu/kernels/kernels.h"
#include "engine/infer/decoder.h"

namespace engine::cpu {

// Floats from row to row of fp32 rows of `width`: two cache lines more, so that the rows of a panel
// that a product writes do not all fall into the same cache sets.
constexpr std::int64_t rowPitch(std::int64_t width)
{
    return (width + 31) / 32 * 32 + 32;
}

// What one step hands from layer to layer. `residual` is (rows, hidden) in fp32.
struct StepState
{
    float *residual = nullptr;
    std::int64_t stride = 0; // floats from row to row of the residual
    std::int64_t rows = 0;
    std::span<const SequenceSpan> spans;
};

// Buffers that all layers of a model use in turn. Layers of different widths have their own.
struct LayerWorkspace
{
    Activations normed;                // (rows, hidden)
    std::vector<Activations> attended; // (rows, heads * headDim), one a width
    std::vector<Activations> ffnInner; // (rows, intermediate), one a width
    HugeBuffer projected;              // (rows, queries | keys | values) in fp32, the widest

    // The one of that width; there must be one.
    static Activations &ofWidth(std::vector<Activations> &choice, std::int64_t columns)
    {
        std::size_t i = 0;
        while (i + 1 < choice.size() && choice[i].columns() != columns)
            ++i;
        return choice[i];
    }
};

// The cache of one layer, of whatever kind. Pages are those of the sequence table; a kind that
// keeps a fixed state a sequence copies that instead.
class LayerCache
{
public:
    virtual ~LayerCache() = default;
    virtual CacheKind kind() const = 0;
    virtual void copyPage(std::int32_t from, std::int32_t to) = 0;
    virtual void copyState(SequenceId from, SequenceId to) = 0;
    virtual void poison() = 0;
    virtual std::int64_t bytes() const = 0;
};

// The first half of a layer: residual += attention(norm(residual)), new tokens going to the cache.
class AttentionBlock
{
public:
    virtual ~AttentionBlock() = default;
    virtual void run(Kernels &kernels, LayerWorkspace &workspace, const StepState &state) = 0;
    virtual LayerCache &cache() = 0;
};

// The second half: residual += ffn(norm(residual)).
class FfnBlock
{
public:
    virtual ~FfnBlock() = default;
    virtual void run(Kernels &kernels, LayerWorkspace &workspace, const StepState &state) = 0;
};

struct Layer
{
    std::unique_ptr<AttentionBlock> attention;
    std::unique_ptr<FfnBlock> ffn;
};

} // namespace engine::cpu
