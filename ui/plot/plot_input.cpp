// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot.h"

#include "ui/plot/plot_private.h"

#include <QAction>
#include <QFocusEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ui {

namespace {

constexpr double kDotReach = 9;
constexpr double kLineReach = 6;
constexpr double kLimitReach = 5;
constexpr double kLeastBand = 12;

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

QString PlotPrivate::dotAt(const QPointF &pixel) const
{
    QString best;
    double nearest = kDotReach * theme.markScale;
    for (const PlotDot &dot : content.dots) {
        const QPointF gap = layout.pixelOf(dot.at) - pixel;
        const double distance = std::hypot(gap.x(), gap.y());
        if (distance <= nearest) {
            nearest = distance;
            best = dot.id;
        }
    }
    return best;
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

QString PlotPrivate::lineAt(const QPointF &pixel) const
{
    QString best;
    double nearest = kLineReach;
    for (const PlotLine &line : content.lines) {
        const double distance = distanceToRuns(lineRuns(line, layout.mapping.x, layout.mapping.y),
                                               layout.mapping, pixel);
        if (distance <= nearest) {
            nearest = distance;
            best = line.id;
        }
    }
    return best;
}

int PlotPrivate::limitAt(const QPointF &pixel) const
{
    for (qsizetype i = 0; i < content.limits.size(); ++i) {
        const PlotLimit &limit = content.limits[i];
        if (!limit.movable)
            continue;
        const QPointF at = layout.mapping.toPixel({limit.value, limit.value});
        const bool horizontal = limit.orientation == Qt::Horizontal;
        const double gap = horizontal ? pixel.y() - at.y() : pixel.x() - at.x();
        const bool onLine = layout.plot().contains(pixel) && std::fabs(gap) <= kLimitReach;
        if (onLine || limitGrip(limit, layout, theme).contains(pixel) ||
            layout.limitChips.value(i).contains(pixel))
            return static_cast<int>(i);
    }
    return -1;
}

void PlotPrivate::dragLimit(const QPointF &pixel)
{
    if (draggedLimit < 0 || draggedLimit >= content.limits.size())
        return;
    PlotLimit &limit = content.limits[draggedLimit];
    const QRectF &plot = layout.plot();
    const QPointF inside(std::clamp(pixel.x(), plot.left(), plot.right()),
                         std::clamp(pixel.y(), plot.top(), plot.bottom()));
    const QPointF value = layout.mapping.toValue(inside);
    limit.value = limit.orientation == Qt::Horizontal ? value.y() : value.x();
    // The axis stays where it is under the hand: only the hatch is drawn again.
    frameDirty = true;
    q->update();
    const QString id = limit.id;
    const double now = limit.value;
    emit q->limitDragged(id, now);
}

void Plot::mousePressEvent(QMouseEvent *event)
{
    d->syncLayout();
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    setFocus(Qt::MouseFocusReason);
    d->pressedAt = event->position();
    d->draggedLimit = d->limitAt(event->position());
    if (d->draggedLimit >= 0)
        d->drag = PlotPrivate::Drag::Limit;
    else if (d->layout.shows(event->position()))
        d->drag = PlotPrivate::Drag::Press;
    event->accept();
}

void Plot::mouseMoveEvent(QMouseEvent *event)
{
    d->syncLayout();
    const QPointF at = event->position();
    if (d->drag == PlotPrivate::Drag::Limit)
        return d->dragLimit(at);
    const QPointF moved = at - d->pressedAt;
    if (d->drag == PlotPrivate::Drag::Press &&
        std::max(std::fabs(moved.x()), std::fabs(moved.y())) >= kLeastBand)
        d->drag = PlotPrivate::Drag::Band;
    if (d->drag == PlotPrivate::Drag::Band) {
        d->cursor.band = QRectF(d->pressedAt, at).normalized().intersected(d->layout.plot());
        return update();
    }
    const bool inside = d->layout.plot().contains(at);
    const int limit = d->limitAt(at);
    setCursor(limit >= 0
                  ? (d->content.limits[limit].orientation == Qt::Horizontal ? Qt::SizeVerCursor
                                                                            : Qt::SizeHorCursor)
                  : Qt::ArrowCursor);
    const QString dot = d->layout.shows(at) ? d->dotAt(at) : QString();
    if (dot != d->cursor.hoveredDot) {
        d->cursor.hoveredDot = dot;
        update();
        emit dotHovered(dot);
    }
    const QString line = inside && dot.isEmpty() ? d->lineAt(at) : QString();
    if (line != d->hoveredLine) {
        d->hoveredLine = line;
        emit lineHovered(line);
    }
    if (!d->crosshairEnabled)
        return;
    if (d->cursor.list != inside) {
        d->cursor.list = inside;
        update();
    }
    if (inside && !d->cursor.pinned)
        d->moveCursor(d->layout.mapping.toValue(at).x());
    else if (!inside && !d->cursor.pinned)
        emit crosshairLeft();
}

void Plot::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return QWidget::mouseReleaseEvent(event);
    const PlotPrivate::Drag drag = std::exchange(d->drag, PlotPrivate::Drag::None);
    if (drag == PlotPrivate::Drag::Limit && d->draggedLimit < d->content.limits.size()) {
        const PlotLimit limit = d->content.limits[d->draggedLimit];
        d->rangesDirty = true;
        update();
        emit limitDropped(limit.id, limit.value);
    } else if (drag == PlotPrivate::Drag::Band) {
        const QRectF band = std::exchange(d->cursor.band, QRectF());
        update();
        if (band.width() < kLeastBand && band.height() < kLeastBand)
            return;
        const QPointF lo = d->layout.mapping.toValue(band.bottomLeft());
        const QPointF hi = d->layout.mapping.toValue(band.topRight());
        Zoom zoom = d->content.zoom;
        // A flat rectangle zooms along its long side only.
        if (band.width() >= kLeastBand)
            zoom.x = Range{lo.x(), hi.x()};
        if (band.height() >= kLeastBand)
            zoom.y = Range{lo.y(), hi.y()};
        pushZoom(zoom);
    } else if (drag == PlotPrivate::Drag::Press) {
        const QString dot = d->dotAt(event->position());
        if (!dot.isEmpty()) {
            emit dotActivated(dot);
        } else if (d->crosshairEnabled) {
            const double x = d->layout.mapping.toValue(event->position()).x();
            d->setCursor(x, true);
            emit crosshairPinned(x);
        }
    }
}

void Plot::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    d->drag = PlotPrivate::Drag::None;
    const int limit = d->limitAt(event->position());
    if (limit >= 0) {
        const QString id = d->content.limits[limit].id;
        emit limitEditRequested(id);
    } else if (d->layout.plot().contains(event->position())) {
        resetZoom();
    }
}

void Plot::wheelEvent(QWheelEvent *event)
{
    d->syncLayout();
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    // Some platforms turn Shift + wheel into a horizontal wheel.
    const int delta =
        event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (delta == 0 || !d->layout.plot().contains(event->position()))
        return QWidget::wheelEvent(event);
    d->zoomAt(event->position(), std::pow(1.25, delta / 120.0), shift);
    event->accept();
}

void Plot::enterEvent(QEnterEvent *event)
{
    QWidget::enterEvent(event);
    d->showTools();
}

void Plot::leaveEvent(QEvent *event)
{
    QWidget::leaveEvent(event);
    d->wheelZooming = false;
    d->showTools();
    if (!d->cursor.hoveredDot.isEmpty()) {
        d->cursor.hoveredDot.clear();
        emit dotHovered(QString());
    }
    if (!d->hoveredLine.isEmpty()) {
        d->hoveredLine.clear();
        emit lineHovered(QString());
    }
    if (!d->crosshairEnabled)
        return;
    d->cursor.list = hasFocus() && d->cursor.focused;
    update();
    if (!d->cursor.pinned)
        emit crosshairLeft();
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
