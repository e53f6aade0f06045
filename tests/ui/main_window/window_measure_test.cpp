// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include "app/storage/run_store.h"
#include "tests/ui/main_window/window_stage.h"
#include "ui/main_window/main_window.h"
#include "ui/main_window/render.h"
#include "ui/plot/plot.h"
#include "ui/views/curves_view.h"
#include "ui/views/readout_strip.h"
#include "ui/views/run_bar.h"
#include "ui/widgets/error_block.h"

class WindowMeasureTest : public tests::WindowTest
{
    Q_OBJECT

private slots:
    void MeasuredPointsStandOnTheCurvesAndInTheTiles();
    void ChipsHideTheEstimateOrThePoints();
    void PointsOfAnEarlierRunAreThereAtTheNextStart();
    void WorkerThatCannotStartIsToldInPlace();
    void KilledWorkerLeavesTheWindowAliveAndTheSweepResumable();
    void ReportHoldsEveryPoint();
};

void WindowMeasureTest::MeasuredPointsStandOnTheCurvesAndInTheTiles()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    tests::show(window, {1920, 1080});
    fixture.addRun(QStringLiteral("run"));
    QCOMPARE(window.curves()->plot(app::Metric::Ttft)->dotCount(), 4);
    QVERIFY(window.curves()->measuredChip()->isVisible());
    const ui::TileContent wait = window.strip()->tile(app::Metric::Ttft)->content();
    QCOMPARE(*wait.kind, ui::Provenance::Measured);
    QCOMPARE(wait.figure.text(), QStringLiteral("800 ms")); // 200 ms x batch 4
    const ui::TileContent speed = window.strip()->tile(app::Metric::Speed)->content();
    QCOMPARE(speed.figure.text(), QStringLiteral("14.3 tok/s")); // 1000 / 70 ms
    QTemporaryDir folder;
    window.exportData(folder.filePath(QStringLiteral("curves.csv")));
    QFile csv(folder.filePath(QStringLiteral("curves.csv")));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(csv.readAll().trimmed().count('\n'), 4);
}

void WindowMeasureTest::ChipsHideTheEstimateOrThePoints()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    fixture.addRun(QStringLiteral("run"));
    ui::Plot *plot = window.curves()->plot(app::Metric::Ttft);
    QTest::mouseClick(window.curves()->measuredChip(), Qt::LeftButton);
    QCOMPARE(plot->dotCount(), 0);
    QCOMPARE(plot->lineCount(), 1);
    QTest::mouseClick(window.curves()->measuredChip(), Qt::LeftButton);
    QTest::mouseClick(window.curves()->estimateChip(), Qt::LeftButton);
    QCOMPARE(plot->dotCount(), 4);
    QTest::mouseDClick(window.curves()->estimateChip(), Qt::LeftButton);
    QVERIFY(window.curves()->estimateChip()->isSolo());
    QCOMPARE(plot->dotCount(), 0);
    QCOMPARE(plot->lineCount(), 1);
}

void WindowMeasureTest::PointsOfAnEarlierRunAreThereAtTheNextStart()
{
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("runs.sqlite"));
    app::Scenario scenario;
    {
        tests::WindowFixture fixture;
        const auto store = app::RunStore::open(file);
        QVERIFY(store.has_value());
        QVERIFY((*store)->follow(fixture.log).has_value());
        fixture.addRun(QStringLiteral("run"));
        scenario = fixture.explorer.scenario();
    }
    tests::WindowFixture fixture;
    const auto store = app::RunStore::open(file);
    QVERIFY((*store)->follow(fixture.log).has_value());
    QVERIFY((*store)->state().contains(QStringLiteral("check ok, 1 runs, 4 points")));
    fixture.explorer.begin(scenario);
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    tests::show(window, {1920, 1080});
    QCOMPARE(window.curves()->plot(app::Metric::Ttft)->dotCount(), 4);
    QCOMPARE(*window.strip()->tile(app::Metric::Ttft)->content().kind, ui::Provenance::Measured);
    QVERIFY(window.runBar()->statusText().contains(QStringLiteral("4 points")));
}

