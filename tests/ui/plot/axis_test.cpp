// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/axis.h"
#include "ui/plot/geometry.h"
#include "ui/plot/label_layout.h"
#include "ui/theme/theme.h"

#include <QTest>

#include <cmath>
#include <limits>

using ui::AxisMapping;
using ui::LabelKind;
using ui::PlotLine;
using ui::Range;
using ui::Scale;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

QStringList labels(const QList<ui::Tick> &ticks)
{
    QStringList out;
    for (const ui::Tick &tick : ticks) {
        if (!tick.label.isEmpty())
            out.append(tick.label);
    }
    return out;
}

QStringList labels(Scale scale, Range range, LabelKind kind, double length, double gap = 28)
{
    return labels(ui::axisTicks({scale, range}, kind, length, gap, nullptr));
}

const AxisMapping kUnitX{Scale::Linear, {0, 10}};
const AxisMapping kUnitY{Scale::Log10, {1, 1000}};

PlotLine lineOf(const QList<QPointF> &points)
{
    return {.id = QStringLiteral("a"), .points = points};
}

} // namespace

class AxisTest : public QObject
{
    Q_OBJECT

private slots:
    void powersOfTwoAreWrittenWithK();
    void strideKeepsPowersOfTwoApart();
    void strideIsAnchoredSoThatLabelsStay();
    void timeTicksAreOneTwoFive();
    void crowdedDecadesKeepOneLabelEach();
    void shortRangesHaveRoundSteps();
    void dollarTicksAreShort();
    void labelsNeverTouch_data();
    void labelsNeverTouch();
    void labelsOfTexts_data();
    void labelsOfTexts();
    void mappingGoesThereAndBack();
    void logAxisCannotShowZero();
    void hostileRangesBecomeSound_data();
    void hostileRangesBecomeSound();
    void fittedRangeHoldsTheData();
    void fittedRangeStaysWhileItFits();
    void gapsSplitLines();
    void hostileValuesAreGaps();
    void linesAreClippedToTheAxes();
    void untrustedPartsAreRunsOfTheirOwn();
    void longLinesAreThinnedButKeepPeaks();
    void staircaseHoldsItsValueUntilTheNextStep();
    void bandIsClippedAtItsCrossings();
    void valueAtInterpolatesAsDrawn();
    void measuredLinesPromiseNothingBetween();
    void spreadLabelsKeepGapOrderAndBounds();
    void placedLabelsOverlapNothing();
};

void AxisTest::powersOfTwoAreWrittenWithK()
{
    QCOMPARE(ui::tickText(LabelKind::Binary, 512), QStringLiteral("512"));
    QCOMPARE(ui::tickText(LabelKind::Binary, 8192), QStringLiteral("8K"));
    QCOMPARE(ui::tickText(LabelKind::Binary, 131072), QStringLiteral("128K"));
    QCOMPARE(ui::tickText(LabelKind::Binary, 1048576), QStringLiteral("1M"));
    QCOMPARE(ui::tickText(LabelKind::Binary, 1536), QStringLiteral("1.5K"));
}

void AxisTest::strideKeepsPowersOfTwoApart()
{
    QCOMPARE(labels(Scale::Log2, {1, 512}, LabelKind::Binary, 600, 48),
             QStringList({"1", "2", "4", "8", "16", "32", "64", "128", "256", "512"}));
    QCOMPARE(labels(Scale::Log2, {1, 512}, LabelKind::Binary, 300, 48),
             QStringList({"1", "4", "16", "64", "256"}));
}

void AxisTest::strideIsAnchoredSoThatLabelsStay()
{
    QCOMPARE(labels(Scale::Log2, {2, 512}, LabelKind::Binary, 300, 48),
             QStringList({"4", "16", "64", "256"}));
}

void AxisTest::timeTicksAreOneTwoFive()
{
    QCOMPARE(labels(Scale::Log10, {10, 5000}, LabelKind::Milliseconds, 400),
             QStringList(
                 {"10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms", "1 s", "2 s", "5 s"}));
    QCOMPARE(labels(Scale::Log10, {0.0002, 0.002}, LabelKind::Seconds, 100),
             QStringList({"200 µs", "500 µs", "1 ms", "2 ms"}));
}

