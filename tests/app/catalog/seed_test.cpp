// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <QTest>

#include "app/catalog/catalog_file.h"
#include "app/catalog/catalog_store.h"
#include "app/catalog/seed.h"
#include "tests/app/catalog/support.h"

using namespace app;

namespace {

using Micro = std::optional<MicroPerMillion>;

CatalogPtr asOf(int year, int month, int day)
{
    static const auto store = take(CatalogStore::openInMemory());
    return take(store->snapshot(endOfDay(QDate(year, month, day))));
}

MicroPerMillion blendedOf(const Offer &offer)
{
    return blended(offer.card.base, {3, 1, 0}).value().amount;
}

QString row(const Offer &offer)
{
    const auto text = [](const Micro &price) {
        return price ? QString::number(*price) : QStringLiteral("-");
    };
    const Prices &base = offer.card.base;
    return text(base.input) + u' ' + text(base.output) + u' ' + text(base.cacheRead);
}

} // namespace

class SeedTest : public QObject
{
    Q_OBJECT

private slots:
    void EveryFigureHasASourceAndADate();
    void NothingIsFree();
    void ReasonerPriceHistory_data();
    void ReasonerPriceHistory();
    void ChatPriceHistory_data();
    void ChatPriceHistory();
    void NightPriceHeldFromFebruaryToSeptember2025();
    void OneNameStoodForManyModels();
    void HostsOfJuly2025_data();
    void HostsOfJuly2025();
    void AzureCostsTwoAndAHalfTimesDeepSeek();
    void AzureWasTwentyFiveSecondsFaster();
    void DeepSeekWaitIsAClaimedBoundInJuly2025();
    void HostsOfJuly2025AreBoundedOrUnknown();
    void ParasailAndFriendliHaveOnlyARange();
    void HyperbolicSourcesDisagree();
    void GatewayWaitIsObserved_data();
    void GatewayWaitIsObserved();
    void V4ProIsNotSoldBeforeItsLaunch();
    void PeakHoursOfV4Pro_data();
    void PeakHoursOfV4Pro();
    void FlashIsTwiceAsDearAtPeak();
    void YuanListStaysInYuan();
    void RetiredNamesAreGone();
    void LaterPricesSayTheyAreLater();
    void O3CostsTenBeforeTheCutAndTwoAfterIt();
    void OthersOfJuly2025_data();
    void OthersOfJuly2025();
    void GeminiIsDearerAboveTwoHundredThousand();
    void ModelWithoutASellerSaysWhy();
    void CancelledAndAnnouncedPricesHoldNothing();
    void TokenUseHasItsSource();
};

void SeedTest::EveryFigureHasASourceAndADate()
{
    for (const QDate &day : {QDate(2025, 7, 15), QDate(2026, 11, 24)}) {
        const auto catalog = asOf(day.year(), day.month(), day.day());
        QVERIFY(catalog->offers.size() > 30);
        for (const Offer &offer : catalog->offers) {
            const auto check = [&](const Provenance &provenance) {
                QVERIFY2(!provenance.sourceName.isEmpty(), qPrintable(offer.id));
                QVERIFY2(provenance.address.startsWith(QLatin1String("https://")),
                         qPrintable(offer.id));
                QVERIFY2(provenance.date.isValid(), qPrintable(offer.id));
                QVERIFY2(provenance.kind != FigureKind::Unknown, qPrintable(offer.id));
            };
            QVERIFY2(!offer.model.isEmpty(), qPrintable(offer.id));
            QVERIFY2(offer.card.base.input || !offer.card.rules.empty() || offer.blendedRange ||
                         !offer.unpriced.isEmpty(),
                     qPrintable(offer.id));
            if (offer.card.base.input)
                check(offer.provenance);
            if (offer.blendedRange)
                check(offer.blendedRange->provenance);
            if (offer.wait.kind != FigureKind::Unknown)
                check(offer.wait.provenance);
            if (offer.pace.kind != FigureKind::Unknown)
                check(offer.pace.provenance);
            if (offer.contextWindow)
                check(offer.contextProvenance);
        }
    }
}

