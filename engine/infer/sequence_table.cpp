// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/sequence_table.h"

#include <cassert>

namespace engine {

SequenceTable::SequenceTable(std::int64_t maxSequences, std::int64_t pagesEach, std::int64_t pages,
                             std::int64_t pagePositions)
    : m_pagePositions(pagePositions), m_slots(std::size_t(maxSequences))
{
    for (Slot &slot : m_slots)
        slot.pages.reserve(std::size_t(pagesEach));
    m_free.reserve(std::size_t(pages));
    for (std::int64_t page = pages; page-- > 0;)
        m_free.push_back(std::int32_t(page));
}

SequenceId SequenceTable::open()
{
    for (std::size_t i = 0; i < m_slots.size(); ++i) {
        if (!m_slots[i].open) {
            m_slots[i].open = true;
            m_slots[i].length = 0;
            return SequenceId(i);
        }
    }
    return -1;
}

void SequenceTable::close(SequenceId sequence)
{
    if (!isOpen(sequence))
        return;
    slot(sequence).length = 0;
    releaseSurplus(sequence);
    slot(sequence).open = false;
}

bool SequenceTable::isOpen(SequenceId sequence) const
{
    return sequence >= 0 && std::size_t(sequence) < m_slots.size() && slot(sequence).open;
}

std::int64_t SequenceTable::pagesMissing(SequenceId sequence, std::int64_t positions) const
{
    const std::int64_t missing = pagesFor(positions) - std::int64_t(slot(sequence).pages.size());
    return missing > 0 ? missing : 0;
}

void SequenceTable::reserve(SequenceId sequence, std::int64_t positions)
{
    for (std::int64_t i = pagesMissing(sequence, positions); i > 0; --i) {
        assert(!m_free.empty());
        slot(sequence).pages.push_back(m_free.back());
        m_free.pop_back();
    }
}

void SequenceTable::releaseSurplus(SequenceId sequence)
{
    Slot &own = slot(sequence);
    while (std::int64_t(own.pages.size()) > pagesFor(own.length)) {
        m_free.push_back(own.pages.back());
        own.pages.pop_back();
    }
}

} // namespace engine
