// SPDX-License-Identifier: GPL-3.0-or-later
// Lists and catalogs of full size, with what must come out of them; how long that takes is
// bench_catalog's matter.
#include <csignal>
#include <cstdio>
#include <random>

#include <sys/resource.h>

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTest>
#include <QThread>

#include "app/catalog/catalog_store.h"
#include "tests/app/catalog/big_lists.h"
#include "tests/app/catalog/scratch_catalog.h"

using namespace app;
using Status = ImportReport::Status;

namespace {

constexpr int kOffers = 800; // of the lists that are killed
// 2026-08-01 00:00 UTC.
constexpr UnixSeconds kDay = 1'785'542'400;

ImportRequest request()
{
    ImportRequest request;
    request.name = QStringLiteral("the list");
    request.at = kDay;
    request.now = kDay + 60;
    return request;
}

// This program again, as the one that imports.
int importAsHelper(const QString &path, bool fullDisk)
{
    auto store = take(CatalogStore::open(path));
    if (fullDisk) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1 << 18, 1 << 18};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::printf("ready\n");
    std::fflush(stdout);
    const auto report = store->importList(lists::bigLitellm(kOffers, 16), request());
    return report && report->status == Status::Applied ? 0 : 1;
}

struct Counts
{
    int offers = 0;
    int versions = 0;
    int components = 0;
    int held = 0;

    friend bool operator==(const Counts &, const Counts &) = default;
};

