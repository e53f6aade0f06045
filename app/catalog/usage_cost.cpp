// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/usage_cost.h"

#include <cmath>
#include <set>

namespace app {
namespace {

using engine::ErrorKind;
__extension__ using Wide = __int128;

constexpr int kQuarter = 15;
constexpr int kDayMinutes = 1440;
constexpr int kWeekMinutes = 7 * kDayMinutes;
// Monday 2024-01-01 00:00 UTC.
constexpr UnixSeconds kSomeMonday = 1'704'067'200;

PriceCard withoutHolidays(PriceCard card)
{
    for (PriceRule &rule : card.rules) {
        if (rule.schedule)
            rule.schedule->holidays.reset();
    }
    return card;
}

// The minutes of the week at which a price may change: those of the windows, and every quarter of
// an hour, since midnight of a zone falls on one.
std::set<int> boundaries(const PriceCard &card)
{
    std::set<int> minutes;
    for (int minute = 0; minute <= kWeekMinutes; minute += kQuarter)
        minutes.insert(minute);
    std::set<int> ofDay;
    for (const PriceRule &rule : card.rules) {
        if (!rule.schedule)
            continue;
        for (const ScheduleWindow &window : rule.schedule->windows) {
            ofDay.insert(window.startMinuteUtc % kDayMinutes);
            ofDay.insert(window.endMinuteUtc % kDayMinutes);
        }
    }
    for (int day = 0; day < kWeekMinutes; day += kDayMinutes) {
        for (const int minute : ofDay)
            minutes.insert(day + minute);
    }
    return minutes;
}

struct Sum
{
    Wide amount = 0;
    bool missing = false;

    void add(const std::optional<std::int64_t> &price, Wide weight)
    {
        if (price)
            amount += *price * weight;
        else
            missing = true;
    }
    std::optional<std::int64_t> average(Wide weight) const
    {
        if (missing || weight == 0)
            return std::nullopt;
        return static_cast<std::int64_t>((amount + weight / 2) / weight);
    }
};

} // namespace

WeekTraffic uniformWeek()
{
    WeekTraffic traffic;
    traffic.fill(1);
    return traffic;
}

Prices pricesOverWeek(const PriceCard &card, std::int64_t inputTokens, const WeekTraffic &traffic)
{
    const PriceCard usual = withoutHolidays(card);
    Sum input, output, cacheRead, cacheWrite, reasoning, request;
    Wide total = 0;
    int start = 0;
    for (const int end : boundaries(usual)) {
        const int length = end - start;
        const std::int64_t traffics = length > 0 ? traffic[std::size_t(start / 60)] : 0;
        if (traffics > 0) {
            const Wide weight = Wide(traffics) * length;
            const Prices prices = pricesAt(usual, inputTokens, kSomeMonday + start * 60);
            input.add(prices.input, weight);
            output.add(prices.output, weight);
            cacheRead.add(prices.cacheRead, weight);
            cacheWrite.add(prices.cacheWrite, weight);
            reasoning.add(prices.reasoning, weight);
            request.add(prices.request, weight);
            total += weight;
        }
        start = end;
    }
    return {input.average(total),      output.average(total),    cacheRead.average(total),
            cacheWrite.average(total), reasoning.average(total), request.average(total)};
}

engine::Result<AnswerCost> costOfAnswer(const Offer &offer, const TokenUse &use, UnixSeconds at)
{
    if (!use.promptTokens || !use.completionTokens || use.cases <= 0)
        return engine::fail(ErrorKind::NotFound, "How many tokens " + use.model.toStdString() +
                                                     " needs for " + use.task.toStdString() +
                                                     " was not published.");
    AnswerCost answer;
    answer.promptTokensPerCase = *use.promptTokens / use.cases;
    answer.completionTokensPerCase = *use.completionTokens / use.cases;
    // Thresholds go by one prompt, money by all tokens: no rounding until the end.
    auto all = costOfRequest(
        {offer.card.currency, pricesAt(offer.card, answer.promptTokensPerCase, at), {}},
        {.input = *use.promptTokens, .output = *use.completionTokens}, at);
    if (!all)
        return tl::make_unexpected(all.error());
    const Pico requests = all->request * (use.cases - 1);
    const Pico total = all->total + requests;
    answer.perCase = (total + use.cases / 2) / use.cases;
    if (use.passedPpm > 0) {
        const Wide passed = Wide(use.cases) * use.passedPpm;
        answer.perPass = static_cast<Pico>((Wide(total) * 1'000'000 + passed / 2) / passed);
    }
    answer.flags = all->flags;
    const auto pace = offer.pace.p50TokensPerSecond ? offer.pace.p50TokensPerSecond
                                                    : offer.pace.lowerTokensPerSecond;
    if (pace && *pace > 0) {
        answer.waitUnknown = !offer.wait.p50Ms;
        answer.seconds =
            offer.wait.p50Ms.value_or(0) / 1000 +
            static_cast<double>(*use.completionTokens) / static_cast<double>(use.cases) / *pace;
    }
    return answer;
}

engine::Result<BreakEven> breakEven(const OwnMachine &machine, const RequestTokens &tokens,
                                    Pico offerCost)
{
    const std::int64_t completion = tokens.output + tokens.reasoning;
    if (machine.microPerHour <= 0 || !(machine.promptTokensPerSecond > 0) ||
        !(machine.completionTokensPerSecond > 0) || tokens.input < 0 || completion < 0 ||
        tokens.input + completion == 0)
        return engine::fail(ErrorKind::BadInput,
                            "A machine needs a price per hour and speeds above 0, and a request "
                            "needs tokens.");
    const double seconds = static_cast<double>(tokens.input) / machine.promptTokensPerSecond +
                           static_cast<double>(completion) / machine.completionTokensPerSecond;
    const double own = seconds / 3600 * static_cast<double>(machine.microPerHour) * 1e6;
    if (!(own < 9e18))
        return engine::fail(ErrorKind::BadInput, "The request is too large to price.");
    BreakEven result;
    result.ownAtFullUse = std::llround(own);
    if (offerCost > 0 && own <= static_cast<double>(offerCost))
        result.useShare = own / static_cast<double>(offerCost);
    return result;
}

} // namespace app
