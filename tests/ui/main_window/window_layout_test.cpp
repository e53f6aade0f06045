// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>

#include "tests/ui/main_window/window_stage.h"
#include "ui/main_window/main_window.h"
#include "ui/views/doors.h"
#include "ui/views/scenario_panel.h"
#include "ui/views/value_strip.h"
#include "ui/widgets/format.h"

class WindowLayoutTest : public tests::WindowTest
{
    Q_OBJECT

private slots:
    void NothingIsClippedAtAnySize_data();
    void NothingIsClippedAtAnySize();
    void NarrowWindowFoldsThePanelAndCtrlBBringsItBack();
    void NarrowWindowTellsItsValuesInOneRow();
    void LowWindowSaysWhyAFigureIsMissing();
    void DoorsOpenGoAndComeBack();
};

void WindowLayoutTest::NothingIsClippedAtAnySize_data()
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

void WindowLayoutTest::NothingIsClippedAtAnySize()
{
    QFETCH(QSize, size);
    QFETCH(QString, view);
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(view);
    tests::show(window, size);
    QCOMPARE(window.size(), size);
    QCOMPARE(tests::clippedTexts(window), QStringList());
    window.resize(3840, 2160);
    QCoreApplication::sendPostedEvents();
    window.resize(window.minimumSize());
    QCoreApplication::sendPostedEvents();
    QCOMPARE(window.size(), QSize(960, 640));
    QCOMPARE(tests::clippedTexts(window), QStringList());
}

void WindowLayoutTest::NarrowWindowFoldsThePanelAndCtrlBBringsItBack()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {1000, 700});
    QVERIFY(!window.panel()->isVisible());
    window.activateWindow();
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(window.panel()->isVisible());
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(!window.panel()->isVisible());
    window.resize(1280, 800);
    QCoreApplication::sendPostedEvents();
    QVERIFY(window.panel()->isVisible()); // what a narrow window folds is no wish of the user's
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(!window.panel()->isVisible());
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier);
    QVERIFY(window.panel()->isVisible());
}

void WindowLayoutTest::NarrowWindowTellsItsValuesInOneRow()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    tests::show(window, {960, 640});
    ui::ValueStrip *strip = window.valueStrip();
    QVERIFY(strip->isVisible());
    QCOMPARE(strip->shownValues(), static_cast<int>(strip->values().size()));
    app::Scenario scenario = fixture.explorer.scenario();
    scenario.workload.batch = 64;
    fixture.explorer.setScenario(scenario);
    fixture.explorer.evaluateNow();
    QStringList texts;
    for (const ui::ValueStrip::Value &value : strip->values())
        texts.append(value.text);
    QVERIFY(texts.contains(QStringLiteral("64")));
    QVERIFY(texts.contains(fixture.explorer.findings()->modelName));
    QTest::mouseClick(strip, Qt::LeftButton);
    QVERIFY(window.panel()->isVisible());
    QTest::mouseClick(strip, Qt::LeftButton, {}, QPoint(strip->width() - 8, 8));
    QVERIFY(!window.panel()->isVisible());
    window.resize(1280, 800);
    QCoreApplication::sendPostedEvents();
    QVERIFY(!strip->isVisible());
    QVERIFY(window.panel()->isVisible());
}

void WindowLayoutTest::LowWindowSaysWhyAFigureIsMissing()
{
    ui::ReadoutTile tile;
    tile.resize(200, 60);
    ui::TileContent content;
    content.label = QStringLiteral("Cost");
    content.figure = {ui::absentText(), {}};
    content.second = QStringLiteral("no price per hour");
    tile.setCompact(true);
    tile.setContent(content);
    const QImage withReason = tile.grab().toImage();
    content.second.clear();
    tile.setContent(content);
    QVERIFY(tile.grab().toImage() != withReason);
    // A figure that is there leaves its second line out in a low window.
    content.figure = {QStringLiteral("1.00"), QStringLiteral("s")};
    content.kind = ui::Provenance::Estimated;
    tile.setContent(content);
    const QImage plain = tile.grab().toImage();
    content.second = QStringLiteral("8 in 10");
    tile.setContent(content);
    QVERIFY(tile.grab().toImage() == plain);
}

void WindowLayoutTest::DoorsOpenGoAndComeBack()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.setDoorsShown(true);
    for (const QSize &size : {QSize(1920, 1080), QSize(1280, 800), QSize(960, 640)}) {
        tests::show(window, size);
        QVERIFY(window.doors()->isVisible());
        QCOMPARE(window.size(), size);
        QCOMPARE(tests::clippedTexts(window), QStringList());
    }
    QSignalSpy changed(&window, &ui::MainWindow::settingsChanged);
    QTest::mouseClick(window.doors()->compareButton(), Qt::LeftButton);
    QCOMPARE(window.viewName(), QStringLiteral("providers"));
    QVERIFY(!window.areDoorsShown());
    QCOMPARE(changed.size(), 1);
    window.setDoorsShown(true);
    QVERIFY(!window.doors()->isVisible()); // the offers take all of a small window
    window.showView(QStringLiteral("curves"));
    QVERIFY(window.doors()->isVisible());
    QTest::mouseClick(window.doors()->hideButton(), Qt::LeftButton);
    QVERIFY(!window.areDoorsShown());
}

QTEST_MAIN(WindowLayoutTest)
#include "window_layout_test.moc"
