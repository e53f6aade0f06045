// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include <QByteArray>

namespace app {

// Cuts a stream of bytes into lines. A line over the cap is dropped whole and counted, so that a
// peer without line breaks cannot fill the memory.
class LineSplitter
{
public:
    explicit LineSplitter(std::size_t maxLineBytes) : m_maxLineBytes(maxLineBytes) {}

    // The whole lines that these bytes end, without their line breaks; empty lines are left out.
    std::vector<QByteArray> feed(const QByteArray &bytes);
    // What stands after the last line break; the splitter is empty afterwards.
    QByteArray takeRest();
    // Lines dropped since the last call.
    int takeDropped();

private:
    std::size_t m_maxLineBytes;
    QByteArray m_rest;
    bool m_skipping = false; // inside of a line that is over the cap
    int m_dropped = 0;
};

} // namespace app
