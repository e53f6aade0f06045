// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/grouped_attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/infer/cpu/rope_table.h"
#include "engine/model/weight_tensors.h"

namespace engine::cpu {
namespace {

std::int64_t queryWidth(const AttentionSpec &spec)
{
    return std::int64_t(spec.heads) * spec.headDim;
}

std::int64_t keyWidth(const AttentionSpec &spec)
{
    return std::int64_t(spec.kvHeads) * spec.headDim;
}

class PagedKvCache final : public LayerCache
{
public:
    explicit PagedKvCache(KvPages pages) : m_pages(std::move(pages)) {}
    CacheKind kind() const override { return CacheKind::PagedKv; }
    void copyPage(std::int32_t from, std::int32_t to) override { m_pages.copyPage(from, to); }
    void copyState(SequenceId, SequenceId) override {} // all of it lies in pages
    void poison() override { m_pages.poison(); }
    std::int64_t bytes() const override { return m_pages.bytes(); }
    KvPages &pages() { return m_pages; }

private:
    KvPages m_pages;
};

class GroupedAttention final : public AttentionBlock
{
public:
    GroupedAttention(const AttentionSpec &spec, const LayerPlace &place, const float *rope,
                     KvPages pages)
        : m_place(place), m_cache(std::move(pages))
    {
        m_width = queryWidth(spec) + 2 * keyWidth(spec);
        m_shape.heads = spec.heads;
        m_shape.kvHeads = spec.kvHeads;
        m_shape.headDim = spec.headDim;
        m_shape.rotaryDim = rotaryDimOf(spec);
        m_shape.interleaved = spec.rope.interleaved;
        m_shape.window = spec.window;
        m_shape.scale = float(1.0 / std::sqrt(double(spec.headDim)));
        m_shape.normEpsilon = place.normEpsilon;
        m_shape.rope = rope;
    }

    Result<void> load(const AttentionSpec &spec, WeightFiller &filler);

    void run(Kernels &kernels, LayerWorkspace &workspace, const StepState &state) override
    {
        auto *projected = static_cast<float *>(workspace.projected.data());
        workspace.normed.setRows(state.rows);
        kernels.rmsNorm({.rows = state.residual, .stride = state.stride}, m_norm.data(),
                        m_place.normEpsilon, workspace.normed);
        kernels.matmul(workspace.normed, m_qkv,
                       {.rows = projected, .stride = rowPitch(m_width), .bias = dataOf(m_qkvBias)});
        kernels.appendKv(projected, rowPitch(m_width), state.spans, m_shape, m_cache.pages());
        Activations &attended = LayerWorkspace::ofWidth(workspace.attended, m_output.inputs());
        attended.setRows(state.rows);
        kernels.attend(projected, rowPitch(m_width), state.spans, m_shape, m_cache.pages(),
                       attended);
        kernels.matmul(attended, m_output,
                       {.kind = MatmulOutput::Kind::Add,
                        .rows = state.residual,
                        .stride = state.stride,
                        .bias = dataOf(m_outputBias)});
    }

    LayerCache &cache() override { return m_cache; }

private:
    Result<void> loadProjections(const AttentionSpec &spec, WeightFiller &filler);
    Result<void> loadOutput(const AttentionSpec &spec, WeightFiller &filler);
    Result<void> loadHeadNorms(const AttentionSpec &spec, WeightFiller &filler);
    static const float *dataOf(const std::vector<float> &values)
    {
        return values.empty() ? nullptr : values.data();
    }
    Result<void> fillVector(std::vector<float> &target, std::size_t first, std::int64_t count,
                            const std::string &part, VectorKind kind, WeightFiller &filler) const
    {
        target.resize(std::max(target.size(), first + std::size_t(count)));
        return filler.fill(target.data() + first, count, layerTensorName(m_place.index, part),
                           kind);
    }

