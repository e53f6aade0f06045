// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot_private.h"

#include <QAccessible>
#include <QPainter>

namespace ui {

PlotPrivate::PlotPrivate(Plot *plot) : q(plot)
{
    ringTimer.setInterval(133);
    QObject::connect(&ringTimer, &QTimer::timeout, plot, [this] { shrinkRings(); });
    tableModel = new PlotTableModel(plot);
}

void PlotPrivate::touch(Part part)
{
    if (part != Part::Overlay) {
        rangesDirty = true;
        marksDirty = true;
        tableStale = true;
        if (part == Part::Frame)
            frameDirty = true;
    }
    q->update();
}

void PlotPrivate::syncLayout()
{
    if (rangesDirty) {
        rangesDirty = false;
        const PlotRanges fitted = contentRanges(content, whole, held);
        if (!whole || *whole != fitted)
            frameDirty = true;
        whole = fitted;
    }
    const QRectF bounds(QPointF(), QSizeF(q->size()));
    if (layout.bounds != bounds)
        frameDirty = true;
    if (frameDirty) {
        frameDirty = false;
        PlotRanges ranges = *whole;
        if (content.zoom.x)
            ranges.x = soundRange(content.x.scale, *content.zoom.x);
        if (content.zoom.y)
            ranges.y = soundRange(content.y.scale, *content.zoom.y);
        QList<QRectF> chips = layout.limitChips;
        layout = layoutFrame(content, ranges, theme, bounds);
        layout.limitChips = std::move(chips);
        framePictureDirty = true;
        marksDirty = true;
    }
    if (marksDirty) {
        marksDirty = false;
        layoutMarks(layout, content, theme);
        marksPictureDirty = true;
    }
}

void PlotPrivate::sync(double ratio)
{
    syncLayout();
    const QSize pixels = q->size() * ratio;
    if (framePicture.size() != pixels) {
        framePicture = QPixmap(pixels);
        framePicture.setDevicePixelRatio(ratio);
        basePicture = QPixmap(pixels);
        basePicture.setDevicePixelRatio(ratio);
        framePictureDirty = true;
    }
    if (framePictureDirty) {
        framePictureDirty = false;
        marksPictureDirty = true;
        framePicture.fill(theme.card);
        QPainter painter(&framePicture);
        paintFrame(painter, content, layout, theme);
    }
    if (!marksPictureDirty)
        return;
    marksPictureDirty = false;
    ++basePaints;
    series.setFrame(QSizeF(q->size()), layout.mapping);
    series.setAreas(areaShapes(content, layout.mapping, theme));
    series.setStrokes(strokeShapes(content, layout.mapping, theme));
    QPainter painter(&basePicture);
    painter.drawPixmap(0, 0, framePicture);
    painter.setRenderHint(QPainter::Antialiasing);
    series.paint(painter);
    paintMarks(painter, content, layout, theme);
}

void PlotPrivate::setCursor(const std::optional<double> &x, bool pinned)
{
    if (cursor.x == x && cursor.pinned == pinned)
        return;
    cursor.x = x;
    cursor.pinned = pinned && x.has_value();
    touch(Part::Overlay);
    announce();
}

void PlotPrivate::announce()
{
    if (!QAccessible::isActive())
        return;
    QAccessibleEvent event(q, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

void PlotPrivate::ringNewDots(const QList<PlotDot> &former)
{
    for (const PlotDot &dot : former)
        knownDots.insert(dot.id);
    const bool first = !dotsSeen;
    dotsSeen = true;
    for (const PlotDot &dot : content.dots) {
        const bool fresh = knownDots.insert(dot.id).second;
        if (fresh && !first && !theme.options.reducedMotion && cursor.rings.size() < 16)
            cursor.rings.append({dot.id, 18});
    }
    if (!cursor.rings.isEmpty() && !ringTimer.isActive())
        ringTimer.start();
}

void PlotPrivate::shrinkRings()
{
    for (auto &ring : cursor.rings)
        ring.second -= 4;
    cursor.rings.removeIf([](const QPair<QString, double> &ring) { return ring.second < 9; });
    if (cursor.rings.isEmpty())
        ringTimer.stop();
    touch(Part::Overlay);
}

void PlotPrivate::placeChildren()
{
    if (tableView && tableView->isVisibleTo(q)) {
        const QRectF heading = layout.heading;
        tableView->setGeometry(QRectF(heading.left(), heading.bottom() + 8, heading.width(),
                                      layout.bounds.bottom() - heading.bottom() - 18)
                                   .toRect());
    }
    int right = static_cast<int>(layout.heading.right()) + 4;
    for (QToolButton *tool : tools) {
        right -= 28;
        tool->setGeometry(right, static_cast<int>(layout.heading.center().y()) - 14, 28, 28);
    }
}

void PlotPrivate::showTools()
{
    bool shown = q->underMouse() || q->hasFocus();
    for (const QToolButton *tool : tools)
        shown = shown || tool->hasFocus();
    for (QToolButton *tool : tools)
        tool->setVisible(shown);
    cursor.headlineInset = shown && !tools.isEmpty() ? 28.0 * static_cast<double>(tools.size()) : 0;
    touch(Part::Overlay);
}

QList<StrokeShape> strokeShapes(const PlotContent &content, const PlotMapping &mapping,
                                const Theme &theme)
{
    QList<StrokeShape> below;
    QList<StrokeShape> above;
    for (const PlotLine &line : content.lines) {
        const bool strong =
            line.emphasis == LineEmphasis::Selected || line.series == content.lifted;
        const bool dotted = line.style == LineStyle::Measured;
        const double width = (strong ? 2.5 : dotted ? 2 : 1.5) * theme.markScale;
        const bool ghost = line.style == LineStyle::Ghost && line.series != content.lifted;
        QPen pen(ghost ? theme.ghostColor(line.series) : theme.seriesColor(line.series), width,
                 Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
        const QList<qreal> dash = dotted ? QList<qreal>{0.1, 4} : theme.seriesDash(line.series);
        if (!dash.isEmpty())
            pen.setDashPattern(dash);
        for (LineRun &run : lineRuns(line, mapping.x, mapping.y)) {
            QPen own = pen;
            if (!run.trusted)
                own.setWidthF(theme.markScale);
            (strong ? above : below).append({std::move(run.points), own});
        }
    }
    return below + above;
}

QList<AreaShape> areaShapes(const PlotContent &content, const PlotMapping &mapping,
                            const Theme &theme)
{
    QList<AreaShape> areas;
    for (const PlotBand &band : content.bands) {
        for (QList<BandPoint> &run : bandRuns(band, mapping.x, mapping.y))
            areas.append({std::move(run), theme.bandColor(band.series)});
    }
    return areas;
}

} // namespace ui
