// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/economics.h"

#include <algorithm>
#include <cmath>

#include "engine/predict/cost.h"

namespace engine {

MicroUsd billOf(const TokenFlow &flow, const TokenPrices &prices)
{
    const double bill = (flow.input - flow.cachedInput) * double(prices.input) +
                        flow.cachedInput * double(prices.cachedInput) +
                        flow.output * double(prices.output);
    return std::llround(bill / 1e6);
}

MicroUsd rentOf(double devices, MicroUsd perDeviceHour, double hours)
{
    return std::llround(devices * hours * double(perDeviceHour));
}

std::optional<double> marginOf(MicroUsd revenue, MicroUsd cost)
{
    if (cost <= 0)
        return std::nullopt;
    return double(revenue) / double(cost) - 1;
}

MicroUsd blendedPrice(const TokenPrices &prices, double inputPerOutput, double cachedShare)
{
    const double input =
        (1 - cachedShare) * double(prices.input) + cachedShare * double(prices.cachedInput);
    return std::llround((inputPerOutput * input + double(prices.output)) / (inputPerOutput + 1));
}

ServedCost servedCost(int devices, MicroUsd perDeviceHour, const ServedRates &rates,
                      double utilisation)
{
    const auto cost = [&](double tps, double share) -> std::optional<MicroUsd> {
        if (!(share > 0) || !(tps > 0))
            return std::nullopt;
        return costPerMillion(devices, perDeviceHour, tps / share, utilisation);
    };
    ServedCost served;
    served.total = cost(rates.inputTps + rates.outputTps, 1);
    served.outputAlone = cost(rates.outputTps, 1);
    served.input = cost(rates.inputTps, rates.prefillShare);
    served.output = cost(rates.outputTps, 1 - rates.prefillShare);
    return served;
}

std::optional<ServedEnergy> servedEnergy(int devices, double wattsEach, const ServedRates &rates,
                                         double busyShare, const PowerShares &shares)
{
    if (!(wattsEach > 0) || devices < 1)
        return std::nullopt;
    const double busy = std::clamp(busyShare, 0.0, 1.0);
    const double working =
        rates.prefillShare * shares.prefill + (1 - rates.prefillShare) * shares.decode;
    ServedEnergy energy;
    energy.watts = devices * wattsEach * (busy * working + (1 - busy) * shares.idle);
    if (rates.outputTps > 0)
        energy.joulesPerOutputToken = energy.watts / rates.outputTps;
    if (rates.inputTps + rates.outputTps > 0)
        energy.joulesPerToken = energy.watts / (rates.inputTps + rates.outputTps);
    return energy;
}

std::int64_t replicasFor(double tokensPerSecond, double replicaTps, double utilisation)
{
    if (!(replicaTps > 0) || !(utilisation > 0))
        return 0;
    const double replicas = std::ceil(tokensPerSecond / (replicaTps * utilisation) - 1e-9);
    return std::int64_t(std::clamp(replicas, 1.0, 1e12));
}

} // namespace engine
