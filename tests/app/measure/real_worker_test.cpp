// SPDX-License-Identifier: GPL-3.0-or-later
// The client and the real worker, on a tiny model with synthetic weights.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/measure/bench_runner.h"

namespace {

using How = engine::SweepFinished::How;

constexpr int kPatienceMs = 60'000;

engine::SweepRequest smallSweep()
{
    engine::SweepRequest request;
    request.model = PARETOSCOPE_TEST_DATA "/tiny/config.json";
    request.batches = {1, 2};
    request.contexts = {16, 64};
    request.outputTokens = 8;
    request.quick = true;
    return request;
}

// One that would take minutes: many cells, each measured until it is known well.
engine::SweepRequest longSweep()
{
    engine::SweepRequest request = smallSweep();
    request.batches = {1, 2, 3, 4, 5, 6, 7, 8};
    request.contexts = {64, 128, 256, 512, 1024};
    request.quick = false;
    return request;
}

bool isAlive(std::int64_t pid)
{
    return kill(static_cast<pid_t>(pid), 0) == 0;
}

class RealWorkerTest : public QObject
{
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void aSweepFillsTheLogAndTellsItsEnvironment()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        prepare(runner);
        QSignalSpy progress(&runner, &app::BenchRunner::progressChanged);
        QVERIFY(runner.start(smallSweep()).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), kPatienceMs);
        QVERIFY2(runner.lastOutcome()->how == How::Complete, why(runner));
        QCOMPARE(log.measurements().size(), std::size_t(4));
        for (const app::Measurement &measurement : log.measurements()) {
            QCOMPARE(measurement.point.status, engine::PointStatus::Ok);
            QVERIFY(*measurement.point.ttftMs.p50 > 0);
            QVERIFY(*measurement.point.tpotMs.p50 > 0);
            QVERIFY(*measurement.point.ttftMs.p50 >= *measurement.point.ttftIdleMs.p50 * 0.99);
        }
        QVERIFY(runner.run()->environment.contains("ceiling_read_gbs"));
        QVERIFY(runner.run()->environment.contains("cpu_model"));
        QVERIFY(!runner.run()->model.empty());
        QVERIFY(progress.count() > 0);
        QVERIFY(!runner.canResume());
    }

    void aKilledWorkerLeavesItsPointsAndTheSweepGoesOn()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        prepare(runner);
        engine::SweepRequest request = smallSweep();
        request.batches = {1, 2, 4, 8};
        request.contexts = {64, 256, 1024};
        QVERIFY(runner.start(request).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!log.measurements().empty(), kPatienceMs);
        QCOMPARE(kill(static_cast<pid_t>(runner.workerPid()), SIGKILL), 0);
        QTRY_VERIFY(!runner.isBusy());
        const std::size_t before = log.measurements().size();
        QVERIFY(before < 12);
        QCOMPARE(runner.lastOutcome()->how, How::Failed);
        QVERIFY2(runner.lastOutcome()->error->message.find("signal 9") != std::string::npos,
                 why(runner));

        QVERIFY(runner.resume().has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), kPatienceMs);
        QVERIFY2(runner.lastOutcome()->how == How::Complete, why(runner));
        QCOMPARE(log.measurements().size(), std::size_t(12));
        QCOMPARE(log.runs().size(), std::size_t(1));
    }

    void aRunOfAnEarlierSessionIsTakenUpWhereItStopped()
    {
        engine::SweepRequest request = smallSweep();
        request.batches = {1, 2, 4, 8};
        request.contexts = {64, 256, 1024};
        app::RunPtr run;
        std::vector<engine::Point> before;
        {
            app::MeasurementLog log;
            app::BenchRunner runner(log);
            prepare(runner);
            QVERIFY(runner.start(request).has_value());
            QTRY_VERIFY_WITH_TIMEOUT(log.measurements().size() >= 2, kPatienceMs);
            run = runner.run();
            before = log.pointsOf(run->id);
        } // the session ends in mid-sweep
        QVERIFY(before.size() < 12);

        app::MeasurementLog log;
        log.restore(run, before);
        app::BenchRunner runner(log);
        prepare(runner);
        runner.adopt(log.run(run->id));
        QVERIFY(runner.canResume());
        QVERIFY(runner.resume().has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), kPatienceMs);
        QVERIFY2(runner.lastOutcome()->how == How::Complete, why(runner));
        const std::vector<engine::Point> after = log.pointsOf(run->id);
        QCOMPARE(after.size(), std::size_t(12));
        for (const engine::Point &point : before)
            QVERIFY(std::ranges::find(after, point) != after.end()); // kept, not measured again

        app::BenchRunner other(log);
        other.adopt(log.run(run->id)); // has come to its end
        QVERIFY(!other.canResume());
    }

    void resourcesReachTheWorkerBesideThisProgram()
    {
        const QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("models")));
        QVERIFY(QFile::copy(QStringLiteral(PARETOSCOPE_TEST_DATA "/tiny/config.json"),
                            folder.filePath(QStringLiteral("models/own-tiny.json"))));
        engine::SweepRequest request = smallSweep();
        request.model = "own-tiny";
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        QVERIFY(runner.start(request).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), kPatienceMs);
        QCOMPARE(runner.lastOutcome()->error.value_or(engine::Error{}).kind,
                 engine::ErrorKind::NotFound);
        runner.setResources(folder.path());
        QVERIFY(runner.start(request).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), kPatienceMs);
        QVERIFY2(runner.lastOutcome()->how == How::Complete, why(runner));
    }

    void stepsBesideABusyWindowAreMarkedAndMadeUpFor()
    {
        engine::SweepRequest request = smallSweep();
        request.batches = {8};
        request.contexts = {1024};
        request.quick = false;
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        prepare(runner);
        std::atomic<bool> isBusy = true;
        const std::jthread window([&isBusy] {
            while (isBusy) {
            }
        });
        const auto rest = qScopeGuard([&isBusy] { isBusy = false; });
        QVERIFY(runner.start(request).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!log.measurements().empty(), kPatienceMs);
        isBusy = false;
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), 2 * kPatienceMs);
        QVERIFY2(runner.lastOutcome()->how == How::Complete, why(runner));
        const engine::Point point = log.measurements().front().point;
        const auto marked = point.environment.find("window_busy_steps");
        QVERIFY(marked != point.environment.end());
        QVERIFY(std::get<std::int64_t>(marked->second) > 0);
        // What the medians stand on came after the window had gone quiet.
        QVERIFY(point.stepWallMs.n >= 30);
        QVERIFY(point.rounds >= 3);
    }

    void stoppingTakesLessThan200MillisecondsAndNothingArrivesAfterwards()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        prepare(runner);
        QSignalSpy finished(&runner, &app::BenchRunner::finished);
        QVERIFY(runner.start(longSweep()).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(log.measurements().size() >= 2, kPatienceMs);
        const std::int64_t pid = runner.workerPid();
        QElapsedTimer timer;
        timer.start();
        runner.stop();
        QVERIFY(finished.count() == 1 || finished.wait(1000));
        const qint64 took = timer.elapsed();
        QVERIFY2(took <= 200, qPrintable(QString::number(took)));
        QCOMPARE(runner.lastOutcome()->how, How::Cancelled);
        QVERIFY(runner.canResume());
        QSignalSpy appended(&log, &app::MeasurementLog::appended);
        QTRY_VERIFY(!isAlive(pid));
        QCOMPARE(appended.count(), 0);
    }

    void stoppingBeforeTheFirstPointWorksToo()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        prepare(runner);
        QVERIFY(runner.start(longSweep()).has_value());
        runner.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), 1000);
        QCOMPARE(runner.lastOutcome()->how, How::Cancelled);
        // And at once another.
        QVERIFY(runner.start(smallSweep()).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), kPatienceMs);
        QVERIFY2(runner.lastOutcome()->how == How::Complete, why(runner));
    }

    void closingInMidRunLeavesNoWorkerBehind()
    {
        app::MeasurementLog log;
        std::int64_t pid = 0;
        {
            app::BenchRunner runner(log);
            prepare(runner);
            QVERIFY(runner.start(longSweep()).has_value());
            QTRY_VERIFY_WITH_TIMEOUT(!log.measurements().empty(), kPatienceMs);
            pid = runner.workerPid();
            QVERIFY(isAlive(pid));
        }
        QVERIFY(!isAlive(pid));
    }

    void whatCannotRunIsRefusedInOneSentence()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        prepare(runner);
        engine::SweepRequest request = smallSweep();
        request.model = "gpt-9";
        QVERIFY(runner.start(request).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!runner.isBusy(), kPatienceMs);
        QCOMPARE(runner.lastOutcome()->how, How::Failed);
        QCOMPARE(runner.lastOutcome()->error->kind, engine::ErrorKind::NotFound);
        QVERIFY(runner.lastOutcome()->error->message.find("gpt-9") != std::string::npos);
    }

private:
    static void prepare(app::BenchRunner &runner)
    {
        runner.setWorkerCommand(
            {QStringLiteral(PARETOSCOPE_BIN "/paretoscope-engine"), QStringLiteral("worker")});
    }

    static const char *why(const app::BenchRunner &runner)
    {
        const auto &outcome = runner.lastOutcome();
        return outcome && outcome->error ? outcome->error->message.c_str() : "no error";
    }
};

} // namespace

QTEST_GUILESS_MAIN(RealWorkerTest)
#include "real_worker_test.moc"
