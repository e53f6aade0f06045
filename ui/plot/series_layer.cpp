// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/series_layer.h"

#include <QAreaSeries>
#include <QChart>
#include <QGraphicsLayout>
#include <QGraphicsScene>
#include <QLineSeries>
#include <QLogValueAxis>
#include <QValueAxis>

#include <vector>

namespace ui {

namespace {

QAbstractAxis *makeAxis(Scale scale)
{
    if (scale == Scale::Linear)
        return new QValueAxis;
    auto *axis = new QLogValueAxis;
    axis->setBase(scale == Scale::Log2 ? 2 : 10);
    return axis;
}

} // namespace

struct SeriesLayer::Scene
{
    struct Area
    {
        QLineSeries *lower;
        QLineSeries *upper;
        QAreaSeries *series;
        QColor fill;
    };

    QGraphicsScene scene;
    QChart *chart = new QChart; // owned by the scene
    QAbstractAxis *axes[2] = {nullptr, nullptr};
    Scale scales[2] = {Scale::Linear, Scale::Linear};
    std::vector<QLineSeries *> lines; // owned by the chart
    std::vector<Area> areas;
    QSizeF size;
    PlotMapping mapping;

    Scene()
    {
        scene.setItemIndexMethod(QGraphicsScene::NoIndex);
        chart->legend()->hide();
        chart->setBackgroundVisible(false);
        chart->setBackgroundRoundness(0);
        chart->setDropShadowEnabled(false);
        chart->setAnimationOptions(QChart::NoAnimation);
        chart->setMargins(QMargins());
        chart->layout()->setContentsMargins(0, 0, 0, 0);
        scene.addItem(chart);
        setAxis(0, Scale::Linear);
        setAxis(1, Scale::Linear);
    }

    void attach(QAbstractSeries *series)
    {
        for (QAbstractAxis *axis : axes)
            series->attachAxis(axis);
    }

    void setAxis(int which, Scale scale)
    {
        if (axes[which] && scales[which] == scale)
            return;
        if (axes[which]) {
            chart->removeAxis(axes[which]);
            delete axes[which];
        }
        QAbstractAxis *axis = makeAxis(scale);
        // Our own frame paints the axis; this one only maps values.
        axis->setVisible(false);
        axis->setLabelsVisible(false);
        axis->setGridLineVisible(false);
        axis->setMinorGridLineVisible(false);
        axis->setLineVisible(false);
        axes[which] = axis;
        scales[which] = scale;
        chart->addAxis(axis, which == 0 ? Qt::AlignBottom : Qt::AlignLeft);
        for (QAbstractSeries *series : chart->series())
            series->attachAxis(axis);
    }

    void growAreas(std::size_t count)
    {
        if (areas.size() >= count)
            return;
        // Stacking follows the order of adding: lines are put back above the new areas.
        for (QLineSeries *line : lines)
            chart->removeSeries(line);
        while (areas.size() < count) {
            auto *lower = new QLineSeries(chart);
            auto *upper = new QLineSeries(chart);
            auto *series = new QAreaSeries(upper, lower);
            series->setPen(Qt::NoPen);
            chart->addSeries(series);
            attach(series);
            areas.push_back({lower, upper, series, QColor()});
        }
        for (QLineSeries *line : lines) {
            chart->addSeries(line);
            attach(line);
        }
    }
};

SeriesLayer::SeriesLayer() : m_scene(std::make_unique<Scene>()) {}

SeriesLayer::~SeriesLayer() = default;

void SeriesLayer::setFrame(const QSizeF &size, const PlotMapping &mapping)
{
    Scene &s = *m_scene;
    if (s.size == size && s.mapping == mapping)
        return;
    const bool moved = s.size != size || s.mapping.area != mapping.area;
    s.size = size;
    s.mapping = mapping;
    s.setAxis(0, mapping.x.scale);
    s.setAxis(1, mapping.y.scale);
    s.axes[0]->setRange(mapping.x.range.lo, mapping.x.range.hi);
    s.axes[1]->setRange(mapping.y.range.lo, mapping.y.range.hi);
    if (moved) {
        s.scene.setSceneRect(QRectF(QPointF(), size));
        s.chart->resize(size);
        s.chart->setPlotArea(mapping.area);
    }
}

void SeriesLayer::setAreas(const QList<AreaShape> &areas)
{
    Scene &s = *m_scene;
    s.growAreas(static_cast<std::size_t>(areas.size()));
    for (std::size_t i = 0; i < s.areas.size(); ++i) {
        Scene::Area &area = s.areas[i];
        const bool used = i < static_cast<std::size_t>(areas.size());
        area.series->setVisible(used);
        if (!used)
            continue;
        const AreaShape &shape = areas[static_cast<qsizetype>(i)];
        QList<QPointF> lower;
        QList<QPointF> upper;
        lower.reserve(shape.points.size());
        upper.reserve(shape.points.size());
        for (const BandPoint &point : shape.points) {
            lower.append({point.x, point.lo});
            upper.append({point.x, point.hi});
        }
        if (area.fill != shape.fill) {
            area.fill = shape.fill;
            area.series->setBrush(shape.fill);
        }
        area.lower->replace(lower);
        area.upper->replace(upper);
    }
}

void SeriesLayer::setStrokes(const QList<StrokeShape> &strokes)
{
    Scene &s = *m_scene;
    while (s.lines.size() < static_cast<std::size_t>(strokes.size())) {
        auto *line = new QLineSeries;
        s.lines.push_back(line);
        s.chart->addSeries(line);
        s.attach(line);
    }
    for (std::size_t i = 0; i < s.lines.size(); ++i) {
        QLineSeries *line = s.lines[i];
        const bool used = i < static_cast<std::size_t>(strokes.size());
        line->setVisible(used);
        if (!used)
            continue;
        const StrokeShape &stroke = strokes[static_cast<qsizetype>(i)];
        if (line->pen() != stroke.pen)
            line->setPen(stroke.pen);
        if (line->points() != stroke.points)
            line->replace(stroke.points);
    }
}

void SeriesLayer::paint(QPainter &painter) const
{
    const QRectF all(QPointF(), m_scene->size);
    m_scene->scene.render(&painter, all, all, Qt::IgnoreAspectRatio);
}

QPointF SeriesLayer::chartPosition(const QPointF &value) const
{
    if (m_scene->chart->series().isEmpty())
        return {};
    return m_scene->chart->mapToPosition(value, m_scene->chart->series().first());
}

int SeriesLayer::seriesCount() const
{
    return static_cast<int>(m_scene->chart->series().size());
}

} // namespace ui
