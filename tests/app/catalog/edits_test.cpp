// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/edits.h"

#include <algorithm>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "app/catalog/catalog_store.h"
#include "app/catalog/freshness.h"
#include "app/catalog/import/own_csv.h"
#include "app/catalog/offer_export.h"
#include "app/catalog/provenance.h"
#include "tests/app/catalog/price_lists.h"
#include "tests/app/catalog/scratch_catalog.h"

using namespace app;
using Micro = std::optional<MicroPerMillion>;

namespace {

const QString kChat = QStringLiteral("deepseek/deepseek-chat");
const QString kDay = QStringLiteral("2026-02-01");

OverrideRequest own(MicroPerMillion amount)
{
    OverrideRequest request;
    request.offer = kChat;
    request.amount = amount;
    request.reason = QStringLiteral("our contract");
    return request;
}

std::vector<const Offer *> pointers(const Catalog &catalog)
{
    std::vector<const Offer *> offers;
    for (const Offer &offer : catalog.offers)
        offers.push_back(&offer);
    return offers;
}

} // namespace

class EditsTest : public QObject
{
    Q_OBJECT

private slots:
    void OwnPriceStandsInThePlaceOfTheImported();
    void OwnPriceOfLongPromptsIsARule();
    void ImportedPriceThatMovesUnderneathIsFlagged();
    void EditsAreLoggedAndUndone();
    void EditsOfNothingAreRefused();
    void ProvenanceNamesEverySource();
    void ExportedCellsAreNoFormulas_data();
    void ExportedCellsAreNoFormulas();
    void CsvComesBackAsItWent();
    void JsonHoldsWhatProgramsNeed();
};

