// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/command_line.h"

namespace app {

// The main job without a window: measures the sweep through the worker, with progress on stderr,
// and writes report.png, curves.csv and run.json into a folder whose name it prints. Needs a
// QApplication; returns the program's exit code. An interrupt stops the sweep and keeps its points.
int runMeasure(const CommandLine &wanted);

} // namespace app
