// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/geometry.h"

#include <QColor>
#include <QPainter>
#include <QPen>

#include <memory>

namespace ui {

struct StrokeShape
{
    QList<QPointF> points;
    QPen pen;
};

struct AreaShape
{
    QList<BandPoint> points;
    QColor fill;
};

// Bands and lines of a plot as a Qt Charts scene: a chart without decoration whose hidden axes hold
// the domain. Its series are made once and refilled; spare ones are hidden.
class SeriesLayer
{
public:
    SeriesLayer();
    ~SeriesLayer();

    // Size of the widget and where the axes lie in it.
    void setFrame(const QSizeF &size, const PlotMapping &mapping);
    // Areas are painted below strokes, both in order. Values must be showable on the axes.
    void setAreas(const QList<AreaShape> &areas);
    void setStrokes(const QList<StrokeShape> &strokes);
    void paint(QPainter &painter) const;

    // Where the chart itself draws a value, for tests.
    QPointF chartPosition(const QPointF &value) const;
    int seriesCount() const;

private:
    struct Scene;
    std::unique_ptr<Scene> m_scene;
};

} // namespace ui
