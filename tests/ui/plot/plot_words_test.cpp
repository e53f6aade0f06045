// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/plot/demo_data.h"
#include "tests/ui/plot/plot_stage.h"

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QBuffer>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <QTableView>
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

class PlotWordsTest : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void rowsAreSortedByValue();
    void headlineIsTheSelectedLinesValue();
    void tableHasARowForEveryPoint();
    void directLabelsAreApartAndInside();
    void chartSpeaksItsCursor();
    void markupIsNeverInterpreted();
    void exportsAreVectors();
    void bubblesWithoutAWaitStandInTheLane();
    void laneLabelsTakeTheSideThatIsFree();
    void limitChipsCoverNoDot();
    void scatterLabelsNeverOverlap();
};

void PlotWordsTest::init()
{
    QTest::failOnWarning(
        QRegularExpression(QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
}

void PlotWordsTest::rowsAreSortedByValue()
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

void PlotWordsTest::headlineIsTheSelectedLinesValue()
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

void PlotWordsTest::tableHasARowForEveryPoint()
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

void PlotWordsTest::directLabelsAreApartAndInside()
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

void PlotWordsTest::chartSpeaksItsCursor()
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

void PlotWordsTest::markupIsNeverInterpreted()
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

void PlotWordsTest::exportsAreVectors()
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

void PlotWordsTest::bubblesWithoutAWaitStandInTheLane()
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

void PlotWordsTest::laneLabelsTakeTheSideThatIsFree()
{
    // Ten offers that crowd towards the right end of the axis, each with a long name.
    ui::ScatterPlot plot;
    plot.resize(900, 700);
    plot.setTheme(ui::makeTheme(ui::ThemeKind::Dark));
    plot.setXAxis({.scale = Scale::Log10, .range = Range{0.1, 10}});
    plot.setYAxis({.scale = Scale::Log10, .range = Range{100, 10'000}});
    QList<ui::Bubble> bubbles;
    QStringList names;
    for (int i = 0; i < 10; ++i) {
        ui::Bubble bubble;
        bubble.id = bubble.name = QStringLiteral("A provider's long name %1").arg(i);
        bubble.x = 0.5 * std::pow(1.3, i);
        bubbles.append(bubble);
        names.append(bubble.name);
    }
    plot.setBubbles(bubbles);
    QCOMPARE(plot.laneCount(), 10);
    QStringList labels = plot.bubbleLabels();
    labels.sort();
    names.sort();
    QCOMPARE(labels, names);
}

void PlotWordsTest::limitChipsCoverNoDot()
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

void PlotWordsTest::scatterLabelsNeverOverlap()
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

QTEST_MAIN(PlotWordsTest)
#include "plot_words_test.moc"