void WindowMeasureTest::WorkerThatCannotStartIsToldInPlace()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
    fixture.runner.setWorkerCommand(
        {QStringLiteral("/nonexistent/engine"), QStringLiteral("worker")});
    window.measure(true);
    QTRY_VERIFY_WITH_TIMEOUT(window.errorBlock()->isVisible(), 10'000);
    QVERIFY(!window.errorBlock()->message().isEmpty());
    QVERIFY(window.errorBlock()->actionButton()->isVisible());
    QVERIFY(!fixture.runner.isBusy());
    QCOMPARE(window.curves()->plot(app::Metric::Ttft)->lineCount(), 1);
}

void WindowMeasureTest::KilledWorkerLeavesTheWindowAliveAndTheSweepResumable()
{
    const QString engine = QStringLiteral(PARETOSCOPE_BIN "/paretoscope-engine");
    if (!QFileInfo(engine).isExecutable())
        QSKIP("the engine's program is not built");
    QTemporaryDir folder;
    QVERIFY(tests::writeTinyModel(folder.path()));
    tests::WindowFixture fixture;
    fixture.runner.setWorkerCommand({engine, QStringLiteral("worker")});
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    tests::show(window, {1280, 800});
    window.openModel(folder.path());
    app::Scenario scenario = app::onDevice(fixture.explorer.scenario(),
                                           fixture.explorer.inventory(), QStringLiteral("cpu"));
    scenario.workload = {2, 256, 16};
    fixture.explorer.setScenario(scenario);
    fixture.explorer.evaluateNow();

    QSignalSpy appended(&fixture.log, &app::MeasurementLog::appended);
    window.measure(false);
    QTRY_VERIFY2_WITH_TIMEOUT(fixture.runner.state() == app::BenchState::Running,
                              qPrintable(window.errorBlock()->message()), 30'000);
    QCOMPARE(window.runBar()->measureButton()->text(), QStringLiteral("Stop"));
    QTRY_VERIFY_WITH_TIMEOUT(!appended.isEmpty(), 60'000);
    ::kill(static_cast<pid_t>(fixture.runner.workerPid()), SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(window.errorBlock()->isVisible(), 10'000);
    QVERIFY(fixture.runner.canResume());
    QCOMPARE(window.errorBlock()->actionButton()->text(), QStringLiteral("Restart"));
    const std::size_t kept = fixture.log.measurements().size();
    QVERIFY(kept > 0);
    fixture.explorer.evaluateNow();
    QVERIFY(window.curves()->plot(app::Metric::Ttft)->dotCount() > 0);

    QTest::mouseClick(window.errorBlock()->actionButton(), Qt::LeftButton);
    QVERIFY(!window.errorBlock()->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(fixture.runner.state() == app::BenchState::Running, 30'000);
    QTest::mouseClick(window.runBar()->measureButton(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.runner.isBusy(), 10'000);
    QVERIFY(fixture.log.measurements().size() >= kept);
    QVERIFY(window.runBar()->measureButton()->text().startsWith(QStringLiteral("Measure")));
}

void WindowMeasureTest::ReportHoldsEveryPoint()
{
    tests::WindowFixture fixture;
    fixture.addRun(QStringLiteral("run"));
    ui::Report report;
    report.title = QStringLiteral("qwen3-0.6b on this machine");
    report.environment = fixture.log.runs().front()->environment;
    report.points = fixture.log.pointsOf(QStringLiteral("run"));
    report.findings = fixture.explorer.findings();
    const QImage whole = ui::renderReport(report);
    QCOMPARE(whole.size(), QSize(1600, 2100));
    report.points.pop_back();
    QVERIFY(ui::renderReport(report) != whole);
    report.points.clear();
    report.findings.reset();
    QCOMPARE(ui::renderReport(report).size(), QSize(1600, 2100));
}

QTEST_MAIN(WindowMeasureTest)
#include "window_measure_test.moc"
