// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "app/explore/findings.h"

namespace app {

// What the figures add up to, the most important first. `measuredPoints` counts those of the
// scenario's model and device, at whatever batch and context.
void addNotes(Findings &findings, std::size_t measuredPoints);

} // namespace app
