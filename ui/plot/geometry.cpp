// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ui {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kMostPoints = 256;

// A point of a line in axis units, beside the value it came from.
struct LinePoint
{
    QPointF unit;
    QPointF value;
};

bool isGap(const QPointF &unit)
{
    return std::isnan(unit.x()) || std::isnan(unit.y());
}

QPointF between(const QPointF &a, const QPointF &b, double t)
{
    return a + (b - a) * t;
}

// Liang-Barsky on loX..hiX, 0..1: the part [t0, t1] of a..b that lies inside.
bool insidePart(const QPointF &a, const QPointF &b, double loX, double hiX, double &t0, double &t1)
{
    t0 = 0;
    t1 = 1;
    const QPointF d = b - a;
    const double steps[] = {-d.x(), d.x(), -d.y(), d.y()};
    const double room[] = {a.x() - loX, hiX - a.x(), a.y(), 1 - a.y()};
    for (int side = 0; side < 4; ++side) {
        if (steps[side] == 0) {
            if (room[side] < 0)
                return false;
            continue;
        }
        const double t = room[side] / steps[side];
        if (steps[side] < 0)
            t0 = std::max(t0, t);
        else
            t1 = std::min(t1, t);
    }
    return t0 <= t1;
}

// Runs of the points inside loX..hiX and 0..1.
QList<QList<LinePoint>> clipped(const QList<LinePoint> &points, double loX, double hiX,
                                const AxisMapping &x, const AxisMapping &y)
{
    QList<QList<LinePoint>> runs;
    QList<LinePoint> run;
    const auto flush = [&] {
        if (run.size() > 1)
            runs.append(run);
        run.clear();
    };
    const auto pointAt = [&](const LinePoint &a, const LinePoint &b, double t) {
        if (t <= 0 || t >= 1)
            return t <= 0 ? a : b;
        const QPointF unit = between(a.unit, b.unit, t);
        return LinePoint{unit, {x.toValue(unit.x()), y.toValue(unit.y())}};
    };
    for (qsizetype i = 1; i < points.size(); ++i) {
        const LinePoint &a = points[i - 1];
        const LinePoint &b = points[i];
        double t0 = 0;
        double t1 = 1;
        if (isGap(a.unit) || isGap(b.unit) || !insidePart(a.unit, b.unit, loX, hiX, t0, t1)) {
            flush();
            continue;
        }
        if (t0 > 0)
            flush();
        if (run.isEmpty())
            run.append(pointAt(a, b, t0));
        run.append(pointAt(a, b, t1));
        if (t1 < 1)
            flush();
    }
    flush();
    return runs;
}

// Keeps the first, lowest, highest and last point of each of 64 columns.
QList<LinePoint> thinned(const QList<LinePoint> &points)
{
    if (points.size() <= kMostPoints)
        return points;
    constexpr int kColumns = kMostPoints / 4;
    const double lo = points.first().unit.x();
    const double width = std::max(1e-12, points.last().unit.x() - lo);
    const auto columnOf = [&](const LinePoint &p) {
        return std::clamp(static_cast<int>((p.unit.x() - lo) / width * kColumns), 0, kColumns - 1);
    };
    QList<LinePoint> out;
    for (qsizetype i = 0; i < points.size();) {
        qsizetype end = i;
        qsizetype low = i;
        qsizetype high = i;
        for (; end < points.size() && columnOf(points[end]) == columnOf(points[i]); ++end) {
            low = points[end].unit.y() < points[low].unit.y() ? end : low;
            high = points[end].unit.y() > points[high].unit.y() ? end : high;
        }
        qsizetype last = -1;
        for (const qsizetype pick : {i, std::min(low, high), std::max(low, high), end - 1}) {
            if (pick != last)
                out.append(points[pick]);
            last = pick;
        }
        i = end;
    }
    // A line that runs back and forth has more columns than the plot: every n-th point will do.
    if (out.size() > kMostPoints) {
        const qsizetype stride = (out.size() + kMostPoints - 2) / (kMostPoints - 1);
        QList<LinePoint> sparse;
        for (qsizetype i = 0; i < out.size(); i += stride)
            sparse.append(out[i]);
        sparse.last() = out.last();
        return sparse;
    }
    return out;
}

QList<LinePoint> linePoints(const PlotLine &line, const AxisMapping &x, const AxisMapping &y)
{
    const UnitScale unitX(x);
    const UnitScale unitY(y);
    const bool stairs = line.style == LineStyle::Staircase;
    QList<LinePoint> points;
    points.reserve(line.points.size() * (stairs ? 2 : 1));
    for (const QPointF &value : line.points) {
        const LinePoint point{{unitX(value.x()), unitY(value.y())}, value};
        if (stairs && !points.isEmpty() && !isGap(points.last().unit) && !isGap(point.unit)) {
            const LinePoint &before = points.last();
            points.append({{point.unit.x(), before.unit.y()}, {value.x(), before.value.y()}});
        }
        points.append(point);
    }
    return points;
}

void appendRuns(QList<LineRun> &out, const QList<LinePoint> &points, double lo, double hi,
                bool trusted, const AxisMapping &x, const AxisMapping &y)
{
    if (!(lo < hi))
        return;
    for (const QList<LinePoint> &run : clipped(points, lo, hi, x, y)) {
        LineRun piece;
        piece.trusted = trusted;
        const QList<LinePoint> kept = thinned(run);
        piece.points.reserve(kept.size());
        for (const LinePoint &point : kept)
            piece.points.append(point.value);
        out.append(std::move(piece));
    }
}

