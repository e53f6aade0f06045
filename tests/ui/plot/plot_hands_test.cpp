// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/plot/demo_data.h"
#include "tests/ui/plot/plot_stage.h"

#include <QAction>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include <cmath>
#include <limits>

using demo::Metric;
using tests::Stage;
using ui::Plot;
using ui::PlotDot;
using ui::PlotLine;
using ui::Range;
using ui::Scale;

class PlotHandsTest : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void hoverMovesTheCrosshair();
    void clickPinsAndEscapeReleases();
    void clickOnADotActivatesIt();
    void arrowsWalkTheStops();
    void upAndDownLiftTheNextSeries();
    void spaceOpensTheNearestDot();
    void limitIsDraggedByItsLine();
    void limitIsEditedAndRemoved();
    void wheelZoomsAtThePointer();
    void rectangleZoomsAndDoubleClickResets();
    void zoomStackGoesBackAndForward();
    void hugeZoomStopsAtAThousandth();
    void lettersActOnlyOnThePlot();
    void toolsAppearOnFocus();
    void bubblesAnswerToMouseAndKeyboard();
};

void PlotHandsTest::init()
{
    QTest::failOnWarning(
        QRegularExpression(QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
}

void PlotHandsTest::hoverMovesTheCrosshair()
{
    Stage stage;
    QSignalSpy moved(&stage.plot, &Plot::crosshairMoved);
    QSignalSpy left(&stage.plot, &Plot::crosshairLeft);
    stage.move(stage.pixel(16, 900));
    QCOMPARE(moved.size(), 1);
    QVERIFY(std::fabs(moved[0][0].toDouble() - 16) < 0.3);
    QVERIFY(stage.plot.crosshair().has_value());
    stage.move(QPoint(5, 5));
    QVERIFY(left.size() >= 1);
    moved.clear();
    stage.plot.setCrosshair(64); // set from outside: no echo
    QCOMPARE(moved.size(), 0);
}

void PlotHandsTest::clickPinsAndEscapeReleases()
{
    Stage stage;
    QSignalSpy pinned(&stage.plot, &Plot::crosshairPinned);
    QSignalSpy released(&stage.plot, &Plot::crosshairReleased);
    QSignalSpy moved(&stage.plot, &Plot::crosshairMoved);
    QTest::mouseClick(&stage.plot, Qt::LeftButton, {}, stage.pixel(32, 900));
    QCOMPARE(pinned.size(), 1);
    QVERIFY(stage.plot.isCrosshairPinned());
    moved.clear();
    stage.move(stage.pixel(128, 900));
    QCOMPARE(moved.size(), 0); // a pinned crosshair does not follow the pointer
    QTest::keyClick(&stage.plot, Qt::Key_Escape);
    QCOMPARE(released.size(), 1);
    QVERIFY(!stage.plot.isCrosshairPinned());
}

void PlotHandsTest::clickOnADotActivatesIt()
{
    Stage stage;
    stage.plot.setDots({Stage::dot(QStringLiteral("p7"), 16, 300)});
    QSignalSpy activated(&stage.plot, &Plot::dotActivated);
    QSignalSpy hovered(&stage.plot, &Plot::dotHovered);
    QSignalSpy pinned(&stage.plot, &Plot::crosshairPinned);
    stage.move(stage.pixel(16, 300) + QPoint(3, -3));
    QCOMPARE(hovered.size(), 1);
    QTest::mouseClick(&stage.plot, Qt::LeftButton, {}, stage.pixel(16, 300) + QPoint(3, -3));
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated[0][0].toString(), QStringLiteral("p7"));
    QCOMPARE(pinned.size(), 0);
}

void PlotHandsTest::arrowsWalkTheStops()
{
    Stage stage;
    stage.plot.setCrosshair(8);
    QSignalSpy moved(&stage.plot, &Plot::crosshairMoved);
    const auto press = [&](Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
        QTest::keyClick(&stage.plot, key, modifiers);
        return *stage.plot.crosshair();
    };
    QCOMPARE(press(Qt::Key_Right), 16.0);
    QCOMPARE(press(Qt::Key_Left), 8.0);
    QCOMPARE(press(Qt::Key_Right, Qt::ShiftModifier), 128.0);
    QCOMPARE(press(Qt::Key_End), 512.0);
    QCOMPARE(press(Qt::Key_Right), 512.0);
    QCOMPARE(press(Qt::Key_Home), 1.0);
    QCOMPARE(moved.size(), 5); // the step at the end moves nothing
    stage.plot.setCrosshair(10);
    QCOMPARE(press(Qt::Key_Left), 8.0);
    stage.plot.setCrosshair(10);
    QCOMPARE(press(Qt::Key_Right), 16.0);
    stage.plot.setCursorStops({3, 5, 7});
    QCOMPARE(press(Qt::Key_Left), 7.0);
    QCOMPARE(press(Qt::Key_Left), 5.0);
}

void PlotHandsTest::upAndDownLiftTheNextSeries()
{
    Stage stage;
    stage.plot.setCrosshair(16);
    QSignalSpy lines(&stage.plot, &Plot::lineHovered);
    QTest::keyClick(&stage.plot, Qt::Key_Down);
    QTest::keyClick(&stage.plot, Qt::Key_Down);
    QTest::keyClick(&stage.plot, Qt::Key_Up);
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0][0].toString(), QStringLiteral("yours"));
    QCOMPARE(lines[1][0].toString(), QStringLiteral("other"));
    QCOMPARE(lines[2][0].toString(), QStringLiteral("yours"));
    QVERIFY(stage.plot.spokenText().contains(QLatin1String("Yours")));
    QVERIFY(!stage.plot.spokenText().contains(QLatin1String("Other")));
}

