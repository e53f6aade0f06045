// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/cuda_layer.h"

#include <cmath>

#include "engine/infer/cpu/grouped_attention.h"
#include "engine/infer/cpu/rope_table.h"
#include "engine/model/weight_tensors.h"

namespace engine::cuda {
namespace {

using VectorKind = WeightUploader::VectorKind;

// Loads one layer's pieces, stopping at the first that fails.
class LayerLoader
{
public:
    LayerLoader(const LayerSpec &spec, const LayerPlace &place, WeightUploader &uploader)
        : m_spec(spec), m_place(place), m_uploader(uploader)
    {
    }

    Result<void> load(CudaLayer &layer);

private:
    std::string name(const char *part) const { return layerTensorName(m_place.index, part); }
    Result<void> attention(CudaLayer &layer);
    Result<void> ffn(CudaLayer &layer);
    Result<void> cache(CudaLayer &layer);
    Result<void> matrix(DeviceMatrix &target, std::int64_t rows, std::int64_t columns,
                        const std::vector<MatrixPart> &parts)
    {
        Result<DeviceMatrix> made = m_uploader.matrix(m_place.storage, rows, columns, parts);
        if (!made)
            return tl::make_unexpected(made.error());
        target = std::move(*made);
        return {};
    }
    struct Piece
    {
        std::int64_t count;
        const char *part;
    };
    Result<void> vector(DeviceBuffer &target, const std::vector<Piece> &pieces, VectorKind kind)
    {
        std::vector<float> values;
        for (const Piece &piece : pieces) {
            if (auto r = m_uploader.vector(values, piece.count, name(piece.part), kind); !r)
                return r;
        }
        return place(target, values);
    }
    Result<void> place(DeviceBuffer &target, const std::vector<float> &values)
    {
        Result<DeviceBuffer> buffer = m_uploader.place(values);
        if (!buffer)
            return tl::make_unexpected(buffer.error());
        target = std::move(*buffer);
        return {};
    }
    Result<void> gateUpBias(CudaLayer &layer);

