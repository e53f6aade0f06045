// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboard on a plot: cursor, series, points, limits, zoom.
#include "ui/plot/plot.h"

#include "ui/plot/plot_private.h"

#include <QFocusEvent>
#include <QKeyEvent>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ui {

namespace {

// Keys of the zoom stack; true if the key was one.
bool zoomKey(Plot &plot, PlotPrivate &d, const QKeyEvent &event)
{
    const QPointF middle = d.layout.plot().center();
    const QPointF at =
        d.cursor.x ? QPointF(d.layout.mapping.toPixel({*d.cursor.x, 1}).x(), middle.y()) : middle;
    if (event.modifiers() & Qt::AltModifier) {
        if (event.key() == Qt::Key_Left)
            plot.zoomBack();
        else if (event.key() == Qt::Key_Right)
            plot.zoomForward();
        else
            return false;
        return true;
    }
    switch (event.key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus:
        d.wheelZooming = false;
        d.zoomAt(at, event.key() == Qt::Key_Minus ? 1 / 1.5 : 1.5, false);
        d.wheelZooming = false;
        return true;
    case Qt::Key_0:
        plot.resetZoom();
        return true;
    default:
        return false;
    }
}

} // namespace

void PlotPrivate::moveCursor(double x)
{
    const AxisMapping &axis = layout.mapping.x;
    x = std::clamp(x, axis.range.lo, axis.range.hi);
    if (cursor.x == x)
        return;
    setCursor(x, cursor.pinned);
    emit q->crosshairMoved(x);
}

void PlotPrivate::stepCursor(int steps)
{
    syncLayout();
    const AxisMapping &axis = layout.mapping.x;
    QList<double> stops = cursorStops;
    if (stops.isEmpty() && axis.scale == Scale::Log2) {
        for (double e = std::ceil(std::log2(axis.range.lo) - 1e-9);
             e <= std::log2(axis.range.hi) + 1e-9; ++e)
            stops.append(std::exp2(e));
    }
    if (stops.isEmpty()) {
        for (int i = 0; i <= 20; ++i)
            stops.append(axis.toValue(i / 20.0));
    }
    stops.removeIf(
        [&](double stop) { return axis.toUnit(stop) < -1e-9 || axis.toUnit(stop) > 1 + 1e-9; });
    std::sort(stops.begin(), stops.end());
    if (stops.isEmpty())
        return;
    if (!cursor.x) {
        moveCursor(steps > 0 ? stops.first() : stops.last());
        return;
    }
    // The next stop beyond the cursor in the direction of the step.
    const double now = axis.toUnit(*cursor.x);
    const auto beyond = [&](double stop) { return axis.toUnit(stop) > now + 1e-6; };
    const auto reached = [&](double stop) { return axis.toUnit(stop) >= now - 1e-6; };
    const qsizetype next =
        steps > 0 ? std::find_if(stops.begin(), stops.end(), beyond) - stops.begin() + steps - 1
                  : std::find_if(stops.begin(), stops.end(), reached) - stops.begin() + steps;
    moveCursor(stops[std::clamp<qsizetype>(next, 0, stops.size() - 1)]);
}

void PlotPrivate::jumpCursor(bool toEnd)
{
    syncLayout();
    moveCursor(toEnd ? layout.mapping.x.range.hi : layout.mapping.x.range.lo);
}

void PlotPrivate::nextSeries(int step)
{
    if (content.lines.isEmpty())
        return;
    qsizetype now = -1;
    for (qsizetype i = 0; i < content.lines.size(); ++i)
        now = content.lines[i].series == cursor.current ? i : now;
    const qsizetype count = content.lines.size();
    const qsizetype next = now < 0 ? (step > 0 ? 0 : count - 1) : (now + step + count) % count;
    cursor.current = content.lines[next].series;
    q->setLifted(cursor.current);
    emit q->lineHovered(content.lines[next].id);
    announce();
}

