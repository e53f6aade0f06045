// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/freshness.h"

#include <algorithm>
#include <set>

#include <QTest>

#include "app/catalog/catalog_store.h"
#include "app/catalog/offer_table.h"
#include "tests/app/catalog/price_lists.h"
#include "tests/app/catalog/scratch_catalog.h"

using namespace app;

namespace {

Provenance of(const char *kind, const QDate &date, FigureKind figure = FigureKind::Observed)
{
    Provenance provenance;
    provenance.sourceName = QStringLiteral("A source");
    provenance.sourceKind = QLatin1String(kind);
    provenance.date = date;
    provenance.kind = figure;
    return provenance;
}

CatalogPtr seedAt(const QDate &day)
{
    return take(take(CatalogStore::openInMemory())->snapshot(endOfDay(day)));
}

} // namespace

class FreshnessTest : public QObject
{
    Q_OBJECT

private slots:
    void AgeByKindOfSource_data();
    void AgeByKindOfSource();
    void ReasonNamesTheDate();
    void ObservationsAgeFaster();
    void OldestFigureDecides();
    void FreshDownloadOfAnOldListIsOld();
    void LabelsAreDistinctAndComplete_data();
    void LabelsAreDistinctAndComplete();
    void TableFiltersAsOneTypes();
    void TableFiltersByEachField();
    void UnknownSortsLastEitherWay();
    void TableOfThousandsFilters();
};

void FreshnessTest::AgeByKindOfSource_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("fresh"); // days
    QTest::addColumn<int>("stale");
    QTest::newRow("gateway") << "gateway_api" << 1 << 7;
    QTest::newRow("catalogue") << "catalog" << 14 << 60;
    QTest::newRow("vendor") << "vendor_page" << 30 << 90;
}

void FreshnessTest::AgeByKindOfSource()
{
    QFETCH(QString, kind);
    QFETCH(int, fresh);
    QFETCH(int, stale);
    const QDate today(2026, 11, 24);
    const auto after = [&](int days) {
        return ageOfPrice(of(kind.toLatin1(), today.addDays(-days)), endOfDay(today)).freshness;
    };
    QCOMPARE(after(0), Freshness::Fresh);
    QCOMPARE(after(fresh), Freshness::Fresh);
    QCOMPARE(after(fresh + 1), Freshness::Stale);
    QCOMPARE(after(stale), Freshness::Stale);
    QCOMPARE(after(stale + 1), Freshness::Dead);
}

void FreshnessTest::ReasonNamesTheDate()
{
    const Age age = ageOfPrice(of("catalog", QDate(2026, 7, 24)), endOfDay(QDate(2026, 11, 24)));
    QCOMPARE(age.reason,
             QStringLiteral("A source is of 2026-07-24, 123 days old; it is good for 60 days"));
    QVERIFY(ageOfPrice(of("catalog", QDate(2026, 11, 24)), endOfDay(QDate(2026, 11, 24)))
                .reason.isEmpty());
}

void FreshnessTest::ObservationsAgeFaster()
{
    const UnixSeconds now = endOfDay(QDate(2026, 11, 24));
    const auto after = [&](int days) {
        return ageOfObservation(of("gateway_api", QDate(2026, 11, 24).addDays(-days)), now)
            .freshness;
    };
    QCOMPARE(after(2), Freshness::Fresh);
    QCOMPARE(after(3), Freshness::Stale);
    QCOMPARE(after(15), Freshness::Dead);
    QCOMPARE(ageOfObservation(of("seed", QDate(2025, 7, 3), FigureKind::Claimed), now).freshness,
             Freshness::Fresh);
}

void FreshnessTest::OldestFigureDecides()
{
    const UnixSeconds now = endOfDay(QDate(2026, 11, 24));
    const Age fresh = ageOfPrice(of("vendor_page", QDate(2026, 11, 20)), now);
    const Age stale = ageOfPrice(of("catalog", QDate(2026, 11, 1)), now);
    const Age dead = ageOfPrice(of("gateway_api", QDate(2026, 11, 10)), now);
    QCOMPARE(oldest({fresh, stale, dead}), dead);
    QCOMPARE(oldest({stale, fresh}), stale);
    QCOMPARE(oldest({}), Age{});
}

void FreshnessTest::FreshDownloadOfAnOldListIsOld()
{
    ScratchCatalog catalog;
    QByteArray list = lists::kModelsDev; // says 2025-12-01 of itself
    ImportRequest request = ScratchCatalog::request(QStringLiteral("2026-11-24"));
    request.at.reset();
    request.atLatest = request.now;
    QCOMPARE(take(catalog.tryImport(list, request)).date, QDate(2025, 12, 1));
    const auto snapshot = catalog.snapshot(QStringLiteral("2026-11-24"));
    const Offer *offer = snapshot->find(QStringLiteral("deepseek/deepseek-chat"));
    QCOMPARE(ageOfPrice(offer->provenance, snapshot->asOf).freshness, Freshness::Dead);
    QVERIFY(doubtsAbout(*offer, snapshot->asOf)[0].contains(QLatin1String("2025-12-01")));
}

