// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/infer/cpu/kernels/kernels.h"
#include "engine/infer/decoder.h"
#include "engine/infer/sequence_table.h"

namespace engine::cpu {

// The tokens of the step that runs, row by row, and what is wanted of each. Sized for the largest
// step; nothing here allocates later.
class StepBatch
{
public:
    explicit StepBatch(const DecoderOptions &options);

    // Refuses spans that cannot be run, before anything is changed.
    Result<void> check(std::span<const TokenSpan> spans, const SequenceTable &sequences,
                       const ModelSpec &model, const DecoderOptions &options);
    // Gives the new tokens of checked spans pages and rows; the sequences' lengths stay as they
    // are. `seed` is that of the sampling.
    void place(std::span<const TokenSpan> spans, SequenceTable &sequences, std::uint64_t seed);

    std::span<const TokenId> tokens() const { return m_tokens; }
    std::span<const SequenceSpan> spans() const { return m_spans; }
    std::span<const std::int32_t> sampleRows() const { return m_sampleRows; } // rows to sample
    std::span<const SampleKey> sampleKeys() const { return m_sampleKeys; }    // one each
    std::span<const std::int32_t> logitRows() const { return m_logitRows; }   // logits are wanted

private:
    std::vector<TokenId> m_tokens;
    std::vector<SequenceSpan> m_spans;
    std::vector<std::int32_t> m_sampleRows;
    std::vector<SampleKey> m_sampleKeys;
    std::vector<std::int32_t> m_logitRows;
    std::vector<char> m_seen; // by sequence: occurs in this step
};

} // namespace engine::cpu