void SeedTest::NothingIsFree()
{
    const auto catalog = asOf(2026, 11, 24);
    for (const Offer &offer : catalog->offers) {
        for (const auto &[name, prices] : pricesByHour(offer.card)) {
            for (const Micro &price : {prices.input, prices.output, prices.cacheRead})
                QVERIFY2(!price || (*price >= 500 && *price <= 100'000'000), qPrintable(offer.id));
        }
    }
}

void SeedTest::ReasonerPriceHistory_data()
{
    QTest::addColumn<QDate>("day");
    QTest::addColumn<QString>("prices");
    QTest::addColumn<int>("rules");
    QTest::newRow("launch") << QDate(2025, 2, 1) << "550000 2190000 140000" << 0;
    QTest::newRow("night price") << QDate(2025, 7, 15) << "550000 2190000 140000" << 1;
    QTest::newRow("last day") << QDate(2025, 9, 4) << "550000 2190000 140000" << 1;
    QTest::newRow("one list") << QDate(2025, 9, 10) << "560000 1680000 70000" << 0;
    QTest::newRow("V3.2") << QDate(2025, 10, 1) << "280000 420000 28000" << 0;
    QTest::newRow("as V4-Flash") << QDate(2026, 5, 1) << "140000 280000 2800" << 0;
}

void SeedTest::ReasonerPriceHistory()
{
    QFETCH(QDate, day);
    const auto catalog = asOf(day.year(), day.month(), day.day());
    const Offer *offer = catalog->find(QStringLiteral("deepseek/deepseek-reasoner"));
    QVERIFY(offer);
    QTEST(row(*offer), "prices");
    QTEST(static_cast<int>(offer->card.rules.size()), "rules");
}

void SeedTest::ChatPriceHistory_data()
{
    QTest::addColumn<QString>("instant");
    QTest::addColumn<QString>("prices");
    QTest::newRow("launch discount") << "2025-02-08T15:59:59Z"
                                     << "140000 280000 14000";
    QTest::newRow("list price") << "2025-02-08T16:00:00Z"
                                << "270000 1100000 70000";
    QTest::newRow("before the cut") << "2025-09-05T15:59:59Z"
                                    << "270000 1100000 70000";
    QTest::newRow("one list") << "2025-09-05T16:00:00Z"
                              << "560000 1680000 70000";
    QTest::newRow("V3.2") << "2025-09-29T00:00:00Z"
                          << "280000 420000 28000";
    QTest::newRow("V4") << "2026-04-24T00:00:00Z"
                        << "140000 280000 28000";
    QTest::newRow("cache cut") << "2026-04-26T12:15:00Z"
                               << "140000 280000 2800";
}

void SeedTest::ChatPriceHistory()
{
    QFETCH(QString, instant);
    const auto store = take(CatalogStore::openInMemory());
    const auto catalog = take(store->snapshot(parseInstant(instant).value()));
    QTEST(row(*catalog->find(QStringLiteral("deepseek/deepseek-chat"))), "prices");
}