void PlotHandsTest::spaceOpensTheNearestDot()
{
    Stage stage;
    stage.plot.setDots(
        {Stage::dot(QStringLiteral("near"), 16, 41), Stage::dot(QStringLiteral("far"), 256, 161)});
    stage.plot.setCrosshair(20);
    QSignalSpy activated(&stage.plot, &Plot::dotActivated);
    QTest::keyClick(&stage.plot, Qt::Key_Space);
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated[0][0].toString(), QStringLiteral("near"));
}

void PlotHandsTest::limitIsDraggedByItsLine()
{
    Stage stage;
    stage.plot.setLimits(
        {{.id = QStringLiteral("ttft"), .value = 100, .text = QStringLiteral("TTFT ≤ 100 ms")}});
    QSignalSpy dragged(&stage.plot, &Plot::limitDragged);
    QSignalSpy dropped(&stage.plot, &Plot::limitDropped);
    stage.drag(stage.pixel(200, 100), stage.pixel(200, 500));
    QVERIFY(dragged.size() >= 1);
    QCOMPARE(dropped.size(), 1);
    QCOMPARE(dropped[0][0].toString(), QStringLiteral("ttft"));
    QVERIFY(std::fabs(dropped[0][1].toDouble() / 500 - 1) < 0.03);
    QCOMPARE(stage.plot.zoom(), Plot::Zoom()); // the drag was no zoom rectangle
    stage.drag(stage.pixel(200, 500), QPoint(300, -4000));
    QCOMPARE(dropped[1][1].toDouble(), 1000.0); // held inside the axis
}

void PlotHandsTest::limitIsEditedAndRemoved()
{
    Stage stage;
    stage.plot.setLimits(
        {{.id = QStringLiteral("ttft"), .value = 100, .text = QStringLiteral("x")}});
    QSignalSpy edited(&stage.plot, &Plot::limitEditRequested);
    QSignalSpy removed(&stage.plot, &Plot::limitRemoveRequested);
    QSignalSpy wanted(&stage.plot, &Plot::limitRequested);
    QTest::mouseDClick(&stage.plot, Qt::LeftButton, {}, stage.pixel(200, 100));
    QCOMPARE(edited.size(), 1);
    QTest::keyClick(&stage.plot, Qt::Key_Delete);
    QCOMPARE(removed.size(), 1);
    stage.plot.setCrosshair(16);
    QTest::keyClick(&stage.plot, Qt::Key_L);
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0][0].toDouble(), 16.0);
}

void PlotHandsTest::wheelZoomsAtThePointer()
{
    Stage stage;
    const QPoint at = stage.pixel(32, 100);
    const double before = stage.plot.mapping().toValue(at).x();
    stage.wheel(at, 2);
    QVERIFY(stage.plot.zoom().x.has_value());
    QVERIFY(!stage.plot.zoom().y.has_value());
    const double after = stage.plot.mapping().toValue(at).x();
    QVERIFY(std::fabs(after / before - 1) < 1e-6);
    QVERIFY(stage.plot.xRange().lo > 1 && stage.plot.xRange().hi < 512);
    stage.wheel(at, 1, Qt::ShiftModifier);
    QVERIFY(stage.plot.zoom().y.has_value());
    stage.plot.zoomBack();
    QCOMPARE(stage.plot.zoom(), Plot::Zoom()); // one turn of the wheel is one step
}

void PlotHandsTest::rectangleZoomsAndDoubleClickResets()
{
    Stage stage;
    QSignalSpy changed(&stage.plot, &Plot::zoomChanged);
    stage.drag(stage.pixel(4, 500), stage.pixel(64, 20));
    QCOMPARE(changed.size(), 1);
    QVERIFY(std::fabs(stage.plot.xRange().lo / 4 - 1) < 0.02);
    QVERIFY(std::fabs(stage.plot.xRange().hi / 64 - 1) < 0.02);
    QVERIFY(std::fabs(stage.plot.yRange().lo / 20 - 1) < 0.03);
    QVERIFY(std::fabs(stage.plot.yRange().hi / 500 - 1) < 0.03);
    QTest::mouseDClick(&stage.plot, Qt::LeftButton, {}, stage.pixel(16, 300));
    QCOMPARE(stage.plot.xRange(), (Range{1, 512}));
    const QPoint from = stage.pixel(16, 700);
    stage.drag(from, from + QPoint(7, 5)); // under 12 px: a click
    QCOMPARE(stage.plot.xRange(), (Range{1, 512}));
}

