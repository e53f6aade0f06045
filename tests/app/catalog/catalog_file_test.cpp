// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_file.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "app/catalog/catalog_list.h"
#include "app/catalog/catalog_store.h"
#include "app/catalog/price_text.h"
#include "app/catalog/seed.h"
#include "tests/app/catalog/support.h"

using namespace app;

namespace {

// The smallest whole file; apostrophes stand for quotes.
constexpr auto kWhole =
    "{'paretoscope_catalog': 1, 'revision': 1,"
    " 'sources': [{'slug': 's', 'name': 'S', 'kind': 'vendor_page',"
    "   'homepage': 'https://s.org/', 'licence': 'facts'}],"
    " 'providers': [{'slug': 'p', 'name': 'P', 'kind': 'host'}],"
    " 'models': [{'slug': 'm', 'name': 'M', 'family': 'm', 'vendor': 'p'}],"
    " 'offers': [{'provider': 'p', 'model_id': 'm', 'models': [{'model': 'm'}],"
    "   'prices': [{'from': '2025-01-01', 'basis': 'snapshot',"
    "     'base': {'input': '0.5', 'output': '2', 'cache_read': '0.1'}, 'source': 's',"
    "     'locator': 'https://s.org/p', 'date': '2025-01-02', 'confidence': 'high'}]}]}";

engine::Result<void> readAndCheck(QString text)
{
    CatalogFile file;
    if (auto read =
            readCatalogJson(text.replace(u'\'', u'"').toUtf8(), QStringLiteral("f.json"), &file);
        !read)
        return read;
    return checkCatalogFile(file);
}

} // namespace

class CatalogFileTest : public QObject
{
    Q_OBJECT

private slots:
    void WholeFileIsRead();
    void SlipsAreNamedWithTheirPlace_data();
    void SlipsAreNamedWithTheirPlace();
    void HostileTextIsRefused_data();
    void HostileTextIsRefused();
    void KeyTellsOffersApart();
    void InstantsAreUtcOnly();
    void SeedReadsAndChecks();
    void ListIsWholeJson();
    void ListFiltersByModelAndProvider();
    void ListTableHasAllOffers();
    void PriceTextHasNoNeedlessZeros();
};

void CatalogFileTest::WholeFileIsRead()
{
    QVERIFY(readAndCheck(QString::fromLatin1(kWhole)));
}

void CatalogFileTest::SlipsAreNamedWithTheirPlace_data()
{
    QTest::addColumn<QString>("whole");
    QTest::addColumn<QString>("slip");
    QTest::addColumn<QString>("words");
    const auto add = [](const char *whole, const char *slip, const char *words) {
        QTest::newRow(slip) << QString::fromLatin1(whole) << QString::fromLatin1(slip)
                            << QString::fromLatin1(words);
    };
    add("'input': '0.5'", "'input': '0'", "input costs 0");
    add("'input': '0.5'", "'input': '1500'", "input costs 1500");
    add("'input': '0.5'", "'input': '0.0001'", "input costs 0.0001");
    add("'input': '0.5'", "'input': 0.5", "offers[0].prices[0].base.input must be a text");
    add("'input': '0.5'", "'input': '-1'", "must be a price");
    add("'input': '0.5'", "'inputs': '0.5'", "offers[0].prices[0].base.inputs is not a known");
    add("'cache_read': '0.1'", "'cache_read': '0.6'", "cached token costs more");
    add("'date': '2025-01-02',", "", "offers[0].prices[0].date is missing");
    add("'date': '2025-01-02'", "'date': '2025-13-02'", "date must be a day");
    add("'locator': 'https://s.org/p',", "", "locator is missing");
    add("'confidence': 'high'", "'confidence': 'sure'", "confidence must be");
    add("'source': 's'", "'source': 't'", "source t is not declared");
    add("'provider': 'p'", "'provider': 'q'", "provider q is not declared");
    add("[{'model': 'm'}]", "[{'model': 'n'}]", "model n is not declared");
    add("'from': '2025-01-01'", "'from': '2025-01-01', 'to': '2024-01-01'", "ends before");
    add("'paretoscope_catalog': 1", "'paretoscope_catalog': 2", "must be 1");
    add("'revision': 1", "'revision': -3", "revision must be a whole number");
}

void CatalogFileTest::SlipsAreNamedWithTheirPlace()
{
    QFETCH(QString, whole);
    QFETCH(QString, slip);
    QFETCH(QString, words);
    QString text = QString::fromLatin1(kWhole);
    QVERIFY(text.contains(whole));
    const auto refused = readAndCheck(text.replace(whole, slip));
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, engine::ErrorKind::BadInput);
    const QString said = QString::fromStdString(refused.error().message);
    QVERIFY2(said.contains(words), qPrintable(said));
}