    LayerPlace m_place;
    HeadShape m_shape;
    std::int64_t m_width = 0;
    PackedMatrix m_qkv;
    PackedMatrix m_output;
    std::vector<float> m_norm;
    std::vector<float> m_qkvBias;
    std::vector<float> m_outputBias;
    std::vector<float> m_queryNorm;
    std::vector<float> m_keyNorm;
    PagedKvCache m_cache;
};

Result<void> GroupedAttention::load(const AttentionSpec &spec, WeightFiller &filler)
{
    const std::int64_t hidden = m_place.hidden;
    Result<PackedMatrix> qkv = PackedMatrix::allocate(m_width, hidden, m_place.weightType);
    if (!qkv)
        return tl::make_unexpected(qkv.error());
    m_qkv = std::move(*qkv);
    Result<PackedMatrix> output =
        PackedMatrix::allocate(hidden, queryWidth(spec), m_place.weightType);
    if (!output)
        return tl::make_unexpected(output.error());
    m_output = std::move(*output);
    if (auto r = fillVector(m_norm, 0, hidden, "input_layernorm.weight", VectorKind::Norm, filler);
        !r)
        return r;
    if (auto r = loadProjections(spec, filler); !r)
        return r;
    if (auto r = loadOutput(spec, filler); !r)
        return r;
    return spec.qkNorm ? loadHeadNorms(spec, filler) : Result<void>();
}

Result<void> GroupedAttention::loadProjections(const AttentionSpec &spec, WeightFiller &filler)
{
    const std::int64_t queries = queryWidth(spec);
    const std::int64_t keys = keyWidth(spec);
    const struct
    {
        const char *part;
        std::int64_t first;
        std::int64_t rows;
    } projections[] = {{"self_attn.q_proj", 0, queries},
                       {"self_attn.k_proj", queries, keys},
                       {"self_attn.v_proj", queries + keys, keys}};
    for (const auto &projection : projections) {
        const std::string part = projection.part;
        if (auto r = filler.fill(m_qkv, {.name = layerTensorName(m_place.index, part + ".weight"),
                                         .rows = projection.rows,
                                         .columns = m_place.hidden,
                                         .firstRow = projection.first,
                                         .sigma = syntheticSigma(m_place.hidden)});
            !r)
            return r;
        if (!spec.qkvBias)
            continue;
        if (auto r = fillVector(m_qkvBias, std::size_t(projection.first), projection.rows,
                                part + ".bias", VectorKind::Bias, filler);
            !r)
            return r;
    }
    return {};
}

Result<void> GroupedAttention::loadOutput(const AttentionSpec &spec, WeightFiller &filler)
{
    if (auto r = filler.fill(m_output,
                             {.name = layerTensorName(m_place.index, "self_attn.o_proj.weight"),
                              .rows = m_place.hidden,
                              .columns = queryWidth(spec),
                              .sigma = syntheticResidualSigma(queryWidth(spec), m_place.count)});
        !r || !spec.outputBias)
        return r;
    return fillVector(m_outputBias, 0, m_place.hidden, "self_attn.o_proj.bias", VectorKind::Bias,
                      filler);
}

Result<void> GroupedAttention::loadHeadNorms(const AttentionSpec &spec, WeightFiller &filler)
{
    if (auto r = fillVector(m_queryNorm, 0, spec.headDim, "self_attn.q_norm.weight",
                            VectorKind::Norm, filler);
        !r)
        return r;
    if (auto r = fillVector(m_keyNorm, 0, spec.headDim, "self_attn.k_norm.weight", VectorKind::Norm,
                            filler);
        !r)
        return r;
    m_shape.queryNorm = m_queryNorm.data();
    m_shape.keyNorm = m_keyNorm.data();
    return {};
}

} // namespace

double syntheticSigma(std::int64_t inputs)
{
    return 1 / std::sqrt(double(inputs));
}

double syntheticResidualSigma(std::int64_t inputs, std::size_t layers)
{
    return syntheticSigma(inputs) / std::sqrt(2.0 * double(layers));
}

Result<std::unique_ptr<AttentionBlock>>
makeGroupedAttention(const AttentionSpec &spec, const LayerPlace &place, const float *rope,
                     DType kvType, std::int64_t cachePages, WeightFiller &filler)
{
    Result<KvPages> pages = KvPages::allocate(cachePages, spec.kvHeads, spec.headDim, kvType);
    if (!pages)
        return tl::make_unexpected(pages.error());
    auto block = std::make_unique<GroupedAttention>(spec, place, rope, std::move(*pages));
    if (Result<void> loaded = block->load(spec, filler); !loaded)
        return tl::make_unexpected(loaded.error());
    return block;
}

std::int64_t groupedAttentionBytes(const AttentionSpec &spec, std::int64_t hidden, DType type)
{
    const std::int64_t queries = queryWidth(spec);
    const std::int64_t width = queries + 2 * keyWidth(spec);
    std::int64_t floats = hidden;
    if (spec.qkvBias)
        floats += width;
    if (spec.outputBias)
        floats += hidden;
    if (spec.qkNorm)
        floats += 2 * spec.headDim;
    return PackedMatrix::bytesFor(width, hidden, type) +
           PackedMatrix::bytesFor(hidden, queries, type) + 4 * floats;
}

} // namespace engine::cpu
