// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/line_reader.h"

#include <algorithm>
#include <utility>

namespace engine {

LineReader::LineReader(std::size_t maxBytes, std::function<void(std::string_view)> onLine,
                       std::function<void()> onTooLong)
    : m_maxBytes(maxBytes), m_onLine(std::move(onLine)), m_onTooLong(std::move(onTooLong))
{
}

void LineReader::feed(std::string_view bytes)
{
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        if (m_line.size() + part.size() > m_maxBytes)
            m_isTooLong = true;
        if (m_isTooLong)
            m_line.clear();
        else
            m_line += part;
        if (end == std::string_view::npos)
            return;
        endLine();
        bytes.remove_prefix(end + 1);
    }
}

void LineReader::finish()
{
    if (m_isTooLong || !m_line.empty())
        endLine();
}

void LineReader::endLine()
{
    if (m_isTooLong) {
        m_onTooLong();
    } else {
        if (!m_line.empty() && m_line.back() == '\r')
            m_line.pop_back();
        if (m_line.find_first_not_of(" \t") != std::string::npos)
            m_onLine(m_line);
    }
    m_isTooLong = false;
    m_line.clear();
}

} // namespace engine