QString PlotPrivate::nearestDot() const
{
    if (!cursor.x)
        return {};
    const double at = layout.mapping.x.toUnit(*cursor.x);
    QString best;
    double nearest = std::numeric_limits<double>::infinity();
    for (const PlotDot &dot : content.dots) {
        const double distance = std::fabs(layout.mapping.x.toUnit(dot.at.x()) - at) +
                                (cursor.current >= 0 && dot.series != cursor.current ? 1e-3 : 0);
        if (distance < nearest) {
            nearest = distance;
            best = dot.id;
        }
    }
    return best;
}

void Plot::focusInEvent(QFocusEvent *event)
{
    const Qt::FocusReason reason = event->reason();
    d->cursor.focused = reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason ||
                        reason == Qt::ShortcutFocusReason;
    d->showTools();
    QWidget::focusInEvent(event);
}

void Plot::focusOutEvent(QFocusEvent *event)
{
    d->cursor.focused = false;
    d->cursor.list = d->crosshairEnabled && underMouse();
    if (d->cursor.current >= 0) {
        d->cursor.current = -1;
        setLifted(-1);
    }
    d->showTools();
    QWidget::focusOutEvent(event);
}

void Plot::keyPressEvent(QKeyEvent *event)
{
    d->syncLayout();
    if (zoomKey(*this, *d, *event))
        return;
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))
        return QWidget::keyPressEvent(event);
    const int steps = event->modifiers() & Qt::ShiftModifier ? 4 : 1;
    const bool cursorKey = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right ||
                           event->key() == Qt::Key_Home || event->key() == Qt::Key_End;
    if (cursorKey && d->crosshairEnabled) {
        d->cursor.list = true;
        d->cursor.focused = true;
    }
    switch (event->key()) {
    case Qt::Key_Left:
        d->stepCursor(-steps);
        break;
    case Qt::Key_Right:
        d->stepCursor(steps);
        break;
    case Qt::Key_Home:
        d->jumpCursor(false);
        break;
    case Qt::Key_End:
        d->jumpCursor(true);
        break;
    case Qt::Key_Up:
        d->nextSeries(-1);
        break;
    case Qt::Key_Down:
        d->nextSeries(1);
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (d->cursor.x) {
            d->setCursor(d->cursor.x, true);
            emit crosshairPinned(*d->cursor.x);
        }
        break;
    case Qt::Key_Escape:
        if (!d->cursor.pinned)
            return QWidget::keyPressEvent(event);
        d->setCursor(d->cursor.x, false);
        emit crosshairReleased();
        break;
    case Qt::Key_Space:
        if (const QString dot = d->nearestDot(); !dot.isEmpty())
            emit dotActivated(dot);
        break;
    case Qt::Key_Delete:
        if (!d->content.limits.isEmpty())
            emit limitRemoveRequested(d->content.limits.last().id);
        break;
    case Qt::Key_L: {
        const double x = d->cursor.x.value_or(d->layout.mapping.x.toValue(0.5));
        const QList<CrosshairRow> rows = rowsAt(d->content, d->layout.mapping, x);
        emit limitRequested(x,
                            rows.isEmpty() ? d->layout.mapping.y.toValue(0.5) : rows.first().value);
        break;
    }
    case Qt::Key_T:
        setTableVisible(!isTableVisible());
        break;
    case Qt::Key_X:
        emit axisSwitchRequested();
        break;
    case Qt::Key_Y:
        emit scaleSwitchRequested();
        break;
    default:
        return QWidget::keyPressEvent(event);
    }
}

bool Plot::event(QEvent *event)
{
    // Arrows would otherwise move the focus in some styles before they reach keyPressEvent().
    if (event->type() == QEvent::ShortcutOverride) {
        auto *key = static_cast<QKeyEvent *>(event);
        const bool letter = key->modifiers() == Qt::NoModifier && key->key() >= Qt::Key_Space &&
                            key->key() <= Qt::Key_Z;
        const bool stack = key->modifiers() == Qt::AltModifier &&
                           (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right);
        const QList<int> own = {Qt::Key_X,    Qt::Key_Y,     Qt::Key_T,     Qt::Key_L,    Qt::Key_0,
                                Qt::Key_Plus, Qt::Key_Minus, Qt::Key_Equal, Qt::Key_Space};
        if (stack || (letter && own.contains(key->key()))) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace ui
