// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/picture.h"
#include "ui/plot/series_layer.h"
#include "ui/plot/table_model.h"

#include <QPixmap>
#include <QPointer>
#include <QTableView>
#include <QTimer>
#include <QToolButton>

#include <set>

namespace ui {

class PlotPrivate
{
public:
    explicit PlotPrivate(Plot *plot);

    // What has to be painted again. Frame implies Marks, Marks implies Overlay.
    enum class Part { Overlay, Marks, Frame };
    void touch(Part part);

    // Brings ranges, layout and both pictures up to date with content, theme, size and the device's
    // pixel ratio.
    void sync(double ratio);
    // Ranges, frame layout and mapping only; cheap, paints nothing.
    void syncLayout();

    const PlotContent &shown() const { return content; }
    QPointF toPixel(const QPointF &value) { return layout.mapping.toPixel(value); }

    void setCursor(const std::optional<double> &x, bool pinned);
    void moveCursor(double x); // by the user's hand: shows and emits
    void stepCursor(int steps);
    void jumpCursor(bool toEnd);
    void nextSeries(int step);
    void announce();

    QString dotAt(const QPointF &pixel) const;
    QString nearestDot() const;
    QString lineAt(const QPointF &pixel) const;
    int limitAt(const QPointF &pixel) const; // index, -1: none
    void dragLimit(const QPointF &pixel);

    void applyZoom(const Plot::Zoom &zoom, bool push);
    void zoomAt(const QPointF &pixel, double factor, bool alongY);
    Range zoomedRange(const AxisMapping &mapping, const Range &whole, double at,
                      double factor) const;

    void ringNewDots(const QList<PlotDot> &former);
    void shrinkRings();
    void placeChildren();
    void showTools();

    Plot *q;
    Theme theme = makeTheme(ThemeKind::Dark);
    PlotContent content;
    PlotCursor cursor;
    QList<double> cursorStops;
    bool crosshairEnabled = true;
    bool held = false;

    std::optional<PlotRanges> whole; // of the unzoomed axes
    bool rangesDirty = true;
    bool frameDirty = true;
    bool marksDirty = true;
    bool framePictureDirty = true;
    bool marksPictureDirty = true;
    PlotLayout layout;
    SeriesLayer series;
    QPixmap framePicture;
    QPixmap basePicture;
    int basePaints = 0;
    int paints = 0;

    std::vector<Plot::Zoom> zoomBack;
    std::vector<Plot::Zoom> zoomForward;
    bool wheelZooming = false;

    enum class Drag { None, Press, Band, Limit };
    Drag drag = Drag::None;
    QPointF pressedAt;
    int draggedLimit = -1;
    QString hoveredLine;

    QTimer ringTimer;
    std::set<QString> knownDots;
    bool dotsSeen = false;

    PlotTableModel *tableModel = nullptr;
    bool tableStale = true;
    QTableView *tableView = nullptr;
    QList<QToolButton *> tools;
};

// The strokes and areas that the series layer draws for a content.
QList<StrokeShape> strokeShapes(const PlotContent &content, const PlotMapping &mapping,
                                const Theme &theme);
QList<AreaShape> areaShapes(const PlotContent &content, const PlotMapping &mapping,
                            const Theme &theme);

// Makes plots speak to screen readers; called by each plot, does its work once.
void installPlotAccessibility();

} // namespace ui