void AxisTest::crowdedDecadesKeepOneLabelEach()
{
    QCOMPARE(labels(Scale::Log10, {1, 1e6}, LabelKind::Count, 240),
             QStringList({"1", "10", "100", "1k", "10k", "100k", "1M"}));
    QCOMPARE(labels(Scale::Log10, {1, 1e6}, LabelKind::Count, 120),
             QStringList({"1", "100", "10k", "1M"}));
}

void AxisTest::shortRangesHaveRoundSteps()
{
    QCOMPARE(labels(Scale::Log10, {20, 50}, LabelKind::Plain, 200, 48),
             QStringList({"20", "30", "40", "50"}));
    QCOMPARE(labels(Scale::Linear, {0, 24}, LabelKind::Hours, 600, 48),
             QStringList({"00:00", "02:00", "04:00", "06:00", "08:00", "10:00", "12:00", "14:00",
                          "16:00", "18:00", "20:00", "22:00", "24:00"}));
}

void AxisTest::dollarTicksAreShort()
{
    QCOMPARE(labels(Scale::Log10, {0.2, 10}, LabelKind::Dollars, 300),
             QStringList({"$0.2", "$0.5", "$1", "$2", "$5", "$10"}));
    QCOMPARE(ui::tickText(LabelKind::Dollars, 2000), QStringLiteral("$2k"));
}

void AxisTest::labelsNeverTouch_data()
{
    QTest::addColumn<int>("scale");
    QTest::addColumn<double>("lo");
    QTest::addColumn<double>("hi");
    QTest::addColumn<int>("kind");
    QTest::newRow("batch") << int(Scale::Log2) << 1.0 << 1024.0 << int(LabelKind::Binary);
    QTest::newRow("context") << int(Scale::Log2) << 128.0 << 1048576.0 << int(LabelKind::Binary);
    QTest::newRow("wait") << int(Scale::Log10) << 0.3 << 3e6 << int(LabelKind::Milliseconds);
    QTest::newRow("price") << int(Scale::Log10) << 0.013 << 77.0 << int(LabelKind::Dollars);
    QTest::newRow("narrow") << int(Scale::Log10) << 0.9991 << 1.0003 << int(LabelKind::Plain);
    QTest::newRow("share") << int(Scale::Linear) << 0.0 << 1.0 << int(LabelKind::Percent);
    QTest::newRow("vast") << int(Scale::Log10) << 1e-150 << 1e150 << int(LabelKind::Count);
}

void AxisTest::labelsNeverTouch()
{
    QFETCH(int, scale);
    QFETCH(double, lo);
    QFETCH(double, hi);
    QFETCH(int, kind);
    const ui::Theme theme = ui::makeTheme(ui::ThemeKind::Dark);
    const QFontMetricsF metrics(theme.font(ui::Type::Axis));
    for (const double length : {60.0, 150.0, 333.0, 900.0, 2400.0}) {
        const QList<ui::Tick> ticks =
            ui::axisTicks({static_cast<Scale>(scale), {lo, hi}}, static_cast<LabelKind>(kind),
                          length, 48, &metrics);
        double lastRight = -1e9;
        for (const ui::Tick &tick : ticks) {
            QVERIFY(tick.position >= -1e-6 && tick.position <= 1 + 1e-6);
            if (tick.label.isEmpty())
                continue;
            const double half = metrics.horizontalAdvance(tick.label) / 2;
            QVERIFY(tick.position * length - half > lastRight);
            lastRight = tick.position * length + half;
        }
        QVERIFY(ticks.size() < 3000);
    }
}

void AxisTest::labelsOfTexts_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("ms") << int(LabelKind::Milliseconds) << 490.2 << "490 ms";
    QTest::newRow("s") << int(LabelKind::Milliseconds) << 7654.0 << "7.65 s";
    QTest::newRow("us") << int(LabelKind::Milliseconds) << 0.25 << "250 µs";
    QTest::newRow("h") << int(LabelKind::Seconds) << 36000.0 << "10.0 h";
    QTest::newRow("dollars") << int(LabelKind::Dollars) << 1.4349 << "$1.43";
    QTest::newRow("rate") << int(LabelKind::Count) << 2804.0 << "2.80k";
    QTest::newRow("bytes") << int(LabelKind::Bytes) << 171e9 << "171 GB";
    QTest::newRow("share") << int(LabelKind::Percent) << 0.163 << "16.3 %";
    QTest::newRow("ratio") << int(LabelKind::Ratio) << 0.5 << "x1/2";
    QTest::newRow("zero") << int(LabelKind::Dollars) << 0.0 << "$0";
    QTest::newRow("none") << int(LabelKind::Dollars) << kNan << "–";
}

