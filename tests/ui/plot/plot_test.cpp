// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/plot/demo_data.h"
#include "ui/plot/series_layer.h"

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QAction>
#include <QBuffer>
#include <QPdfWriter>
#include <QSignalSpy>
#include <QSvgGenerator>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include <cmath>
#include <limits>

using demo::Metric;
using ui::Plot;
using ui::PlotDot;
using ui::PlotLine;
using ui::Range;
using ui::Scale;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// A shown plot of two lines over batch, x 1..512, y 1..1000 ms.
struct Stage
{
    Plot plot;

    Stage()
    {
        plot.setTheme(ui::makeTheme(ui::ThemeKind::Dark));
        plot.resize(600, 400);
        plot.setHeading({QStringLiteral("Wait"), QStringLiteral("log")});
        plot.setXAxis({.scale = Scale::Log2,
                       .range = Range{1, 512},
                       .title = QStringLiteral("Batch"),
                       .labels = ui::LabelKind::Binary});
        plot.setYAxis({.scale = Scale::Log10,
                       .range = Range{1, 1000},
                       .labels = ui::LabelKind::Milliseconds});
        plot.setLines(lines(1));
        plot.show();
        settle();
    }

    static QList<PlotLine> lines(double factor)
    {
        PlotLine yours{.id = QStringLiteral("yours"),
                       .name = QStringLiteral("Yours"),
                       .series = 0,
                       .points = {{1, 10 * factor}, {16, 40 * factor}, {256, 160 * factor}},
                       .emphasis = ui::LineEmphasis::Selected};
        PlotLine other{.id = QStringLiteral("other"),
                       .name = QStringLiteral("Other"),
                       .series = 1,
                       .points = {{1, 20 * factor}, {512, 320 * factor}}};
        return {yours, other};
    }

    static PlotDot dot(const QString &id, double x, double y)
    {
        return {.id = id, .name = QStringLiteral("Yours"), .at = {x, y}};
    }

    static void settle()
    {
        QCoreApplication::sendPostedEvents();
        QCoreApplication::processEvents();
    }

    QPoint pixel(double x, double y) { return plot.mapping().toPixel({x, y}).toPoint(); }

    void move(const QPoint &to) { QTest::mouseMove(&plot, to); }

    void drag(const QPoint &from, const QPoint &to)
    {
        QTest::mousePress(&plot, Qt::LeftButton, {}, from);
        QMouseEvent moved(QEvent::MouseMove, to, plot.mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                          Qt::NoModifier);
        QApplication::sendEvent(&plot, &moved);
        QTest::mouseRelease(&plot, Qt::LeftButton, {}, to);
    }

    void wheel(const QPoint &at, int clicks, Qt::KeyboardModifiers modifiers = {})
    {
        QWheelEvent event(at, plot.mapToGlobal(at), {}, {0, clicks * 120}, Qt::NoButton, modifiers,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(&plot, &event);
    }
};

bool isBlank(const QImage &image)
{
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixel(x, y) != image.pixel(image.width() / 2, 2))
                return false;
        }
    }
    return true;
}

} // namespace

class PlotTest : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void chartDrawsWhereTheMappingSays_data();
    void chartDrawsWhereTheMappingSays();
    void seriesAreReusedNotRecreated();
    void manyChangesAreOneRepaint();
    void sameContentIsNoRepaint();
    void crosshairDoesNotRebuildThePicture();
    void heldRangesStayAndAreFittedOnRelease();
    void hostileValuesNeverReachTheScreen();
    void emptyPlotSaysSo();
    void curvesCoverTheirPixels();
    void hoverMovesTheCrosshair();
    void clickPinsAndEscapeReleases();
    void clickOnADotActivatesIt();
    void arrowsWalkTheStops();
    void upAndDownLiftTheNextSeries();
    void spaceOpensTheNearestDot();
    void rowsAreSortedByValue();
    void headlineIsTheSelectedLinesValue();
    void limitIsDraggedByItsLine();
    void limitIsEditedAndRemoved();
    void wheelZoomsAtThePointer();
    void rectangleZoomsAndDoubleClickResets();
    void zoomStackGoesBackAndForward();
    void hugeZoomStopsAtAThousandth();
    void lettersActOnlyOnThePlot();
    void tableHasARowForEveryPoint();
    void toolsAppearOnFocus();
    void directLabelsAreApartAndInside();
    void newDotsRingOnceThenNothingRuns();
    void chartSpeaksItsCursor();
    void markupIsNeverInterpreted();
    void exportsAreVectors();
    void plotRectanglesOfAColumnAlign();
    void bubblesWithoutAWaitStandInTheLane();
    void zeroOnALogAxisHasAPlaceOfItsOwn();
    void limitChipsCoverNoDot();
    void bubblesAnswerToMouseAndKeyboard();
    void scatterLabelsNeverOverlap();
    void tinyAndHugeSizesAreFine();
};

