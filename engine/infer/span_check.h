// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every decoder refuses before a step, a cut or a copy: one sentence each, nothing changed.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/infer/decoder.h"
#include "engine/infer/sequence_table.h"

namespace engine {

struct StepLimits
{
    std::string_view model;
    std::int64_t vocabulary = 0;
    std::int64_t maxPositions = 0; // of a sequence
    std::int64_t maxStepTokens = 0;
    std::int64_t pagePositions = 0;
};

// Open sequences, each at most once, with tokens of the vocabulary that fit their sequence, the
// step and the cache. `seen` has a place for each sequence.
Result<void> checkSpans(std::span<const TokenSpan> spans, const SequenceTable &sequences,
                        const StepLimits &limits, std::vector<char> &seen);

Result<SequenceId> openSequence(SequenceTable &sequences, std::int64_t maxSequences);

Result<void> checkTruncate(const SequenceTable &sequences, SequenceId sequence,
                           std::int64_t length);

// Gives `to` the pages and the length of a copy of `from`; what they hold is the caller's to copy.
Result<void> reserveCopy(SequenceTable &sequences, SequenceId from, SequenceId to,
                         std::int64_t length);

} // namespace engine
