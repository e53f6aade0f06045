// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/price_card.h"

#include <algorithm>

#include <QDateTime>
#include <QTimeZone>

namespace app {
namespace {

using engine::ErrorKind;
__extension__ using Wide = __int128;

constexpr std::int64_t kMillion = 1'000'000;

// The zones that matter here keep one offset all year, so a system without a zone database still
// prices by the right day.
int offsetSeconds(const QString &zone, UnixSeconds at)
{
    if (zone == QLatin1String("Asia/Shanghai"))
        return 8 * 3600;
    if (zone.isEmpty() || zone == QLatin1String("UTC"))
        return 0;
    const QTimeZone known(zone.toLatin1());
    return known.isValid() ? known.offsetFromUtc(QDateTime::fromSecsSinceEpoch(at, Qt::UTC)) : 0;
}

bool inWindow(const ScheduleWindow &window, int minuteUtc, int weekday)
{
    if ((window.weekdayMask >> (weekday - 1) & 1) == 0)
        return false;
    if (window.startMinuteUtc < window.endMinuteUtc)
        return minuteUtc >= window.startMinuteUtc && minuteUtc < window.endMinuteUtc;
    return minuteUtc >= window.startMinuteUtc || minuteUtc < window.endMinuteUtc;
}

template <class T>
void overlay(std::optional<T> &base, const std::optional<T> &over)
{
    if (over)
        base = over;
}

// value / divisor to the nearest, halves up; neither is negative.
std::int64_t rounded(Wide value, Wide divisor)
{
    return static_cast<std::int64_t>((value + divisor / 2) / divisor);
}

bool multiply(std::int64_t tokens, std::int64_t price, Pico *part, Pico *total)
{
    return !__builtin_mul_overflow(tokens, price, part) &&
           !__builtin_add_overflow(*total, *part, total);
}

Prices lookedUp(const PriceCard &card, std::int64_t inputTokens, UnixSeconds at, bool *ended)
{
    std::int64_t threshold = 0;
    for (const PriceRule &rule : card.rules) {
        if (rule.aboveInputTokens < inputTokens)
            threshold = std::max(threshold, rule.aboveInputTokens);
    }
    std::vector<const PriceRule *> applying;
    for (const PriceRule &rule : card.rules) {
        const bool levelApplies = rule.aboveInputTokens == 0 || rule.aboveInputTokens == threshold;
        if (levelApplies && (!rule.schedule || covers(*rule.schedule, at, ended)))
            applying.push_back(&rule);
    }
    std::stable_sort(applying.begin(), applying.end(), [](const auto *a, const auto *b) {
        return std::pair(a->aboveInputTokens, a->schedule.has_value()) <
               std::pair(b->aboveInputTokens, b->schedule.has_value());
    });
    Prices prices = card.base;
    for (const PriceRule *rule : applying)
        prices = overlaid(prices, *rule);
    return prices;
}

} // namespace

bool covers(const Schedule &schedule, UnixSeconds at, bool *coverageEnded)
{
    constexpr std::int64_t kDay = 86'400;
    const std::int64_t secondOfDay = ((at % kDay) + kDay) % kDay;
    const QDate day = dayOf(at + offsetSeconds(schedule.dayZone, at));
    const int minute = static_cast<int>(secondOfDay / 60);
    const bool inside = std::any_of(
        schedule.windows.begin(), schedule.windows.end(),
        [&](const ScheduleWindow &window) { return inWindow(window, minute, day.dayOfWeek()); });
    if (!inside || !schedule.holidays)
        return inside;
    const HolidayCalendar &holidays = *schedule.holidays;
    if (coverageEnded && (day < holidays.coveredFrom || day > holidays.coveredTo))
        *coverageEnded = true;
    return !std::binary_search(holidays.days.begin(), holidays.days.end(), day);
}

Prices overlaid(const Prices &base, const PriceRule &rule)
{
    Prices prices = base;
    overlay(prices.input, rule.prices.input);
    overlay(prices.output, rule.prices.output);
    overlay(prices.cacheRead, rule.prices.cacheRead);
    overlay(prices.cacheWrite, rule.prices.cacheWrite);
    overlay(prices.reasoning, rule.prices.reasoning);
    overlay(prices.request, rule.prices.request);
    return prices;
}

Prices pricesAt(const PriceCard &card, std::int64_t inputTokens, UnixSeconds at)
{
    return lookedUp(card, inputTokens, at, nullptr);
}

std::vector<NamedPrices> pricesByHour(const PriceCard &card)
{
    std::vector<NamedPrices> named{{QStringLiteral("standard"), card.base}};
    for (const PriceRule &rule : card.rules) {
        if (!rule.schedule || rule.aboveInputTokens != 0)
            continue;
        if (rule.schedule->name == QLatin1String("peak"))
            named.front().name = QStringLiteral("off-peak");
        named.push_back({rule.schedule->name, overlaid(card.base, rule)});
    }
    return named;
}

std::optional<Blended> blended(const Prices &prices, const TokenMix &mix)
{
    if (!prices.input || !prices.output || mix.inputParts < 0 || mix.outputParts < 0 ||
        (mix.inputParts == 0 && mix.outputParts == 0))
        return std::nullopt;
    const Wide cached = std::clamp(mix.cachedPpm, 0, static_cast<int>(kMillion));
    Blended result;
    result.flags.cachePriceUnknown = cached > 0 && mix.inputParts > 0 && !prices.cacheRead;
    const Wide read = prices.cacheRead.value_or(*prices.input);
    const Wide input = (kMillion - cached) * *prices.input + cached * read;
    const Wide sum = mix.inputParts * input + Wide(mix.outputParts) * kMillion * *prices.output;
    result.amount = rounded(sum, (Wide(mix.inputParts) + mix.outputParts) * kMillion);
    return result;
}

engine::Result<RequestCost> costOfRequest(const PriceCard &card, const RequestTokens &tokens,
                                          UnixSeconds at)
{
    const std::int64_t counts[] = {tokens.input, tokens.cacheRead, tokens.cacheWrite, tokens.output,
                                   tokens.reasoning};
    if (std::any_of(std::begin(counts), std::end(counts), [](auto n) { return n < 0; }))
        return engine::fail(ErrorKind::BadInput, "A token count is negative; give 0 or more.");
    if (tokens.cacheRead > tokens.input || tokens.cacheWrite > tokens.input - tokens.cacheRead)
        return engine::fail(ErrorKind::BadInput,
                            "More tokens are cached than the prompt has; the input count includes "
                            "the cached ones.");
    RequestCost cost;
    cost.applied = lookedUp(card, tokens.input, at, &cost.flags.holidayCoverageEnded);
    const Prices &prices = cost.applied;
    if (!prices.input || !prices.output)
        return engine::fail(ErrorKind::NotFound,
                            "The offer has no published price for input or output, so a request "
                            "cannot be priced.");
    const std::int64_t uncached = tokens.input - tokens.cacheRead - tokens.cacheWrite;
    cost.flags.cachePriceUnknown = (tokens.cacheRead > 0 && !prices.cacheRead) ||
                                   (tokens.cacheWrite > 0 && !prices.cacheWrite);
    cost.flags.reasoningPricedAsOutput = tokens.reasoning > 0 && !prices.reasoning;
    cost.request = prices.request.value_or(0);
    cost.total = cost.request;
    const bool fits = multiply(uncached, *prices.input, &cost.input, &cost.total) &&
                      multiply(tokens.cacheRead, prices.cacheRead.value_or(*prices.input),
                               &cost.cacheRead, &cost.total) &&
                      multiply(tokens.cacheWrite, prices.cacheWrite.value_or(*prices.input),
                               &cost.cacheWrite, &cost.total) &&
                      multiply(tokens.output, *prices.output, &cost.output, &cost.total) &&
                      multiply(tokens.reasoning, prices.reasoning.value_or(*prices.output),
                               &cost.reasoning, &cost.total);
    if (!fits)
        return engine::fail(ErrorKind::BadInput,
                            "The request is too large to price: its cost passes nine million.");
    return cost;
}

UnixSeconds endOfDay(const QDate &day)
{
    return day.addDays(1).startOfDay(Qt::UTC).toSecsSinceEpoch() - 1;
}

QDate dayOf(UnixSeconds instant)
{
    return QDateTime::fromSecsSinceEpoch(instant, Qt::UTC).date();
}

} // namespace app