void AxisTest::labelsOfTexts()
{
    QFETCH(int, kind);
    QFETCH(double, value);
    QFETCH(QString, text);
    ui::Axis axis;
    axis.labels = static_cast<LabelKind>(kind);
    QCOMPARE(ui::valueText(axis, value), text);
}

void AxisTest::mappingGoesThereAndBack()
{
    const ui::PlotMapping mapping{
        QRectF(60, 20, 400, 300), {Scale::Log2, {1, 512}}, {Scale::Log10, {10, 10000}}};
    QCOMPARE(mapping.toPixel({1, 10}), QPointF(60, 320));
    QCOMPARE(mapping.toPixel({512, 10000}), QPointF(460, 20));
    const QPointF back = mapping.toValue(mapping.toPixel({37, 421}));
    QVERIFY(std::fabs(back.x() - 37) < 1e-9);
    QVERIFY(std::fabs(back.y() - 421) < 1e-9);
    const ui::UnitScale fast(mapping.y);
    QVERIFY(std::fabs(fast(421) - mapping.y.toUnit(421)) < 1e-12);
}

void AxisTest::logAxisCannotShowZero()
{
    const AxisMapping log{Scale::Log10, {1, 10}};
    for (const double value : {0.0, -3.0, kNan, kInf, -kInf, 1e-300, 1e300}) {
        QVERIFY(!log.canShow(value));
        QVERIFY(std::isnan(log.toUnit(value)));
    }
    QVERIFY(AxisMapping({Scale::Linear, {0, 1}}).canShow(-3));
}

void AxisTest::hostileRangesBecomeSound_data()
{
    QTest::addColumn<double>("lo");
    QTest::addColumn<double>("hi");
    QTest::newRow("nan") << kNan << 1.0;
    QTest::newRow("infinite") << 1.0 << kInf;
    QTest::newRow("negative") << -5.0 << -1.0;
    QTest::newRow("zero") << 0.0 << 0.0;
    QTest::newRow("same") << 7.0 << 7.0;
    QTest::newRow("reversed") << 9.0 << 2.0;
    QTest::newRow("huge") << 1e-308 << 1e308;
    QTest::newRow("hair") << 1.0 << 1.0 + 1e-16;
}

void AxisTest::hostileRangesBecomeSound()
{
    QFETCH(double, lo);
    QFETCH(double, hi);
    for (const Scale scale : {Scale::Linear, Scale::Log2, Scale::Log10}) {
        for (const Range &range :
             {ui::soundRange(scale, {lo, hi}), ui::fittedRange(scale, lo, hi, std::nullopt)}) {
            QVERIFY(std::isfinite(range.lo) && std::isfinite(range.hi));
            QVERIFY(range.lo < range.hi);
            QVERIFY(scale == Scale::Linear || range.lo > 0);
            QVERIFY(ui::axisTicks({scale, range}, LabelKind::Plain, 300, 28, nullptr).size() <
                    3000);
        }
    }
}

void AxisTest::fittedRangeHoldsTheData()
{
    QCOMPARE(ui::fittedRange(Scale::Log10, 13, 870, std::nullopt), (Range{10, 1000}));
    QCOMPARE(ui::fittedRange(Scale::Log2, 3, 300, std::nullopt), (Range{2, 512}));
    QCOMPARE(ui::fittedRange(Scale::Linear, 3, 97, std::nullopt), (Range{0, 100}));
}

void AxisTest::fittedRangeStaysWhileItFits()
{
    const Range before{10, 1000};
    QCOMPARE(ui::fittedRange(Scale::Log10, 11, 600, before), before);
    QVERIFY(ui::fittedRange(Scale::Log10, 11, 1200, before) != before); // out of it
    QVERIFY(ui::fittedRange(Scale::Log10, 100, 200, before) != before); // lost in it
}

