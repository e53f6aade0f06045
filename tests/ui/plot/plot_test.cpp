// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/plot/demo_data.h"
#include "tests/ui/plot/plot_stage.h"
#include "ui/plot/series_layer.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using demo::Metric;
using tests::Stage;
using ui::Plot;
using ui::PlotDot;
using ui::PlotLine;
using ui::Range;
using ui::Scale;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

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
    void newDotsRingOnceThenNothingRuns();
    void plotRectanglesOfAColumnAlign();
    void zeroOnALogAxisHasAPlaceOfItsOwn();
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
