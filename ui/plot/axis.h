// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFontMetricsF>
#include <QList>
#include <QPointF>
#include <QRectF>
#include <QString>

#include <functional>
#include <optional>

namespace ui {

enum class Scale { Linear, Log2, Log10 };

// How a value of the axis is written on ticks and chips.
enum class LabelKind {
    Plain,        // 1, 2, 0.5
    Binary,       // 512, 8K, 1M with K = 1024
    Count,        // 500, 2k, 20k, 1M
    Milliseconds, // value in ms: "20 ms", "2 s", "5 min"
    Seconds,      // value in s, same labels
    Dollars,      // value in $: "$0.5", "$2k"
    Bytes,        // value in bytes: "8 GB"
    Percent,      // value in 0..1: "40 %"
    Ratio,        // "x1/2", "1", "x2"
    Hours,        // "08:00"
};

struct Range
{
    double lo = 0;
    double hi = 1;

    friend bool operator==(const Range &, const Range &) = default;
};

struct Axis
{
    Scale scale = Scale::Log10;
    std::optional<Range> range = {}; // absent: fitted to what is shown
    QString title = {};              // painted below the x axis only
    LabelKind labels = LabelKind::Plain;
    // Full text of a value in lists, chips and the table; absent: three digits by `labels`.
    std::function<QString(double)> valueText = {};

    // Same picture; valueText is not compared.
    friend bool operator==(const Axis &a, const Axis &b)
    {
        return a.scale == b.scale && a.range == b.range && a.title == b.title &&
               a.labels == b.labels;
    }
};

struct Tick
{
    double value = 0;
    double position = 0; // 0..1 along the axis
    bool major = false;
    QString label = {}; // empty where no label fits

    friend bool operator==(const Tick &, const Tick &) = default;
};

// Value <-> position 0..1 along an axis. Values that a log axis cannot show give NaN.
struct AxisMapping
{
    Scale scale = Scale::Linear;
    Range range = {};

    friend bool operator==(const AxisMapping &, const AxisMapping &) = default;

    double toUnit(double value) const;
    double toValue(double unit) const;
    bool canShow(double value) const;
};

// AxisMapping::toUnit for many values: the range's logarithm is taken once.
class UnitScale
{
public:
    explicit UnitScale(const AxisMapping &mapping);
    double operator()(double value) const;

private:
    AxisMapping m_mapping;
    bool m_log;
    double m_offset;
    double m_factor;
};

// Value <-> pixel of a plot: x to the right, y upwards in `area`.
struct PlotMapping
{
    QRectF area = {};
    AxisMapping x = {};
    AxisMapping y = {};

    friend bool operator==(const PlotMapping &, const PlotMapping &) = default;

    QPointF toPixel(const QPointF &value) const;
    QPointF toValue(const QPointF &pixel) const;
};

// Tick label of a value: short, human, no exponent.
QString tickText(LabelKind labels, double value);
// Value at three significant digits with its unit, by the axis' own text if it has one.
QString valueText(const Axis &axis, double value);

// Ticks of `mapping` over `lengthPx`; labels are at least `minGapPx` apart and, along x, never
// touch (metrics given). Base-2 axes keep a stride of powers; base-10 axes label 1, 1-5 or 1-2-5.
QList<Tick> axisTicks(const AxisMapping &mapping, LabelKind labels, double lengthPx,
                      double minGapPx, const QFontMetricsF *metrics);

// `range` made usable on `scale`: finite, lo < hi, above zero on a log scale.
Range soundRange(Scale scale, const Range &range);

// Smallest pleasant range around [lo, hi]: ends on 1-2-5 (log 10), powers of two (log 2) or round
// steps (linear). `previous` is kept while it holds the data and the data fill most of it.
Range fittedRange(Scale scale, double lo, double hi, const std::optional<Range> &previous);

} // namespace ui
