// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/usage_cost.h"

#include <algorithm>

#include <QTest>

#include "app/catalog/catalog_file.h"
#include "app/catalog/catalog_store.h"
#include "tests/app/catalog/support.h"

using namespace app;
using Micro = std::optional<MicroPerMillion>;

namespace {

const CatalogStore &store()
{
    static const auto seed = take(CatalogStore::openInMemory());
    return *seed;
}

Offer offerAt(const char *id, const char *instant)
{
    return take(store().offer(QLatin1String(id), parseInstant(QLatin1String(instant)).value()));
}

UnixSeconds at(const char *instant)
{
    return parseInstant(QLatin1String(instant)).value();
}

TokenUse useOf(const char *model, const char *setting)
{
    for (const TokenUse &use : take(store().tokenUses())) {
        if (use.model == QLatin1String(model) && use.setting == QLatin1String(setting))
            return use;
    }
    qFatal("no token use of %s", model);
}

} // namespace

class UsageCostTest : public QObject
{
    Q_OBJECT

private slots:
    void V4ProRequestOffPeakAndAtPeak();
    void PeakByDateAndHour_data();
    void PeakByDateAndHour();
    void UniformWeekOfDeepSeekIsAFifthAboveOffPeak();
    void WeekMixFollowsTheTraffic();
    void WindowThatStartsAtHalfPastIsCutToTheMinute();
    void WeekLeavesMissingPricesMissing();
    void AnswerCostIsNearWhatTheRunWasBilled_data();
    void AnswerCostIsNearWhatTheRunWasBilled();
    void WordyModelsTakeThreeTimesTheTokens();
    void AnswerTakesWaitPlusTokensAtPace();
    void AnswerWithoutTokenCountsIsNotGuessed();
    void MachineBeatsAnOfferFromAShareOfItsTime();
    void DearerMachineNeverBreaksEven();
    void MachineNeedsSpeedAndPrice();
};

