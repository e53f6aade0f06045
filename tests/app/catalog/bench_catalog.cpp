// SPDX-License-Identifier: GPL-3.0-or-later
// Times of the catalog: making and opening the file, one snapshot, one offer's history, the last
// two also at 100,000 price versions.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include <QCoreApplication>
#include <QTemporaryDir>

#include "app/catalog/catalog_store.h"
#include "app/catalog/database.h"
#include "tests/app/catalog/support.h"

using namespace app;

namespace {

constexpr int kVersions = 100'000;
const QString kOffer = QStringLiteral("deepseek/deepseek-reasoner");

void report(const char *what, int repeats, const std::function<void()> &work)
{
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const auto end = std::chrono::steady_clock::now();
        times.push_back(std::chrono::duration<double, std::milli>(end - start).count());
    }
    std::sort(times.begin(), times.end());
    std::printf("%-52s p50 %9.3f ms  min %9.3f ms  n %d\n", what, times[times.size() / 2],
                times.front(), repeats);
}

// 4,000 more offers of 25 prices each, a month apart.
void multiply(const QString &path)
{
    QSqlDatabase database =
        QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("bench"));
    database.setDatabaseName(path);
    database.open();
    const QString statements[] = {
        QStringLiteral("BEGIN"),
        QStringLiteral("INSERT INTO offer (provider_id, provider_model_id, first_seen, last_seen) "
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                       "WHERE i < %1) SELECT 1, 'synthetic-' || i, 0, 0 FROM n")
            .arg(kVersions / 25),
        QStringLiteral("INSERT INTO price_version (offer_id, source_id, valid_from, valid_to, "
                       "valid_from_basis, recorded_at, change_kind, status, checked_at, run_id, "
                       "upstream_locator, card_hash) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL "
                       "SELECT i + 1 FROM n WHERE i < 24) SELECT o.id, 2, "
                       "1700000000 + i * 2600000, CASE WHEN i < 24 THEN "
                       "1700000000 + (i + 1) * 2600000 END, 'source_declared', 0, 'initial', "
                       "'active', 0, 1, 'https://example.org', 'x' FROM offer o, n "
                       "WHERE o.provider_model_id LIKE 'synthetic-%'"),
        QStringLiteral("INSERT INTO price_component (price_version_id, component, amount_pico, "
                       "origin) SELECT id, c.column1, 1000000, 'stated' FROM price_version, "
                       "(VALUES ('input'), ('output'), ('cache_read')) c WHERE card_hash = 'x'"),
        QStringLiteral("COMMIT"),
    };
    for (const QString &sql : statements)
        (void)take(database::run(database, sql));
    database.close();
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("catalog.sqlite"));
    const UnixSeconds asOf = endOfDay(QDate(2025, 7, 15));
    int count = 0;
    report("make the file from the seed", 5,
           [&] { (void)take(CatalogStore::open(folder.filePath(QString::number(count++)))); });
    report("make the seed in memory", 10, [] { (void)take(CatalogStore::openInMemory()); });
    auto store = take(CatalogStore::open(path));
    report("open the file again", 20, [&] { (void)take(CatalogStore::open(path)); });
    report("snapshot of the seed", 50, [&] { (void)take(store->snapshot(asOf)); });
    report("price history of one offer", 200, [&] { (void)take(store->priceHistory(kOffer)); });
    store.reset();
    multiply(path);
    store = take(CatalogStore::open(path));
    report("open, 100,000 price versions", 3, [&] { (void)take(CatalogStore::open(path)); });
    report("price history of one offer, 100,000 versions", 100,
           [&] { (void)take(store->priceHistory(kOffer)); });
    report("snapshot, 100,000 price versions, 4,000 offers", 3,
           [&] { (void)take(store->snapshot(asOf)); });
    return 0;
}
