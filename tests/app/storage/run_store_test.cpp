// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>
#include <sys/wait.h>
#include <unistd.h>

#include "app/storage/export.h"
#include "app/storage/run_store.h"
#include "engine/protocol/point_json.h"

namespace {

engine::Point pointOf(std::int64_t batch, double tpotMs)
{
    engine::Point point;
    point.workload = {batch, 512, 32};
    point.tpotMs = {tpotMs, tpotMs * 0.99, tpotMs * 1.01, 64};
    point.flags = {"provisional"};
    point.why["itl_ms"] = "few_samples";
    return point;
}

app::RunPtr runOf(const QString &id, const QString &started)
{
    auto run = std::make_shared<app::RunHead>();
    run->id = id;
    run->startedUtc = started;
    run->request.model = "qwen3-0.6b";
    run->request.batches = {1, 2, 4, 8};
    run->environment["ceiling_read_gbs"] = 21.5;
    run->environment["gpu_name"] = std::monostate();
    run->model["name"] = std::string("qwen3-0.6b");
    return run;
}

class RunStoreTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".")));
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("deeper/runs.sqlite"));
    }

    void whatTheLogReceivedIsThereAtTheNextStart()
    {
        const app::RunPtr run = runOf(QStringLiteral("a"), QStringLiteral("2026-01-02T00:00:00Z"));
        {
            app::MeasurementLog log;
            const auto store = app::RunStore::open(m_path);
            QVERIFY(store.has_value() && (*store)->follow(log).has_value());
            log.putRun(run);
            log.append(run->id, {pointOf(1, 10), pointOf(2, 11)});
            log.append(run->id, {pointOf(1, 9)});
            log.putRun(runOf(QStringLiteral("b"), QStringLiteral("2026-01-01T00:00:00Z")));
        }
        app::MeasurementLog log;
        QSignalSpy appended(&log, &app::MeasurementLog::appended);
        const auto store = app::RunStore::open(m_path);
        QVERIFY((*store)->follow(log).has_value());
        QVERIFY((*store)->notice().isEmpty());
        QCOMPARE(log.runs().size(), std::size_t(2));
        QCOMPARE(log.runs()[0]->id, QStringLiteral("b")); // the older one first
        QVERIFY(*log.runs()[1] == *run);
        QVERIFY(
            (log.pointsOf(run->id) == std::vector<engine::Point>{pointOf(1, 9), pointOf(2, 11)}));
        QCOMPARE(appended.count(), 0);
    }

    void aKillLosesNothingThatHasArrived()
    {
        int ready[2];
        QCOMPARE(pipe(ready), 0);
        const pid_t child = fork();
        if (child == 0) {
            // A program of its own that keeps writing until it is killed.
            app::MeasurementLog log;
            auto store = app::RunStore::open(m_path);
            if (!store || !(*store)->follow(log))
                _exit(1);
            log.putRun(runOf(QStringLiteral("a"), QStringLiteral("2026-01-01T00:00:00Z")));
            for (std::int64_t i = 1;; ++i) {
                log.append(QStringLiteral("a"), {pointOf(i, 1)});
                if (write(ready[1], &i, sizeof i) != sizeof i)
                    _exit(1);
            }
        }
        std::int64_t arrived = 0;
        while (arrived < 50)
            QCOMPARE(read(ready[0], &arrived, sizeof arrived), ssize_t(sizeof arrived));
        kill(child, SIGKILL);
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status));
        close(ready[1]);
        std::int64_t last = 0;
        while (read(ready[0], &last, sizeof last) == ssize_t(sizeof last))
            arrived = last;
        close(ready[0]);
        const auto store = app::RunStore::open(m_path);
        QVERIFY(store.has_value() && (*store)->notice().isEmpty());
        const auto points = (*store)->points(QStringLiteral("a"));
        QVERIFY(points->size() >= static_cast<std::size_t>(arrived));
        QVERIFY(points->size() <= static_cast<std::size_t>(arrived) + 1);
    }

    void twoWindowsShareTheFile()
    {
        app::MeasurementLog first;
        app::MeasurementLog second;
        const auto a = app::RunStore::open(m_path);
        const auto b = app::RunStore::open(m_path);
        QVERIFY((*a)->follow(first).has_value() && (*b)->follow(second).has_value());
        QSignalSpy failedA(a->get(), &app::RunStore::writeFailed);
        QSignalSpy failedB(b->get(), &app::RunStore::writeFailed);
        first.putRun(runOf(QStringLiteral("a"), QStringLiteral("1")));
        second.putRun(runOf(QStringLiteral("b"), QStringLiteral("2")));
        for (std::int64_t i = 1; i <= 20; ++i) {
            first.append(QStringLiteral("a"), {pointOf(i, 1)});
            second.append(QStringLiteral("b"), {pointOf(i, 2)});
        }
        QCOMPARE(failedA.count() + failedB.count(), 0);
        QCOMPARE((*a)->runs()->size(), std::size_t(2));
        QCOMPARE((*a)->points(QStringLiteral("b"))->size(), std::size_t(20));
        QVERIFY((*b)->remove(QStringLiteral("a")).has_value());
        QCOMPARE((*a)->points(QStringLiteral("a"))->size(), std::size_t(0));
    }

    void aDamagedFileIsSetAsideAndSaid_data()
    {
        QTest::addColumn<bool>("wholeFile");
        QTest::newRow("no database at all") << true;
        QTest::newRow("pages overwritten") << false;
    }

    void aDamagedFileIsSetAsideAndSaid()
    {
        QFETCH(const bool, wholeFile);
        {
            app::MeasurementLog log;
            const auto store = app::RunStore::open(m_path);
            QVERIFY((*store)->follow(log).has_value());
            log.putRun(runOf(QStringLiteral("a"), QStringLiteral("1")));
            for (std::int64_t i = 1; i <= 100; ++i)
                log.append(QStringLiteral("a"), {pointOf(i, 1)});
        }
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        const qint64 from = wholeFile ? 0 : 4096;
        file.seek(from);
        file.write(QByteArray(static_cast<qsizetype>(file.size() - from), '\x55'));
        file.close();

        const auto store = app::RunStore::open(m_path);
        QVERIFY2(store.has_value(), store ? "" : store.error().detail.c_str());
        QVERIFY((*store)->notice().contains(QStringLiteral("damaged")));
        QCOMPARE((*store)->runs()->size(), std::size_t(0));
        const QStringList aside =
            QFileInfo(m_path).dir().entryList({QStringLiteral("runs.damaged-*.sqlite")});
        QCOMPARE(aside.size(), 1);
        QVERIFY((*store)->notice().contains(aside.constFirst()));
    }

    void aNewerOrForeignFileIsLeftUntouched_data()
    {
        QTest::addColumn<QString>("pragma");
        QTest::newRow("newer") << QStringLiteral("PRAGMA user_version = 99");
        QTest::newRow("foreign") << QStringLiteral("PRAGMA application_id = 7");
    }

    void aNewerOrForeignFileIsLeftUntouched()
    {
        QFETCH(const QString, pragma);
        QVERIFY(app::RunStore::open(m_path).has_value());
        {
            QSqlDatabase database =
                QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("other"));
            database.setDatabaseName(m_path);
            QVERIFY(database.open());
            QVERIFY(QSqlQuery(database).exec(pragma));
            database.close();
        }
        QSqlDatabase::removeDatabase(QStringLiteral("other"));
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray before = file.readAll();
        const auto store = app::RunStore::open(m_path);
        QVERIFY(!store.has_value());
        QCOMPARE(store.error().kind, engine::ErrorKind::Unsupported);
        file.seek(0);
        QCOMPARE(file.readAll(), before);
    }

    void aFolderThatCannotBeWrittenIsAnError()
    {
        const auto store = app::RunStore::open(QStringLiteral("/proc/no/runs.sqlite"));
        QVERIFY(!store.has_value());
        QCOMPARE(store.error().kind, engine::ErrorKind::Io);
        QVERIFY(!store.error().message.empty());
    }

    void anExportHoldsWhatTheRunHolds()
    {
        const app::RunPtr run = runOf(QStringLiteral("a"), QStringLiteral("1"));
        const std::vector<engine::Point> points{pointOf(1, 10), pointOf(2, 12.5)};
        const QString json = m_folder->filePath(QStringLiteral("run.json"));
        const QString csv = m_folder->filePath(QStringLiteral("curves.csv"));
        QVERIFY(app::exportJson(json, *run, points).has_value());
        QVERIFY(app::exportCsv(csv, points).has_value());
        QFile file(json);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto read = engine::parseRun(file.readAll().toStdString());
        QVERIFY(read.has_value());
        QVERIFY(read->points == points);
        QVERIFY(read->environment == run->environment);
        QFile table(csv);
        QVERIFY(table.open(QIODevice::ReadOnly));
        QCOMPARE(table.readAll().count('\n'), 3);
        QCOMPARE(
            app::exportCsv(m_folder->filePath(QStringLiteral("no/x.csv")), points).error().kind,
            engine::ErrorKind::Io);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

} // namespace

QTEST_GUILESS_MAIN(RunStoreTest)
#include "run_store_test.moc"
