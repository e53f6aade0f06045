// SPDX-License-Identifier: GPL-3.0-or-later
// Times of the catalog, each beside its goal where it has one: making and opening the file,
// importing lists of full size, and asking at 100,000 price versions.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include <QCoreApplication>
#include <QDate>
#include <QTemporaryDir>

#include "app/catalog/catalog_store.h"
#include "app/catalog/offer_table.h"
#include "tests/app/catalog/big_lists.h"
#include "tests/app/catalog/support.h"

using namespace app;

namespace {

constexpr int kOffers = 4'000;
constexpr int kMonths = 25;
const QString kOffer = QStringLiteral("seller0/model-7");

double report(const char *what, int repeats, double goalMs, const std::function<void()> &work)
{
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const auto end = std::chrono::steady_clock::now();
        times.push_back(std::chrono::duration<double, std::milli>(end - start).count());
    }
    std::sort(times.begin(), times.end());
    const double p50 = times[times.size() / 2];
    std::printf("%-58s p50 %9.3f ms  min %9.3f ms  n %3d", what, p50, times.front(), repeats);
    if (goalMs > 0)
        std::printf("  goal %6.0f ms: %s", goalMs, p50 < goalMs ? "met" : "MISSED");
    std::printf("\n");
    std::fflush(stdout);
    return p50;
}

UnixSeconds monthAt(int month)
{
    return QDate(2024, 1, 1).addMonths(month).startOfDay(Qt::UTC).toSecsSinceEpoch();
}

ImportRequest request(int month)
{
    ImportRequest request;
    request.name = QStringLiteral("the list");
    request.at = monthAt(month);
    request.now = monthAt(month) + 60;
    return request;
}

void importList(CatalogStore &store, const QByteArray &list, int month,
                ImportReport::Status expected = ImportReport::Status::Applied)
{
    const ImportReport report = take(store.importList(list, request(month)));
    if (report.status != expected)
        qFatal("%s", qPrintable(report.message));
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QTemporaryDir folder;
    int count = 0;
    const auto fresh = [&] { return folder.filePath(QString::number(count++)); };
    const UnixSeconds july = endOfDay(QDate(2025, 7, 15));

    report("make the file from the seed", 5, 0, [&] { (void)take(CatalogStore::open(fresh())); });
    report("make the seed in memory", 10, 0, [] { (void)take(CatalogStore::openInMemory()); });
    {
        const QString path = fresh();
        auto store = take(CatalogStore::open(path));
        report("open the file again", 20, 0, [&] { (void)take(CatalogStore::open(path)); });
        report("snapshot of the seed", 50, 0, [&] { (void)take(store->snapshot(july)); });
    }
    const QByteArray litellm = lists::bigLitellm(3'000, 16);
    std::printf("litellm: 3,000 entries, %.2f MB\n", double(litellm.size()) / 1e6);
    report("import of litellm, 3,000 entries", 5, 1'000, [&] {
        auto store = take(CatalogStore::open(fresh()));
        importList(*store, litellm, 24);
    });
    const QByteArray modelsDev = lists::bigModelsDev(5'000, 24);
    std::printf("models.dev: 5,000 offers, %.2f MB\n", double(modelsDev.size()) / 1e6);
    report("import of models.dev, 5,000 offers", 5, 2'000, [&] {
        auto store = take(CatalogStore::open(fresh()));
        importList(*store, modelsDev, 24);
    });

    const QString path = folder.filePath(QStringLiteral("big.sqlite"));
    auto store = take(CatalogStore::open(path));
    int month = 0;
    report("import of 4,000 offers that all move, up to 100,000", kMonths, 0, [&] {
        importList(*store, lists::bigModelsDev(kOffers, month), month);
        ++month;
    });
    const QByteArray last = lists::bigModelsDev(kOffers, kMonths - 1);
    report("second import of the same list, at 100,000 versions", 5, 0,
           [&] { importList(*store, last, kMonths - 1, ImportReport::Status::NoChange); });
    report("import of litellm, at 100,000 versions", 1, 1'000,
           [&] { importList(*store, litellm, kMonths); });
    report("import of models.dev, 5,000 offers, at 100,000 versions", 1, 2'000,
           [&] { importList(*store, lists::bigModelsDev(5'000, kMonths), kMonths); });
    report("open, at 100,000 versions", 3, 0, [&] { (void)take(CatalogStore::open(path)); });
    const UnixSeconds past = monthAt(12) + 86'400;
    report("as-of query of one offer", 200, 1, [&] { (void)take(store->offer(kOffer, past)); });
    report("offers of one model", 200, 5,
           [&] { (void)take(store->offersOf(QStringLiteral("model-7"), past)); });
    report("offers of one family of 14 models", 100, 5,
           [&] { (void)take(store->offersOf(QStringLiteral("family-7"), past)); });
    report("price history of one offer", 100, 0, [&] { (void)take(store->priceHistory(kOffer)); });
    report("snapshot of all offers", 3, 0, [&] { (void)take(store->snapshot(past)); });
    OfferTable table;
    table.setCatalog(take(store->snapshot(past)));
    OfferTableView view;
    view.setSourceModel(&table);
    int typed = 0;
    report("filter the table by another letter", 50, 0, [&] {
        OfferFilter filter;
        filter.search = QStringLiteral("model-%1").arg(typed++ % 10);
        view.setFilter(filter);
    });
    return 0;
}
