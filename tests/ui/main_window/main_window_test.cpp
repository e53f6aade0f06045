// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QFileInfo>
#include <QLineEdit>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include "tests/ui/main_window/window_fixture.h"
#include "ui/main_window/main_window.h"
#include "ui/main_window/render.h"
#include "ui/plot/plot.h"
#include "ui/views/curves_view.h"
#include "ui/views/providers_view.h"
#include "ui/views/rail.h"
#include "ui/views/readout_strip.h"
#include "ui/views/run_bar.h"
#include "ui/views/scenario_panel.h"
#include "ui/views/top_bar.h"
#include "ui/widgets/error_block.h"
#include "ui/widgets/format.h"
#include "ui/widgets/text_label.h"
#include "ui/widgets/toast.h"

namespace {

QStringList &warnings()
{
    static QStringList kept;
    return kept;
}

void keepWarnings(QtMsgType type, const QMessageLogContext &, const QString &message)
{
    // Noise of the offscreen platform itself.
    const bool noise = message.contains(QLatin1String("propagateSizeHints")) ||
                       message.contains(QLatin1String("XDG_RUNTIME_DIR"));
    if ((type == QtWarningMsg || type == QtCriticalMsg) && !noise)
        warnings().append(message);
}

void shown(ui::MainWindow &window, const QSize &size)
{
    window.resize(size);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QCoreApplication::sendPostedEvents();
}

QStringList clippedTexts(const QWidget &root)
{
    QStringList clipped;
    for (const auto *label : root.findChildren<ui::TextLabel *>()) {
        if (label->isVisible() && label->isElided())
            clipped.append(label->text());
    }
    for (const auto *tile : root.findChildren<ui::ReadoutTile *>()) {
        if (tile->isVisible() && tile->isClipped())
            clipped.append(tile->content().label);
    }
    for (const auto *button : root.findChildren<ui::Button *>()) {
        if (button->isVisible() && button->width() < button->sizeHint().width())
            clipped.append(button->text());
    }
    for (const auto *button : root.findChildren<ui::RailButton *>()) {
        if (button->isVisible() && !button->fits())
            clipped.append(button->text());
    }
    return clipped;
}

} // namespace

class MainWindowTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qInstallMessageHandler(keepWarnings); }
    void cleanup() { QCOMPARE(warnings(), QStringList()); }

    void FirstPictureShowsEstimatesAndOffersWithNothingMeasured();
    void DraggedSliderMovesCurvesAndTilesAndIsOneUndoStep();
    void ContextSwitchPutsContextOnEveryAxis();
    void CrosshairIsSharedByAllCharts();
    void BracketsAndQuotesStepBatchAndContextFromAnywhere();
    void TypedTextStaysInItsFieldAndMovesNoSlider();
    void ThemeChangesEveryColourAndNothingElse();
    void NothingIsClippedAtAnySize_data();
    void NothingIsClippedAtAnySize();
    void NarrowWindowFoldsThePanelAndCtrlBBringsItBack();
    void LimitLineAndTileAgree();
    void ProvidersShowTheCardOfTheChosenOffer();
    void DaySwitchBringsTheOffersOfTheDayAndIsUndone();
    void DroppedModelFolderIsChosen();
    void DroppedNonsenseIsToldInPlace();
    void ScenarioFileComesBackAsItWas();
    void MeasuredPointsStandOnTheCurvesAndInTheTiles();
    void ChipsHideTheEstimateOrThePoints();
    void WorkerThatCannotStartIsToldInPlace();
    void KilledWorkerLeavesTheWindowAliveAndTheSweepResumable();
    void ReportHoldsEveryPoint();
    void DiagnosticsNameTheScenarioAndTheEngine();
};

void MainWindowTest::FirstPictureShowsEstimatesAndOffersWithNothingMeasured()
{
    tests::WindowFixture fixture;
    const QImage curves =
        ui::renderWindow(fixture.explorer, fixture.runner,
                         {QSize(1280, 800), QStringLiteral("dark"), QStringLiteral("curves")});
    QCOMPARE(curves.size(), QSize(1280, 800));
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1920, 1080});
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
    shown(window, {1920, 1080});
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

void MainWindowTest::ContextSwitchPutsContextOnEveryAxis()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1920, 1080});
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
    shown(window, {1920, 1080});
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
    shown(window, {1280, 800});
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
    shown(window, {1280, 800});
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
    shown(window, {1280, 800});
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

