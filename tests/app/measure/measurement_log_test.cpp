// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QSignalSpy>
#include <QTest>

#include "app/measure/line_splitter.h"
#include "app/measure/measurement_log.h"
#include "app/measure/point_inbox.h"

namespace {

using Lines = std::vector<QByteArray>;

engine::Point pointOf(std::int64_t batch, std::int64_t context, double tpotMs)
{
    engine::Point point;
    point.workload = {batch, context, 32};
    point.tpotMs = {tpotMs, {}, {}, 1};
    return point;
}

app::RunPtr runOf(const QString &id)
{
    auto run = std::make_shared<app::RunHead>();
    run->id = id;
    return run;
}

class MeasurementLogTest : public QObject
{
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void linesComeWholeHoweverTheyAreCut()
    {
        app::LineSplitter splitter(100);
        QCOMPARE(splitter.feed("{\"a\""), Lines{});
        QCOMPARE(splitter.feed(":1}\r\n\n{\"b\":2}\n{"), (Lines{"{\"a\":1}", "{\"b\":2}"}));
        QCOMPARE(splitter.takeRest(), QByteArray("{"));
        QCOMPARE(splitter.takeRest(), QByteArray());
        QCOMPARE(splitter.takeDropped(), 0);
    }

    void aLineOverTheCapIsDroppedAndTheNextOneIsRead()
    {
        app::LineSplitter splitter(8);
        QCOMPARE(splitter.feed("12345678\n"), Lines{"12345678"});
        for (int i = 0; i < 1000; ++i)
            QCOMPARE(splitter.feed(QByteArray(1000, 'x')), Lines{});
        QCOMPARE(splitter.feed("\nnext\n"), Lines{"next"});
        QCOMPARE(splitter.takeDropped(), 1);
        QCOMPARE(splitter.takeDropped(), 0);
    }

    void twentyThousandPointsOfAnotherThreadComeInFewEvents()
    {
        app::PointInbox inbox;
        std::vector<engine::Point> received;
        int events = 0;
        connect(&inbox, &app::PointInbox::burst, this,
                [&](const std::vector<engine::Point> &points) {
                    ++events;
                    received.insert(received.end(), points.begin(), points.end());
                });
        {
            const std::jthread producer([&inbox] {
                for (std::int64_t i = 1; i <= 20'000; ++i)
                    inbox.push(pointOf(i, 128, 1));
            });
            QTRY_COMPARE_WITH_TIMEOUT(received.size(), std::size_t(20'000), 30'000);
        }
        QVERIFY2(events < 2000, qPrintable(QString::number(events)));
        for (std::size_t i = 0; i < received.size(); ++i)
            QCOMPARE(received[i].workload.batch, static_cast<std::int64_t>(i + 1));
    }

    void nothingArrivesFromAnInboxThatIsGone()
    {
        int events = 0;
        {
            app::PointInbox inbox;
            connect(&inbox, &app::PointInbox::burst, this, [&events] { ++events; });
            inbox.push(pointOf(1, 128, 1));
        }
        QCoreApplication::processEvents();
        QCOMPARE(events, 0);
    }

    void aPointOfTheSameCellReplacesTheEarlierOne()
    {
        app::MeasurementLog log;
        log.putRun(runOf(QStringLiteral("a")));
        log.putRun(runOf(QStringLiteral("b")));
        log.append(QStringLiteral("a"), {pointOf(1, 128, 10), pointOf(2, 128, 11)});
        log.append(QStringLiteral("a"), {pointOf(1, 128, 9)});
        log.append(QStringLiteral("b"), {pointOf(1, 128, 5)});
        QCOMPARE(log.measurements().size(), std::size_t(3));
        const std::vector<engine::Point> points = log.pointsOf(QStringLiteral("a"));
        QCOMPARE(points.size(), std::size_t(2));
        QCOMPARE(*points[0].tpotMs.p50, 9.0);
        QCOMPARE(*points[1].tpotMs.p50, 11.0);
        QCOMPARE(*log.pointsOf(QStringLiteral("b"))[0].tpotMs.p50, 5.0);
    }

    void aBurstIsAnnouncedOnceAndARestoredRunIsNotAnnouncedAsNew()
    {
        app::MeasurementLog log;
        log.putRun(runOf(QStringLiteral("a")));
        QSignalSpy appended(&log, &app::MeasurementLog::appended);
        QSignalSpy changed(&log, &app::MeasurementLog::changed);
        log.append(QStringLiteral("a"), {pointOf(1, 128, 10), pointOf(2, 128, 11)});
        QCOMPARE(appended.count(), 1);
        QCOMPARE(changed.count(), 1);
        log.restore(runOf(QStringLiteral("old")), {pointOf(1, 128, 10)});
        QCOMPARE(appended.count(), 1);
        QCOMPARE(changed.count(), 2);
        log.append(QStringLiteral("nobody"), {pointOf(1, 128, 10)});
        QCOMPARE(appended.count(), 1);
        QCOMPARE(log.measurements().size(), std::size_t(3));
    }

    void aHeadThatIsKnownBetterReachesThePointsThatAreThere()
    {
        app::MeasurementLog log;
        log.putRun(runOf(QStringLiteral("a")));
        log.append(QStringLiteral("a"), {pointOf(1, 128, 10)});
        auto better = std::make_shared<app::RunHead>(*log.run(QStringLiteral("a")));
        better->environment["cpu_model"] = std::string("a CPU");
        log.putRun(better);
        QCOMPARE(log.runs().size(), std::size_t(1));
        QVERIFY(log.measurements()[0].run->environment.contains("cpu_model"));
    }
};

} // namespace

QTEST_GUILESS_MAIN(MeasurementLogTest)
#include "measurement_log_test.moc"
