// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/axis.h"
#include "ui/plot/marks.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <memory>

class QAbstractTableModel;
class QAction;

namespace ui {

class PlotPrivate;

// A chart card: heading, axes, bands, lines, dots, limits, a crosshair and zoom. Setters compare
// first and fold any number of changes into one repaint; the picture below the crosshair is kept
// and redrawn only if its inputs change. Knows nothing of what the values mean.
class Plot : public QWidget
{
    Q_OBJECT

public:
    explicit Plot(QWidget *parent = nullptr);
    ~Plot() override;

    void setTheme(const Theme &theme);
    const Theme &theme() const;

    void setHeading(const PlotHeading &heading);
    // Text at the right of the heading; absent: the selected line's value at the crosshair.
    void setHeadline(const std::optional<QString> &text);
    void setXAxis(const Axis &axis);
    void setYAxis(const Axis &axis);
    // While held, fitted ranges stay as they are (a slider is under the hand); letting go fits
    // them.
    void setRangesHeld(bool held);

    void setLines(const QList<PlotLine> &lines);
    void setBands(const QList<PlotBand> &bands);
    void setDots(const QList<PlotDot> &dots);
    void setStops(const QList<PlotStop> &stops);
    void setForbidden(const std::optional<PlotForbidden> &forbidden);
    void setLimits(const QList<PlotLimit> &limits);
    // Sentence in the middle of the plot while there is nothing to draw.
    void setEmptyText(const QString &text);
    // Series that is lifted (hovered chip); -1: none.
    void setLifted(int series);

    // Pixels kept free right of the plot for direct labels; absent: as wide as the labels need.
    // Views set one value on all plots of a column.
    void setLabelGutter(const std::optional<int> &pixels);
    // Draw the card's border and padding (on by default), or fill the widget.
    void setFramed(bool framed);

    // Crosshair in values of x; absent: none. Never emits. `pinned` is shown on the chip.
    void setCrosshair(const std::optional<double> &x, bool pinned = false);
    std::optional<double> crosshair() const;
    bool isCrosshairPinned() const;
    // Values of x that keyboard steps visit; empty: powers of two or twentieths of the axis.
    void setCursorStops(const QList<double> &stops);

    // Part of the axes that is shown; absent: the whole axis. pushZoom() keeps the former one.
    struct Zoom
    {
        std::optional<Range> x;
        std::optional<Range> y;

        friend bool operator==(const Zoom &, const Zoom &) = default;
    };
    const Zoom &zoom() const;
    void pushZoom(const Zoom &zoom);
    void zoomBack();
    void zoomForward();
    void resetZoom();

    // Rows of everything that is drawn, in drawing order: series, x, y, low, high, kind.
    QAbstractTableModel *tableModel() const;
    void setTableVisible(bool visible);
    bool isTableVisible() const;
    // Small buttons at the right of the heading, shown on hover or focus.
    void setTools(const QList<QAction *> &actions);

    // Paints the whole card into `rect`, in vectors where the painter is a vector one.
    void renderTo(QPainter &painter, const QRectF &rect) const;
    // The table as text for the clipboard: tab separated, a header line first.
    QString tableText() const;

    // For tests and accessibility: what is on screen, as values.
    PlotMapping mapping() const; // of the current size
    int lineCount() const;
    int dotCount() const;
    QList<QPointF> drawnPoints(const QString &lineId) const; // after splitting and clipping
    QStringList labelTexts() const;                          // direct labels that found a place
    QStringList xTickLabels() const;
    QStringList yTickLabels() const;
    Range xRange() const;
    Range yRange() const;
    QList<CrosshairRow> crosshairRows() const;
    QString headlineText() const;
    QString spokenText() const; // accessible description
    int basePaints() const;     // times the picture below the crosshair was drawn
    int paints() const;         // paint events

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    // The user's hand only.
    void crosshairMoved(double x);
    void crosshairLeft();
    void crosshairPinned(double x);
    void crosshairReleased();
    void dotActivated(const QString &id); // Space or click on a dot
    void dotHovered(const QString &id);   // empty: none
    void lineHovered(const QString &id);
    void limitDragged(const QString &id, double value);
    void limitDropped(const QString &id, double value);
    void limitEditRequested(const QString &id);
    void limitRemoveRequested(const QString &id);
    void limitRequested(double x, double y); // L: a new limit at the cursor
    void zoomChanged();
    void axisSwitchRequested();  // X
    void scaleSwitchRequested(); // Y

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void enterEvent(QEnterEvent *event) override;

    std::unique_ptr<PlotPrivate> d;
};

} // namespace ui
