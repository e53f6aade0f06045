// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot_private.h"

#include <algorithm>

namespace ui {

namespace {

constexpr std::size_t kZoomDepth = 32;

} // namespace

Range PlotPrivate::zoomedRange(const AxisMapping &mapping, const Range &all, double at,
                               double factor) const
{
    const AxisMapping axis{mapping.scale, all};
    const double lo = axis.toUnit(mapping.range.lo);
    const double hi = axis.toUnit(mapping.range.hi);
    const double middle = lo + at * (hi - lo);
    const double span = std::clamp((hi - lo) / factor, 1e-3, 1.0);
    const double from = std::clamp(middle - at * span, 0.0, 1.0 - span);
    return {axis.toValue(from), axis.toValue(from + span)};
}

void PlotPrivate::applyZoom(const Plot::Zoom &zoom, bool push)
{
    if (content.zoom == zoom)
        return;
    if (push) {
        zoomBack.push_back(content.zoom);
        if (zoomBack.size() > kZoomDepth)
            zoomBack.erase(zoomBack.begin());
        zoomForward.clear();
    }
    content.zoom = zoom;
    touch(Part::Frame);
    emit q->zoomChanged();
}

void PlotPrivate::zoomAt(const QPointF &pixel, double factor, bool alongY)
{
    syncLayout();
    const PlotMapping &mapping = layout.mapping;
    const QRectF &plot = mapping.area;
    Plot::Zoom zoom = content.zoom;
    const auto covers = [](const Range &part, const AxisMapping &all) {
        return all.toUnit(part.hi) - all.toUnit(part.lo) > 0.999;
    };
    if (alongY) {
        const double at = std::clamp((plot.bottom() - pixel.y()) / plot.height(), 0.0, 1.0);
        zoom.y = zoomedRange(mapping.y, whole->y, at, factor);
        if (covers(*zoom.y, {mapping.y.scale, whole->y}))
            zoom.y.reset();
    } else {
        const double at = std::clamp((pixel.x() - plot.left()) / plot.width(), 0.0, 1.0);
        zoom.x = zoomedRange(mapping.x, whole->x, at, factor);
        if (covers(*zoom.x, {mapping.x.scale, whole->x}))
            zoom.x.reset();
    }
    // One turn of the wheel is one step of the stack, however many clicks it has.
    applyZoom(zoom, !wheelZooming);
    wheelZooming = true;
}

const Plot::Zoom &Plot::zoom() const
{
    return d->content.zoom;
}

void Plot::pushZoom(const Zoom &zoom)
{
    d->wheelZooming = false;
    d->applyZoom(zoom, true);
}

void Plot::zoomBack()
{
    d->wheelZooming = false;
    if (d->zoomBack.empty())
        return;
    const Zoom former = d->zoomBack.back();
    d->zoomBack.pop_back();
    d->zoomForward.push_back(d->content.zoom);
    d->applyZoom(former, false);
}

void Plot::zoomForward()
{
    d->wheelZooming = false;
    if (d->zoomForward.empty())
        return;
    const Zoom next = d->zoomForward.back();
    d->zoomForward.pop_back();
    d->zoomBack.push_back(d->content.zoom);
    d->applyZoom(next, false);
}

void Plot::resetZoom()
{
    pushZoom({});
}

} // namespace ui