void PlotHandsTest::zoomStackGoesBackAndForward()
{
    Stage stage;
    for (int i = 0; i < 40; ++i)
        stage.plot.pushZoom({.x = Range{1.0 + i, 100.0 + i}, .y = {}});
    for (int i = 0; i < 100; ++i)
        QTest::keyClick(&stage.plot, Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(stage.plot.zoom().x->lo, 8.0); // 32 steps back from 40
    QTest::keyClick(&stage.plot, Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(stage.plot.zoom().x->lo, 9.0);
    QTest::keyClick(&stage.plot, Qt::Key_0);
    QCOMPARE(stage.plot.zoom(), Plot::Zoom());
    QTest::keyClick(&stage.plot, Qt::Key_Plus);
    QVERIFY(stage.plot.zoom().x.has_value());
    QTest::keyClick(&stage.plot, Qt::Key_Minus);
    QVERIFY(!stage.plot.zoom().x.has_value()); // back to the whole axis
}

void PlotHandsTest::hugeZoomStopsAtAThousandth()
{
    Stage stage;
    const QPoint at = stage.pixel(32, 100);
    for (int i = 0; i < 200; ++i)
        stage.wheel(at, 5);
    Stage::settle();
    const Range seen = stage.plot.xRange();
    QVERIFY(std::log(seen.hi / seen.lo) > 0.9e-3 * std::log(512));
    QVERIFY(!stage.plot.xTickLabels().isEmpty());
}

void PlotHandsTest::lettersActOnlyOnThePlot()
{
    Stage stage;
    QSignalSpy axis(&stage.plot, &Plot::axisSwitchRequested);
    QSignalSpy scale(&stage.plot, &Plot::scaleSwitchRequested);
    QTest::keyClick(&stage.plot, Qt::Key_X);
    QTest::keyClick(&stage.plot, Qt::Key_Y);
    QCOMPARE(axis.size(), 1);
    QCOMPARE(scale.size(), 1);
    QTest::keyClick(&stage.plot, Qt::Key_X, Qt::ControlModifier);
    QCOMPARE(axis.size(), 1);
}

void PlotHandsTest::toolsAppearOnFocus()
{
    Stage stage;
    stage.plot.clearFocus();
    stage.plot.setAttribute(Qt::WA_UnderMouse, false); // wherever the pointer was left
    QAction action(QStringLiteral("T"));
    stage.plot.setTools({&action});
    auto *tool = stage.plot.findChild<QToolButton *>();
    QVERIFY(tool && !tool->isVisible());
    stage.plot.activateWindow();
    stage.plot.setFocus(Qt::TabFocusReason);
    QTRY_VERIFY(stage.plot.hasFocus());
    QVERIFY(tool->isVisible());
    QVERIFY(stage.plot.rect().contains(tool->geometry()));
}

void PlotHandsTest::bubblesAnswerToMouseAndKeyboard()
{
    ui::ScatterPlot plot;
    plot.resize(1096, 760);
    demo::fillScatter(plot, false);
    plot.show();
    Stage::settle();
    QSignalSpy hovered(&plot, &ui::ScatterPlot::bubbleHovered);
    QSignalSpy clicked(&plot, &ui::ScatterPlot::bubbleClicked);
    QSignalSpy activated(&plot, &ui::ScatterPlot::bubbleActivated);
    const QPoint together = plot.bubblePixel(QStringLiteral("Together")).toPoint();
    QTest::mouseMove(&plot, together);
    QCOMPARE(hovered.value(0).value(0).toString(), QStringLiteral("Together"));
    QTest::mouseClick(&plot, Qt::LeftButton, {}, together);
    QCOMPARE(clicked.size(), 1);
    QTest::mouseDClick(&plot, Qt::LeftButton, {}, together);
    QCOMPARE(activated.size(), 1);
    QCOMPARE(plot.zoom(), Plot::Zoom());
    QTest::keyClick(&plot, Qt::Key_Home);
    QCOMPARE(hovered.last()[0].toString(), QStringLiteral("DeepSeek off-peak"));
    QVERIFY(plot.spokenText().startsWith(QLatin1String("DeepSeek off-peak: $0.240, Wait not")));
    QTest::keyClick(&plot, Qt::Key_Right);
    QCOMPARE(hovered.last()[0].toString(), QStringLiteral("Hyperbolic"));
    QTest::keyClick(&plot, Qt::Key_Return);
    QCOMPARE(activated.last()[0].toString(), QStringLiteral("Hyperbolic"));
}

QTEST_MAIN(PlotHandsTest)
#include "plot_hands_test.moc"
