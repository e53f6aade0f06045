// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/step_batch.h"

#include "engine/infer/cpu/kernels/kv_pages.h"
#include "engine/infer/span_check.h"

namespace engine::cpu {

StepBatch::StepBatch(const DecoderOptions &options) : m_seen(std::size_t(options.maxSequences), 0)
{
    m_tokens.reserve(std::size_t(options.maxStepTokens));
    m_logitRows.reserve(std::size_t(options.maxStepTokens));
    m_spans.reserve(std::size_t(options.maxSequences));
    m_sampleRows.reserve(std::size_t(options.maxSequences));
    m_sampleKeys.reserve(std::size_t(options.maxSequences));
}

Result<void> StepBatch::check(std::span<const TokenSpan> spans, const SequenceTable &sequences,
                              const ModelSpec &model, const DecoderOptions &options)
{
    return checkSpans(spans, sequences,
                      {.model = model.name,
                       .vocabulary = model.vocabulary,
                       .maxPositions = options.maxPositions,
                       .maxStepTokens = options.maxStepTokens,
                       .pagePositions = kPagePositions},
                      m_seen);
}

void StepBatch::place(std::span<const TokenSpan> spans, SequenceTable &sequences,
                      std::uint64_t seed)
{
    m_tokens.clear();
    m_spans.clear();
    m_sampleRows.clear();
    m_sampleKeys.clear();
    m_logitRows.clear();
    for (const TokenSpan &span : spans) {
        const std::int64_t depth = sequences.length(span.sequence);
        const auto count = std::int64_t(span.tokens.size());
        sequences.reserve(span.sequence, depth + count);
        const auto first = std::int64_t(m_tokens.size());
        m_spans.push_back({.pages = sequences.pages(span.sequence).data(),
                           .depth = depth,
                           .tokens = count,
                           .firstRow = first});
        m_tokens.insert(m_tokens.end(), span.tokens.begin(), span.tokens.end());
        if (span.output == SpanOutput::Sample) {
            m_sampleRows.push_back(std::int32_t(first + count - 1));
            m_sampleKeys.push_back({.seed = seed,
                                    .sequence = std::uint64_t(span.sequence),
                                    .position = std::uint64_t(depth + count)});
        } else if (span.output == SpanOutput::Logits) {
            for (std::int64_t row = first; row < first + count; ++row)
                m_logitRows.push_back(std::int32_t(row));
        }
    }
}

} // namespace engine::cpu