void FreshnessTest::LabelsAreDistinctAndComplete_data()
{
    QTest::addColumn<QDate>("day");
    QTest::newRow("July 2025") << QDate(2025, 7, 15);
    QTest::newRow("today") << QDate(2026, 11, 24);
}

void FreshnessTest::LabelsAreDistinctAndComplete()
{
    QFETCH(QDate, day);
    const CatalogPtr catalog = seedAt(day);
    std::set<QString> labels;
    for (const Offer &offer : catalog->offers) {
        QVERIFY2(labels.insert(offer.label).second, qPrintable(offer.label));
        QVERIFY2(offer.label.contains(offer.modelName), qPrintable(offer.label));
        QVERIFY2(offer.label.contains(offer.providerName), qPrintable(offer.label));
        QVERIFY2(offer.via.isEmpty() || offer.label.contains(offer.viaName),
                 qPrintable(offer.label));
        QVERIFY2(offer.serviceTier == QLatin1String("standard") ||
                     offer.label.contains(offer.serviceTier),
                 qPrintable(offer.label));
    }
    if (day.year() == 2026) {
        // One model under two names of the seller.
        QCOMPARE(catalog->find(QStringLiteral("deepseek/deepseek-flash"))->label,
                 QStringLiteral("DeepSeek V4.1-Flash, DeepSeek (deepseek-flash)"));
        QCOMPARE(catalog->find(QStringLiteral("deepseek/deepseek-v4-flash"))->label,
                 QStringLiteral("DeepSeek V4.1-Flash, DeepSeek (deepseek-v4-flash)"));
    }
}

void FreshnessTest::TableFiltersAsOneTypes()
{
    OfferTable table;
    table.setCatalog(seedAt(QDate(2025, 7, 15)));
    OfferTableView view;
    view.setSourceModel(&table);
    const int all = view.rowCount();
    QVERIFY(all > 40);
    OfferFilter filter;
    filter.search = QStringLiteral("r1 AZU");
    view.setFilter(filter);
    QCOMPARE(view.rowCount(), 1);
    QCOMPARE(view.offerAt(0)->id, QStringLiteral("azure/deepseek-r1"));
    filter.search = QStringLiteral("no such offer");
    view.setFilter(filter);
    QCOMPARE(view.rowCount(), 0);
    view.setFilter({});
    QCOMPARE(view.rowCount(), all);
}

void FreshnessTest::TableFiltersByEachField()
{
    const CatalogPtr catalog = seedAt(QDate(2026, 11, 24));
    OfferTable table;
    table.setCatalog(catalog);
    OfferTableView view;
    view.setSourceModel(&table);
    const auto expect = [&](const OfferFilter &filter, auto fits) {
        view.setFilter(filter);
        const auto wanted = std::count_if(catalog->offers.begin(), catalog->offers.end(), fits);
        QCOMPARE(view.rowCount(), static_cast<int>(wanted));
        QVERIFY(wanted > 0);
    };
    OfferFilter filter;
    filter.provider = QStringLiteral("openai");
    expect(filter, [](const Offer &offer) { return offer.provider == u"openai"; });
    filter = {};
    filter.contextAtLeast = 163'840;
    expect(filter, [](const Offer &offer) { return offer.contextWindow.value_or(0) >= 163'840; });
    filter = {};
    filter.region = QStringLiteral("cn");
    expect(filter, [](const Offer &offer) { return offer.region == u"cn"; });
    filter = {};
    filter.quantization = QStringLiteral("fp8");
    expect(filter, [](const Offer &offer) { return offer.quantization == u"fp8"; });
    filter = {};
    filter.freshness = Freshness::Stale;
    expect(filter, [&](const Offer &offer) {
        return ageOfPrice(offer.provenance, catalog->asOf).freshness != Freshness::Dead;
    });
}

void FreshnessTest::UnknownSortsLastEitherWay()
{
    OfferTable table;
    table.setCatalog(seedAt(QDate(2025, 7, 15)));
    OfferTableView view;
    view.setSourceModel(&table);
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        view.sort(OfferTable::Input, order);
        bool unknown = false;
        std::optional<MicroPerMillion> last;
        for (int row = 0; row < view.rowCount(); ++row) {
            const auto input = view.offerAt(row)->card.base.input;
            QVERIFY(!(unknown && input));
            unknown = unknown || !input;
            if (input && last)
                QVERIFY(order == Qt::AscendingOrder ? *input >= *last : *input <= *last);
            if (input)
                last = input;
        }
        QVERIFY(unknown);
    }
}

void FreshnessTest::TableOfThousandsFilters()
{
    ScratchCatalog catalog;
    catalog.import(lists::litellmOf(QList<double>(5'000, 1.0)), QStringLiteral("2026-01-01"));
    OfferTable table;
    table.setCatalog(catalog.snapshot(QStringLiteral("2026-01-02")));
    OfferTableView view;
    view.setSourceModel(&table);
    QCOMPARE(view.rowCount(), 5'000);
    OfferFilter filter;
    filter.search = QStringLiteral("m499");
    view.setFilter(filter);
    QCOMPARE(view.rowCount(), 11); // m499 and m4990 to m4999
}

QTEST_GUILESS_MAIN(FreshnessTest)
#include "freshness_test.moc"