double unitOr(const AxisMapping &axis, double value, double otherwise)
{
    const double unit = axis.toUnit(value);
    return std::isnan(unit) ? otherwise : std::clamp(unit, 0.0, 1.0);
}

struct BandUnit
{
    double x;
    double lo;
    double hi;
};

bool isInside(const BandUnit &p)
{
    return p.x >= 0 && p.x <= 1 && p.lo >= 0 && p.hi <= 1;
}

BandUnit between(const BandUnit &a, const BandUnit &b, double t)
{
    return {a.x + (b.x - a.x) * t, a.lo + (b.lo - a.lo) * t, a.hi + (b.hi - a.hi) * t};
}

// Adds the places between a and b where an edge of the band crosses an edge of the plot, so that
// clamping the corners afterwards cuts nothing off.
void appendCrossings(QList<double> &cuts, double a, double b)
{
    for (const double edge : {0.0, 1.0}) {
        if ((a < edge) != (b < edge) && a != b)
            cuts.append((edge - a) / (b - a));
    }
}

} // namespace

QList<LineRun> lineRuns(const PlotLine &line, const AxisMapping &x, const AxisMapping &y)
{
    QList<LineRun> out;
    const QList<LinePoint> points = linePoints(line, x, y);
    const double lo = line.trusted ? unitOr(x, line.trusted->lo, 0) : 0;
    const double hi = line.trusted ? unitOr(x, line.trusted->hi, 1) : 1;
    appendRuns(out, points, 0, lo, false, x, y);
    appendRuns(out, points, lo, hi, true, x, y);
    appendRuns(out, points, hi, 1, false, x, y);
    return out;
}

QList<QList<BandPoint>> bandRuns(const PlotBand &band, const AxisMapping &x, const AxisMapping &y)
{
    QList<QList<BandPoint>> runs;
    QList<BandPoint> run;
    const auto flush = [&] {
        if (run.size() > 1)
            runs.append(run);
        run.clear();
    };
    const auto append = [&](const BandUnit &p) {
        run.append({x.toValue(p.x), y.toValue(std::clamp(p.lo, 0.0, 1.0)),
                    y.toValue(std::clamp(p.hi, 0.0, 1.0))});
    };
    const UnitScale unitX(x);
    const UnitScale unitY(y);
    std::optional<BandUnit> previous;
    for (const BandPoint &point : band.points) {
        const BandUnit b{unitX(point.x), unitY(point.lo), unitY(point.hi)};
        if (std::isnan(b.x) || std::isnan(b.lo) || std::isnan(b.hi) || b.lo > b.hi) {
            flush();
            previous.reset();
            continue;
        }
        if (previous) {
            const BandUnit a = *previous;
            if (isInside(a) && isInside(b)) {
                if (run.isEmpty())
                    append(a);
                run.append(point);
                previous = b;
                continue;
            }
            QList<double> cuts{0, 1};
            appendCrossings(cuts, a.x, b.x);
            appendCrossings(cuts, a.lo, b.lo);
            appendCrossings(cuts, a.hi, b.hi);
            std::sort(cuts.begin(), cuts.end());
            for (qsizetype i = 1; i < cuts.size(); ++i) {
                const BandUnit from = between(a, b, cuts[i - 1]);
                const BandUnit to = between(a, b, cuts[i]);
                const BandUnit middle = between(a, b, (cuts[i - 1] + cuts[i]) / 2);
                const bool inside =
                    middle.x >= 0 && middle.x <= 1 && middle.hi > 0 && middle.lo < 1;
                if (!inside || cuts[i] == cuts[i - 1]) {
                    if (!inside)
                        flush();
                    continue;
                }
                if (run.isEmpty())
                    append(from);
                append(to);
            }
        }
        previous = b;
    }
    flush();
    return runs;
}

double valueAt(const PlotLine &line, double atX, const AxisMapping &x, const AxisMapping &y)
{
    if (!x.canShow(atX))
        return kNan;
    // Within a third of a pixel of a point its own value is shown, not one beside it.
    const double at = x.toUnit(atX);
    const double lo = x.toValue(at - 5e-4);
    const double hi = x.toValue(at + 5e-4);
    const QPointF *before = nullptr;
    for (const QPointF &point : line.points) {
        if (!x.canShow(point.x()) || !y.canShow(point.y())) {
            before = nullptr;
            continue;
        }
        if (point.x() >= lo && point.x() <= hi)
            return point.y();
        if (before && before->x() < atX && point.x() > atX && line.style != LineStyle::Measured) {
            if (line.style == LineStyle::Staircase)
                return before->y();
            const double from = x.toUnit(before->x());
            const double t = (at - from) / (x.toUnit(point.x()) - from);
            const double start = y.toUnit(before->y());
            return y.toValue(start + (y.toUnit(point.y()) - start) * t);
        }
        before = &point;
    }
    return kNan;
}

double distanceToRuns(const QList<LineRun> &runs, const PlotMapping &mapping, const QPointF &pixel)
{
    double best = std::numeric_limits<double>::infinity();
    for (const LineRun &run : runs) {
        for (qsizetype i = 1; i < run.points.size(); ++i) {
            const QPointF a = mapping.toPixel(run.points[i - 1]);
            const QPointF d = mapping.toPixel(run.points[i]) - a;
            const double length = QPointF::dotProduct(d, d);
            const double t =
                length > 0 ? std::clamp(QPointF::dotProduct(pixel - a, d) / length, 0.0, 1.0) : 0;
            const QPointF gap = pixel - (a + d * t);
            best = std::min(best, std::hypot(gap.x(), gap.y()));
        }
    }
    return best;
}

} // namespace ui
