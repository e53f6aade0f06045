// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "tests/ui/main_window/window_stage.h"
#include "ui/main_window/main_window.h"
#include "ui/main_window/settings_dialog.h"
#include "ui/views/scenario_panel.h"
#include "ui/widgets/error_block.h"
#include "ui/widgets/toast.h"

class WindowFilesTest : public tests::WindowTest
{
    Q_OBJECT

private slots:
    void DroppedModelFolderIsChosen();
    void DroppedNonsenseIsToldInPlace();
    void WhatIsNeitherModelNorScenarioIsRefused();
    void ScenarioFileComesBackAsItWas();
    void OpenedFilesAreRemembered();
    void DiagnosticsNameTheScenarioAndTheEngine();
    void WorkerCommandIsSetAndTested();
};

void WindowFilesTest::DroppedModelFolderIsChosen()
{
    QTemporaryDir folder;
    QVERIFY(tests::writeTinyModel(folder.path()));
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
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

void WindowFilesTest::DroppedNonsenseIsToldInPlace()
{
    QTemporaryDir folder;
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
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

void WindowFilesTest::WhatIsNeitherModelNorScenarioIsRefused()
{
    QTemporaryDir folder;
    const QString notes = folder.filePath(QStringLiteral("notes.txt"));
    QFile file(notes);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
    const app::Scenario before = fixture.explorer.scenario();
    // A text file, a folder without config.json, and two things at once.
    const QList<QList<QUrl>> dragged{{QUrl::fromLocalFile(notes)},
                                     {QUrl::fromLocalFile(folder.path())},
                                     {QUrl::fromLocalFile(notes), QUrl::fromLocalFile(notes)}};
    for (const QList<QUrl> &urls : dragged) {
        QMimeData data;
        data.setUrls(urls);
        QDragEnterEvent enter({600, 400}, Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(&window, &enter);
        QVERIFY(!enter.isAccepted());
        QVERIFY(window.toast()->isVisible());
        QVERIFY2(window.toast()->sentence().contains(QStringLiteral("config.json")),
                 qPrintable(window.toast()->sentence()));
        QDropEvent drop(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(&window, &drop);
        QVERIFY(!window.errorBlock()->isVisible());
    }
    QVERIFY(fixture.explorer.scenario() == before);
    QVERIFY(window.recentFiles().isEmpty());
}

void WindowFilesTest::ScenarioFileComesBackAsItWas()
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

void WindowFilesTest::OpenedFilesAreRemembered()
{
    QTemporaryDir folder;
    QVERIFY(tests::writeTinyModel(folder.path()));
    const QString scenario = folder.filePath(QStringLiteral("one & two.paretoscope"));
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    QSignalSpy changed(&window, &ui::MainWindow::settingsChanged);
    window.saveScenario(scenario);
    window.openModel(folder.path());
    window.openScenario(folder.filePath(QStringLiteral("nowhere.paretoscope")));
    QCOMPARE(window.recentFiles(), (QStringList{folder.path(), scenario}));
    QCOMPARE(changed.size(), 2);
    auto *menu = window.findChild<QMenu *>(QStringLiteral("recentMenu"));
    emit menu->aboutToShow();
    QCOMPARE(menu->actions().size(), 2);
    menu->actions().at(1)->trigger();
    QCOMPARE(window.recentFiles().first(), scenario);
    QVERIFY(fixture.explorer.scenario().model != folder.path());
}

void WindowFilesTest::DiagnosticsNameTheScenarioAndTheEngine()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner, &fixture.log);
    window.setWorkerCommand(
        {QStringLiteral(PARETOSCOPE_BIN "/paretoscope-engine"), QStringLiteral("worker")});
    window.setProgramFacts({QStringLiteral("Commit abc")});
    const QString text = window.diagnostics();
    QVERIFY(text.contains(fixture.explorer.scenario().model));
    QVERIFY(text.contains(QString::fromLatin1(qVersion())));
    QVERIFY(text.contains(QStringLiteral("Commit abc")));
    QGuiApplication::clipboard()->clear();
    window.copyDiagnostics();
    QTRY_VERIFY_WITH_TIMEOUT(!QGuiApplication::clipboard()->text().isEmpty(), 20'000);
    const QString copied = QGuiApplication::clipboard()->text();
    QVERIFY2(copied.contains(QStringLiteral("Engine version ")), qPrintable(copied));
    QVERIFY2(copied.contains(QStringLiteral("ISA ")), qPrintable(copied));
    // Without an engine it says so, and the rest is there all the same.
    QGuiApplication::clipboard()->clear();
    window.setWorkerCommand({QStringLiteral("/nowhere/engine")});
    window.copyDiagnostics();
    QTRY_VERIFY_WITH_TIMEOUT(
        QGuiApplication::clipboard()->text().contains(QStringLiteral("Engine does not answer")),
        10'000);
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("Commit abc")));
}

void WindowFilesTest::WorkerCommandIsSetAndTested()
{
    const QStringList odd{QStringLiteral("ssh"), QStringLiteral("my box"), QStringLiteral("a\"b"),
                          QStringLiteral("worker")};
    QCOMPARE(ui::commandOf(ui::commandText(odd)), odd);
    QVERIFY(ui::commandOf(QStringLiteral("  ")).isEmpty());
    const QString engine = QStringLiteral(PARETOSCOPE_BIN "/paretoscope-engine");
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1280, 800});
    window.editSettings();
    ui::SettingsDialog *dialog = window.settingsDialog();
    dialog->commandField()->setText(QStringLiteral("/nowhere/engine worker"));
    QTest::mouseClick(dialog->testButton(), Qt::LeftButton);
    QTRY_VERIFY2_WITH_TIMEOUT(dialog->verdict().contains(QStringLiteral("/nowhere/engine")),
                              qPrintable(dialog->verdict()), 10'000);
    dialog->commandField()->setText(engine + QStringLiteral(" worker"));
    QTest::mouseClick(dialog->testButton(), Qt::LeftButton);
    QTRY_VERIFY2_WITH_TIMEOUT(dialog->verdict().startsWith(QStringLiteral("It answers")),
                              qPrintable(dialog->verdict()), 20'000);
    QSignalSpy changed(&window, &ui::MainWindow::settingsChanged);
    QTest::mouseClick(dialog->findChild<QAbstractButton *>(QStringLiteral("saveSettings")),
                      Qt::LeftButton);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(window.workerCommand(), (QStringList{engine, QStringLiteral("worker")}));
    QCOMPARE(fixture.runner.workerCommand(), window.workerCommand());
    QTRY_VERIFY(!window.settingsDialog());
}

QTEST_MAIN(WindowFilesTest)
#include "window_files_test.moc"
