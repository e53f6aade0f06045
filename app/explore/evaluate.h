// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "app/catalog/catalog.h"
#include "app/explore/device_knowledge.h"
#include "app/explore/findings.h"
#include "app/explore/inventory.h"
#include "app/explore/scenario.h"
#include "app/measure/measurement_log.h"

namespace app {

// What a scenario is judged by. `device` is the scenario's own, null when the inventory lacks it.
struct Knowledge
{
    const Catalog &catalog;
    const Inventory &inventory;
    const DeviceKnowledge *device = nullptr;
    std::span<const Measurement> measurements;
};

// Everything that is to be said about the scenario: estimated and measured curves along its axis,
// the figures at its own cell, the offers in the same axes, and notes. Pure; what cannot be (too
// little memory, an unknown model) becomes gaps and notes.
Findings evaluate(const Knowledge &knowledge, const Scenario &scenario);

} // namespace app
