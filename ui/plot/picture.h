// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/geometry.h"
#include "ui/plot/plot.h"

#include <QPainter>

#include <optional>

namespace ui {

// Everything a plot shows.
struct PlotContent
{
    PlotHeading heading;
    std::optional<QString> headline;
    Axis x{.scale = Scale::Linear};
    Axis y{.scale = Scale::Linear};
    QList<PlotLine> lines;
    QList<PlotBand> bands;
    QList<PlotDot> dots;
    QList<PlotStop> stops;
    std::optional<PlotForbidden> forbidden;
    QList<PlotLimit> limits;
    QString emptyText;
    int lifted = -1;
    std::optional<int> gutter;
    bool framed = true;
    Plot::Zoom zoom;
    QList<Bubble> bubbles;
    QString laneTitle;
    QList<double> weightKey;
    QString weightWord;
    LabelKind weightLabels = LabelKind::Binary;
};

struct LabelPlace
{
    QString text;
    QString note; // second line, quieter
    QRectF rect;
    QPointF anchor;
    int series = -1;
    bool glyph = false; // a series glyph before the text
    bool strong = false;
    bool leader = false; // a line from anchor to rect
};

struct BubblePlace
{
    qsizetype index = 0; // in PlotContent::bubbles
    QPointF at;
    double radius = 8;
    bool inLane = false;
};

// Where everything lies, for one size and theme.
struct PlotLayout
{
    QRectF bounds;
    QRectF heading;
    QRectF lane;  // null: none
    QRectF zeroX; // strip left of the plot for zeros that a log axis cannot show; null: none
    QRectF zeroY; // and below it
    int laneRows = 1;
    PlotMapping mapping;
    QList<Tick> xTicks;
    QList<Tick> yTicks;
    QList<QRectF> xLabels; // by tick, null where there is no label
    QList<QRectF> yLabels;
    QRectF xTitle;
    QList<BubblePlace> bubbles;
    QList<LabelPlace> laneLabels;
    QList<LabelPlace> labels; // of lines, dots and bubbles on the plot

    QList<QRectF> limitChips; // by limit

    const QRectF &plot() const { return mapping.area; }
    // Where a mark lies: its place on the axes, or in the strips of zero.
    QPointF pixelOf(const QPointF &value) const;
    // Whether a mark there is on the plot or in a strip.
    bool shows(const QPointF &pixel) const;
    // Outer edges of what lies beside the plot; tick labels stand outside of them.
    double axisLeft() const;
    double axisBottom() const;
};

constexpr double kZeroStrip = 16;   // width of a strip of zero
constexpr double kZeroGap = 6;      // between strip and plot
constexpr double kZeroCenter = -14; // middle of the strip from the plot's edge

struct PlotRanges
{
    Range x;
    Range y;
    bool zeroX = false; // a mark is 0 where the log axis has no place for it
    bool zeroY = false;

    friend bool operator==(const PlotRanges &, const PlotRanges &) = default;
};

// Ranges that show the whole content: the axis' own, else fitted (keeping `previous` if it does).
// `held` keeps every fitted range that there is.
PlotRanges contentRanges(const PlotContent &content, const std::optional<PlotRanges> &previous,
                         bool held = false);

// Frame: card, axes and lane. Does not look at lines, bands or dots (but at label texts).
PlotLayout layoutFrame(const PlotContent &content, const PlotRanges &ranges, const Theme &theme,
                       const QRectF &bounds);
// Adds the places of bubbles and labels to a frame.
void layoutMarks(PlotLayout &layout, const PlotContent &content, const Theme &theme);

double bubbleRadius(const PlotContent &content, const Theme &theme, double weight);

// What moves with the pointer; painted over the picture.
struct PlotCursor
{
    std::optional<double> x;
    bool pinned = false;
    bool list = false;        // the list of values beside the crosshair
    bool focused = false;     // keyboard focus ring
    int current = -1;         // series chosen by keyboard
    QRectF band;              // zoom rectangle being dragged
    double headlineInset = 0; // room that the tools take at the right
    QString hoveredDot;
    QString hoveredBubble;
    QList<QPair<QString, double>> rings; // new dots with the ring's radius
};

QList<CrosshairRow> rowsAt(const PlotContent &content, const PlotMapping &mapping, double x);
// Text at the right of the heading.
QString headlineAt(const PlotContent &content, const PlotMapping &mapping,
                   const std::optional<double> &x);

// The three layers, bottom first. The series layer (bands and lines) is painted between the first
// two.
void paintFrame(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                const Theme &theme);
void paintMarks(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                const Theme &theme);
void paintOverlay(QPainter &painter, const PlotContent &content, const PlotLayout &layout,
                  const Theme &theme, const PlotCursor &cursor);

// The rectangle of a limit's grip.
QRectF limitGrip(const PlotLimit &limit, const PlotLayout &layout, const Theme &theme);

// 45 degree lines inside `rect`, `pitch` apart along x.
QList<QLineF> hatchLines(const QRectF &rect, double pitch);

} // namespace ui