void CatalogFileTest::HostileTextIsRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("list") << QByteArray("[]");
    QTest::newRow("cut") << QByteArray(kWhole).replace('\'', '"').left(200);
    QTest::newRow("binary") << QByteArray("\0\1\2\xff", 4);
    QTest::newRow("deep") << QByteArray(100'000, '[');
    QTest::newRow("number for a list") << QByteArray(R"({"paretoscope_catalog":1,"offers":5})");
    QTest::newRow("number for an offer") << QByteArray(R"({"paretoscope_catalog":1,"offers":[5]})");
    QTest::newRow("two thousand years of holidays")
        << QByteArray(R"({"paretoscope_catalog":1,"holidays":[{"ranges":)"
                      R"([{"from":"0001-01-01","to":"9999-12-31"}]}]})");
}

void CatalogFileTest::HostileTextIsRefused()
{
    QFETCH(QByteArray, text);
    CatalogFile file;
    const auto refused = readCatalogJson(text, QStringLiteral("f.json"), &file);
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, engine::ErrorKind::BadInput);
    QVERIFY(QString::fromStdString(refused.error().message).startsWith(QLatin1String("f.json")));
}

void CatalogFileTest::KeyTellsOffersApart()
{
    FileOffer offer;
    offer.provider = QStringLiteral("deepinfra");
    offer.modelId = QStringLiteral("deepseek/deepseek-r1");
    QCOMPARE(offerKey(offer), QStringLiteral("deepinfra/deepseek/deepseek-r1"));
    offer.via = QStringLiteral("openrouter");
    offer.region = QStringLiteral("cn");
    offer.tier = QStringLiteral("fast");
    offer.quantization = QStringLiteral("fp4");
    offer.endpoint = QStringLiteral("x");
    QCOMPARE(offerKey(offer),
             QStringLiteral("deepinfra/deepseek/deepseek-r1@openrouter#cn!fast+fp4~x"));
}

void CatalogFileTest::InstantsAreUtcOnly()
{
    QCOMPARE(parseInstant(QStringLiteral("1970-01-02")), std::optional<UnixSeconds>(86'400));
    QCOMPARE(parseInstant(QStringLiteral("2025-02-08T16:00:00Z")),
             std::optional<UnixSeconds>(1'739'030'400));
    for (const char *bad : {"2025-02-08T16:00:00", "2025-02-30", "yesterday", "20250208"})
        QVERIFY2(!parseInstant(QString::fromLatin1(bad)), bad);
}

void CatalogFileTest::SeedReadsAndChecks()
{
    const Seed seed = take(readSeed(catalogSeedFiles()));
    QVERIFY(seed.file.revision >= 1);
    QVERIFY(seed.file.offers.size() > 40);
    QCOMPARE(seed.newestFact, QDate(2026, 11, 24));
}

void CatalogFileTest::ListIsWholeJson()
{
    const auto catalog =
        take(take(CatalogStore::openInMemory())->snapshot(endOfDay(QDate(2026, 11, 24))));
    CatalogListRequest request;
    request.json = true;
    const QByteArray text = take(listOffers(*catalog, request));
    const QJsonArray offers = QJsonDocument::fromJson(text).object()[u"offers"].toArray();
    QCOMPARE(offers.size(), static_cast<qsizetype>(catalog->offers.size()));
    for (const QJsonValue &entry : offers) {
        const QJsonObject offer = entry.toObject();
        for (const char *key :
             {"id", "provider", "model", "prices", "valid_from", "source", "basis"})
            QVERIFY2(offer.contains(QLatin1String(key)), key);
        if (offer[u"id"] == QLatin1String("deepseek/deepseek-v4-pro")) {
            const QJsonObject prices = offer[u"prices"].toObject();
            QCOMPARE(prices[u"base"].toObject()[u"cache_read"].toInteger(), 22'000);
            QCOMPARE(prices[u"base"].toObject()[u"cache_write"].type(), QJsonValue::Null);
            QCOMPARE(prices[u"rules"].toArray()[0].toObject()[u"output"].toInteger(), 3'960'000);
            QCOMPARE(offer[u"valid_from"].toString(), QStringLiteral("2026-08-22T16:00:00Z"));
        }
    }
}

void CatalogFileTest::ListFiltersByModelAndProvider()
{
    const auto catalog =
        take(take(CatalogStore::openInMemory())->snapshot(endOfDay(QDate(2025, 7, 15))));
    CatalogListRequest request;
    request.json = true;
    request.model = QStringLiteral("deepseek-r1");
    request.provider = QStringLiteral("fireworks");
    const QByteArray text = take(listOffers(*catalog, request));
    QCOMPARE(QJsonDocument::fromJson(text).object()[u"offers"].toArray().size(), 2);
    request.provider = QStringLiteral("nobody");
    QCOMPARE(listOffers(*catalog, request).error().kind, engine::ErrorKind::NotFound);
}

void CatalogFileTest::ListTableHasAllOffers()
{
    const auto catalog =
        take(take(CatalogStore::openInMemory())->snapshot(endOfDay(QDate(2025, 7, 15))));
    const QByteArray text = take(listOffers(*catalog, {}));
    QCOMPARE(text.count('\n'), static_cast<int>(catalog->offers.size()) + 2);
    QVERIFY(text.contains("2 to 4"));
    QVERIFY(text.contains("> 25 s"));
    QVERIFY(text.contains("2.3625"));
}

void CatalogFileTest::PriceTextHasNoNeedlessZeros()
{
    QCOMPARE(priceText(550'000), QStringLiteral("0.55"));
    QCOMPARE(priceText(16'000'000), QStringLiteral("16"));
    QCOMPARE(priceText(3'625), QStringLiteral("0.003625"));
    QCOMPARE(priceText(0), QStringLiteral("0"));
}

QTEST_GUILESS_MAIN(CatalogFileTest)
#include "catalog_file_test.moc"
