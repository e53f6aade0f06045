// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/own_cost.h"

namespace app {

std::optional<OwnPrices> ownPrices(const Scenario &scenario, double prefillSecondsPerToken,
                                   double stepSecondsPerToken)
{
    if (scenario.usdPerHour <= 0 || scenario.utilisation <= 0)
        return std::nullopt;
    // Micro-dollars per hour and a million tokens cancel.
    const double usdPerSecondMillion =
        static_cast<double>(scenario.usdPerHour) / (3600 * scenario.utilisation);
    return OwnPrices{usdPerSecondMillion * prefillSecondsPerToken,
                     usdPerSecondMillion * stepSecondsPerToken};
}

double blendedUsd(const Scenario &scenario, const OwnPrices &prices)
{
    const double ratio = scenario.inputPerOutput;
    return (ratio * (1 - scenario.cachedShare) * prices.input + prices.output) / (ratio + 1);
}

double requestUsd(const Scenario &scenario, std::int64_t contextTokens, const OwnPrices &prices)
{
    const double input = static_cast<double>(contextTokens) * (1 - scenario.cachedShare);
    const double output = static_cast<double>(scenario.workload.outputTokens);
    return (input * prices.input + output * prices.output) * 1e-6;
}

} // namespace app