void PlotTest::init()
{
    QTest::failOnWarning(
        QRegularExpression(QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
}

void PlotTest::chartDrawsWhereTheMappingSays_data()
{
    QTest::addColumn<int>("xScale");
    QTest::addColumn<int>("yScale");
    for (const Scale x : {Scale::Linear, Scale::Log2, Scale::Log10}) {
        for (const Scale y : {Scale::Linear, Scale::Log10}) {
            QTest::addRow("%d-%d", static_cast<int>(x), static_cast<int>(y))
                << static_cast<int>(x) << static_cast<int>(y);
        }
    }
}

void PlotTest::chartDrawsWhereTheMappingSays()
{
    QFETCH(int, xScale);
    QFETCH(int, yScale);
    const ui::PlotMapping mapping{QRectF(70, 40, 400, 250),
                                  {static_cast<Scale>(xScale), {1, 512}},
                                  {static_cast<Scale>(yScale), {10, 5000}}};
    ui::SeriesLayer layer;
    layer.setFrame({500, 330}, mapping);
    layer.setStrokes({{{{1, 10}, {512, 5000}}, QPen()}});
    for (const QPointF &value : {QPointF(1, 10), QPointF(37, 421), QPointF(512, 5000)}) {
        const QPointF gap = layer.chartPosition(value) - mapping.toPixel(value);
        QVERIFY2(std::hypot(gap.x(), gap.y()) < 0.01, qPrintable(QString::number(gap.x())));
    }
}

void PlotTest::seriesAreReusedNotRecreated()
{
    const ui::PlotMapping mapping{
        QRectF(0, 0, 100, 100), {Scale::Linear, {0, 10}}, {Scale::Linear, {0, 10}}};
    ui::SeriesLayer layer;
    layer.setFrame({100, 100}, mapping);
    const QPen pen(Qt::SolidLine);
    for (int i = 0; i < 20; ++i) {
        layer.setStrokes({{{{0, 0}, {10.0, i * 0.1}}, pen}, {{{1, 0}, {9.0, i * 0.1}}, pen}});
        layer.setAreas({{{{0, 1, 2}, {5, 1, 3}}, QColor()}});
    }
    QCOMPARE(layer.seriesCount(), 3);
    layer.setStrokes({});
    layer.setAreas({});
    QCOMPARE(layer.seriesCount(), 3);
}

void PlotTest::manyChangesAreOneRepaint()
{
    Stage stage;
    const int paints = stage.plot.paints();
    const int pictures = stage.plot.basePaints();
    for (int i = 1; i <= 50; ++i) {
        stage.plot.setLines(Stage::lines(1 + i * 0.01));
        stage.plot.setCrosshair(i);
    }
    Stage::settle();
    QCOMPARE(stage.plot.paints(), paints + 1);
    QCOMPARE(stage.plot.basePaints(), pictures + 1);
}

void PlotTest::sameContentIsNoRepaint()
{
    Stage stage;
    stage.plot.setCrosshair(8);
    Stage::settle();
    const int paints = stage.plot.paints();
    stage.plot.setLines(Stage::lines(1));
    stage.plot.setCrosshair(8);
    stage.plot.setHeading({QStringLiteral("Wait"), QStringLiteral("log")});
    stage.plot.setTheme(ui::makeTheme(ui::ThemeKind::Dark));
    stage.plot.setDots({});
    Stage::settle();
    const int after = stage.plot.paints();
    stage.plot.setDots({});
    Stage::settle();
    QVERIFY(after <= paints + 1); // the first list of dots, even an empty one, is news
    QCOMPARE(stage.plot.paints(), after);
}

void PlotTest::crosshairDoesNotRebuildThePicture()
{
    Stage stage;
    const int pictures = stage.plot.basePaints();
    const int paints = stage.plot.paints();
    for (int i = 0; i < 10; ++i) {
        stage.plot.setCrosshair(1 + i);
        Stage::settle();
    }
    QCOMPARE(stage.plot.basePaints(), pictures);
    QCOMPARE(stage.plot.paints(), paints + 10);
}

void PlotTest::heldRangesStayAndAreFittedOnRelease()
{
    Stage stage;
    stage.plot.setYAxis({.scale = Scale::Log10, .labels = ui::LabelKind::Milliseconds});
    stage.plot.setLines(Stage::lines(1));
    const Range before = stage.plot.yRange();
    QCOMPARE(before, (Range{5, 500}));
    stage.plot.setRangesHeld(true);
    stage.plot.setLines(Stage::lines(100));
    QCOMPARE(stage.plot.yRange(), before);
    stage.plot.setRangesHeld(false);
    QVERIFY(stage.plot.yRange().hi >= 32000);
}

void PlotTest::hostileValuesNeverReachTheScreen()
{
    Stage stage;
    stage.plot.setYAxis({.scale = Scale::Log10, .labels = ui::LabelKind::Milliseconds});
    PlotLine bad = Stage::lines(1).first();
    bad.points = {{1, 10}, {2, kNan}, {4, 0}, {8, -5}, {16, kInf}, {32, 40}, {64, 80}, {kNan, 3}};
    stage.plot.setLines({bad});
    stage.plot.setDots(
        {Stage::dot(QStringLiteral("a"), kNan, 5), Stage::dot(QStringLiteral("b"), 4, 0),
         Stage::dot(QStringLiteral("c"), 4, kInf), Stage::dot(QStringLiteral("d"), 4, 44)});
    stage.plot.setBands({{.points = {{1, kNan, 3}, {2, -1, 5}, {3, kInf, kInf}}}});
    stage.plot.setLimits({{.id = QStringLiteral("l"), .value = kNan, .text = QStringLiteral("x")},
                          {.id = QStringLiteral("m"), .value = -2, .text = QStringLiteral("x")}});
    stage.plot.setForbidden(ui::PlotForbidden{kNan, QStringLiteral("x")});
    stage.plot.setStops({{0, {kNan, kNan}, QStringLiteral("x")}});
    stage.plot.setCrosshair(kNan);
    Stage::settle();
    stage.plot.setCrosshair(-3);
    Stage::settle();
    QCOMPARE(stage.plot.drawnPoints(QStringLiteral("yours")), QList<QPointF>({{32, 40}, {64, 80}}));
    QVERIFY(std::isfinite(stage.plot.yRange().lo) && std::isfinite(stage.plot.yRange().hi));
    QVERIFY(stage.plot.crosshairRows().isEmpty());
    stage.move(stage.pixel(32, 40));
    Stage::settle();
}

void PlotTest::emptyPlotSaysSo()
{
    Plot plot;
    plot.resize(400, 300);
    plot.setEmptyText(QStringLiteral("Nothing has been measured here yet"));
    QImage image(400, 300, QImage::Format_RGB32);
    plot.render(&image);
    QVERIFY(!isBlank(image));
    QVERIFY(plot.xRange().lo < plot.xRange().hi);
}

void PlotTest::curvesCoverTheirPixels()
{
    Stage stage;
    const QImage image = stage.plot.grab().toImage();
    const QPointF at = stage.plot.mapping().toPixel({16, 40});
    const QColor wanted = stage.plot.theme().seriesColor(0);
    const QColor found = image.pixelColor(at.toPoint());
    QVERIFY2(std::abs(found.red() - wanted.red()) + std::abs(found.green() - wanted.green()) +
                     std::abs(found.blue() - wanted.blue()) <
                 60,
             qPrintable(found.name()));
}

void PlotTest::hoverMovesTheCrosshair()
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

void PlotTest::clickPinsAndEscapeReleases()
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

void PlotTest::clickOnADotActivatesIt()
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

void PlotTest::arrowsWalkTheStops()
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

void PlotTest::upAndDownLiftTheNextSeries()
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

void PlotTest::spaceOpensTheNearestDot()
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

void PlotTest::rowsAreSortedByValue()
{
    Stage stage;
    stage.plot.setDots({Stage::dot(QStringLiteral("d"), 16, 39)});
    stage.plot.setCrosshair(16);
    const QList<ui::CrosshairRow> rows = stage.plot.crosshairRows();
    QCOMPARE(rows.size(), 3);
    // "Other" at 16 of 512: 20 * 16^(4/9) by the straight line of the log axes.
    QCOMPARE(rows[0].name, QStringLiteral("Other"));
    QVERIFY(std::fabs(rows[0].value - 20 * std::pow(16.0, 4.0 / 9)) < 1e-6);
    QCOMPARE(rows[1].value, 40.0);
    QCOMPARE(rows[1].kind, ui::Provenance::Estimated);
    QCOMPARE(rows[2].text, QStringLiteral("39.0 ms"));
    QCOMPARE(rows[2].kind, ui::Provenance::Measured);
}

void PlotTest::headlineIsTheSelectedLinesValue()
{
    Stage stage;
    QCOMPARE(stage.plot.headlineText(), QString());
    stage.plot.setCrosshair(16);
    QCOMPARE(stage.plot.headlineText(), QStringLiteral("40.0 ms"));
    stage.plot.setCrosshair(400); // past the end of the line
    QCOMPARE(stage.plot.headlineText(), QString());
    stage.plot.setHeadline(QStringLiteral("does not fit"));
    QCOMPARE(stage.plot.headlineText(), QStringLiteral("does not fit"));
}

void PlotTest::limitIsDraggedByItsLine()
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

void PlotTest::limitIsEditedAndRemoved()
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

void PlotTest::wheelZoomsAtThePointer()
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

void PlotTest::rectangleZoomsAndDoubleClickResets()
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

void PlotTest::zoomStackGoesBackAndForward()
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

void PlotTest::hugeZoomStopsAtAThousandth()
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

void PlotTest::lettersActOnlyOnThePlot()
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

void PlotTest::tableHasARowForEveryPoint()
{
    Stage stage;
    QAbstractItemModelTester tester(stage.plot.tableModel(),
                                    QAbstractItemModelTester::FailureReportingMode::QtTest);
    PlotDot dot = Stage::dot(QStringLiteral("d"), 16, 39);
    dot.whisker = Range{38, 40};
    stage.plot.setDots({dot});
    QAbstractTableModel *model = stage.plot.tableModel();
    QCOMPARE(model->rowCount(), 6);
    const auto cell = [&](int row, int column) {
        return model->index(row, column).data().toString();
    };
    QCOMPARE(cell(1, 0), QStringLiteral("Yours"));
    QCOMPARE(cell(1, 1), QStringLiteral("16"));
    QCOMPARE(cell(1, 2), QStringLiteral("40.0 ms"));
    QCOMPARE(cell(1, 3), QStringLiteral("–"));
    QCOMPARE(cell(5, 4), QStringLiteral("40.0 ms"));
    QCOMPARE(cell(5, 5), QStringLiteral("measured"));
    QCOMPARE(stage.plot.tableText().count(QLatin1Char('\n')), 7);
    QTest::keyClick(&stage.plot, Qt::Key_T);
    auto *view = stage.plot.findChild<QTableView *>(QStringLiteral("plotTable"));
    QVERIFY(view && view->isVisible());
    QVERIFY(stage.plot.rect().contains(view->geometry()));
    QCOMPARE(view->model()->rowCount(), 6);
    QTest::keyClick(&stage.plot, Qt::Key_T);
    QVERIFY(!view->isVisible());
}

void PlotTest::toolsAppearOnFocus()
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

void PlotTest::directLabelsAreApartAndInside()
{
    Stage stage;
    QList<PlotLine> lines;
    for (int i = 0; i < 6; ++i) {
        lines.append({.id = QString::number(i),
                      .name = QString::number(i),
                      .series = i,
                      .points = {{1, 50.0 + i}, {512, 60.0 + i}},
                      .label = QStringLiteral("Line %1").arg(i)});
    }
    stage.plot.setLines(lines);
    QCOMPARE(stage.plot.labelTexts().size(), 6);
    QVERIFY(stage.plot.mapping().area.right() < 600 - 40); // a gutter was made
    const double right = stage.plot.mapping().area.right();
    stage.plot.setLabelGutter(120);
    QVERIFY(stage.plot.mapping().area.right() < right);
}

void PlotTest::newDotsRingOnceThenNothingRuns()
{
    Stage stage;
    stage.plot.setDots({Stage::dot(QStringLiteral("a"), 4, 20)});
    Stage::settle();
    const int before = stage.plot.paints();
    stage.plot.setDots(
        {Stage::dot(QStringLiteral("a"), 4, 20), Stage::dot(QStringLiteral("b"), 8, 30)});
    QTRY_VERIFY(stage.plot.paints() >= before + 4); // the dot, then three steps of its ring
    const int pictures = stage.plot.basePaints();
    QTest::qWait(300);
    const int idle = stage.plot.paints();
    QTest::qWait(300);
    QCOMPARE(stage.plot.paints(), idle);
    QCOMPARE(stage.plot.basePaints(), pictures);
}

void PlotTest::chartSpeaksItsCursor()
{
    Stage stage;
    stage.plot.setLimits(
        {{.id = QStringLiteral("l"), .value = 100, .text = QStringLiteral("Limit 100 ms")}});
    stage.plot.setCrosshair(16);
    QAccessibleInterface *accessible = QAccessible::queryAccessibleInterface(&stage.plot);
    QVERIFY(accessible);
    QCOMPARE(accessible->role(), QAccessible::Chart);
    QCOMPARE(accessible->text(QAccessible::Name), QStringLiteral("Wait"));
    QCOMPARE(accessible->text(QAccessible::Description),
             QStringLiteral("Batch 16. Other: 68.6 ms, estimated. Yours: 40.0 ms, estimated. "
                            "Limit 100 ms met."));
    stage.plot.setCrosshair(256);
    QVERIFY(accessible->text(QAccessible::Description).endsWith(QLatin1String("missed.")));
    ui::ScatterPlot scatter;
    QCOMPARE(QAccessible::queryAccessibleInterface(&scatter)->role(), QAccessible::Chart);
}

void PlotTest::markupIsNeverInterpreted()
{
    Stage stage;
    QList<PlotLine> lines = Stage::lines(1);
    lines[0].name = QStringLiteral("<b>A</b><img src=x> & C");
    lines[0].label = lines[0].name;
    stage.plot.setLines(lines);
    stage.plot.setHeading({QStringLiteral("A<B & C"), QStringLiteral("<i>x</i>")});
    stage.plot.setCrosshair(16);
    Stage::settle();
    QVERIFY(stage.plot.tableText().contains(lines[0].name));
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QVERIFY(buffer.open(QIODevice::WriteOnly));
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize({600, 400});
    QPainter painter(&svg);
    stage.plot.renderTo(painter, QRectF(0, 0, 600, 400));
    painter.end();
    QVERIFY(bytes.contains("A&lt;B &amp; C"));
    QVERIFY(!bytes.contains("<img"));
}

void PlotTest::exportsAreVectors()
{
    Stage stage;
    stage.plot.setCrosshair(16);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QVERIFY(buffer.open(QIODevice::WriteOnly));
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize({600, 400});
    QPainter painter(&svg);
    stage.plot.renderTo(painter, QRectF(0, 0, 600, 400));
    painter.end();
    QVERIFY(bytes.contains("<polyline"));
    QVERIFY(bytes.contains(">Wait<"));
    QVERIFY(!bytes.contains("<image"));
    QByteArray pdfBytes;
    QBuffer pdfBuffer(&pdfBytes);
    QVERIFY(pdfBuffer.open(QIODevice::WriteOnly));
    QPdfWriter pdf(&pdfBuffer);
    QPainter pdfPainter(&pdf);
    stage.plot.renderTo(pdfPainter, QRectF(0, 0, 600, 400));
    pdfPainter.end();
    QVERIFY(pdfBytes.size() > 2000);
    QVERIFY(!pdfBytes.contains("/Subtype /Image"));
    // The picture on screen and the exported one are the same but for the focus ring.
    QImage screen(600, 400, QImage::Format_RGB32);
    stage.plot.render(&screen);
    QImage exported(600, 400, QImage::Format_RGB32);
    QPainter imagePainter(&exported);
    stage.plot.renderTo(imagePainter, QRectF(0, 0, 600, 400));
    imagePainter.end();
    int different = 0;
    for (int y = 0; y < 400; ++y) {
        for (int x = 0; x < 600; ++x) {
            const QRgb a = screen.pixel(x, y);
            const QRgb b = exported.pixel(x, y);
            different += std::abs(qGreen(a) - qGreen(b)) > 24;
        }
    }
    QVERIFY2(different < 600 * 400 / 200, qPrintable(QString::number(different)));
}

void PlotTest::plotRectanglesOfAColumnAlign()
{
    Plot a;
    Plot b;
    a.resize(500, 300);
    b.resize(500, 340);
    demo::fill(a, Metric::Wait, 4096, {});
    demo::fill(b, Metric::Cost, 4096, {});
    QCOMPARE(a.mapping().area.left(), b.mapping().area.left());
    QCOMPARE(a.mapping().area.right(), b.mapping().area.right());
    QCOMPARE(a.mapping().area.left(), std::round(a.mapping().area.left()));
}

void PlotTest::bubblesWithoutAWaitStandInTheLane()
{
    ui::ScatterPlot plot;
    plot.resize(1096, 760);
    demo::fillScatter(plot, false);
    QCOMPARE(plot.bubbleCount(), 8);
    QCOMPARE(plot.laneCount(), 7);
    const QRectF area = plot.mapping().area;
    QVERIFY(plot.bubblePixel(QStringLiteral("Together")).y() > area.bottom());
    QVERIFY(area.contains(plot.bubblePixel(QStringLiteral("Fireworks"))));
    QCOMPARE(plot.bubblePixel(QStringLiteral("nobody")), QPointF());
}

void PlotTest::zeroOnALogAxisHasAPlaceOfItsOwn()
{
    ui::ScatterPlot plot;
    plot.resize(1096, 760);
    demo::fillScatter(plot, false);
    const double left = plot.mapping().area.left();
    ui::Bubble free{.id = QStringLiteral("free"), .name = QStringLiteral("Free"), .x = 0, .y = 900};
    ui::Bubble unknown{.id = QStringLiteral("free?"), .name = QStringLiteral("Free too"), .x = 0};
    plot.setBubbles({free, unknown});
    QCOMPARE(plot.bubbleCount(), 1);
    QCOMPARE(plot.laneCount(), 1);
    QVERIFY(plot.mapping().area.left() > left);
    const QPointF at = plot.bubblePixel(QStringLiteral("free"));
    QVERIFY(at.x() < plot.mapping().area.left() && at.x() > left - 1);
    QVERIFY(std::fabs(at.y() - plot.mapping().toPixel({1, 900}).y()) < 1e-9);
    QCOMPARE(plot.bubbleAt(at), QStringLiteral("free"));

    Stage stage;
    const double bottom = stage.plot.mapping().area.bottom();
    stage.plot.setDots({Stage::dot(QStringLiteral("z"), 16, 0)});
    QVERIFY(stage.plot.mapping().area.bottom() <= bottom - 16);
    QSignalSpy activated(&stage.plot, &Plot::dotHovered);
    const QPointF place(stage.plot.mapping().toPixel({16, 1}).x(),
                        stage.plot.mapping().area.bottom() + 14);
    stage.move(place.toPoint());
    Stage::settle();
    QCOMPARE(activated.value(0).value(0).toString(), QStringLiteral("z"));
}

void PlotTest::limitChipsCoverNoDot()
{
    Stage stage;
    // Dots below the left and right end of the line, where the chip would lie first.
    QList<PlotDot> dots;
    for (const double x : {1.2, 1.5, 2.0, 2.5, 3.0, 200.0, 300.0, 400.0})
        dots.append(Stage::dot(QString::number(x), x, 85));
    stage.plot.setDots(dots);
    stage.plot.setLimits({{.id = QStringLiteral("l"),
                           .value = 100,
                           .allowed = ui::Allowed::Above,
                           .text = QStringLiteral("speed ≥ 100")}});
    const QImage image = stage.plot.grab().toImage();
    const QColor wanted = stage.plot.theme().seriesColor(0);
    for (const PlotDot &dot : dots) {
        const QColor found = image.pixelColor(stage.pixel(dot.at.x(), dot.at.y()));
        QVERIFY2(std::abs(found.red() - wanted.red()) < 40, qPrintable(dot.id));
    }
}

void PlotTest::bubblesAnswerToMouseAndKeyboard()
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

void PlotTest::scatterLabelsNeverOverlap()
{
    ui::ScatterPlot plot;
    demo::fillScatter(plot, false);
    for (const QSize &size : {QSize(1096, 760), QSize(560, 420), QSize(300, 240)}) {
        plot.resize(size);
        const QStringList labels = plot.bubbleLabels();
        QCOMPARE(labels.size(), QSet<QString>(labels.begin(), labels.end()).size());
        if (size.width() > 1000)
            QVERIFY(labels.contains(QStringLiteral("DeepInfra, OpenRouter floor")));
    }
}

void PlotTest::tinyAndHugeSizesAreFine()
{
    for (const QSize &size : {QSize(1, 1), QSize(40, 30), QSize(180, 130), QSize(3000, 200)}) {
        Plot plot;
        plot.resize(size);
        demo::fill(plot, Metric::Wait, 4096, {});
        plot.setCrosshair(32);
        QImage image(size, QImage::Format_RGB32);
        plot.render(&image);
        ui::ScatterPlot scatter;
        scatter.resize(size);
        demo::fillScatter(scatter, true);
        scatter.render(&image);
    }
}

QTEST_MAIN(PlotTest)
#include "plot_test.moc"
