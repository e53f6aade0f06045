// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include "app/catalog/catalog.h"

namespace app {

// How much of the traffic falls into each hour of the week, from Monday 00:00 UTC, in any unit.
using WeekTraffic = std::array<std::int64_t, 168>;

// The same traffic at every hour.
WeekTraffic uniformWeek();

// The prices that this traffic pays on the average: the sum over the windows of share x price, in
// integers, rounded once. Windows are cut to the minute; holidays are left out, since they belong
// to no week. A component that is missing at any hour with traffic is missing.
Prices pricesOverWeek(const PriceCard &card, std::int64_t inputTokens, const WeekTraffic &traffic);

// What a model spent on a public set of tasks, and who says so.
struct TokenUse
{
    QString model;
    QString setting;
    QString task;
    std::int64_t cases = 0;
    std::int64_t passedPpm = 0;
    std::optional<std::int64_t> promptTokens;     // of all cases
    std::optional<std::int64_t> completionTokens; // of all cases, thinking included
    std::optional<double> secondsPerCase;
    Provenance provenance;

    friend bool operator==(const TokenUse &, const TokenUse &) = default;
};

// What an answer of that task costs at an offer, and how long it takes to be whole.
struct AnswerCost
{
    Pico perCase = 0;
    std::optional<Pico> perPass; // per case that was solved; absent where none was
    std::int64_t promptTokensPerCase = 0;
    std::int64_t completionTokensPerCase = 0;
    std::optional<double> seconds; // wait + tokens at the offer's pace; absent where unknown
    bool waitUnknown = false;      // the seconds are without the wait
    PriceFlags flags;

    friend bool operator==(const AnswerCost &, const AnswerCost &) = default;
};

// Prompts are priced as if no cache held them. NotFound where the use has no token counts or the
// offer no price.
engine::Result<AnswerCost> costOfAnswer(const Offer &offer, const TokenUse &use, UnixSeconds at);

// A machine of one's own, running at all it can.
struct OwnMachine
{
    std::int64_t microPerHour = 0;        // millionths of a dollar
    double promptTokensPerSecond = 0;     // all requests together
    double completionTokensPerSecond = 0; // all requests together, while it is not reading prompts
};

struct BreakEven
{
    Pico ownAtFullUse = 0;          // of one such request
    std::optional<double> useShare; // 0 to 1: from this share of the time on it is the cheaper
                                    // one; absent where it is dearer even at full use

    friend bool operator==(const BreakEven &, const BreakEven &) = default;
};

// At what utilisation the own machine beats an offer that asks `offerCost` for one request of these
// tokens. BadInput for a machine without speed or price.
engine::Result<BreakEven> breakEven(const OwnMachine &machine, const RequestTokens &tokens,
                                    Pico offerCost);

} // namespace app
