// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

#include "tests/ui/main_window/window_stage.h"
#include "ui/main_window/main_window.h"
#include "ui/main_window/render.h"
#include "ui/plot/plot.h"
#include "ui/views/curves_view.h"
#include "ui/views/providers_view.h"
#include "ui/views/readout_strip.h"
#include "ui/views/scenario_panel.h"
#include "ui/views/top_bar.h"
#include "ui/widgets/format.h"

class MainWindowTest : public tests::WindowTest
{
    Q_OBJECT

private slots:
    void FirstPictureShowsEstimatesAndOffersWithNothingMeasured();
    void DraggedSliderMovesCurvesAndTilesAndIsOneUndoStep();
    void EveryControlIsOneUndoStep();
    void ContextSwitchPutsContextOnEveryAxis();
    void CrosshairIsSharedByAllCharts();
    void BracketsAndQuotesStepBatchAndContextFromAnywhere();
    void TypedTextStaysInItsFieldAndMovesNoSlider();
    void ThemeChangesEveryColourAndNothingElse();
    void LimitLineAndTileAgree();
    void PinnedScenarioStaysAsAGhostAndTheTilesCompare();
    void ChartWithoutAPriceOffersToSetOne();
};

void MainWindowTest::FirstPictureShowsEstimatesAndOffersWithNothingMeasured()
{
    tests::WindowFixture fixture;
    const QImage curves =
        ui::renderWindow(fixture.explorer, fixture.runner,
                         {QSize(1280, 800), QStringLiteral("dark"), QStringLiteral("curves")});
    QCOMPARE(curves.size(), QSize(1280, 800));
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    const app::Findings &findings = *fixture.explorer.findings();
    for (app::Metric metric : {app::Metric::Ttft, app::Metric::Speed, app::Metric::Throughput,
                               app::Metric::Cost, app::Metric::Memory, app::Metric::EndToEnd}) {
        QCOMPARE(window.curves()->plot(metric)->lineCount(), 1);
        QCOMPARE(window.curves()->plot(metric)->dotCount(), 0);
    }
    const ui::TileContent tile = window.strip()->tile(app::Metric::Ttft)->content();
    QCOMPARE(*tile.kind, ui::Provenance::Estimated);
    QCOMPARE(tile.figure,
             ui::formatDuration(*findings.readout(app::Metric::Ttft).figure.value / 1e3));
    window.showView(QStringLiteral("providers"));
    QVERIFY(window.providers()->plot()->bubbleCount() > 3);
    QVERIFY(window.providers()->plot()->laneCount() > 3);
    const QString sentence = ui::plainText(window.providers()->sentence());
    QVERIFY(sentence.contains(QStringLiteral("per million tokens")));
    // 2.36 against 0.96 dollars, at the hours in which DeepSeek's plain price holds.
    QVERIFY2(sentence.contains(QStringLiteral("asks 2.46x of DeepSeek's price")),
             qPrintable(sentence));
    QVERIFY(ui::renderWindow(fixture.explorer, fixture.runner,
                             {QSize(800, 600), QStringLiteral("dark"), QStringLiteral("nonsense")})
                .isNull());
}

void MainWindowTest::DraggedSliderMovesCurvesAndTilesAndIsOneUndoStep()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    ui::LogSlider *slider = window.panel()->batch();
    const std::int64_t before = fixture.explorer.scenario().workload.batch;
    const QString tileBefore =
        window.strip()->tile(app::Metric::Throughput)->content().figure.digits;
    const ui::Range rangeBefore = window.curves()->plot(app::Metric::Ttft)->yRange();
    const int y = 36;
    QTest::mousePress(slider, Qt::LeftButton, {},
                      QPoint(static_cast<int>(slider->positionOf(double(before))), y));
    for (double value : {16.0, 32.0, 64.0}) {
        QTest::mouseMove(slider, QPoint(static_cast<int>(slider->positionOf(value)), y));
        fixture.explorer.evaluateNow();
    }
    QCOMPARE(fixture.explorer.scenario().workload.batch, 64);
    QCOMPARE(window.curves()->plot(app::Metric::Ttft)->yRange(), rangeBefore);
    QCOMPARE(window.curves()->cursor(), 64.0);
    QTest::mouseRelease(slider, Qt::LeftButton, {},
                        QPoint(static_cast<int>(slider->positionOf(64)), y));
    fixture.explorer.evaluateNow();
    QVERIFY(window.strip()->tile(app::Metric::Throughput)->content().figure.digits != tileBefore);
    QTest::mouseClick(window.topBar()->undoButton(), Qt::LeftButton);
    fixture.explorer.evaluateNow();
    QCOMPARE(fixture.explorer.scenario().workload.batch, before);
    QCOMPARE(slider->value(), double(before));
    QCOMPARE(window.strip()->tile(app::Metric::Throughput)->content().figure.digits, tileBefore);
}

