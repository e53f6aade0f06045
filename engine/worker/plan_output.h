// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/plan/plan.h"

namespace engine {

// What `plan` prints.
struct PlanReport
{
    PlanRequest request;
    Plan plan;
    std::size_t shown = 10;              // options
    std::optional<ServingSummary> check; // the first option under simulated load
};

// One object: schema, request, options (all of them), refusals, check.
std::string toJson(const PlanReport &report);

// Lines for people: the cheapest options, and why the other devices are none.
std::string toTable(const PlanReport &report);

} // namespace engine