void MainWindowTest::NothingIsClippedAtAnySize_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<QString>("view");
    for (const QString &view : {QStringLiteral("curves"), QStringLiteral("providers")}) {
        for (const QSize &size : {QSize(960, 640), QSize(1280, 800), QSize(1920, 1080)}) {
            const QString name = QStringLiteral("%1 %2").arg(view).arg(size.width());
            QTest::newRow(qPrintable(name)) << size << view;
        }
    }
}

void MainWindowTest::NothingIsClippedAtAnySize()
{
    QFETCH(QSize, size);
    QFETCH(QString, view);
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(view);
    shown(window, size);
    QCOMPARE(window.size(), size);
    QCOMPARE(clippedTexts(window), QStringList());
    window.resize(3840, 2160);
    QCoreApplication::sendPostedEvents();
    window.resize(window.minimumSize());
    QCoreApplication::sendPostedEvents();
    QCOMPARE(window.size(), QSize(960, 640));
    QCOMPARE(clippedTexts(window), QStringList());
}

void MainWindowTest::NarrowWindowFoldsThePanelAndCtrlBBringsItBack()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1000, 700});
    QVERIFY(!window.panel()->isVisible());
    window.activateWindow();
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(window.panel()->isVisible());
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(!window.panel()->isVisible());
    window.resize(1280, 800);
    QCoreApplication::sendPostedEvents();
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(window.panel()->isVisible());
}

void MainWindowTest::LimitLineAndTileAgree()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1920, 1080});
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

void MainWindowTest::ProvidersShowTheCardOfTheChosenOffer()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(QStringLiteral("providers"));
    shown(window, {1920, 1080});
    ui::RowTable *table = window.providers()->table();
    QVERIFY(table->rows().size() >= 3);
    QTest::mouseClick(table, Qt::LeftButton, {}, table->rowRect(2).center().toPoint());
    QCOMPARE(window.providers()->selectedOffer(), table->rows()[2].id);
    QStringList values;
    for (const ui::Fact &fact : window.providers()->card()->facts())
        values.append(fact.value);
    QVERIFY(values.contains(table->rows()[2].cells[1]));
    const QString before = table->rows()[0].cells[1];
    ui::SegmentedSwitch *mix = window.providers()->mixSwitch();
    QTest::mouseClick(mix, Qt::LeftButton, {}, QPoint(8, mix->height() / 2));
    fixture.explorer.evaluateNow();
    QCOMPARE(fixture.explorer.scenario().inputPerOutput, 1.0);
    QVERIFY(table->rows()[0].cells[1] != before);
}

void MainWindowTest::DaySwitchBringsTheOffersOfTheDayAndIsUndone()
{
    tests::WindowFixture fixture;
    fixture.followDay();
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(QStringLiteral("providers"));
    shown(window, {1280, 800});
    ui::SegmentedSwitch *day = window.providers()->daySwitch();
    QCOMPARE(day->current(), 0);
    const QString summer = window.providers()->sentence();
    QTest::mouseClick(day, Qt::LeftButton, {}, QPoint(day->width() - 8, day->height() / 2));
    fixture.explorer.evaluateNow();
    QCOMPARE(day->current(), 1);
    QVERIFY(!fixture.explorer.scenario().offersAsOf.isValid());
    QVERIFY(window.providers()->sentence() != summer);
    QStringList models;
    for (const app::OfferMark &offer : fixture.explorer.findings()->offers) {
        QVERIFY(!offer.modelName.contains(QLatin1String("R1")));
        models.append(offer.modelName);
    }
    QVERIFY(models.contains(QStringLiteral("DeepSeek V4-Pro")));
    fixture.explorer.undo();
    fixture.explorer.evaluateNow();
    QCOMPARE(day->current(), 0);
    QCOMPARE(window.providers()->sentence(), summer);
}

