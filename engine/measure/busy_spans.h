// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

namespace engine {

// When somebody else was known to use the processor: what was measured then is measured again.
// Any thread may add or ask.
class BusySpans
{
public:
    // Nanoseconds of the steady clock; `begin` < `end`.
    void add(std::int64_t begin, std::int64_t end);
    bool overlaps(std::int64_t begin, std::int64_t end) const;

private:
    struct Span
    {
        std::int64_t begin;
        std::int64_t end;
    };
    mutable std::mutex m_mutex;
    std::vector<Span> m_spans; // guarded by m_mutex; apart from one another, in order
};

} // namespace engine
