// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "engine/spec/units.h"

namespace engine {

// Micro-dollars per million tokens of `devices` devices rented at `perHour` each that make
// `tokensPerSecond` while they work and work a share `utilisation` of the time, to the nearest
// micro-dollar. Absent when the rate or the share is not positive.
std::optional<MicroUsd> costPerMillion(int devices, MicroUsd perHour, double tokensPerSecond,
                                       double utilisation);

// The same from the device time that one token takes: T_prefill(I) / I, or T_step(B) / B.
std::optional<MicroUsd> costPerMillion(int devices, MicroUsd perHour, Seconds timePerToken,
                                       double utilisation);

} // namespace engine