void MainWindowTest::DroppedModelFolderIsChosen()
{
    QTemporaryDir folder;
    QFile config(folder.filePath(QStringLiteral("config.json")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(R"({"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":256,
        "intermediate_size":512,"num_hidden_layers":2,"num_attention_heads":4,
        "num_key_value_heads":2,"vocab_size":1000,"max_position_embeddings":2048,
        "rms_norm_eps":1e-5,"rope_theta":10000.0,"tie_word_embeddings":false})");
    config.close();
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1280, 800});
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(folder.path())});
    QDragEnterEvent enter({600, 400}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QCoreApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton, {});
    QCoreApplication::sendEvent(&window, &drop);
    fixture.explorer.evaluateNow();
    QVERIFY2(!window.errorBlock()->isVisible(), qPrintable(window.errorBlock()->message()));
    QVERIFY(
        fixture.explorer.scenario().model.startsWith(QFileInfo(folder.path()).canonicalFilePath()));
    QCOMPARE(window.panel()->model()->current(), fixture.explorer.scenario().model);
    QVERIFY(window.toast()->isVisible());
    QVERIFY(fixture.explorer.scenario().workload.contextTokens <= 2048);
}

void MainWindowTest::DroppedNonsenseIsToldInPlace()
{
    QTemporaryDir folder;
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1280, 800});
    const app::Scenario before = fixture.explorer.scenario();
    window.openModel(folder.path());
    QVERIFY(window.errorBlock()->isVisible());
    QVERIFY(!window.errorBlock()->message().isEmpty());
    QCOMPARE(fixture.explorer.scenario(), before);
    QFile file(folder.filePath(QStringLiteral("bad.paretoscope")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"version\": ");
    file.close();
    window.openScenario(file.fileName());
    QVERIFY(window.errorBlock()->isVisible());
    QCOMPARE(fixture.explorer.scenario(), before);
}

void MainWindowTest::ScenarioFileComesBackAsItWas()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("kept.paretoscope"));
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    app::Scenario scenario = fixture.explorer.scenario();
    scenario.workload.batch = 32;
    scenario.limits.ttftMs = {true, 750};
    fixture.explorer.setScenario(scenario);
    const app::Scenario kept = fixture.explorer.scenario();
    window.saveScenario(path);
    fixture.explorer.undo();
    QVERIFY(fixture.explorer.scenario() != kept);
    window.openScenario(path);
    QCOMPARE(fixture.explorer.scenario(), kept);
    window.exportPicture(folder.filePath(QStringLiteral("charts.png")));
    QVERIFY(QFileInfo(folder.filePath(QStringLiteral("charts.png"))).size() > 10'000);
}

void MainWindowTest::MeasuredPointsStandOnTheCurvesAndInTheTiles()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    shown(window, {1920, 1080});
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

void MainWindowTest::ChipsHideTheEstimateOrThePoints()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1920, 1080});
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

void MainWindowTest::WorkerThatCannotStartIsToldInPlace()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    shown(window, {1280, 800});
    fixture.runner.setWorkerCommand(
        {QStringLiteral("/nonexistent/engine"), QStringLiteral("worker")});
    window.measure(true);
    QTRY_VERIFY_WITH_TIMEOUT(window.errorBlock()->isVisible(), 10'000);
    QVERIFY(!window.errorBlock()->message().isEmpty());
    QVERIFY(window.errorBlock()->actionButton()->isVisible());
    QVERIFY(!fixture.runner.isBusy());
    QCOMPARE(window.curves()->plot(app::Metric::Ttft)->lineCount(), 1);
}

void MainWindowTest::KilledWorkerLeavesTheWindowAliveAndTheSweepResumable()
{
    const QString engine = QStringLiteral(PARETOSCOPE_BIN "/paretoscope-engine");
    if (!QFileInfo(engine).isExecutable())
        QSKIP("the engine's program is not built");
    QTemporaryDir folder;
    QFile config(folder.filePath(QStringLiteral("config.json")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(R"({"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":256,
        "intermediate_size":512,"num_hidden_layers":2,"num_attention_heads":4,
        "num_key_value_heads":2,"vocab_size":1000,"max_position_embeddings":2048,
        "rms_norm_eps":1e-5,"rope_theta":10000.0,"tie_word_embeddings":false})");
    config.close();
    tests::WindowFixture fixture;
    fixture.runner.setWorkerCommand({engine, QStringLiteral("worker")});
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    shown(window, {1280, 800});
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

void MainWindowTest::ReportHoldsEveryPoint()
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

void MainWindowTest::DiagnosticsNameTheScenarioAndTheEngine()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    const QString text = window.diagnostics();
    QVERIFY(text.contains(fixture.explorer.scenario().model));
    QVERIFY(text.contains(QString::fromLatin1(qVersion())));
}

QTEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
