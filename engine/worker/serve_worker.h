// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace engine {

// Serves requests from `input`, a line each, and writes answers and events to `output` until the
// input ends, the reader of the output is gone, or a shutdown is asked for. PROTOCOL.md describes
// the lines. Both file descriptors stay open. The exit code of the program.
int serveWorker(int input, int output, const std::string &resources);

} // namespace engine