Counts countsOf(const QString &path)
{
    const auto store = take(CatalogStore::open(path));
    if (!store->notice().isEmpty() || !store->checkIntegrity())
        qFatal("damaged");
    const auto catalog = take(store->snapshot(kDay + 86'400));
    Counts counts;
    counts.offers = static_cast<int>(catalog->offers.size());
    for (const Offer &offer : catalog->offers) {
        counts.versions += offer.card.base.input ? 1 : 0;
        counts.components += (offer.card.base.output ? 1 : 0) + (offer.card.base.cacheRead ? 1 : 0);
    }
    counts.held = static_cast<int>(take(store->review()).size());
    return counts;
}

} // namespace

class ImportScaleTest : public QObject
{
    Q_OBJECT

private slots:
    void FullListHoldsItsSixteenUnitErrorsAndNoOther();
    void HundredThousandVersionsReadTwiceAreTheSame();
    void KillAtAnyMomentOfAnImportLeavesBeforeOrAfter();
    void FullDiskLeavesTheCatalogAsItWas();
    void TwoProgramsImportAtOnce();
};

void ImportScaleTest::FullListHoldsItsSixteenUnitErrorsAndNoOther()
{
    ScratchCatalog catalog;
    const ImportReport report = catalog.import(lists::bigLitellm(3'000, 16), "2026-08-01");
    QCOMPARE(report.status, Status::Applied);
    QCOMPARE(report.seen, 3'000);
    QCOMPARE(report.held.size(), 16U);
    for (const HeldRecord &held : report.held) {
        QVERIFY(held.key.startsWith(QLatin1String("wrong/")));
        QCOMPARE(held.rule, QStringLiteral("a price above 1,000 per million"));
    }
    QCOMPARE(report.added, 3'000 - 16);
    const qint64 changes = catalog.changes();
    QCOMPARE(catalog.import(lists::bigLitellm(3'000, 16), "2026-08-01").status, Status::NoChange);
    QCOMPARE(catalog.changes(), changes);
}

void ImportScaleTest::HundredThousandVersionsReadTwiceAreTheSame()
{
    // 4,000 offers whose prices move each month for 25 months.
    ScratchCatalog catalog;
    for (int month = 0; month < 25; ++month)
        QCOMPARE(catalog
                     .import(lists::bigModelsDev(4'000, month),
                             QDate(2024, 1, 1).addMonths(month).toString(Qt::ISODate))
                     .status,
                 Status::Applied);
    const auto versions = [&] {
        return catalog.value("SELECT count(*) FROM price_version").toInt();
    };
    QCOMPARE(versions(), 100'000);
    for (const int month : {0, 12, 24})
        QCOMPARE(catalog
                     .import(lists::bigModelsDev(4'000, month),
                             QDate(2024, 1, 1).addMonths(month).toString(Qt::ISODate))
                     .status,
                 Status::NoChange);
    QCOMPARE(versions(), 100'000);
    for (const int month : {0, 7, 24})
        QCOMPARE(catalog.input(QStringLiteral("seller0/model-7"),
                               QDate(2024, 1, 15).addMonths(month).toString(Qt::ISODate)),
                 std::optional(lists::bigPrice(7, month)));
}

void ImportScaleTest::KillAtAnyMomentOfAnImportLeavesBeforeOrAfter()
{
    const QTemporaryDir folder;
    const QString clean = folder.filePath(QStringLiteral("clean.sqlite"));
    (void)take(CatalogStore::open(clean));
    const Counts before = countsOf(clean);
    const auto start = [&](QProcess &helper, const QString &path) {
        QFile::copy(clean, path);
        helper.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--import"), path});
        return helper.waitForReadyRead(20'000); // it has opened the file
    };
    QElapsedTimer clock;
    QProcess undisturbed;
    const QString whole = folder.filePath(QStringLiteral("whole.sqlite"));
    QVERIFY(start(undisturbed, whole));
    clock.start();
    QVERIFY(undisturbed.waitForFinished(60'000));
    const auto usual = static_cast<unsigned long>(clock.nsecsElapsed() / 1'000);
    QCOMPARE(undisturbed.exitCode(), 0);
    const Counts after = countsOf(whole);
    QVERIFY(after.offers > before.offers + 700);
    QCOMPARE(after.held, 16);
    std::mt19937 random(20'260'801);
    std::uniform_int_distribution<unsigned long> micros(0, usual + usual / 10);
    int done = 0;
    for (int moment = 0; moment < 50; ++moment) {
        const QString path = folder.filePath(QStringLiteral("kill-%1.sqlite").arg(moment));
        QProcess helper;
        QVERIFY(start(helper, path));
        QThread::usleep(micros(random));
        helper.kill();
        QVERIFY(helper.waitForFinished());
        const Counts found = countsOf(path);
        QVERIFY(found == before || found == after);
        done += found == after ? 1 : 0;
        QFile::remove(path);
    }
    qInfo("%d of 50 kills came after the import was in", done);
}

void ImportScaleTest::FullDiskLeavesTheCatalogAsItWas()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("c.sqlite"));
    (void)take(CatalogStore::open(path));
    const Counts before = countsOf(path);
    QProcess helper;
    helper.start(QCoreApplication::applicationFilePath(),
                 {QStringLiteral("--import-on-full-disk"), path});
    QVERIFY(helper.waitForFinished(60'000));
    QCOMPARE(helper.exitStatus(), QProcess::NormalExit);
    QCOMPARE(helper.exitCode(), 1);
    QCOMPARE(countsOf(path), before);
    // Once there is room it goes in.
    QCOMPARE(importAsHelper(path, false), 0);
}

void ImportScaleTest::TwoProgramsImportAtOnce()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("c.sqlite"));
    (void)take(CatalogStore::open(path));
    std::vector<std::unique_ptr<QProcess>> helpers;
    for (int i = 0; i < 3; ++i) {
        helpers.push_back(std::make_unique<QProcess>());
        helpers.back()->start(QCoreApplication::applicationFilePath(),
                              {QStringLiteral("--import-or-known"), path});
    }
    for (const auto &helper : helpers) {
        QVERIFY(helper->waitForFinished(60'000));
        QCOMPARE(helper->exitCode(), 0);
    }
    QCOMPARE(countsOf(path).held, 16);
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QString task = application.arguments().value(1);
    const QString path = application.arguments().value(2);
    if (task == QLatin1String("--import"))
        return importAsHelper(path, false);
    if (task == QLatin1String("--import-on-full-disk"))
        return importAsHelper(path, true);
    if (task == QLatin1String("--import-or-known")) {
        const auto store = take(CatalogStore::open(path));
        const auto report = store->importList(lists::bigLitellm(kOffers, 16), request());
        return report && report->status != Status::Rejected ? 0 : 1;
    }
    ImportScaleTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "import_scale_test.moc"
