// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "app/explore/scenario.h"

namespace app {

// What a million tokens costs on rented hardware, split by the device time that a token takes, in
// USD: 1e6 * usd_per_hour / (3600 * utilisation) * seconds of one token.
struct OwnPrices
{
    double input = 0; // of a prompt token that no cache holds
    double output = 0;
};

// prefillSecondsPerToken = T_prefill(I) / I, stepSecondsPerToken = T_step(B) / B. Absent when the
// scenario names no price per hour.
std::optional<OwnPrices> ownPrices(const Scenario &scenario, double prefillSecondsPerToken,
                                   double stepSecondsPerToken);

// USD per million tokens at the scenario's mix: (r (1 - h) input + output) / (r + 1). A cached
// token takes no prefill and so costs no device time.
double blendedUsd(const Scenario &scenario, const OwnPrices &prices);

// USD of one request of the scenario's context and output.
double requestUsd(const Scenario &scenario, std::int64_t contextTokens, const OwnPrices &prices);

} // namespace app