void AxisTest::gapsSplitLines()
{
    const auto runs =
        ui::lineRuns(lineOf({{0, 10}, {1, 20}, {2, kNan}, {3, 40}, {4, 50}}), kUnitX, kUnitY);
    QCOMPARE(runs.size(), 2);
    QCOMPARE(runs[0].points, QList<QPointF>({{0, 10}, {1, 20}}));
    QCOMPARE(runs[1].points, QList<QPointF>({{3, 40}, {4, 50}}));
}

void AxisTest::hostileValuesAreGaps()
{
    for (const double bad : {kNan, kInf, -kInf, 0.0, -1.0, 1e308}) {
        const auto runs =
            ui::lineRuns(lineOf({{0, 10}, {1, 20}, {2, bad}, {3, 40}, {4, 50}}), kUnitX, kUnitY);
        QCOMPARE(runs.size(), 2);
        for (const ui::LineRun &run : runs) {
            for (const QPointF &point : run.points)
                QVERIFY(std::isfinite(point.x()) && point.y() > 0 && std::isfinite(point.y()));
        }
    }
    QVERIFY(ui::lineRuns(lineOf({{kNan, kNan}}), kUnitX, kUnitY).isEmpty());
    QVERIFY(ui::lineRuns(lineOf({}), kUnitX, kUnitY).isEmpty());
}

void AxisTest::linesAreClippedToTheAxes()
{
    const auto runs = ui::lineRuns(lineOf({{-10, 1}, {20, 1000}}), kUnitX, kUnitY);
    QCOMPARE(runs.size(), 1);
    QCOMPARE(runs[0].points.size(), 2);
    // On a straight line in axis units: a third of the way at x = 0, two thirds at x = 10.
    QVERIFY(std::fabs(runs[0].points[0].x()) < 1e-9);
    QVERIFY(std::fabs(runs[0].points[0].y() - 10) < 1e-6);
    QVERIFY(std::fabs(runs[0].points[1].y() - 100) < 1e-6);
    QVERIFY(ui::lineRuns(lineOf({{20, 10}, {30, 10}}), kUnitX, kUnitY).isEmpty());
}

void AxisTest::untrustedPartsAreRunsOfTheirOwn()
{
    PlotLine line = lineOf({{0, 10}, {10, 10}});
    line.trusted = Range{2, 6};
    const auto runs = ui::lineRuns(line, kUnitX, kUnitY);
    QCOMPARE(runs.size(), 3);
    QVERIFY(!runs[0].trusted && runs[1].trusted && !runs[2].trusted);
    QVERIFY(std::fabs(runs[1].points.first().x() - 2) < 1e-9);
    QVERIFY(std::fabs(runs[1].points.last().x() - 6) < 1e-9);
}

void AxisTest::longLinesAreThinnedButKeepPeaks()
{
    QList<QPointF> points;
    for (int i = 0; i < 20000; ++i)
        points.append({i / 2000.0, i == 12345 ? 900.0 : 10.0});
    const auto runs = ui::lineRuns(lineOf(points), kUnitX, kUnitY);
    QCOMPARE(runs.size(), 1);
    QVERIFY(runs[0].points.size() <= 256);
    QVERIFY(runs[0].points.contains(QPointF(12345 / 2000.0, 900)));
    QCOMPARE(runs[0].points.last(), points.last());
    // A line that runs back and forth is no way around the limit.
    QList<QPointF> zigzag;
    for (int i = 0; i < 20000; ++i)
        zigzag.append({i % 2 ? 9.0 : 1.0, 10.0});
    QVERIFY(ui::lineRuns(lineOf(zigzag), kUnitX, kUnitY)[0].points.size() <= 256);
}

void AxisTest::staircaseHoldsItsValueUntilTheNextStep()
{
    PlotLine line = lineOf({{1, 10}, {3, 100}});
    line.style = ui::LineStyle::Staircase;
    QCOMPARE(ui::lineRuns(line, kUnitX, kUnitY)[0].points,
             QList<QPointF>({{1, 10}, {3, 10}, {3, 100}}));
    QCOMPARE(ui::valueAt(line, 2.9, kUnitX, kUnitY), 10.0);
}