    const LayerSpec &m_spec;
    const LayerPlace &m_place;
    WeightUploader &m_uploader;
};

Result<void> LayerLoader::load(CudaLayer &layer)
{
    if (auto r = attention(layer); !r)
        return r;
    if (auto r = ffn(layer); !r)
        return r;
    return cache(layer);
}

Result<void> LayerLoader::attention(CudaLayer &layer)
{
    const AttentionSpec &spec = m_spec.attention;
    const std::int64_t hidden = m_place.hidden;
    const std::int64_t queries = std::int64_t(spec.heads) * spec.headDim;
    const std::int64_t keys = std::int64_t(spec.kvHeads) * spec.headDim;
    const double sigma = cpu::syntheticSigma(hidden);
    if (auto r = matrix(layer.qkv, queries + 2 * keys, hidden,
                        {{.name = name("self_attn.q_proj.weight"),
                          .rows = queries,
                          .columns = hidden,
                          .sigma = sigma},
                         {.name = name("self_attn.k_proj.weight"),
                          .rows = keys,
                          .columns = hidden,
                          .firstRow = queries,
                          .sigma = sigma},
                         {.name = name("self_attn.v_proj.weight"),
                          .rows = keys,
                          .columns = hidden,
                          .firstRow = queries + keys,
                          .sigma = sigma}});
        !r)
        return r;
    if (auto r = matrix(layer.output, hidden, queries,
                        {{.name = name("self_attn.o_proj.weight"),
                          .rows = hidden,
                          .columns = queries,
                          .sigma = cpu::syntheticResidualSigma(queries, m_place.count)}});
        !r)
        return r;
    if (auto r = vector(layer.inputNorm, {{hidden, "input_layernorm.weight"}}, VectorKind::Norm);
        !r)
        return r;
    if (spec.qkvBias) {
        if (auto r = vector(layer.qkvBias,
                            {{queries, "self_attn.q_proj.bias"},
                             {keys, "self_attn.k_proj.bias"},
                             {keys, "self_attn.v_proj.bias"}},
                            VectorKind::Bias);
            !r)
            return r;
    }
    if (spec.outputBias) {
        if (auto r =
                vector(layer.outputBias, {{hidden, "self_attn.o_proj.bias"}}, VectorKind::Bias);
            !r)
            return r;
    }
    if (spec.qkNorm) {
        if (auto r = vector(layer.queryNorm, {{spec.headDim, "self_attn.q_norm.weight"}},
                            VectorKind::Norm);
            !r)
            return r;
        return vector(layer.keyNorm, {{spec.headDim, "self_attn.k_norm.weight"}}, VectorKind::Norm);
    }
    return {};
}

Result<void> LayerLoader::ffn(CudaLayer &layer)
{
    const FfnSpec &spec = m_spec.ffn;
    const std::int64_t hidden = m_place.hidden;
    layer.intermediate = spec.intermediate;
    MatrixPart gate{.name = name("mlp.gate_proj.weight"),
                    .rows = spec.intermediate,
                    .columns = hidden,
                    .placement = Placement::Gate,
                    .sigma = cpu::syntheticSigma(hidden)};
    MatrixPart up = gate;
    up.name = name("mlp.up_proj.weight");
    up.placement = Placement::Up;
    if (auto r = matrix(layer.gateUp, 2 * roundUp(spec.intermediate, 8), hidden, {gate, up}); !r)
        return r;
    if (auto r = matrix(layer.down, hidden, spec.intermediate,
                        {{.name = name("mlp.down_proj.weight"),
                          .rows = hidden,
                          .columns = spec.intermediate,
                          .sigma = cpu::syntheticResidualSigma(spec.intermediate, m_place.count)}});
        !r)
        return r;
    if (auto r =
            vector(layer.postNorm, {{hidden, "post_attention_layernorm.weight"}}, VectorKind::Norm);
        !r || !spec.bias)
        return r;
    if (auto r = gateUpBias(layer); !r)
        return r;
    return vector(layer.downBias, {{hidden, "mlp.down_proj.bias"}}, VectorKind::Bias);
}

Result<void> LayerLoader::gateUpBias(CudaLayer &layer)
{
    const std::int64_t channels = m_spec.ffn.intermediate;
    std::vector<float> gate;
    std::vector<float> up;
    if (auto r = m_uploader.vector(gate, channels, name("mlp.gate_proj.bias"), VectorKind::Bias);
        !r)
        return r;
    if (auto r = m_uploader.vector(up, channels, name("mlp.up_proj.bias"), VectorKind::Bias); !r)
        return r;
    std::vector<float> both(std::size_t(2 * roundUp(channels, 8)), 0.0f);
    for (std::int64_t i = 0; i < channels; ++i) {
        both[std::size_t(gateRow(i))] = gate[std::size_t(i)];
        both[std::size_t(gateRow(i) + 8)] = up[std::size_t(i)];
    }
    return place(layer.gateUpBias, both);
}

Result<void> LayerLoader::cache(CudaLayer &layer)
{
    const AttentionSpec &spec = m_spec.attention;
    layer.pageBytes = 2 * slabElements(paddedHeadDim(spec.headDim)) * spec.kvHeads;
    Result<DeviceBuffer> made = DeviceBuffer::allocate(layer.pageBytes * m_place.cachePages, true);
    if (!made)
        return tl::make_unexpected(made.error());
    layer.cache = std::move(*made);
    layer.attention = {.heads = spec.heads,
                       .kvHeads = spec.kvHeads,
                       .headDim = spec.headDim,
                       .rotaryDim = cpu::rotaryDimOf(spec),
                       .interleaved = spec.rope.interleaved,
                       .window = int(spec.window),
                       .scale = float(1.0 / std::sqrt(double(spec.headDim))),
                       .epsilon = m_place.normEpsilon,
                       .queryNorm = layer.queryNorm.as<const float>(),
                       .keyNorm = layer.keyNorm.as<const float>(),
                       .rope = m_place.rope,
                       .cache = layer.cache.as<bf16>()};
    return {};
}

} // namespace

Result<CudaLayer> loadLayer(const LayerSpec &spec, const LayerPlace &place,
                            WeightUploader &uploader)
{
    CudaLayer layer;
    if (Result<void> loaded = LayerLoader(spec, place, uploader).load(layer); !loaded)
        return tl::make_unexpected(loaded.error());
    return layer;
}

} // namespace engine::cuda
