// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <QDate>
#include <QString>

#include "engine/spec/result.h"

namespace app {

// Seconds since 1970-01-01 00:00 UTC.
using UnixSeconds = std::int64_t;

// Millionths of the card's currency per million tokens, which is the same integer as 1e-12 of the
// currency per token.
using MicroPerMillion = std::int64_t;

// 1e-12 of the card's currency.
using Pico = std::int64_t;

// One set of prices. An absent one is not published; it is never zero.
struct Prices
{
    std::optional<MicroPerMillion> input; // prompt tokens that no cache holds
    std::optional<MicroPerMillion> output;
    std::optional<MicroPerMillion> cacheRead;
    std::optional<MicroPerMillion> cacheWrite;
    std::optional<MicroPerMillion> reasoning; // where thinking tokens have a price of their own
    std::optional<Pico> request;              // for each request, whatever its length

    friend bool operator==(const Prices &, const Prices &) = default;
};

// Hours of the week, in UTC. The weekday that counts is that of the schedule's own zone.
struct ScheduleWindow
{
    int weekdayMask = 127;  // bit 0 is Monday
    int startMinuteUtc = 0; // included
    int endMinuteUtc = 0;   // excluded; at or before the start it is the next day's minute

    friend bool operator==(const ScheduleWindow &, const ScheduleWindow &) = default;
};

// Days that count as no weekday at all. Outside [coveredFrom, coveredTo] nothing is known.
struct HolidayCalendar
{
    QString id;
    QDate coveredFrom;
    QDate coveredTo;
    std::vector<QDate> days; // ascending

    friend bool operator==(const HolidayCalendar &, const HolidayCalendar &) = default;
};

// When a price of the clock applies.
struct Schedule
{
    QString id;
    QString name;    // "off-peak"
    QString dayZone; // IANA name: which calendar day an instant belongs to
    std::vector<ScheduleWindow> windows;
    std::optional<HolidayCalendar> holidays;

    friend bool operator==(const Schedule &, const Schedule &) = default;
};

// Prices that replace the base where they apply; what they leave absent is the base's.
struct PriceRule
{
    std::int64_t aboveInputTokens = 0; // applies to prompts longer than this, to the whole request
    std::optional<Schedule> schedule;  // absent: at any hour
    Prices prices;

    friend bool operator==(const PriceRule &, const PriceRule &) = default;
};

// Everything that one offer asks, in its own currency.
struct PriceCard
{
    QString currency = QStringLiteral("USD");
    Prices base;
    std::vector<PriceRule> rules; // by ascending threshold

    friend bool operator==(const PriceCard &, const PriceCard &) = default;
};

// The last second of a day in UTC: "as of" that day means what held when it ended.
UnixSeconds endOfDay(const QDate &day);
// The day of an instant, in UTC.
QDate dayOf(UnixSeconds instant);

// True where `at` lies in one of the schedule's windows. `coverageEnded`, if given, is set where
// the holiday calendar says nothing about that day.
bool covers(const Schedule &schedule, UnixSeconds at, bool *coverageEnded = nullptr);

// The prices of a prompt of that length at that instant (completion of the request).
Prices pricesAt(const PriceCard &card, std::int64_t inputTokens, UnixSeconds at);

// The base prices with a rule's laid over them: "what the off-peak hours cost".
Prices overlaid(const Prices &base, const PriceRule &rule);

// The prices of a card by hour, short prompts: "standard" alone, or "standard" and "off-peak", or
// "off-peak" and "peak" where the base is what holds outside the peak.
struct NamedPrices
{
    QString name;
    Prices prices;

    friend bool operator==(const NamedPrices &, const NamedPrices &) = default;
};
std::vector<NamedPrices> pricesByHour(const PriceCard &card);

// What had to be assumed to form a figure.
struct PriceFlags
{
    bool cachePriceUnknown = false; // cached or written tokens were priced as plain input
    bool reasoningPricedAsOutput = false;
    bool holidayCoverageEnded = false; // the holiday calendar does not reach that day

    friend bool operator==(const PriceFlags &, const PriceFlags &) = default;
};

// Tokens in to tokens out, as parts (3 to 1), and the share of the input that a cache holds.
struct TokenMix
{
    std::int64_t inputParts = 3;
    std::int64_t outputParts = 1;
    int cachedPpm = 0; // 0 to 1,000,000

    friend bool operator==(const TokenMix &, const TokenMix &) = default;
};

struct Blended
{
    MicroPerMillion amount = 0;
    PriceFlags flags;

    friend bool operator==(const Blended &, const Blended &) = default;
};

// [r ((1-h) input + h cacheRead) + output] / (r + 1), in integers, rounded to the nearest.
// Absent where input or output has no price, or the mix has no tokens.
std::optional<Blended> blended(const Prices &prices, const TokenMix &mix);

// The tokens of one request. `input` counts all prompt tokens, cached and written ones included.
struct RequestTokens
{
    std::int64_t input = 0;
    std::int64_t cacheRead = 0;
    std::int64_t cacheWrite = 0;
    std::int64_t output = 0; // what the reader sees
    std::int64_t reasoning = 0;

    friend bool operator==(const RequestTokens &, const RequestTokens &) = default;
};

// The parts add up to the total exactly.
struct RequestCost
{
    Pico total = 0;
    Pico input = 0;
    Pico cacheRead = 0;
    Pico cacheWrite = 0;
    Pico output = 0;
    Pico reasoning = 0;
    Pico request = 0;
    Prices applied; // after threshold and hour were looked up
    PriceFlags flags;

    friend bool operator==(const RequestCost &, const RequestCost &) = default;
};

// What one request costs if it completes at `at`. BadInput for negative counts, more cached tokens
// than input or an amount past 64 bits; NotFound where input or output has no price.
engine::Result<RequestCost> costOfRequest(const PriceCard &card, const RequestTokens &tokens,
                                          UnixSeconds at);

} // namespace app
