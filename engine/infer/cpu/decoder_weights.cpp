// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/decoder_weights.h"

#include "engine/infer/cpu/grouped_attention.h"
#include "engine/infer/cpu/swiglu_ffn.h"

namespace engine::cpu {
namespace {

// A (vocabulary, hidden) matrix: the embedding or the output.
Result<void> fillVocabulary(PackedMatrix &target, const char *name, const ModelSpec &model,
                            DType type, WeightFiller &filler)
{
    Result<PackedMatrix> matrix = PackedMatrix::allocate(model.vocabulary, model.hidden, type);
    if (!matrix)
        return tl::make_unexpected(matrix.error());
    target = std::move(*matrix);
    return filler.fill(target, {.name = name,
                                .rows = model.vocabulary,
                                .columns = model.hidden,
                                .sigma = syntheticSigma(model.hidden)});
}

} // namespace

// Layers with the same rotary embedding share a table.
Result<const float *> DecoderWeights::ropeFor(const AttentionSpec &attention,
                                              std::int64_t positions)
{
    for (const auto &[rope, table] : ropes) {
        if (rope == attention.rope)
            return table.data();
    }
    Result<RopeTable> table = RopeTable::create(attention.rope, rotaryDimOf(attention), positions);
    if (!table)
        return tl::make_unexpected(table.error());
    ropes.emplace_back(attention.rope, std::move(*table));
    return ropes.back().second.data();
}

Result<void> DecoderWeights::addLayer(const ModelSpec &model, std::size_t index,
                                      const DecoderOptions &options, std::int64_t cachePages,
                                      WeightFiller &filler)
{
    const LayerSpec &spec = model.layers[index];
    const LayerPlace place{.index = index,
                           .count = model.layers.size(),
                           .hidden = model.hidden,
                           .normEpsilon = float(model.normEpsilon),
                           .weightType = options.weightType};
    const Result<const float *> rope = ropeFor(spec.attention, options.maxPositions);
    if (!rope)
        return tl::make_unexpected(rope.error());
    auto attention =
        makeGroupedAttention(spec.attention, place, *rope, options.kvType, cachePages, filler);
    if (!attention)
        return tl::make_unexpected(attention.error());
    auto ffn = makeSwiGlu(spec.ffn, place, filler);
    if (!ffn)
        return tl::make_unexpected(ffn.error());
    if (options.poisonCache)
        (*attention)->cache().poison();
    layers.push_back({std::move(*attention), std::move(*ffn)});
    return {};
}

Result<void> DecoderWeights::load(const ModelSpec &model, const DecoderOptions &options,
                                  std::int64_t cachePages, WeightFiller &filler)
{
    ropes.reserve(model.layers.size());
    if (Result<void> r = fillVocabulary(embedding, "model.embed_tokens.weight", model,
                                        options.weightType, filler);
        !r)
        return r;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        if (Result<void> r = addLayer(model, i, options, cachePages, filler); !r)
            return r;
    }
    finalNorm.resize(std::size_t(model.hidden));
    if (Result<void> r =
            filler.fill(finalNorm.data(), model.hidden, "model.norm.weight", VectorKind::Norm);
        !r || model.tiedOutput)
        return r;
    return fillVocabulary(head.emplace(), "lm_head.weight", model, options.weightType, filler);
}

} // namespace engine::cpu
