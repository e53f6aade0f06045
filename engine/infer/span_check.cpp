// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/span_check.h"

#include <algorithm>
#include <string>
#include <utility>

namespace engine {
namespace {

std::string nameOf(SequenceId sequence)
{
    return "Sequence " + std::to_string(sequence);
}

Result<void> checkSpan(const TokenSpan &span, const SequenceTable &sequences,
                       const StepLimits &limits)
{
    if (!sequences.isOpen(span.sequence))
        return fail(ErrorKind::BadInput, nameOf(span.sequence) + " is not open.");
    if (span.tokens.empty())
        return fail(ErrorKind::BadInput,
                    nameOf(span.sequence) + " was given a span without tokens.");
    const std::int64_t length = sequences.length(span.sequence) + std::int64_t(span.tokens.size());
    if (length > limits.maxPositions)
        return fail(ErrorKind::DoesNotFit, nameOf(span.sequence) + " would have " +
                                               std::to_string(length) +
                                               " positions; the decoder was made for " +
                                               std::to_string(limits.maxPositions) + ".");
    for (const TokenId token : span.tokens) {
        if (token < 0 || token >= limits.vocabulary)
            return fail(ErrorKind::BadInput, "Token " + std::to_string(token) +
                                                 " is outside the vocabulary of " +
                                                 std::string(limits.model) + ", which has " +
                                                 std::to_string(limits.vocabulary) + ".");
    }
    return {};
}

} // namespace

Result<void> checkSpans(std::span<const TokenSpan> spans, const SequenceTable &sequences,
                        const StepLimits &limits, std::vector<char> &seen)
{
    std::int64_t rows = 0;
    std::int64_t pages = 0;
    std::fill(seen.begin(), seen.end(), 0);
    for (const TokenSpan &span : spans) {
        if (Result<void> checked = checkSpan(span, sequences, limits); !checked)
            return checked;
        if (std::exchange(seen[std::size_t(span.sequence)], 1))
            return fail(ErrorKind::BadInput, nameOf(span.sequence) + " occurs twice in one step.");
        rows += std::int64_t(span.tokens.size());
        pages += sequences.pagesMissing(span.sequence, sequences.length(span.sequence) +
                                                           std::int64_t(span.tokens.size()));
    }
    if (rows > limits.maxStepTokens)
        return fail(ErrorKind::DoesNotFit,
                    "A step of " + std::to_string(rows) + " tokens is longer than the " +
                        std::to_string(limits.maxStepTokens) + " that the decoder was made for.");
    if (pages > sequences.freePages())
        return fail(ErrorKind::DoesNotFit,
                    "The KV cache is full: the step needs " + std::to_string(pages) +
                        " more pages of " + std::to_string(limits.pagePositions) +
                        " positions and " + std::to_string(sequences.freePages()) + " are free.");
    return {};
}

Result<SequenceId> openSequence(SequenceTable &sequences, std::int64_t maxSequences)
{
    const SequenceId sequence = sequences.open();
    if (sequence < 0)
        return fail(ErrorKind::DoesNotFit, "All " + std::to_string(maxSequences) +
                                               " sequences of the decoder are open; close one.");
    return sequence;
}

Result<void> checkTruncate(const SequenceTable &sequences, SequenceId sequence, std::int64_t length)
{
    if (!sequences.isOpen(sequence))
        return fail(ErrorKind::BadInput, nameOf(sequence) + " is not open.");
    if (length < 0 || length > sequences.length(sequence))
        return fail(ErrorKind::BadInput,
                    nameOf(sequence) + " has " + std::to_string(sequences.length(sequence)) +
                        " positions and cannot be cut to " + std::to_string(length) + ".");
    return {};
}

Result<void> reserveCopy(SequenceTable &sequences, SequenceId from, SequenceId to,
                         std::int64_t length)
{
    if (!sequences.isOpen(from) || !sequences.isOpen(to) || from == to)
        return fail(ErrorKind::BadInput, "A copy needs two different open sequences.");
    if (length < 0 || length > sequences.length(from))
        return fail(ErrorKind::BadInput,
                    nameOf(from) + " has " + std::to_string(sequences.length(from)) +
                        " positions; " + std::to_string(length) + " cannot be copied.");
    sequences.setLength(to, 0);
    sequences.releaseSurplus(to);
    if (sequences.pagesMissing(to, length) > sequences.freePages())
        return fail(ErrorKind::DoesNotFit, "The KV cache has no room for a copy of " +
                                               std::to_string(length) + " positions.");
    sequences.reserve(to, length);
    sequences.setLength(to, length);
    return {};
}

} // namespace engine