void EditsTest::OwnPriceStandsInThePlaceOfTheImported()
{
    ScratchCatalog catalog;
    catalog.import(lists::kLitellm, QStringLiteral("2026-01-01"));
    (void)take(setOverride(catalog.database(), own(200'000), 1'800'000'000));
    const auto snapshot = catalog.snapshot(kDay);
    const Offer *offer = snapshot->find(kChat);
    QCOMPARE(offer->card.base.input, Micro(200'000));
    QCOMPARE(offer->card.base.output, Micro(420'000));
    QCOMPARE(offer->overrides.size(), 1U);
    QCOMPARE(offer->overrides[0].imported, Micro(280'000));
    QCOMPARE(offer->overrides[0].reason, QStringLiteral("our contract"));
    QVERIFY(!offer->overrides[0].baseChanged);
}

void EditsTest::OwnPriceOfLongPromptsIsARule()
{
    ScratchCatalog catalog;
    catalog.import(lists::kLitellm, QStringLiteral("2026-01-01"));
    OverrideRequest request = own(500'000);
    request.aboveInputTokens = 64'000;
    (void)take(setOverride(catalog.database(), request, 1'800'000'000));
    const auto snapshot = catalog.snapshot(kDay);
    const PriceCard &card = snapshot->find(kChat)->card;
    QCOMPARE(pricesAt(card, 64'000, 0).input, Micro(280'000));
    QCOMPARE(pricesAt(card, 64'001, 0).input, Micro(500'000));
}

void EditsTest::ImportedPriceThatMovesUnderneathIsFlagged()
{
    ScratchCatalog catalog;
    catalog.import(lists::kLitellm, QStringLiteral("2026-01-01"));
    (void)take(setOverride(catalog.database(), own(200'000), 1'800'000'000));
    QByteArray moved = lists::kLitellm;
    moved.replace("'input_cost_per_token': 2.8e-07", "'input_cost_per_token': 3e-07");
    catalog.import(moved, kDay);
    const auto snapshot = catalog.snapshot(kDay);
    const Offer *offer = snapshot->find(kChat);
    QCOMPARE(offer->card.base.input, Micro(200'000)); // kept
    QVERIFY(offer->overrides[0].baseChanged);
    QCOMPARE(offer->overrides[0].imported, Micro(300'000));
    const std::vector<QString> doubts = doubtsAbout(*offer, snapshot->asOf);
    QVERIFY(std::any_of(doubts.begin(), doubts.end(), [](const QString &doubt) {
        return doubt.contains(QLatin1String("older price"));
    }));
}

void EditsTest::EditsAreLoggedAndUndone()
{
    ScratchCatalog catalog;
    catalog.import(lists::kLitellm, QStringLiteral("2026-01-01"));
    QSqlDatabase &database = catalog.database();
    (void)take(setOverride(database, own(200'000), 10));
    const qint64 second = take(setOverride(database, own(150'000), 20));
    QVERIFY(removeOverride(database, second, 30));
    QCOMPARE(catalog.input(kChat, kDay), Micro(280'000));
    QCOMPARE(take(undoEdit(database, 40)).action, QStringLiteral("remove_override"));
    QCOMPARE(catalog.input(kChat, kDay), Micro(150'000));
    QCOMPARE(take(undoEdit(database, 50)).action, QStringLiteral("set_override"));
    QCOMPARE(catalog.input(kChat, kDay), Micro(200'000)); // the one before it
    QVERIFY(undoEdit(database, 60));
    QCOMPARE(catalog.input(kChat, kDay), Micro(280'000));
    QCOMPARE(undoEdit(database, 70).error().kind, engine::ErrorKind::NotFound);
    const auto log = take(readEdits(database));
    QCOMPARE(log.size(), 3U);
    QCOMPARE(log[2].words, QStringLiteral("input of deepseek/deepseek-chat set to 0.2"));
    QCOMPARE(log[2].undoneAt, std::optional<UnixSeconds>(60));
    // Nothing is deleted.
    QCOMPARE(catalog.value("SELECT count(*) FROM user_override").toInt(), 2);
}

void EditsTest::EditsOfNothingAreRefused()
{
    ScratchCatalog catalog;
    catalog.import(lists::kLitellm, QStringLiteral("2026-01-01"));
    OverrideRequest request = own(1);
    request.offer = QStringLiteral("nobody/nothing");
    QCOMPARE(setOverride(catalog.database(), request, 1).error().kind, engine::ErrorKind::NotFound);
    request = own(1);
    request.component = QStringLiteral("coffee");
    QCOMPARE(setOverride(catalog.database(), request, 1).error().kind, engine::ErrorKind::BadInput);
    QCOMPARE(setOverride(catalog.database(), own(-1), 1).error().kind, engine::ErrorKind::BadInput);
    QCOMPARE(removeOverride(catalog.database(), 7, 1).error().kind, engine::ErrorKind::NotFound);
    QVERIFY(take(readEdits(catalog.database())).empty());
}

void EditsTest::ProvenanceNamesEverySource()
{
    ScratchCatalog catalog;
    catalog.import(lists::kModelsDev, QStringLiteral("2026-01-01"));
    ImportRequest request = ScratchCatalog::request(kDay);
    request.uri = QStringLiteral("/home/me/prices.json");
    QVERIFY(catalog.tryImport(lists::kLitellm, request));
    const auto trails = take(
        readProvenance(catalog.database(), kChat, endOfDay(QDate::fromString(kDay, Qt::ISODate))));
    QCOMPARE(trails.size(), 6U); // three components of two sources
    QVERIFY(trails[0].shown);
    QCOMPARE(trails[0].importer, QStringLiteral("litellm"));
    QCOMPARE(trails[0].uri, QStringLiteral("/home/me/prices.json"));
    QCOMPARE(trails[0].provenance.sourceName, QStringLiteral("LiteLLM price map"));
    QVERIFY(!trails[3].shown);
    QCOMPARE(trails[3].provenance.sourceName, QStringLiteral("models.dev"));
    QVERIFY(trails[3].validFrom);
}

void EditsTest::ExportedCellsAreNoFormulas_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("sum") << "=1+1";
    QTest::newRow("command") << "=cmd|' /C calc'!A0";
    QTest::newRow("plus") << "+1";
    QTest::newRow("minus") << "-1";
    QTest::newRow("at") << "@SUM(A1)";
    QTest::newRow("tab") << "\t=1";
    QTest::newRow("line") << "\r=1";
    QTest::newRow("quoted") << "a \"b\", c";
    QTest::newRow("apostrophe") << "'=1";
    QTest::newRow("plain") << "DeepSeek-R1";
    QTest::newRow("empty") << "";
}

void EditsTest::ExportedCellsAreNoFormulas()
{
    QFETCH(QString, text);
    const QString cell = safeCell(text);
    QString bare = cell;
    if (bare.startsWith(u'"'))
        bare = bare.mid(1);
    QVERIFY(bare.isEmpty() || !QStringLiteral("=+-@\t\r\n").contains(bare.front()));
    // And back, as the importer reads it.
    QString read = cell;
    if (read.startsWith(u'"'))
        read = read.mid(1, read.size() - 2).replace(QStringLiteral("\"\""), QStringLiteral("\""));
    QCOMPARE(plainCell(read), text);
}

void EditsTest::CsvComesBackAsItWent()
{
    ScratchCatalog catalog;
    QByteArray hostile = lists::kLitellm;
    hostile.replace("'deepseek/deepseek-night'", "'deepseek/=HYPERLINK(1)'");
    catalog.import(hostile, QStringLiteral("2026-01-01"));
    const auto before = catalog.snapshot(kDay);
    const QByteArray csv = offersCsv(pointers(*before));
    for (const QByteArray &line : csv.split('\n')) {
        for (const QByteArray &cell : line.split(','))
            QVERIFY2(!cell.startsWith('=') && !cell.startsWith('+') && !cell.startsWith('@') &&
                         !cell.startsWith('-'),
                     cell.constData());
    }
    ScratchCatalog other;
    const ImportReport report =
        take(importPriceList(other.database(), csv, ScratchCatalog::request(kDay)));
    QCOMPARE(report.status, ImportReport::Status::Applied);
    const auto after = other.snapshot(kDay);
    QCOMPARE(after->offers.size(), before->offers.size());
    for (const Offer &offer : before->offers) {
        const Offer *copy = after->find(offer.id);
        QVERIFY2(copy, qPrintable(offer.id));
        QCOMPARE(copy->card.base, offer.card.base);
        QCOMPARE(copy->contextWindow, offer.contextWindow);
        QCOMPARE(copy->validFrom, offer.validFrom);
    }
    QCOMPARE(pricesAt(after->find("google/gemini-2.5-pro")->card, 200'001, 0).input,
             Micro(2'500'000));
}

void EditsTest::JsonHoldsWhatProgramsNeed()
{
    const auto store = take(CatalogStore::openInMemory());
    const auto catalog = take(store->snapshot(endOfDay(QDate(2025, 7, 15))));
    const QJsonObject root =
        QJsonDocument::fromJson(offersJson(pointers(*catalog), catalog->asOf)).object();
    const QJsonArray offers = root.value(QStringLiteral("offers")).toArray();
    QCOMPARE(offers.size(), static_cast<qsizetype>(catalog->offers.size()));
    for (const QJsonValue &value : offers) {
        const QJsonObject offer = value.toObject();
        for (const char *member :
             {"id", "provider", "model", "prices", "valid_from", "source", "basis"})
            QVERIFY2(offer.contains(QLatin1String(member)), member);
    }
}

QTEST_GUILESS_MAIN(EditsTest)
#include "edits_test.moc"
