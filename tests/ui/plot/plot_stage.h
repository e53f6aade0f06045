// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QMouseEvent>
#include <QTest>
#include <QWheelEvent>

#include "ui/plot/plot.h"

namespace tests {

using ui::Plot;
using ui::PlotDot;
using ui::PlotLine;
using ui::Range;
using ui::Scale;

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

} // namespace tests
