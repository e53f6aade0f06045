// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <string_view>

namespace engine {

// Writes whole lines to a file descriptor from any thread.
class LineWriter
{
public:
    explicit LineWriter(int fd) : m_fd(fd) {}

    // Adds the line break. False when the reader is gone; then nothing is written any more.
    bool write(std::string_view line);
    bool isBroken() const { return m_isBroken; }

private:
    int m_fd;
    std::mutex m_mutex;
    std::atomic<bool> m_isBroken{false};
};

} // namespace engine
