// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/price_card.h"

#include <QTest>

#include "app/catalog/catalog_file.h"

using namespace app;

namespace {

Prices prices(MicroPerMillion input, MicroPerMillion output,
              std::optional<MicroPerMillion> cacheRead = {})
{
    Prices made;
    made.input = input;
    made.output = output;
    made.cacheRead = cacheRead;
    return made;
}

// DeepSeek's V4-Pro from 2026-08-22 16:00 UTC: off-peak base, twice that in peak hours of weekdays.
PriceCard proCard()
{
    Schedule peak;
    peak.name = QStringLiteral("peak");
    peak.dayZone = QStringLiteral("Asia/Shanghai");
    peak.windows = {{0b0011111, 60, 240}, {0b0011111, 360, 600}};
    peak.holidays = HolidayCalendar{QStringLiteral("cn"),
                                    QDate(2025, 1, 1),
                                    QDate(2026, 12, 31),
                                    {QDate(2026, 10, 1), QDate(2026, 10, 2)}};
    PriceCard card;
    card.base = prices(660'000, 1'980'000, 22'000);
    card.rules.push_back({0, peak, prices(1'320'000, 3'960'000, 44'000)});
    return card;
}

UnixSeconds at(const char *instant)
{
    return parseInstant(QString::fromLatin1(instant)).value();
}

constexpr RequestTokens kAgentTurn{50'000, 48'000, 0, 500, 0};

} // namespace

class PriceCardTest : public QObject
{
    Q_OBJECT

private slots:
    void BlendedPriceIsInputToOutputNotTheReverse();
    void CachedShareLowersTheBlendedPrice();
    void UnknownCachePriceIsCountedAsInputAndSaidSo();
    void BlendedPriceNeedsBothPrices();
    void BlendedPriceRoundsHalvesUp();
    void OffPeakRequestCostsAThirdOfACent();
    void PeakDoublesTheRequest();
    void CostIsTheSumOfItsParts();
    void RemovingTheCachePriceRaisesTheCost();
    void MoreTokensNeverCostLess();
    void ReasoningIsPricedAsOutputAndSaidSo();
    void ThresholdRepricesTheWholeRequestStrictlyAbove();
    void RefusesWhatCannotBePriced();
    void HoursAreHalfOpen();
    void WeekdayIsThatOfTheZone();
    void WindowMayWrapPastMidnight();
    void HolidaysAreOffPeakAndTheirCoverageEnds();
    void PricesByHourAreNamed();
    void PriceTextIsExactOrRefused();
};

void PriceCardTest::BlendedPriceIsInputToOutputNotTheReverse()
{
    // metrics.md vector 51: 0.66 and 1.98 at 3:1 is 0.99; read the wrong way round 1.65.
    const Prices v4 = prices(660'000, 1'980'000, 22'000);
    QCOMPARE(blended(v4, {3, 1, 0})->amount, 990'000);
    QCOMPARE(blended(v4, {1, 3, 0})->amount, 1'650'000);
    QCOMPARE(blended(prices(550'000, 2'190'000), {3, 1, 0})->amount, 960'000);
}

void PriceCardTest::CachedShareLowersTheBlendedPrice()
{
    const auto half = blended(prices(660'000, 1'980'000, 22'000), {3, 1, 500'000});
    QCOMPARE(half->amount, 750'750);
    QVERIFY(!half->flags.cachePriceUnknown);
}

void PriceCardTest::UnknownCachePriceIsCountedAsInputAndSaidSo()
{
    const auto blend = blended(prices(1'350'000, 5'400'000), {3, 1, 900'000});
    QCOMPARE(blend->amount, 2'362'500);
    QVERIFY(blend->flags.cachePriceUnknown);
    QVERIFY(!blended(prices(1'350'000, 5'400'000), {3, 1, 0})->flags.cachePriceUnknown);
}

void PriceCardTest::BlendedPriceNeedsBothPrices()
{
    Prices onlyInput;
    onlyInput.input = 1;
    QVERIFY(!blended(onlyInput, {3, 1, 0}));
    QVERIFY(!blended(prices(1, 1), {0, 0, 0}));
    QVERIFY(!blended(prices(1, 1), {-1, 1, 0}));
}

void PriceCardTest::BlendedPriceRoundsHalvesUp()
{
    QCOMPARE(blended(prices(1, 2), {1, 1, 0})->amount, 2); // 1.5
    QCOMPARE(blended(prices(135'000, 550'000), {3, 1, 0})->amount, 238'750);
    QCOMPARE(blended(prices(1'000'000'000, 1'000'000'000),
                     {4'000'000'000'000'000'000, 4'000'000'000'000'000'000, 0})
                 ->amount,
             1'000'000'000);
}

void PriceCardTest::OffPeakRequestCostsAThirdOfACent()
{
    // 48,000 x 22,000 + 2,000 x 660,000 + 500 x 1,980,000 = 3,366,000,000 pico = $0.003366.
    const auto cost = costOfRequest(proCard(), kAgentTurn, at("2026-10-12T05:00:00Z"));
    QCOMPARE(cost->total, 3'366'000'000);
    QCOMPARE(cost->cacheRead, 1'056'000'000);
    QCOMPARE(cost->input, 1'320'000'000);
    QCOMPARE(cost->output, 990'000'000);
    QCOMPARE(cost->flags, PriceFlags{});
}

void PriceCardTest::PeakDoublesTheRequest()
{
    const auto cost = costOfRequest(proCard(), kAgentTurn, at("2026-10-12T02:00:00Z"));
    QCOMPARE(cost->total, 6'732'000'000);
}

void PriceCardTest::CostIsTheSumOfItsParts()
{
    PriceCard card = proCard();
    card.base.reasoning = 1'500'001;
    card.base.cacheWrite = 825'003;
    card.base.request = 7;
    const auto cost =
        costOfRequest(card, {10'007, 3'001, 1'003, 501, 207}, at("2026-10-12T05:00:00Z"));
    QCOMPARE(cost->total, cost->input + cost->cacheRead + cost->cacheWrite + cost->output +
                              cost->reasoning + cost->request);
    QCOMPARE(cost->input, 6'003 * 660'000LL);
    QCOMPARE(cost->cacheWrite, 1'003 * 825'003LL);
    QCOMPARE(cost->reasoning, 207 * 1'500'001LL);
    QCOMPARE(cost->request, 7);
}

void PriceCardTest::RemovingTheCachePriceRaisesTheCost()
{
    PriceCard card = proCard();
    const auto with = costOfRequest(card, kAgentTurn, at("2026-10-12T05:00:00Z"));
    card.base.cacheRead.reset();
    const auto without = costOfRequest(card, kAgentTurn, at("2026-10-12T05:00:00Z"));
    QVERIFY(without->total > with->total);
    QCOMPARE(without->total, 50'000 * 660'000LL + 500 * 1'980'000LL);
    QVERIFY(without->flags.cachePriceUnknown);
}

void PriceCardTest::MoreTokensNeverCostLess()
{
    const UnixSeconds noon = at("2026-10-12T12:00:00Z");
    const RequestTokens start{4'000, 1'000, 500, 300, 200};
    const Pico cost = costOfRequest(proCard(), start, noon)->total;
    for (auto member : {&RequestTokens::input, &RequestTokens::output, &RequestTokens::reasoning}) {
        RequestTokens more = start;
        more.*member += 1;
        QVERIFY(costOfRequest(proCard(), more, noon)->total >= cost);
    }
}

void PriceCardTest::ReasoningIsPricedAsOutputAndSaidSo()
{
    const auto cost = costOfRequest(proCard(), {100, 0, 0, 10, 90}, at("2026-10-12T12:00:00Z"));
    QCOMPARE(cost->reasoning, 90 * 1'980'000LL);
    QVERIFY(cost->flags.reasoningPricedAsOutput);
}

void PriceCardTest::ThresholdRepricesTheWholeRequestStrictlyAbove()
{
    // Gemini 2.5 Pro of July 2025: 1.25 / 10, above 200,000 prompt tokens 2.5 / 15.
    PriceCard card;
    card.base = prices(1'250'000, 10'000'000, 125'000);
    PriceRule tier;
    tier.aboveInputTokens = 200'000;
    tier.prices.input = 2'500'000;
    tier.prices.output = 15'000'000;
    card.rules.push_back(tier);
    QCOMPARE(costOfRequest(card, {200'000, 0, 0, 1, 0}, 0)->total,
             200'000 * 1'250'000LL + 10'000'000);
    QCOMPARE(costOfRequest(card, {200'001, 0, 0, 1, 0}, 0)->total,
             200'001 * 2'500'000LL + 15'000'000);
    QCOMPARE(pricesAt(card, 200'001, 0).cacheRead, std::optional<MicroPerMillion>(125'000));
}

void PriceCardTest::RefusesWhatCannotBePriced()
{
    const auto kind = [](const PriceCard &card, const RequestTokens &tokens) {
        return costOfRequest(card, tokens, 0).error().kind;
    };
    QCOMPARE(kind(proCard(), {-1, 0, 0, 0, 0}), engine::ErrorKind::BadInput);
    QCOMPARE(kind(proCard(), {10, 11, 0, 0, 0}), engine::ErrorKind::BadInput);
    QCOMPARE(kind(proCard(), {10, 6, 5, 0, 0}), engine::ErrorKind::BadInput);
    QCOMPARE(kind(proCard(), {INT64_MAX, 0, 0, 0, 0}), engine::ErrorKind::BadInput);
    QCOMPARE(kind(PriceCard{}, {1, 0, 0, 1, 0}), engine::ErrorKind::NotFound);
}

void PriceCardTest::HoursAreHalfOpen()
{
    const Schedule peak = *proCard().rules.front().schedule;
    QVERIFY(!covers(peak, at("2026-10-12T00:59:59Z")));
    QVERIFY(covers(peak, at("2026-10-12T01:00:00Z")));
    QVERIFY(covers(peak, at("2026-10-12T03:59:59Z")));
    QVERIFY(!covers(peak, at("2026-10-12T04:00:00Z")));
    QVERIFY(covers(peak, at("2026-10-12T09:59:59Z")));
    QVERIFY(!covers(peak, at("2026-10-12T10:00:00Z")));
}

void PriceCardTest::WeekdayIsThatOfTheZone()
{
    Schedule schedule;
    schedule.dayZone = QStringLiteral("Asia/Shanghai");
    schedule.windows = {{0b0011111, 15 * 60, 20 * 60}};
    QVERIFY(covers(schedule, at("2026-10-09T15:30:00Z")));  // Friday there too
    QVERIFY(!covers(schedule, at("2026-10-09T16:30:00Z"))); // Saturday in Beijing
    QVERIFY(covers(schedule, at("2026-10-11T16:30:00Z")));  // Monday in Beijing
}

void PriceCardTest::WindowMayWrapPastMidnight()
{
    Schedule night;
    night.dayZone = QStringLiteral("UTC");
    night.windows = {{127, 16 * 60 + 30, 30}};
    QVERIFY(!covers(night, at("2025-07-15T16:29:59Z")));
    QVERIFY(covers(night, at("2025-07-15T16:30:00Z")));
    QVERIFY(covers(night, at("2025-07-16T00:29:59Z")));
    QVERIFY(!covers(night, at("2025-07-16T00:30:00Z")));
}

void PriceCardTest::HolidaysAreOffPeakAndTheirCoverageEnds()
{
    const Schedule peak = *proCard().rules.front().schedule;
    bool ended = false;
    QVERIFY(!covers(peak, at("2026-10-01T02:00:00Z"), &ended)); // National Day, a Thursday
    QVERIFY(!ended);
    QVERIFY(covers(peak, at("2027-01-04T02:00:00Z"), &ended));
    QVERIFY(ended);
    const auto cost = costOfRequest(proCard(), kAgentTurn, at("2027-01-04T02:00:00Z"));
    QVERIFY(cost->flags.holidayCoverageEnded);
}

void PriceCardTest::PricesByHourAreNamed()
{
    const auto pro = pricesByHour(proCard());
    QCOMPARE(pro.size(), 2U);
    QCOMPARE(pro[0].name, QStringLiteral("off-peak"));
    QCOMPARE(pro[1].name, QStringLiteral("peak"));
    QCOMPARE(pro[1].prices.output, std::optional<MicroPerMillion>(3'960'000));
    PriceCard plain;
    QCOMPARE(pricesByHour(plain).size(), 1U);
    QCOMPARE(pricesByHour(plain)[0].name, QStringLiteral("standard"));
}

void PriceCardTest::PriceTextIsExactOrRefused()
{
    QCOMPARE(parsePrice(QStringLiteral("0.003625")), std::optional<MicroPerMillion>(3'625));
    QCOMPARE(parsePrice(QStringLiteral("16")), std::optional<MicroPerMillion>(16'000'000));
    QCOMPARE(parsePrice(QStringLiteral("1.10")), std::optional<MicroPerMillion>(1'100'000));
    for (const char *bad : {"", ".5", "5.", "-1", "+1", "1e3", "0.0000001", "1,5", " 1", "nan",
                            "12345678901", "1.2.3"})
        QVERIFY2(!parsePrice(QString::fromLatin1(bad)), bad);
}

QTEST_GUILESS_MAIN(PriceCardTest)
#include "price_card_test.moc"
