// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/busy_spans.h"

#include <algorithm>

namespace engine {

void BusySpans::add(std::int64_t begin, std::int64_t end)
{
    if (begin >= end)
        return;
    const std::scoped_lock lock(m_mutex);
    // Reports come as time passes; one that reaches back joins those it touches.
    while (!m_spans.empty() && m_spans.back().end >= begin) {
        begin = std::min(begin, m_spans.back().begin);
        end = std::max(end, m_spans.back().end);
        m_spans.pop_back();
    }
    m_spans.push_back({begin, end});
}

bool BusySpans::overlaps(std::int64_t begin, std::int64_t end) const
{
    const std::scoped_lock lock(m_mutex);
    const auto after = std::partition_point(
        m_spans.begin(), m_spans.end(), [begin](const Span &span) { return span.end <= begin; });
    return after != m_spans.end() && after->begin < end;
}

} // namespace engine
