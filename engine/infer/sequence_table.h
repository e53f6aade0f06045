// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/infer/decoder.h"

namespace engine {

// Which sequences are open, how long they are and which pages of the cache they own. Pages are
// numbered alike in every layer. Sized once; nothing here allocates later.
class SequenceTable
{
public:
    SequenceTable(std::int64_t maxSequences, std::int64_t pagesEach, std::int64_t pages,
                  std::int64_t pagePositions);

    // A free slot, or -1.
    SequenceId open();
    void close(SequenceId sequence);
    bool isOpen(SequenceId sequence) const;
    std::int64_t length(SequenceId sequence) const { return slot(sequence).length; }
    void setLength(SequenceId sequence, std::int64_t length) { slot(sequence).length = length; }

    // Pages that the sequence lacks to hold `positions`.
    std::int64_t pagesMissing(SequenceId sequence, std::int64_t positions) const;
    std::int64_t freePages() const { return std::int64_t(m_free.size()); }
    // Gives it the pages for `positions`; enough must be free.
    void reserve(SequenceId sequence, std::int64_t positions);
    // Takes back the pages beyond its length.
    void releaseSurplus(SequenceId sequence);
    // Page numbers in the order of positions.
    std::span<const std::int32_t> pages(SequenceId sequence) const { return slot(sequence).pages; }

private:
    struct Slot
    {
        bool open = false;
        std::int64_t length = 0;
        std::vector<std::int32_t> pages; // capacity for the longest sequence
    };
    Slot &slot(SequenceId sequence) { return m_slots[std::size_t(sequence)]; }
    const Slot &slot(SequenceId sequence) const { return m_slots[std::size_t(sequence)]; }
    std::int64_t pagesFor(std::int64_t positions) const
    {
        return (positions + m_pagePositions - 1) / m_pagePositions;
    }

    std::int64_t m_pagePositions;
    std::vector<Slot> m_slots;
    std::vector<std::int32_t> m_free; // a stack
};

} // namespace engine
