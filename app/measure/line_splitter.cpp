// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/measure/line_splitter.h"

#include <utility>

namespace app {

std::vector<QByteArray> LineSplitter::feed(const QByteArray &bytes)
{
    std::vector<QByteArray> lines;
    qsizetype start = 0;
    while (start < bytes.size()) {
        const qsizetype end = bytes.indexOf('\n', start);
        const qsizetype length = (end < 0 ? bytes.size() : end) - start;
        if (!m_skipping) {
            if (static_cast<std::size_t>(m_rest.size() + length) > m_maxLineBytes) {
                m_skipping = true;
                ++m_dropped;
                m_rest.clear();
            } else {
                m_rest.append(bytes.constData() + start, length);
            }
        }
        if (end < 0)
            break;
        if (m_rest.endsWith('\r'))
            m_rest.chop(1);
        if (!m_skipping && !m_rest.isEmpty())
            lines.push_back(std::exchange(m_rest, {}));
        m_rest.clear();
        m_skipping = false;
        start = end + 1;
    }
    return lines;
}

QByteArray LineSplitter::takeRest()
{
    m_skipping = false;
    return std::exchange(m_rest, {});
}

int LineSplitter::takeDropped()
{
    return std::exchange(m_dropped, 0);
}

} // namespace app
