// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/step_batch.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/infer/cpu/kernels/kv_pages.h"

namespace engine::cpu {

StepBatch::StepBatch(const DecoderOptions &options) : m_seen(std::size_t(options.maxSequences), 0)
{
    m_tokens.reserve(std::size_t(options.maxStepTokens));
    m_logitRows.reserve(std::size_t(options.maxStepTokens));
    m_spans.reserve(std::size_t(options.maxSequences));
    m_sampleRows.reserve(std::size_t(options.maxSequences));
    m_sampleKeys.reserve(std::size_t(options.maxSequences));
}

namespace {

Result<void> checkSpan(const TokenSpan &span, const SequenceTable &sequences,
                       const ModelSpec &model, std::int64_t maxPositions)
{
    const std::string name = "Sequence " + std::to_string(span.sequence);
    if (!sequences.isOpen(span.sequence))
        return fail(ErrorKind::BadInput, name + " is not open.");
    if (span.tokens.empty())
        return fail(ErrorKind::BadInput, name + " was given a span without tokens.");
    const std::int64_t length = sequences.length(span.sequence) + std::int64_t(span.tokens.size());
    if (length > maxPositions)
        return fail(ErrorKind::DoesNotFit, name + " would have " + std::to_string(length) +
                                               " positions; the decoder was made for " +
                                               std::to_string(maxPositions) + ".");
    for (const TokenId token : span.tokens) {
        if (token < 0 || token >= model.vocabulary)
            return fail(ErrorKind::BadInput,
                        "Token " + std::to_string(token) + " is outside the vocabulary of " +
                            model.name + ", which has " + std::to_string(model.vocabulary) + ".");
    }
    return {};
}

} // namespace

Result<void> StepBatch::check(std::span<const TokenSpan> spans, const SequenceTable &sequences,
                              const ModelSpec &model, const DecoderOptions &options)
{
    std::int64_t rows = 0;
    std::int64_t pages = 0;
    std::fill(m_seen.begin(), m_seen.end(), 0);
    for (const TokenSpan &span : spans) {
        if (Result<void> checked = checkSpan(span, sequences, model, options.maxPositions);
            !checked)
            return checked;
        if (std::exchange(m_seen[std::size_t(span.sequence)], 1))
            return fail(ErrorKind::BadInput,
                        "Sequence " + std::to_string(span.sequence) + " occurs twice in one step.");
        rows += std::int64_t(span.tokens.size());
        pages += sequences.pagesMissing(span.sequence, sequences.length(span.sequence) +
                                                           std::int64_t(span.tokens.size()));
    }
    if (rows > options.maxStepTokens)
        return fail(ErrorKind::DoesNotFit,
                    "A step of " + std::to_string(rows) + " tokens is longer than the " +
                        std::to_string(options.maxStepTokens) + " that the decoder was made for.");
    if (pages > sequences.freePages())
        return fail(ErrorKind::DoesNotFit,
                    "The KV cache is full: the step needs " + std::to_string(pages) +
                        " more pages of " + std::to_string(kPagePositions) + " positions and " +
                        std::to_string(sequences.freePages()) + " are free.");
    return {};
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