void MainWindowTest::EveryControlIsOneUndoStep()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    window.activateWindow();
    const app::Scenario start = fixture.explorer.scenario();
    std::vector<app::Scenario> steps{start};
    const auto did = [&] {
        QVERIFY(fixture.explorer.scenario() != steps.back());
        steps.push_back(fixture.explorer.scenario());
    };
    ui::ScenarioPanel *panel = window.panel();
    for (ui::LogSlider *slider : {panel->batch(), panel->context(), panel->output()}) {
        slider->stepBy(1);
        did();
    }
    panel->price()->stepBy(-1);
    did();
    for (const char *name : {"utilisationSlider", "cachedSlider"}) {
        auto *slider = panel->findChild<ui::LogSlider *>(QString::fromLatin1(name));
        slider->stepBy(slider->value() < 0.5 ? 1 : -1);
        did();
    }
    auto *mix = panel->findChild<ui::SegmentedSwitch *>(QStringLiteral("mixSwitch"));
    emit mix->chosen(0);
    did();
    emit panel->model()->chosen(QStringLiteral("qwen3-0.6b"));
    did();
    emit panel->device()->chosen(QStringLiteral("h200-sxm"));
    did();
    emit window.curves()->axisSwitch()->chosen(1);
    did();
    emit panel->speedLimit()->edited(true, 30);
    did();
    emit window.providers()->daySwitch()->chosen(1);
    did();
    QTest::mouseClick(panel->findChild<QAbstractButton *>(QStringLiteral("resetButton")),
                      Qt::LeftButton);
    did();
    for (std::size_t i = steps.size() - 1; i > 0; --i) {
        QVERIFY(fixture.explorer.canUndo());
        QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY2(fixture.explorer.scenario() == steps[i - 1], qPrintable(QString::number(i)));
    }
    QVERIFY(!fixture.explorer.canUndo());
    for (std::size_t i = 1; i < steps.size(); ++i)
        QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(fixture.explorer.scenario() == steps.back());
    QVERIFY(!fixture.explorer.canRedo());
}

void MainWindowTest::ContextSwitchPutsContextOnEveryAxis()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    ui::SegmentedSwitch *axis = window.curves()->axisSwitch();
    QTest::mouseClick(axis, Qt::LeftButton, {}, QPoint(axis->width() - 10, axis->height() / 2));
    fixture.explorer.evaluateNow();
    QCOMPARE(fixture.explorer.scenario().axis, app::CurveAxis::Context);
    const app::Findings &findings = *fixture.explorer.findings();
    for (app::Metric metric : {app::Metric::Ttft, app::Metric::Cost}) {
        QCOMPARE(window.curves()->plot(metric)->xRange().hi, double(findings.context.highest));
        QCOMPARE(window.curves()->plot(metric)->crosshair().value_or(0),
                 double(findings.scenario.workload.contextTokens));
    }
}

void MainWindowTest::CrosshairIsSharedByAllCharts()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    ui::Plot *ttft = window.curves()->plot(app::Metric::Ttft);
    ui::Plot *cost = window.curves()->plot(app::Metric::Cost);
    const QPointF at = ttft->mapping().toPixel({32, 1000});
    QTest::mouseMove(ttft, (at + QPointF(20, 20)).toPoint());
    QTest::mouseMove(ttft, at.toPoint());
    QVERIFY(cost->crosshair().has_value());
    QVERIFY(std::abs(*cost->crosshair() - 32) < 2);
    QCOMPARE(*cost->crosshair(), window.curves()->cursor());
}

void MainWindowTest::BracketsAndQuotesStepBatchAndContextFromAnywhere()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
    window.activateWindow();
    window.curves()->plot(app::Metric::Ttft)->setFocus();
    const engine::Workload before = fixture.explorer.scenario().workload;
    QTest::keyClick(&window, Qt::Key_BracketRight);
    QCOMPARE(fixture.explorer.scenario().workload.batch, before.batch * 2);
    QTest::keyClick(&window, Qt::Key_BracketLeft);
    QCOMPARE(fixture.explorer.scenario().workload.batch, before.batch);
    QTest::keyClick(&window, Qt::Key_Apostrophe);
    QCOMPARE(fixture.explorer.scenario().workload.contextTokens, before.contextTokens * 2);
    QTest::keyClick(&window, Qt::Key_Semicolon);
    QCOMPARE(fixture.explorer.scenario().workload.contextTokens, before.contextTokens);
    QTest::keyClick(&window, Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(window.viewName(), QStringLiteral("providers"));
    QTest::keyClick(&window, Qt::Key_1, Qt::ControlModifier);
    QCOMPARE(window.viewName(), QStringLiteral("curves"));
}

void MainWindowTest::TypedTextStaysInItsFieldAndMovesNoSlider()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
    window.activateWindow();
    QLineEdit *field = window.panel()->context()->field();
    field->setFocus();
    const engine::Workload before = fixture.explorer.scenario().workload;
    field->selectAll();
    QTest::keyClicks(field, QStringLiteral("4k"));
    QCOMPARE(fixture.explorer.scenario().workload, before);
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(fixture.explorer.scenario().workload.contextTokens, 4096);
    QCOMPARE(fixture.explorer.scenario().workload.batch, before.batch);
}