void AxisTest::bandIsClippedAtItsCrossings()
{
    ui::PlotBand band{.points = {{0, 10, 100}, {10, 10, 1e5}}};
    const auto runs = ui::bandRuns(band, kUnitX, kUnitY);
    QCOMPARE(runs.size(), 1);
    QCOMPARE(runs[0].size(), 3);
    // The upper edge reaches 1000 a third of the way from 100 to 100,000.
    QVERIFY(std::fabs(runs[0][1].x - 10.0 / 3) < 1e-6);
    QVERIFY(std::fabs(runs[0][1].hi - 1000) < 1e-6);
    for (const double bad : {kNan, -1.0, kInf}) {
        band.points = {{0, 1, 2}, {1, bad, 3}, {2, 1, 2}};
        QVERIFY(ui::bandRuns(band, kUnitX, kUnitY).isEmpty());
    }
    band.points = {{0, 50, 20}, {1, 60, 20}}; // upside down
    QVERIFY(ui::bandRuns(band, kUnitX, kUnitY).isEmpty());
}

void AxisTest::valueAtInterpolatesAsDrawn()
{
    const PlotLine line = lineOf({{0, 10}, {10, 1000}});
    QVERIFY(std::fabs(ui::valueAt(line, 5, kUnitX, kUnitY) - 100) < 1e-9);
    QCOMPARE(ui::valueAt(line, 0, kUnitX, kUnitY), 10.0);
    QVERIFY(std::isnan(ui::valueAt(line, 11, kUnitX, kUnitY)));
    QVERIFY(std::isnan(ui::valueAt(lineOf({{0, 10}, {5, kNan}, {10, 10}}), 3, kUnitX, kUnitY)));
}

void AxisTest::measuredLinesPromiseNothingBetween()
{
    PlotLine line = lineOf({{0, 10}, {10, 1000}});
    line.style = ui::LineStyle::Measured;
    QVERIFY(std::isnan(ui::valueAt(line, 5, kUnitX, kUnitY)));
    QCOMPARE(ui::valueAt(line, 10, kUnitX, kUnitY), 1000.0);
}

void AxisTest::spreadLabelsKeepGapOrderAndBounds()
{
    QCOMPARE(ui::spreadLabels({10, 100, 200}, 16, 0, 300), QList<double>({10, 100, 200}));
    const QList<double> close = ui::spreadLabels({100, 101, 99}, 16, 0, 300);
    QCOMPARE(close, QList<double>({100, 116, 84})); // moved as little as can be, in order
    const QList<double> low = ui::spreadLabels({1, 2, 3}, 16, 0, 300);
    QCOMPARE(low, QList<double>({0, 16, 32}));
    const QList<double> high = ui::spreadLabels({299, 299}, 16, 0, 300);
    QCOMPARE(high, QList<double>({284, 300}));
    const QList<double> many = ui::spreadLabels(QList<double>(21, 50), 16, 0, 100);
    QCOMPARE(many.first(), 0.0);
    QCOMPARE(many.last(), 100.0);
    QVERIFY(ui::spreadLabels({}, 16, 0, 100).isEmpty());
}

void AxisTest::placedLabelsOverlapNothing()
{
    QList<ui::LabelAnchor> anchors;
    for (int i = 0; i < 40; ++i)
        anchors.append({{60 + 9.0 * (i % 12), 60 + 31.0 * (i / 12)}, 5, {46, 16}});
    const QRectF bounds(0, 0, 400, 260);
    const QRectF obstacle(200, 0, 20, 260);
    const auto places = ui::placeLabels(anchors, bounds, {obstacle}, {});
    QCOMPARE(places.size(), anchors.size());
    int placed = 0;
    for (qsizetype i = 0; i < places.size(); ++i) {
        if (!places[i])
            continue;
        ++placed;
        QVERIFY(bounds.contains(*places[i]));
        QVERIFY(!places[i]->intersects(obstacle));
        for (const ui::LabelAnchor &anchor : anchors)
            QVERIFY(!places[i]->contains(anchor.at));
        for (qsizetype k = 0; k < i; ++k)
            QVERIFY(!places[k] || !places[k]->intersects(*places[i]));
    }
    QVERIFY(placed > 10);
}

QTEST_MAIN(AxisTest)
#include "axis_test.moc"
