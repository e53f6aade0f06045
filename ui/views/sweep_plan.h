// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "app/explore/inventory.h"
#include "app/explore/scenario.h"
#include "engine/protocol/messages.h"

namespace ui {

// The scenario as it can be measured here: on this machine, with the model in hand where its
// weights leave room in memory, else with the smallest preset. Absent when no device of the
// inventory can be measured.
std::optional<app::Scenario> measurable(const app::Scenario &scenario,
                                        const app::Inventory &inventory);

// The sweep that fills the charts in view: a ladder along the axis that is shown, at the
// scenario's other value and at one smaller.
engine::SweepRequest sweepOf(const app::Scenario &scenario, bool quick);

} // namespace ui
