// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/axis.h"
#include "ui/theme/glyphs.h"

#include <QList>
#include <QPointF>
#include <QString>

#include <optional>

namespace ui {

// What a plot shows, as plain values in the units of its axes. Values that an axis cannot show
// (NaN, infinite, <= 0 on a log axis) are gaps in lines and bands, and left out elsewhere.

enum class LineStyle {
    Estimated, // solid
    Measured,  // points joined by round dots
    Ghost,     // a pinned scenario: solid, pale
    Staircase, // steps: a Pareto set, a schedule
};

enum class LineEmphasis { Selected, Normal };

struct PlotLine
{
    QString id = {};   // stable; the same id keeps its drawing resources
    QString name = {}; // for lists, tables and readers
    int series = 0;
    QList<QPointF> points = {}; // in order of x
    LineStyle style = LineStyle::Estimated;
    LineEmphasis emphasis = LineEmphasis::Normal;
    Provenance kind = Provenance::Estimated;
    std::optional<Range> trusted = {}; // in x; the line thins to 1 px outside
    QString label = {};                // direct label at the right end; empty: none

    friend bool operator==(const PlotLine &, const PlotLine &) = default;
};

struct BandPoint
{
    double x = 0;
    double lo = 0;
    double hi = 0;

    friend bool operator==(const BandPoint &, const BandPoint &) = default;
};

struct PlotBand
{
    QString id = {};
    int series = 0;
    QList<BandPoint> points = {}; // in order of x

    friend bool operator==(const PlotBand &, const PlotBand &) = default;
};

struct PlotDot
{
    QString id = {};     // stable: names the point in signals; a new id rings once
    QString lineId = {}; // line that it belongs to, for lifting and lists; may be empty
    QString name = {};
    int series = 0;
    QPointF at = {};
    std::optional<Range> whisker = {}; // in y
    Provenance kind = Provenance::Measured;
    bool hollow = false;    // provisional or under six samples: no whisker
    bool throttled = false; // a tick of warning on the x axis
    QString label = {};     // text beside the dot ("32"); empty: none

    friend bool operator==(const PlotDot &, const PlotDot &) = default;
};

// A curve that ends where memory ends: a bar across its end and a note.
struct PlotStop
{
    int series = 0;
    QPointF at = {};
    QString text = {}; // "does not fit beyond 192"; empty: the bar alone

    friend bool operator==(const PlotStop &, const PlotStop &) = default;
};

// The hatched part of the x axis where nothing fits.
struct PlotForbidden
{
    double from = 0;   // to the right edge
    QString text = {}; // "does not fit: needs 171 GB of 141 GB"

    friend bool operator==(const PlotForbidden &, const PlotForbidden &) = default;
};

enum class Allowed { Below, Above };

// A limit that the user set: a dashed line across the plot with a grip and a chip, the forbidden
// side hatched.
struct PlotLimit
{
    QString id = {};
    Qt::Orientation orientation = Qt::Horizontal; // horizontal: a value of y
    double value = 0;
    Allowed allowed = Allowed::Below;
    QString text = {}; // "TTFT <= 2 s"
    bool movable = true;

    friend bool operator==(const PlotLimit &, const PlotLimit &) = default;
};

struct PlotHeading
{
    QString title = {};
    QString subtitle = {};

    friend bool operator==(const PlotHeading &, const PlotHeading &) = default;
};

// One line or dot value at the crosshair.
struct CrosshairRow
{
    QString name = {};
    int series = 0;
    double value = 0;
    QString text = {};
    Provenance kind = Provenance::Estimated;

    friend bool operator==(const CrosshairRow &, const CrosshairRow &) = default;
};

// Where a claim is open: "at least 25 s" is open upwards.
enum class OpenSide { None, Up, Down };

// An offer on a scatter plot. Without y it stands in the lane of the unknown.
struct Bubble
{
    QString id = {};
    QString name = {};
    QString note = {}; // second, quieter line of the label; empty: none
    int series = -1;   // -1: neutral
    double x = 0;
    std::optional<double> y = {};
    std::optional<Range> xRange = {}; // a range of x: a dotted bar in the lane
    double weight = 0;                // sets the radius, see ScatterPlot::setWeightKey
    Provenance kind = Provenance::Observed;
    OpenSide open = OpenSide::None;
    bool selected = false;

    friend bool operator==(const Bubble &, const Bubble &) = default;
};

} // namespace ui