void SeedTest::NightPriceHeldFromFebruaryToSeptember2025()
{
    const auto catalog = asOf(2025, 7, 15);
    const Offer *offer = catalog->find(QStringLiteral("deepseek/deepseek-reasoner"));
    const auto hours = pricesByHour(offer->card);
    QCOMPARE(hours.size(), 2U);
    QCOMPARE(hours[0].name, QStringLiteral("standard"));
    QCOMPARE(hours[1].name, QStringLiteral("off-peak"));
    QCOMPARE(hours[1].prices.input, Micro(135'000));
    QCOMPARE(hours[1].prices.output, Micro(550'000));
    QCOMPARE(hours[1].prices.cacheRead, Micro(35'000));
    QCOMPARE(blended(hours[1].prices, {3, 1, 0})->amount, 238'750);
    const UnixSeconds dusk = parseInstant(QStringLiteral("2025-07-15T16:30:00Z")).value();
    QCOMPARE(pricesAt(offer->card, 1, dusk - 1).input, Micro(550'000));
    QCOMPARE(pricesAt(offer->card, 1, dusk).input, Micro(135'000));
}

void SeedTest::OneNameStoodForManyModels()
{
    const auto modelOn = [](int year, int month, int day) {
        return asOf(year, month, day)->find(QStringLiteral("deepseek/deepseek-reasoner"))->model;
    };
    QCOMPARE(modelOn(2025, 2, 1), QStringLiteral("deepseek-r1"));
    QCOMPARE(modelOn(2025, 7, 15), QStringLiteral("deepseek-r1-0528"));
    QCOMPARE(modelOn(2025, 9, 10), QStringLiteral("deepseek-v3.1"));
    QCOMPARE(modelOn(2025, 9, 25), QStringLiteral("deepseek-v3.1-terminus"));
    QCOMPARE(modelOn(2025, 10, 1), QStringLiteral("deepseek-v3.2-exp"));
    QCOMPARE(modelOn(2025, 12, 2), QStringLiteral("deepseek-v3.2"));
    QCOMPARE(modelOn(2026, 5, 1), QStringLiteral("deepseek-v4-flash"));
}

void SeedTest::HostsOfJuly2025_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<qint64>("blendedPrice");
    QTest::addColumn<qint64>("context");
    const auto add = [](const char *id, qint64 price, qint64 context) {
        QTest::newRow(id) << QString::fromLatin1(id) << price << context;
    };
    add("deepseek/deepseek-reasoner", 960'000, 64'000);
    add("deepseek/deepseek-chat", 477'500, 64'000);
    add("azure/deepseek-r1", 2'362'500, 128'000);
    add("bedrock/us.deepseek.r1-v1:0", 2'362'500, 128'000);
    add("fireworks/accounts/fireworks/models/deepseek-r1-0528!fast", 4'250'000, 160'000);
    add("fireworks/accounts/fireworks/models/deepseek-r1-basic", 960'000, 128'000);
    add("sambanova/DeepSeek-R1", 5'500'000, 32'768);
    add("together/deepseek-ai/DeepSeek-R1", 4'000'000, 128'000);
    add("together/deepseek-ai/DeepSeek-R1-0528-tput", 960'000, 128'000);
    add("novita/deepseek/deepseek-r1-0528", 1'150'000, 128'000);
    add("novita/deepseek/deepseek-r1-turbo", 1'150'000, 64'000);
    add("openrouter/deepseek/deepseek-r1-0528", 912'500, 163'840);
    add("openrouter/deepseek/deepseek-r1", 875'000, 0);
    add("nebius/deepseek-ai/DeepSeek-R1-0528", 1'200'000, 163'840);
    add("nebius/deepseek-ai/DeepSeek-R1-0528-fast!fast+fp4", 3'000'000, 0);
    add("lambda/deepseek-r1-671b", 800'000, 131'072);
    add("lambda/deepseek-r1-0528", 300'000, 131'072);
    add("hyperbolic/deepseek-ai/DeepSeek-R1-0528", 250'000, 131'072);
    add("deepinfra/deepseek-ai/DeepSeek-R1", 875'000, 163'840);
    add("deepinfra/deepseek-ai/DeepSeek-R1-0528", 912'500, 163'840);
    add("deepinfra/deepseek-ai/DeepSeek-R1-Turbo", 1'500'000, 163'840);
    add("vertex/deepseek-r1-0528-maas", 2'362'500, 65'336);
    add("crusoe/deepseek/deepseek-r1-0528@openrouter+fp8", 2'362'500, 0);
    add("ppio/deepseek/deepseek-r1#cn", 7'000'000, 64'000);
    add("siliconflow/deepseek-ai/DeepSeek-R1#cn", 7'000'000, 98'304);
    add("tencent/deepseek-r1#cn", 7'000'000, 65'536);
    add("volcengine/deepseek-r1#cn", 7'000'000, 131'072);
    add("bailian/deepseek-r1-0528#cn", 7'000'000, 65'536);
    add("360/deepseek-r1#cn", 7'000'000, 64'000);
    add("sensenova/DeepSeek-R1#cn", 7'000'000, 32'768);
    add("qianfan/deepseek-r1#cn", 3'500'000, 65'536);
}

void SeedTest::HostsOfJuly2025()
{
    QFETCH(QString, id);
    QFETCH(qint64, context);
    const auto catalog = asOf(2025, 7, 15);
    const Offer *offer = catalog->find(id);
    QVERIFY(offer);
    QTEST(static_cast<qint64>(blendedOf(*offer)), "blendedPrice");
    QCOMPARE(static_cast<qint64>(offer->contextWindow.value_or(0)), context);
}

void SeedTest::AzureCostsTwoAndAHalfTimesDeepSeek()
{
    const auto catalog = asOf(2025, 7, 15);
    const double ratio =
        double(blendedOf(*catalog->find(QStringLiteral("azure/deepseek-r1")))) /
        double(blendedOf(*catalog->find(QStringLiteral("deepseek/deepseek-reasoner"))));
    QVERIFY(std::abs(ratio - 2.461) < 0.0005);
}

void SeedTest::AzureWasTwentyFiveSecondsFaster()
{
    const auto catalog = asOf(2025, 7, 15);
    QCOMPARE(catalog->relations.size(), 1U);
    QCOMPARE(catalog->relations[0].offer, QStringLiteral("azure/deepseek-r1"));
    QCOMPARE(catalog->relations[0].versus, QStringLiteral("deepseek/deepseek-reasoner"));
    QCOMPARE(catalog->relations[0].differenceMs, -25'000.0);
    QVERIFY(asOf(2026, 11, 24)->relations.empty());
}

void SeedTest::DeepSeekWaitIsAClaimedBoundInJuly2025()
{
    const auto catalog = asOf(2025, 7, 15);
    const Offer *offer = catalog->find(QStringLiteral("deepseek/deepseek-reasoner"));
    QCOMPARE(offer->wait.kind, FigureKind::Claimed);
    QCOMPARE(offer->wait.lowerMs, std::optional<double>(25'000));
    QVERIFY(!offer->wait.upperMs);
    QVERIFY(!offer->wait.p50Ms);
    QCOMPARE(offer->pace.lowerTokensPerSecond, std::optional<double>(25));
    // The claim is about R1; the name stood for another model from 21 August 2025.
    QCOMPARE(asOf(2025, 9, 10)->find(QStringLiteral("deepseek/deepseek-reasoner"))->wait.kind,
             FigureKind::Unknown);
}

void SeedTest::HostsOfJuly2025AreBoundedOrUnknown()
{
    const auto catalog = asOf(2025, 7, 15);
    for (const char *id :
         {"fireworks/accounts/fireworks/models/deepseek-r1-0528!fast",
          "novita/deepseek/deepseek-r1-0528", "lambda/deepseek-r1-0528",
          "deepinfra/deepseek-ai/DeepSeek-R1-0528", "hyperbolic/deepseek-ai/DeepSeek-R1-0528"}) {
        const Offer *offer = catalog->find(QString::fromLatin1(id));
        QCOMPARE(offer->wait.kind, FigureKind::Claimed);
        QCOMPARE(offer->wait.upperMs, std::optional<double>(5'000));
    }
    for (const char *id : {"azure/deepseek-r1", "bedrock/us.deepseek.r1-v1:0",
                           "sambanova/DeepSeek-R1", "together/deepseek-ai/DeepSeek-R1"})
        QCOMPARE(catalog->find(QString::fromLatin1(id))->wait, Wait{});
}

void SeedTest::ParasailAndFriendliHaveOnlyARange()
{
    const auto catalog = asOf(2025, 7, 15);
    for (const char *id : {"parasail/deepseek-r1", "friendli/deepseek-r1"}) {
        const Offer *offer = catalog->find(QString::fromLatin1(id));
        QVERIFY(offer);
        QCOMPARE(offer->card.base, Prices{});
        QCOMPARE(offer->blendedRange->lower, 2'000'000);
        QCOMPARE(offer->blendedRange->upper, 4'000'000);
        QCOMPARE(offer->wait.kind, FigureKind::Claimed);
        QVERIFY(!offer->wait.lowerMs && !offer->wait.upperMs && !offer->wait.text.isEmpty());
        QVERIFY(!offer->datedAfterAsOf);
    }
}

void SeedTest::HyperbolicSourcesDisagree()
{
    const auto catalog = asOf(2025, 7, 31);
    const Offer *offer = catalog->find(QStringLiteral("hyperbolic/deepseek-ai/DeepSeek-R1-0528"));
    QCOMPARE(offer->card.base.input, Micro(250'000));
    QCOMPARE(offer->provenance.confidence, Confidence::Low);
    QCOMPARE(offer->conflicts.size(), 1U);
    QCOMPARE(offer->conflicts[0].prices.output, Micro(3'000'000));
}

void SeedTest::GatewayWaitIsObserved_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<double>("p50");
    QTest::addColumn<double>("p99");
    QTest::addColumn<double>("pace");
    QTest::addColumn<qint64>("n");
    QTest::addColumn<QString>("prices");
    const auto add = [](const char *id, double p50, double p99, double pace, qint64 n,
                        const char *prices) {
        QTest::newRow(id) << QString::fromLatin1(id) << p50 << p99 << pace << n
                          << QString::fromLatin1(prices);
    };
    add("deepinfra/deepseek/deepseek-r1-0528@openrouter+fp4", 637, 3'217, 21, 1'966,
        "500000 2150000 -");
    add("siliconflow/deepseek/deepseek-r1-0528@openrouter+fp8", 1'717, 15'547, 17, 455,
        "500000 2180000 -");
    add("streamlake/deepseek/deepseek-r1-0528@openrouter", 3'519, 10'877, 43, 290,
        "571000 2286000 -");
    add("novita/deepseek/deepseek-r1-0528@openrouter+fp8", 2'016, 2'927, 19.5, 6,
        "700000 2500000 -");
    add("deepseek/deepseek/deepseek-v4-pro@openrouter", 1'338, 0, 27, 112'833,
        "435000 870000 3625");
}

void SeedTest::GatewayWaitIsObserved()
{
    QFETCH(QString, id);
    const auto catalog = asOf(2026, 11, 24);
    const Offer *offer = catalog->find(id);
    QVERIFY(offer);
    QCOMPARE(offer->wait.kind, FigureKind::Observed);
    QVERIFY(!offer->wait.datedAfterAsOf);
    QTEST(offer->wait.p50Ms.value(), "p50");
    QTEST(offer->wait.p99Ms.value_or(0), "p99");
    QTEST(static_cast<qint64>(offer->wait.n.value()), "n");
    QTEST(offer->pace.p50TokensPerSecond.value(), "pace");
    QTEST(row(*offer), "prices");
    QCOMPARE(offer->provenance.date, QDate(2026, 8, 8));
    QCOMPARE(offer->wait.windowEnd - offer->wait.windowStart, 1'800);
}

void SeedTest::V4ProIsNotSoldBeforeItsLaunch()
{
    const auto catalog = asOf(2025, 7, 15);
    for (const Offer &offer : catalog->offers)
        QVERIFY2(!offer.model.startsWith(QLatin1String("deepseek-v4")), qPrintable(offer.id));
    QVERIFY(asOf(2026, 4, 24)->find(QStringLiteral("deepseek/deepseek-v4-pro")));
}

void SeedTest::PeakHoursOfV4Pro_data()
{
    QTest::addColumn<QString>("instant");
    QTest::addColumn<qint64>("input");
    QTest::newRow("launch price") << "2026-04-24T02:00:00Z" << qint64(1'740'000);
    QTest::newRow("promotion") << "2026-08-16T15:59:59Z" << qint64(435'000);
    QTest::newRow("Saturday before the weekend rule")
        << "2026-08-22T02:00:00Z" << qint64(1'320'000);
    QTest::newRow("Saturday after it") << "2026-08-29T02:00:00Z" << qint64(660'000);
    QTest::newRow("National Day") << "2026-10-01T02:00:00Z" << qint64(660'000);
    QTest::newRow("Monday morning") << "2026-10-12T02:00:00Z" << qint64(1'320'000);
    QTest::newRow("four o'clock sharp") << "2026-10-12T04:00:00Z" << qint64(660'000);
}

void SeedTest::PeakHoursOfV4Pro()
{
    QFETCH(QString, instant);
    const UnixSeconds at = parseInstant(instant).value();
    const auto store = take(CatalogStore::openInMemory());
    const auto catalog = take(store->snapshot(at));
    const Offer *offer = catalog->find(QStringLiteral("deepseek/deepseek-v4-pro"));
    QVERIFY(offer);
    QTEST(static_cast<qint64>(pricesAt(offer->card, 1'000, at).input.value()), "input");
}

void SeedTest::FlashIsTwiceAsDearAtPeak()
{
    const auto catalog = asOf(2026, 11, 24);
    for (const char *id : {"deepseek/deepseek-flash", "deepseek/deepseek-v4-flash"}) {
        const Offer *offer = catalog->find(QString::fromLatin1(id));
        QCOMPARE(offer->model, QStringLiteral("deepseek-v4.1-flash"));
        const auto hours = pricesByHour(offer->card);
        QCOMPARE(row(*offer), QStringLiteral("150000 600000 3000"));
        QCOMPARE(hours[1].prices.output, Micro(1'200'000));
        QCOMPARE(hours[1].prices.cacheRead, Micro(6'000));
    }
}

void SeedTest::YuanListStaysInYuan()
{
    const auto catalog = asOf(2025, 7, 15);
    const Offer *offer = catalog->find(QStringLiteral("deepseek/deepseek-reasoner#cn"));
    QCOMPARE(offer->card.currency, QStringLiteral("CNY"));
    QCOMPARE(row(*offer), QStringLiteral("4000000 16000000 1000000"));
}

void SeedTest::RetiredNamesAreGone()
{
    QVERIFY(asOf(2026, 7, 23)->find(QStringLiteral("deepseek/deepseek-chat")));
    QVERIFY(!asOf(2026, 7, 24)->find(QStringLiteral("deepseek/deepseek-chat")));
}

void SeedTest::LaterPricesSayTheyAreLater()
{
    const auto catalog = asOf(2025, 7, 15);
    QVERIFY(catalog->find(QStringLiteral("nebius/deepseek-ai/DeepSeek-R1-0528"))->datedAfterAsOf);
    QVERIFY(!catalog->find(QStringLiteral("azure/deepseek-r1"))->datedAfterAsOf);
    QVERIFY(!asOf(2026, 11, 24)
                 ->find(QStringLiteral("nebius/deepseek-ai/DeepSeek-R1-0528"))
                 ->datedAfterAsOf);
}

void SeedTest::O3CostsTenBeforeTheCutAndTwoAfterIt()
{
    const auto before = asOf(2025, 6, 9);
    const Offer *o3 = before->find(QStringLiteral("openai/o3"));
    QCOMPARE(row(*o3), QStringLiteral("10000000 40000000 2500000"));
    // The other source has another cached price: it stands beside, and nothing is averaged.
    QCOMPARE(o3->conflicts.size(), 1U);
    QCOMPARE(o3->conflicts[0].prices.cacheRead, Micro(500'000));
    QCOMPARE(row(*asOf(2025, 6, 11)->find(QStringLiteral("openai/o3"))),
             QStringLiteral("2000000 8000000 500000"));
    QCOMPARE(asOf(2026, 11, 24)->find(QStringLiteral("openai/o3"))->conflicts.size(), 1U);
}

void SeedTest::OthersOfJuly2025_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("prices");
    QTest::addColumn<qint64>("context");
    const auto add = [](const char *id, const char *prices, qint64 context) {
        QTest::newRow(id) << QString::fromLatin1(id) << QString::fromLatin1(prices) << context;
    };
    add("openai/o1", "15000000 60000000 7500000", 200'000);
    add("openai/gpt-4o", "2500000 10000000 1250000", 128'000);
    add("anthropic/claude-3-opus-20240229", "15000000 75000000 1500000", 200'000);
    add("anthropic/claude-sonnet-4-20250514", "3000000 15000000 300000", 200'000);
    add("anthropic/claude-opus-4-20250514", "15000000 75000000 1500000", 200'000);
    add("google/gemini-2.5-pro", "1250000 10000000 -", 1'048'576);
    add("google/gemini-2.5-flash", "300000 2500000 -", 1'048'576);
    add("groq/moonshotai/kimi-k2-instruct", "1000000 3000000 -", 131'072);
    add("openrouter/moonshotai/kimi-k2", "550000 2200000 -", 131'072);
}

void SeedTest::OthersOfJuly2025()
{
    QFETCH(QString, id);
    QFETCH(qint64, context);
    const auto catalog = asOf(2025, 7, 31);
    const Offer *offer = catalog->find(id);
    QVERIFY(offer);
    QTEST(row(*offer), "prices");
    QCOMPARE(offer->contextWindow, std::optional<std::int64_t>(context));
}

void SeedTest::GeminiIsDearerAboveTwoHundredThousand()
{
    const auto catalog = asOf(2025, 7, 15);
    const PriceCard &card = catalog->find(QStringLiteral("google/gemini-2.5-pro"))->card;
    QCOMPARE(pricesAt(card, 200'000, 0).output, Micro(10'000'000));
    QCOMPARE(pricesAt(card, 200'001, 0).input, Micro(2'500'000));
    QCOMPARE(pricesAt(card, 200'001, 0).output, Micro(15'000'000));
}

void SeedTest::ModelWithoutASellerSaysWhy()
{
    const auto catalog = asOf(2025, 7, 15);
    const Offer *offer = catalog->find(QStringLiteral("openrouter/moonshotai/kimi-dev-72b!free"));
    QVERIFY(offer);
    QVERIFY(!offer->card.base.input);
    QVERIFY(offer->unpriced.contains(QLatin1String("given away")));
    QCOMPARE(offer->contextWindow, std::optional<std::int64_t>(131'072));
}

void SeedTest::CancelledAndAnnouncedPricesHoldNothing()
{
    const auto store = take(CatalogStore::openInMemory());
    const QString sonnet = QStringLiteral("anthropic/claude-sonnet-5");
    QCOMPARE(take(store->offer(sonnet, endOfDay(QDate(2026, 11, 24)))).card.base.input,
             Micro(2'000'000));
    const auto history = take(store->priceHistory(sonnet));
    QCOMPARE(history.size(), 2U);
    QCOMPARE(history[1].status, PriceStatus::Cancelled);
    QCOMPARE(history[1].card.base.output, Micro(15'000'000));
    const auto gemini = take(store->priceHistory(QStringLiteral("google/gemini-3.6-flash")));
    QCOMPARE(gemini.back().status, PriceStatus::Announced);
    QCOMPARE(gemini.back().validFrom, parseInstant(QStringLiteral("2027-01-01")));
}

void SeedTest::TokenUseHasItsSource()
{
    const auto uses = take(take(CatalogStore::openInMemory())->tokenUses());
    QCOMPARE(uses.size(), 19U);
    for (const TokenUse &use : uses) {
        QVERIFY(use.cases >= 224 && use.passedPpm > 400'000);
        QVERIFY(use.provenance.address.startsWith(QLatin1String("https://")));
        QVERIFY(use.provenance.date.isValid());
    }
}

QTEST_GUILESS_MAIN(SeedTest)
#include "seed_test.moc"
