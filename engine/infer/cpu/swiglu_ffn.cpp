// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/swiglu_ffn.h"

#include <vector>

#include "engine/model/weight_tensors.h"

namespace engine::cpu {
namespace {

class SwiGluFfn final : public FfnBlock
{
public:
    explicit SwiGluFfn(const LayerPlace &place) : m_place(place) {}

    Result<void> load(const FfnSpec &spec, WeightFiller &filler);

    void run(Kernels &kernels, LayerWorkspace &workspace, const StepState &state) override
    {
        Activations &inner = LayerWorkspace::ofWidth(workspace.ffnInner, m_down.inputs());
        workspace.normed.setRows(state.rows);
        kernels.rmsNorm({.rows = state.residual, .stride = state.stride}, m_norm.data(),
                        m_place.normEpsilon, workspace.normed);
        kernels.matmul(workspace.normed, m_gateUp,
                       {.kind = MatmulOutput::Kind::SwiGlu,
                        .bias = m_gateUpBias.empty() ? nullptr : m_gateUpBias.data(),
                        .activations = &inner});
        kernels.matmul(inner, m_down,
                       {.kind = MatmulOutput::Kind::Add,
                        .rows = state.residual,
                        .stride = state.stride,
                        .bias = m_downBias.empty() ? nullptr : m_downBias.data()});
    }

private:
    std::string name(const char *part) const { return layerTensorName(m_place.index, part); }
    Result<void> loadBiases(const FfnSpec &spec, WeightFiller &filler);

    LayerPlace m_place;
    PackedMatrix m_gateUp;
    PackedMatrix m_down;
    std::vector<float> m_norm;
    std::vector<float> m_gateUpBias; // in the order of the packed rows
    std::vector<float> m_downBias;
};

Result<void> SwiGluFfn::load(const FfnSpec &spec, WeightFiller &filler)
{
    const std::int64_t hidden = m_place.hidden;
    Result<PackedMatrix> gateUp = PackedMatrix::allocate(
        PackedMatrix::gateUpOutputs(spec.intermediate), hidden, m_place.weightType);
    if (!gateUp)
        return tl::make_unexpected(gateUp.error());
    m_gateUp = std::move(*gateUp);
    Result<PackedMatrix> down =
        PackedMatrix::allocate(hidden, spec.intermediate, m_place.weightType);
    if (!down)
        return tl::make_unexpected(down.error());
    m_down = std::move(*down);

    m_norm.resize(std::size_t(hidden));
    if (auto r = filler.fill(m_norm.data(), hidden, name("post_attention_layernorm.weight"),
                             VectorKind::Norm);
        !r)
        return r;
    MatrixPart part{.name = name("mlp.gate_proj.weight"),
                    .rows = spec.intermediate,
                    .columns = hidden,
                    .placement = RowPlacement::Gate,
                    .sigma = syntheticSigma(hidden)};
    if (auto r = filler.fill(m_gateUp, part); !r)
        return r;
    part.name = name("mlp.up_proj.weight");
    part.placement = RowPlacement::Up;
    if (auto r = filler.fill(m_gateUp, part); !r)
        return r;
    if (auto r = filler.fill(m_down,
                             {.name = name("mlp.down_proj.weight"),
                              .rows = hidden,
                              .columns = spec.intermediate,
                              .sigma = syntheticResidualSigma(spec.intermediate, m_place.count)});
        !r)
        return r;
    return spec.bias ? loadBiases(spec, filler) : Result<void>();
}

Result<void> SwiGluFfn::loadBiases(const FfnSpec &spec, WeightFiller &filler)
{
    const auto count = std::size_t(spec.intermediate);
    std::vector<float> gate(count);
    std::vector<float> up(count);
    if (auto r = filler.fill(gate.data(), spec.intermediate, name("mlp.gate_proj.bias"),
                             VectorKind::Bias);
        !r)
        return r;
    if (auto r =
            filler.fill(up.data(), spec.intermediate, name("mlp.up_proj.bias"), VectorKind::Bias);
        !r)
        return r;
    m_gateUpBias.assign(std::size_t(PackedMatrix::gateUpOutputs(spec.intermediate)), 0.0f);
    for (std::size_t i = 0; i < count; ++i) {
        m_gateUpBias[i / 16 * 32 + i % 16] = gate[i];
        m_gateUpBias[i / 16 * 32 + i % 16 + 16] = up[i];
    }
    m_downBias.resize(std::size_t(m_place.hidden));
    return filler.fill(m_downBias.data(), m_place.hidden, name("mlp.down_proj.bias"),
                       VectorKind::Bias);
}

} // namespace

Result<std::unique_ptr<FfnBlock>> makeSwiGlu(const FfnSpec &spec, const LayerPlace &place,
                                             WeightFiller &filler)
{
    auto block = std::make_unique<SwiGluFfn>(place);
    if (Result<void> loaded = block->load(spec, filler); !loaded)
        return tl::make_unexpected(loaded.error());
    return block;
}

std::int64_t swiGluBytes(const FfnSpec &spec, std::int64_t hidden, DType type)
{
    const std::int64_t gateUp = PackedMatrix::gateUpOutputs(spec.intermediate);
    const std::int64_t floats = hidden + (spec.bias ? gateUp + hidden : 0);
    return PackedMatrix::bytesFor(gateUp, hidden, type) +
           PackedMatrix::bytesFor(hidden, spec.intermediate, type) + 4 * floats;
}

} // namespace engine::cpu
