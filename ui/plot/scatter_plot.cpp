// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/scatter_plot.h"

#include "ui/plot/plot_private.h"

#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace ui {

ScatterPlot::ScatterPlot(QWidget *parent) : Plot(parent)
{
    d->crosshairEnabled = false;
    // Labels stand beside their marks.
    d->content.gutter = 0;
}

ScatterPlot::~ScatterPlot() = default;

void ScatterPlot::setBubbles(const QList<Bubble> &bubbles)
{
    if (d->content.bubbles == bubbles)
        return;
    d->content.bubbles = bubbles;
    d->touch(PlotPrivate::Part::Frame);
}

void ScatterPlot::setLaneTitle(const QString &title)
{
    if (d->content.laneTitle == title)
        return;
    d->content.laneTitle = title;
    d->touch(PlotPrivate::Part::Frame);
}

void ScatterPlot::setWeightKey(const QList<double> &weights, const QString &word, LabelKind labels)
{
    if (d->content.weightKey == weights && d->content.weightWord == word &&
        d->content.weightLabels == labels)
        return;
    d->content.weightKey = weights;
    d->content.weightWord = word;
    d->content.weightLabels = labels;
    d->touch(PlotPrivate::Part::Frame);
}

int ScatterPlot::bubbleCount() const
{
    d->syncLayout();
    return static_cast<int>(std::count_if(d->layout.bubbles.begin(), d->layout.bubbles.end(),
                                          [](const BubblePlace &place) { return !place.inLane; }));
}

int ScatterPlot::laneCount() const
{
    d->syncLayout();
    return static_cast<int>(d->layout.bubbles.size()) - bubbleCount();
}

QStringList ScatterPlot::bubbleLabels() const
{
    d->syncLayout();
    QStringList texts = labelTexts();
    for (const LabelPlace &label : d->layout.laneLabels)
        texts.append(label.text);
    return texts;
}

QString ScatterPlot::bubbleAt(const QPointF &pixel) const
{
    d->syncLayout();
    QString best;
    double nearest = 4; // px beyond the rim
    for (const BubblePlace &place : d->layout.bubbles) {
        const QPointF gap = place.at - pixel;
        const double distance = std::hypot(gap.x(), gap.y()) - place.radius;
        if (distance <= nearest) {
            nearest = distance;
            best = d->content.bubbles[place.index].id;
        }
    }
    return best;
}

QPointF ScatterPlot::bubblePixel(const QString &id) const
{
    d->syncLayout();
    for (const BubblePlace &place : d->layout.bubbles) {
        if (d->content.bubbles[place.index].id == id)
            return place.at;
    }
    return {};
}

void ScatterPlot::hover(const QString &id)
{
    if (d->cursor.hoveredBubble == id)
        return;
    d->cursor.hoveredBubble = id;
    update();
    d->announce();
    emit bubbleHovered(id);
}

void ScatterPlot::mouseMoveEvent(QMouseEvent *event)
{
    Plot::mouseMoveEvent(event);
    if (!(event->buttons() & Qt::LeftButton))
        hover(bubbleAt(event->position()));
}

void ScatterPlot::mouseReleaseEvent(QMouseEvent *event)
{
    const bool click = d->drag == PlotPrivate::Drag::Press || d->drag == PlotPrivate::Drag::None;
    const QString id =
        click && event->button() == Qt::LeftButton ? bubbleAt(event->position()) : QString();
    if (id.isEmpty())
        return Plot::mouseReleaseEvent(event);
    d->drag = PlotPrivate::Drag::None;
    emit bubbleClicked(id);
}

void ScatterPlot::mouseDoubleClickEvent(QMouseEvent *event)
{
    const QString id = bubbleAt(event->position());
    if (id.isEmpty())
        return Plot::mouseDoubleClickEvent(event);
    emit bubbleActivated(id);
}

void ScatterPlot::leaveEvent(QEvent *event)
{
    hover(QString());
    Plot::leaveEvent(event);
}

void ScatterPlot::keyPressEvent(QKeyEvent *event)
{
    d->syncLayout();
    const bool step = event->modifiers() == Qt::NoModifier &&
                      (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right ||
                       event->key() == Qt::Key_Home || event->key() == Qt::Key_End);
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter ||
                       event->key() == Qt::Key_Space;
    if (enter && !d->cursor.hoveredBubble.isEmpty()) {
        const QString id = d->cursor.hoveredBubble;
        emit event->key() == Qt::Key_Space ? bubbleClicked(id) : bubbleActivated(id);
        return;
    }
    if (!step || d->layout.bubbles.isEmpty())
        return Plot::keyPressEvent(event);
    QList<BubblePlace> places = d->layout.bubbles;
    std::stable_sort(places.begin(), places.end(), [](const BubblePlace &a, const BubblePlace &b) {
        return a.at.x() < b.at.x();
    });
    qsizetype now = -1;
    for (qsizetype i = 0; i < places.size(); ++i)
        now = d->content.bubbles[places[i].index].id == d->cursor.hoveredBubble ? i : now;
    qsizetype next = 0;
    if (event->key() == Qt::Key_End || (event->key() == Qt::Key_Left && now < 0))
        next = places.size() - 1;
    else if (event->key() == Qt::Key_Left)
        next = std::max<qsizetype>(0, now - 1);
    else if (event->key() == Qt::Key_Right)
        next = std::min(places.size() - 1, now + 1);
    hover(d->content.bubbles[places[next].index].id);
}

} // namespace ui