void UsageCostTest::V4ProRequestOffPeakAndAtPeak()
{
    const Offer offer = offerAt("deepseek/deepseek-v4-pro", "2026-09-15T12:00:00Z");
    const RequestTokens tokens{.input = 50'000, .cacheRead = 48'000, .output = 500};
    // 48,000 x 22,000 + 2,000 x 660,000 + 500 x 1,980,000
    QCOMPARE(take(costOfRequest(offer.card, tokens, at("2026-09-15T12:00:00Z"))).total,
             3'366'000'000);
    QCOMPARE(take(costOfRequest(offer.card, tokens, at("2026-09-15T02:00:00Z"))).total,
             6'732'000'000);
}

void UsageCostTest::PeakByDateAndHour_data()
{
    QTest::addColumn<QString>("instant");
    QTest::addColumn<bool>("peak");
    QTest::newRow("Saturday before the weekend rule") << "2026-08-22T02:00:00Z" << true;
    QTest::newRow("Saturday after it") << "2026-08-29T02:00:00Z" << false;
    QTest::newRow("National Day") << "2026-10-01T02:00:00Z" << false;
    QTest::newRow("Monday") << "2026-10-12T02:00:00Z" << true;
    QTest::newRow("the window's last second") << "2026-10-12T03:59:59Z" << true;
    QTest::newRow("the window's end") << "2026-10-12T04:00:00Z" << false;
}

void UsageCostTest::PeakByDateAndHour()
{
    QFETCH(QString, instant);
    const UnixSeconds when = parseInstant(instant).value();
    const Offer offer = take(store().offer(QStringLiteral("deepseek/deepseek-v4-pro"), when));
    QTEST(pricesAt(offer.card, 1, when).input == Micro(1'320'000), "peak");
}

void UsageCostTest::UniformWeekOfDeepSeekIsAFifthAboveOffPeak()
{
    const Offer offer = offerAt("deepseek/deepseek-v4-pro", "2026-09-15T12:00:00Z");
    const Prices prices = pricesOverWeek(offer.card, 1, uniformWeek());
    // 35 of 168 hours at twice the price: 203/168 of it.
    QCOMPARE(prices.input, Micro(797'500));
    QCOMPARE(prices.output, Micro(2'392'500));
    QCOMPARE(prices.cacheRead, Micro(26'583));
}

void UsageCostTest::WeekMixFollowsTheTraffic()
{
    const Offer offer = offerAt("deepseek/deepseek-v4-pro", "2026-09-15T12:00:00Z");
    WeekTraffic traffic{};
    traffic[2] = 3;  // Monday 02:00 UTC: peak
    traffic[12] = 1; // Monday 12:00 UTC: off-peak
    QCOMPARE(pricesOverWeek(offer.card, 1, traffic).input, Micro(1'155'000));
    traffic[2] = 0;
    QCOMPARE(pricesOverWeek(offer.card, 1, traffic).input, Micro(660'000));
}

void UsageCostTest::WindowThatStartsAtHalfPastIsCutToTheMinute()
{
    const Offer offer = offerAt("deepseek/deepseek-reasoner", "2025-07-15T12:00:00Z");
    WeekTraffic traffic{};
    traffic[16] = 1; // Monday 16:00 to 17:00 UTC; the night price begins at 16:30
    QCOMPARE(pricesOverWeek(offer.card, 1, traffic).input, Micro((550'000 + 135'000) / 2));
    // 8 of 24 hours at 0.135.
    QCOMPARE(pricesOverWeek(offer.card, 1, uniformWeek()).input, Micro(411'667));
}

void UsageCostTest::WeekLeavesMissingPricesMissing()
{
    const Offer offer = offerAt("azure/deepseek-r1", "2025-07-15T12:00:00Z");
    const Prices prices = pricesOverWeek(offer.card, 1, uniformWeek());
    QCOMPARE(prices.input, Micro(1'350'000));
    QVERIFY(!prices.cacheRead);
    QVERIFY(!pricesOverWeek(offer.card, 1, WeekTraffic{}).input);
}

void UsageCostTest::AnswerCostIsNearWhatTheRunWasBilled_data()
{
    QTest::addColumn<QString>("offer");
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("setting");
    QTest::addColumn<double>("billed"); // dollars, for the whole run, by the leaderboard
    QTest::addColumn<double>("tolerance");
    const auto row = [](const char *offer, const char *model, const char *setting, double billed,
                        double tolerance) {
        QTest::newRow(model) << QString::fromLatin1(offer) << QString::fromLatin1(model)
                             << QString::fromLatin1(setting) << billed << tolerance;
    };
    row("anthropic/claude-sonnet-4-20250514", "claude-sonnet-4", "32k thinking", 26.5755, 0.05);
    row("google/gemini-2.5-pro", "gemini-2.5-pro", "preview 06-05, default thinking", 45.5961,
        0.02);
    // Its prompts were partly cached, so it paid less.
    row("deepseek/deepseek-reasoner", "deepseek-r1-0528", "", 4.8016, 0.16);
    row("openai/o3", "o3", "default", 13.7517, 0.15);
}

void UsageCostTest::AnswerCostIsNearWhatTheRunWasBilled()
{
    QFETCH(QString, offer);
    QFETCH(QString, model);
    QFETCH(QString, setting);
    QFETCH(double, billed);
    QFETCH(double, tolerance);
    const TokenUse use = useOf(model.toLatin1(), setting.toLatin1());
    const UnixSeconds noon = at("2025-07-15T12:00:00Z");
    const AnswerCost cost = take(costOfAnswer(take(store().offer(offer, noon)), use, noon));
    const double run = double(cost.perCase) * double(use.cases) / 1e12;
    QVERIFY2(std::abs(run / billed - 1) < tolerance, qPrintable(QString::number(run)));
    QVERIFY(cost.perPass > cost.perCase);
}

void UsageCostTest::WordyModelsTakeThreeTimesTheTokens()
{
    const auto tokens = [](const char *model, const char *setting) {
        const TokenUse use = useOf(model, setting);
        return double(*use.completionTokens) / double(use.cases);
    };
    const double sonnet = tokens("claude-sonnet-4", "32k thinking");
    QVERIFY(std::abs(tokens("gemini-2.5-pro", "preview 06-05, default thinking") / sonnet - 3.26) <
            0.01);
    QVERIFY(std::abs(tokens("deepseek-r1-0528", "") / sonnet - 1.45) < 0.01);
    QVERIFY(std::abs(tokens("deepseek-r1-0528", "") / tokens("claude-sonnet-4", "no thinking") -
                     4.27) < 0.02);
}

void UsageCostTest::AnswerTakesWaitPlusTokensAtPace()
{
    Offer offer = offerAt("azure/deepseek-r1", "2025-07-15T12:00:00Z");
    const TokenUse use{.model = QStringLiteral("m"),
                       .setting = {},
                       .task = QStringLiteral("t"),
                       .cases = 10,
                       .passedPpm = 500'000,
                       .promptTokens = 1'000,
                       .completionTokens = 5'000,
                       .secondsPerCase = {},
                       .provenance = {}};
    const UnixSeconds noon = at("2025-07-15T12:00:00Z");
    QVERIFY(!take(costOfAnswer(offer, use, noon)).seconds); // no pace is known
    offer.pace.p50TokensPerSecond = 25;
    AnswerCost cost = take(costOfAnswer(offer, use, noon));
    QCOMPARE(cost.seconds, std::optional(20.0));
    QVERIFY(cost.waitUnknown);
    offer.wait.p50Ms = 1'500;
    cost = take(costOfAnswer(offer, use, noon));
    QCOMPARE(cost.seconds, std::optional(21.5));
    QVERIFY(!cost.waitUnknown);
    // 100 x 1.35 + 500 x 5.40 micro-dollars a case; every second case passes.
    QCOMPARE(cost.perCase, 2'835'000'000);
    QCOMPARE(cost.perPass, std::optional<Pico>(5'670'000'000));
}

void UsageCostTest::AnswerWithoutTokenCountsIsNotGuessed()
{
    const TokenUse use = useOf("o1", "high");
    const Offer offer = offerAt("openai/o1", "2025-07-15T12:00:00Z");
    QCOMPARE(costOfAnswer(offer, use, at("2025-07-15T12:00:00Z")).error().kind,
             engine::ErrorKind::NotFound);
}

void UsageCostTest::MachineBeatsAnOfferFromAShareOfItsTime()
{
    // $2 an hour; 1,000 tokens read in 0.1 s, 500 written in 0.5 s: 0.6 s cost $0.000333...
    const OwnMachine machine{2'000'000, 10'000, 1'000};
    const RequestTokens tokens{.input = 1'000, .output = 400, .reasoning = 100};
    const BreakEven even = take(breakEven(machine, tokens, 1'000'000'000));
    QCOMPARE(even.ownAtFullUse, 333'333'333);
    QVERIFY(std::abs(even.useShare.value() - 1.0 / 3) < 1e-9);
}

void UsageCostTest::DearerMachineNeverBreaksEven()
{
    const OwnMachine machine{2'000'000, 10'000, 1'000};
    const RequestTokens tokens{.input = 1'000, .output = 500};
    QVERIFY(!take(breakEven(machine, tokens, 333'333'000)).useShare);
    QVERIFY(!take(breakEven(machine, tokens, 0)).useShare);
    QCOMPARE(take(breakEven(machine, tokens, 333'333'334)).useShare.has_value(), true);
}

void UsageCostTest::MachineNeedsSpeedAndPrice()
{
    const RequestTokens tokens{.input = 10, .output = 10};
    for (const OwnMachine &machine :
         {OwnMachine{0, 1, 1}, OwnMachine{1, 0, 1}, OwnMachine{1, 1, 0}})
        QCOMPARE(breakEven(machine, tokens, 1).error().kind, engine::ErrorKind::BadInput);
    QCOMPARE(breakEven({1, 1, 1}, {}, 1).error().kind, engine::ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(UsageCostTest)
#include "usage_cost_test.moc"
