// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/line_writer.h"

#include <cerrno>
#include <string>

#include <unistd.h>

namespace engine {

bool LineWriter::write(std::string_view line)
{
    std::string text(line);
    text += '\n';
    const std::scoped_lock lock(m_mutex);
    std::size_t written = 0;
    while (!m_isBroken && written < text.size()) {
        const ssize_t count = ::write(m_fd, text.data() + written, text.size() - written);
        if (count > 0)
            written += std::size_t(count);
        else if (count < 0 && errno != EINTR)
            m_isBroken = true;
    }
    return !m_isBroken;
}

} // namespace engine
