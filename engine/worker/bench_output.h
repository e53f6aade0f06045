// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/protocol/messages.h"
#include "engine/protocol/point_json.h"

namespace engine {

// The run as a table for a terminal: the model, the machine, a row a point, and what the flags say.
std::string runTable(const RunDocument &run);

// One line of progress, without a line break, at most `width` characters.
std::string progressLine(const SweepProgress &progress, int width);

} // namespace engine
