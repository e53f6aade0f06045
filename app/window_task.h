// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/command_line.h"

namespace app {

// Each needs a QApplication and returns the program's exit code.
int runWindow(const CommandLine &wanted);
int renderPicture(const CommandLine &wanted);

} // namespace app
