// SPDX-License-Identifier: GPL-3.0-or-later
// How the client takes a worker that misbehaves; the worker here is a line of shell.
#include <algorithm>

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "app/measure/bench_runner.h"

namespace {

using How = engine::SweepFinished::How;

const QString kHello = QString::fromStdString(engine::toLine(engine::EventBody(engine::Hello{})));

QString lineOf(const engine::EventBody &event)
{
    return QString::fromStdString(engine::toLine(event));
}

engine::Point pointOf(std::int64_t batch)
{
    engine::Point point;
    point.workload = {batch, 128, 32};
    point.tpotMs = {10.0 * static_cast<double>(batch), {}, {}, 1};
    return point;
}

// A shell that prints the lines, one word each, and then runs `after`.
QStringList shell(const QStringList &lines, const QString &after)
{
    QStringList command{QStringLiteral("/bin/sh"), QStringLiteral("-c"),
                        QStringLiteral("printf '%s\\n' \"$@\"; ") + after, QStringLiteral("sh")};
    return command + lines;
}

class BenchRunnerTest : public QObject
{
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void aProgramThatIsNotThereIsNamed()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        runner.setWorkerCommand({QStringLiteral("/nowhere/worker"), QStringLiteral("worker")});
        QSignalSpy finished(&runner, &app::BenchRunner::finished);
        QVERIFY(runner.start({}).has_value());
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(runner.lastOutcome()->how, How::Failed);
        QCOMPARE(runner.lastOutcome()->error->kind, engine::ErrorKind::NotFound);
        QVERIFY(runner.lastOutcome()->error->message.find("/nowhere/worker worker") !=
                std::string::npos);
        QCOMPARE(runner.state(), app::BenchState::Idle);
    }

    void anotherProtocolVersionIsRefused()
    {
        engine::Hello hello;
        hello.protocolVersion = engine::kProtocolVersion + 1;
        const engine::Error error = errorOf(shell({lineOf(hello)}, QStringLiteral("cat")));
        QCOMPARE(error.kind, engine::ErrorKind::Unsupported);
        QVERIFY(error.message.find(std::to_string(engine::kProtocolVersion + 1)) !=
                std::string::npos);
    }

    void aWorkerThatNeverGreetsIsEnded()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        runner.setPatience(200, 60'000);
        const engine::Error error = errorOf(runner, shell({}, QStringLiteral("exec sleep 60")));
        QVERIFY(error.message.find("did not answer") != std::string::npos);
    }

    void aWorkerThatFallsSilentIsEnded()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        runner.setPatience(30'000, 200);
        const engine::Error error =
            errorOf(runner, shell({kHello}, QStringLiteral("exec sleep 60")));
        QVERIFY(error.message.find("said nothing") != std::string::npos);
        QVERIFY(runner.canResume());
    }

