// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "engine/spec/device_spec.h"
#include "engine/spec/units.h"

namespace engine {

// Tokens that were served; `cachedInput` is the part of `input` that a prefix cache held.
struct TokenFlow
{
    double input = 0;
    double cachedInput = 0;
    double output = 0;

    friend bool operator==(const TokenFlow &, const TokenFlow &) = default;
};

// Micro-dollars per million tokens, as a provider lists them.
struct TokenPrices
{
    MicroUsd input = 0;
    MicroUsd cachedInput = 0;
    MicroUsd output = 0;

    friend bool operator==(const TokenPrices &, const TokenPrices &) = default;
};

// What the tokens are billed at the list price, to the nearest micro-dollar.
MicroUsd billOf(const TokenFlow &flow, const TokenPrices &prices);

// What `devices` devices (an average over time, so not always whole) cost for `hours`.
MicroUsd rentOf(double devices, MicroUsd perDeviceHour, double hours);

// Profit over cost: 5.45 is 545 %. Absent when the cost is not positive.
std::optional<double> marginOf(MicroUsd revenue, MicroUsd cost);

// Blended list price of `inputPerOutput` input tokens to one output token, of which a share
// `cachedShare` is cached: [rho ((1 - h) p_in + h p_cached) + p_out] / (rho + 1).
MicroUsd blendedPrice(const TokenPrices &prices, double inputPerOutput, double cachedShare);

// What a group of devices does under load.
struct ServedRates
{
    double inputTps = 0;     // prompt tokens a second, cached ones included
    double outputTps = 0;    // a second
    double prefillShare = 0; // of the time in steps that prompts take

    friend bool operator==(const ServedRates &, const ServedRates &) = default;
};

// Micro-dollars per million tokens of a rented group of devices; absent where a rate is 0.
// `total` spreads the rent over input and output tokens alike and so is the blended cost at this
// mix; `outputAlone` puts it all on output; `input` and `output` split it by the time of prompts
// and of decode steps, so that input x inputTps + output x outputTps is the rent again.
struct ServedCost
{
    std::optional<MicroUsd> total;
    std::optional<MicroUsd> outputAlone;
    std::optional<MicroUsd> input;
    std::optional<MicroUsd> output;

    friend bool operator==(const ServedCost &, const ServedCost &) = default;
};

// `utilisation`: share of the paid hours in which the rates are met, over 0 to 1.
ServedCost servedCost(int devices, MicroUsd perDeviceHour, const ServedRates &rates,
                      double utilisation);

// Shares of a board's rated power, by what it does: a planning assumption, not measured here.
// Prompts hold an accelerator near its limit and decode steps well below it (Patel et al., "POLCA",
// 2023, and "Splitwise", 2024, describe both); an idle board draws about a tenth.
struct PowerShares
{
    double idle = 0.1;
    double decode = 0.65;
    double prefill = 0.95;

    friend bool operator==(const PowerShares &, const PowerShares &) = default;
};

// Energy of the boards alone, without host, network and cooling. Absent where the device's watts
// are unknown or no tokens come.
struct ServedEnergy
{
    double watts = 0; // mean, of all devices
    std::optional<double> joulesPerOutputToken;
    std::optional<double> joulesPerToken; // input and output

    friend bool operator==(const ServedEnergy &, const ServedEnergy &) = default;
};

// `busyShare` of the time is spent in steps, `rates.prefillShare` of that on prompts; the rates are
// means over busy and idle time.
std::optional<ServedEnergy> servedEnergy(int devices, double wattsEach, const ServedRates &rates,
                                         double busyShare, const PowerShares &shares = {});

// Replicas that `tokensPerSecond` need when each makes `replicaTps` at full load and is loaded to
// `utilisation` of it at most; at least 1, 0 when a replica makes nothing.
std::int64_t replicasFor(double tokensPerSecond, double replicaTps, double utilisation);

} // namespace engine
