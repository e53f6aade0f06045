// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/cost.h"

#include <cmath>

namespace engine {

std::optional<MicroUsd> costPerMillion(int devices, MicroUsd perHour, double tokensPerSecond,
                                       double utilisation)
{
    if (!(tokensPerSecond > 0))
        return std::nullopt;
    return costPerMillion(devices, perHour, Seconds(1 / tokensPerSecond), utilisation);
}

std::optional<MicroUsd> costPerMillion(int devices, MicroUsd perHour, Seconds timePerToken,
                                       double utilisation)
{
    if (!(timePerToken.value > 0) || !(utilisation > 0) || utilisation > 1)
        return std::nullopt;
    const double cost = 1e6 * devices * double(perHour) * timePerToken.value / (3600 * utilisation);
    // Beyond this a micro-dollar count leaves 64 bits; nobody pays a million dollars a token.
    if (!(std::abs(cost) < 9e18))
        return std::nullopt;
    return std::llround(cost);
}

} // namespace engine
