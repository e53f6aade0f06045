// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "engine/protocol/messages.h"

namespace app {

// Progress of a sweep on stderr: a line that is written over on a terminal, else a line for every
// point that is new or known better.
class SweepProgressLine
{
public:
    SweepProgressLine();

    void show(const engine::SweepProgress &progress);
    void show(const engine::Point &point);
    void note(const std::string &sentence);
    void finish();

private:
    void erase();

    bool m_terminal = false;
    std::string m_phase;
    std::map<engine::Workload, std::string> m_told; // what was said of each cell
    std::string m_line;                             // as it stands on the terminal
};

// "4 s", "2 min 10 s"; rounded to 5 s below a minute, to 30 s below ten.
std::string roughTime(double seconds);

} // namespace app