void MainWindowTest::ThemeChangesEveryColourAndNothingElse()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
    const app::Scenario before = fixture.explorer.scenario();
    QSignalSpy changed(&window, &ui::MainWindow::themeNameChanged);
    const QRgb dark = window.grab().toImage().pixel(700, 790);
    auto *button = window.findChild<QAbstractButton *>(QStringLiteral("themeButton"));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(window.themeName(), QStringLiteral("light"));
    QVERIFY(qGray(window.grab().toImage().pixel(700, 790)) > qGray(dark) + 100);
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(window.themeName(), QStringLiteral("contrast"));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(window.themeName(), QStringLiteral("dark"));
    QCOMPARE(window.grab().toImage().pixel(700, 790), dark);
    QCOMPARE(fixture.explorer.scenario(), before);
}

void MainWindowTest::LimitLineAndTileAgree()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    ui::LimitRow *row = window.panel()->ttftLimit();
    row->field()->setFocus();
    row->field()->selectAll();
    QTest::keyClicks(row->field(), QStringLiteral("1 ms"));
    QTest::keyClick(row->field(), Qt::Key_Return);
    fixture.explorer.evaluateNow();
    QVERIFY(row->isOn());
    QCOMPARE(fixture.explorer.scenario().limits.ttftMs.value, 1.0);
    const ui::TileContent tile = window.strip()->tile(app::Metric::Ttft)->content();
    QCOMPARE(*tile.verdict, ui::Verdict::Bad);
    QCOMPARE(tile.second, QStringLiteral("limit 1 ms missed"));
    QTest::mouseClick(row->check(), Qt::LeftButton, {}, QPoint(8, row->check()->height() / 2));
    fixture.explorer.evaluateNow();
    QVERIFY(!fixture.explorer.scenario().limits.ttftMs.on);
    QCOMPARE(fixture.explorer.scenario().limits.ttftMs.value, 1.0);
    QVERIFY(!window.strip()->tile(app::Metric::Ttft)->content().verdict.has_value());
}

void MainWindowTest::PinnedScenarioStaysAsAGhostAndTheTilesCompare()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1920, 1080});
    window.activateWindow();
    ui::Plot *plot = window.curves()->plot(app::Metric::Ttft);
    const QList<QPointF> before = plot->drawnPoints(QStringLiteral("estimate"));
    const double wait = *fixture.explorer.findings()->readout(app::Metric::Ttft).figure.value;
    QTest::mouseClick(window.panel()->findChild<QAbstractButton *>(QStringLiteral("pinButton")),
                      Qt::LeftButton);
    QCOMPARE(window.curves()->ghosts()->chips().size(), 1);
    app::Scenario scenario = fixture.explorer.scenario();
    scenario.workload.contextTokens *= 4;
    fixture.explorer.setScenario(scenario);
    fixture.explorer.evaluateNow();
    QCOMPARE(plot->lineCount(), 2);
    const QList<QPointF> ghost = plot->drawnPoints(QStringLiteral("ghost1"));
    QCOMPARE(ghost.first(), before.first());
    QCOMPARE(ghost.last(), before.last());
    QVERIFY(plot->drawnPoints(QStringLiteral("estimate")).first() != before.first());
    const double times =
        *fixture.explorer.findings()->readout(app::Metric::Ttft).figure.value / wait;
    QCOMPARE(window.strip()->tile(app::Metric::Ttft)->content().second,
             ui::formatRatio(times).text() + QStringLiteral(" of the pinned"));
    // G hides the ghosts and shows them again; Delete on its chip takes one away.
    QTest::keyClick(&window, Qt::Key_G);
    QCOMPARE(plot->lineCount(), 1);
    QTest::keyClick(&window, Qt::Key_G);
    QCOMPARE(plot->lineCount(), 2);
    QTest::keyClick(&window, Qt::Key_P);
    QCOMPARE(fixture.explorer.pins().size(), std::size_t(2));
    QTest::keyClick(window.curves()->ghosts()->chips().front(), Qt::Key_Delete);
    QTRY_COMPARE(fixture.explorer.pins().size(), std::size_t(1));
    QCOMPARE(fixture.explorer.pins().front().scenario, scenario);
}

void MainWindowTest::ChartWithoutAPriceOffersToSetOne()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1000, 700}); // the panel is folded
    window.activateWindow();
    auto *button = window.findChild<QAbstractButton *>(QStringLiteral("setPrice"));
    QVERIFY(!button->isVisible());
    app::Scenario scenario = fixture.explorer.scenario();
    scenario.usdPerHour = 0;
    fixture.explorer.setScenario(scenario);
    fixture.explorer.evaluateNow();
    QVERIFY(button->isVisible());
    QVERIFY(!window.panel()->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(window.panel()->isVisible());
    QVERIFY(window.panel()->price()->field()->hasFocus());
    QTest::keyClicks(window.panel()->price()->field(), QStringLiteral("2.5"));
    QTest::keyClick(window.panel()->price()->field(), Qt::Key_Return);
    fixture.explorer.evaluateNow();
    QCOMPARE(fixture.explorer.scenario().usdPerHour, engine::MicroUsd(2'500'000));
    QVERIFY(!button->isVisible());
}

QTEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