    void aCrashIsToldWithTheLastWordsOfTheLogAndThePointsStay()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        const engine::Error error =
            errorOf(runner, shell({kHello, lineOf(engine::PointMeasured{pointOf(1)}),
                                   lineOf(engine::PointMeasured{pointOf(2)})},
                                  QStringLiteral("for i in $(seq 30); do echo line $i >&2; done; "
                                                 "kill -SEGV $$")));
        QVERIFY2(error.message.find("signal 11") != std::string::npos, error.message.c_str());
        QVERIFY(error.detail.find("line 30") != std::string::npos);
        QVERIFY(error.detail.find("line 10\n") == std::string::npos);
        QCOMPARE(log.measurements().size(), std::size_t(2));
        QVERIFY(runner.canResume());
    }

    void linesThatAreNoMessagesAreReportedAndTheSweepGoesOn()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        QSignalSpy rejected(&runner, &app::BenchRunner::lineRejected);
        QSignalSpy finished(&runner, &app::BenchRunner::finished);
        runner.setWorkerCommand(
            shell({kHello, QStringLiteral("no json"), QStringLiteral("{\"jsonrpc\":\"2.0\"}"),
                   QStringLiteral("[[[["), lineOf(engine::PointMeasured{pointOf(4)}),
                   lineOf(engine::SweepFinished{})},
                  QStringLiteral("printf half; cat >/dev/null")));
        QVERIFY(runner.start({}).has_value());
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(runner.lastOutcome()->how, How::Complete);
        QCOMPARE(rejected.count(), 3);
        QCOMPARE(log.measurements().size(), std::size_t(1));
        QVERIFY(!runner.canResume());
    }

    void aHugeLineAndBinaryRubbishAreLeftOutAndTheSweepGoesOn()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        QSignalSpy rejected(&runner, &app::BenchRunner::lineRejected);
        QSignalSpy finished(&runner, &app::BenchRunner::finished);
        const QString point = lineOf(engine::PointMeasured{pointOf(4)});
        const QString done = lineOf(engine::SweepFinished{});
        runner.setWorkerCommand(
            shell({kHello}, QStringLiteral("head -c 100000000 /dev/zero | tr '\\0' x; echo; "
                                           "head -c 100000 /dev/zero | tr '\\0' '\\377'; echo; "
                                           "printf '%s\\n' '%1' '%2'; cat >/dev/null")
                                .arg(point, done)));
        QVERIFY(runner.start({}).has_value());
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30'000);
        QCOMPARE(runner.lastOutcome()->how, How::Complete);
        QCOMPARE(rejected.count(), 2);
        QVERIFY(rejected.at(0).at(0).toString().contains(QStringLiteral("4 MiB")));
        QCOMPARE(log.measurements().size(), std::size_t(1));
    }

    void aWorkerThatDoesNotObeyIsGoneIn200Milliseconds()
    {
        qint64 best = 1000;
        for (int attempt = 0; attempt < 3 && best > 200; ++attempt)
            best = std::min(best, stopTakes());
        QVERIFY2(best <= 200, qPrintable(QString::number(best)));
    }

    void aSecondStartIsRefusedWhileOneRuns()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        runner.setWorkerCommand(shell({kHello}, QStringLiteral("cat >/dev/null")));
        QVERIFY(runner.start({}).has_value());
        const auto again = runner.start({});
        QVERIFY(!again.has_value());
        QCOMPARE(again.error().kind, engine::ErrorKind::BadInput);
        QTRY_COMPARE(runner.state(), app::BenchState::Running);
    } // and the runner goes in mid-run

    void resumingAsksOnlyForWhatIsNotFinished()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        engine::Point provisional = pointOf(2);
        provisional.flags = {"provisional"};
        engine::Point failed = pointOf(8);
        failed.status = engine::PointStatus::Failed;
        engine::Point tooLarge = pointOf(16);
        tooLarge.status = engine::PointStatus::DoesNotFit;
        errorOf(runner, shell({kHello, lineOf(engine::PointMeasured{pointOf(1)}),
                               lineOf(engine::PointMeasured{provisional}),
                               lineOf(engine::PointMeasured{failed}),
                               lineOf(engine::PointMeasured{tooLarge})},
                              QStringLiteral("kill -9 $$")));
        // The next worker repeats on its log what it was asked.
        runner.setWorkerCommand(
            shell({kHello}, QStringLiteral("read -r line; printf '%s\\n' \"$line\" >&2; exit 3")));
        QSignalSpy finished(&runner, &app::BenchRunner::finished);
        QVERIFY(runner.resume().has_value());
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(runner.logTail().size(), 1);
        const auto asked = engine::parseRequest(runner.logTail().constFirst().toStdString());
        QVERIFY(asked.has_value());
        const engine::SweepRequest &sweep = std::get<engine::StartSweep>(asked->body).sweep;
        QCOMPARE(sweep.done.size(), std::size_t(2));
        QCOMPARE(sweep.done[0].workload.batch, std::int64_t(1));
        QCOMPARE(sweep.done[1].workload.batch, std::int64_t(16));
        QCOMPARE(log.runs().size(), std::size_t(1));
    }

    void aRefusalOfTheWorkerIsPassedOn()
    {
        engine::Response response;
        response.id = 1;
        response.error = engine::Error{engine::ErrorKind::NotFound, "No such model.", {}};
        const engine::Error error =
            errorOf(shell({kHello, QString::fromStdString(engine::toLine(response))},
                          QStringLiteral("cat >/dev/null")));
        QCOMPARE(error.kind, engine::ErrorKind::NotFound);
        QCOMPARE(QString::fromStdString(error.message), QStringLiteral("No such model."));
    }

private:
    // A machine that is busy with something else may miss the time once.
    qint64 stopTakes()
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        QSignalSpy finished(&runner, &app::BenchRunner::finished);
        runner.setWorkerCommand(
            shell({kHello}, QStringLiteral("while :; do printf '%s\\n' \"$1\"; done")));
        if (!runner.start({}) ||
            !QTest::qWaitFor([&runner] { return runner.state() == app::BenchState::Running; }))
            return 1000;
        QElapsedTimer timer;
        timer.start();
        runner.stop();
        if (!finished.count() && !finished.wait(1000))
            return 1000;
        return runner.lastOutcome()->how == How::Cancelled ? timer.elapsed() : 1000;
    }

    engine::Error errorOf(app::BenchRunner &runner, const QStringList &command)
    {
        QSignalSpy finished(&runner, &app::BenchRunner::finished);
        runner.setWorkerCommand(command);
        const auto started = runner.start({});
        if (!started || !(finished.count() || finished.wait(20'000)) ||
            runner.lastOutcome()->how != How::Failed || !runner.lastOutcome()->error) {
            QTest::qFail("the sweep did not fail", __FILE__, __LINE__);
            return {};
        }
        return *runner.lastOutcome()->error;
    }

    engine::Error errorOf(const QStringList &command)
    {
        app::MeasurementLog log;
        app::BenchRunner runner(log);
        return errorOf(runner, command);
    }
};

} // namespace

QTEST_GUILESS_MAIN(BenchRunnerTest)
#include "bench_runner_test.moc"
