// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace engine {

// Cuts a stream of bytes into lines. A line over the cap is dropped up to its end and reported
// once, so that no stranger decides how much memory is taken.
class LineReader
{
public:
    LineReader(std::size_t maxBytes, std::function<void(std::string_view)> onLine,
               std::function<void()> onTooLong);

    void feed(std::string_view bytes);
    // The end of the stream: what has no line break is a line too.
    void finish();

private:
    void endLine();

    std::size_t m_maxBytes;
    std::function<void(std::string_view)> m_onLine;
    std::function<void()> m_onTooLong;
    std::string m_line;
    bool m_isTooLong = false;
};

} // namespace engine
