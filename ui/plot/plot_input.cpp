// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot.h"

#include "ui/plot/plot_private.h"

#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace ui {

namespace {

constexpr double kDotReach = 9;
constexpr double kLineReach = 6;
constexpr double kLimitReach = 5;
constexpr double kLeastBand = 12;

} // namespace

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

} // namespace ui
