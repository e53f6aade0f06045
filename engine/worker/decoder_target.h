// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "engine/infer/decoder.h"
#include "engine/measure/sweep_target.h"
#include "engine/spec/model_spec.h"

namespace engine {

// A sweep's view of a decoder: prompts of random tokens, prefilled in chunks of the decoder's
// longest step; decode steps that are rewound, so that every one attends to the same positions.
class DecoderTarget : public SweepTarget
{
public:
    // The decoder is not owned and must have no open sequence; it outlives the target.
    DecoderTarget(Decoder &decoder, const ModelSpec &model, std::int64_t chunkTokens,
                  std::uint64_t seed);
    ~DecoderTarget() override;
    DecoderTarget(const DecoderTarget &) = delete;
    DecoderTarget &operator=(const DecoderTarget &) = delete;

    Result<std::vector<Seconds>> prefill(std::int64_t prompts, std::int64_t tokens,
                                         std::stop_token stop) override;
    Result<void> prepare(std::int64_t batch, std::int64_t context, std::stop_token stop) override;
    Result<Seconds> step(std::stop_token stop) override;
    std::int64_t memoryBytes(const Workload &workload) const override;

private:
    // Opens or closes sequences until there are `count`, all of them empty.
    Result<void> openEmpty(std::int64_t count);
    Result<void> prefillOne(std::size_t index, std::int64_t tokens, std::stop_token stop);
    TokenId anyToken();
    void closeAll();

    Decoder &m_decoder;
    std::int64_t m_vocabulary;
    std::int64_t m_chunkTokens;
    std::mt19937_64 m_random;
    std::vector<SequenceId> m_sequences;
    std::vector<TokenId> m_prompts; // one after another
    std::vector<TokenId> m_next;    // of each sequence: the token sampled last
    std::vector<TokenSpan> m_spans;
    StepOutput m_output;
    std::int64_t m_held = 0; // positions of a prompt that every open sequence holds
    std::int64_t m_base = 0; // positions before a decode step
};

} // namespace engine
