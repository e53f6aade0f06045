// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ui {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kMostPoints = 256;

QPointF unitOf(const QPointF &value, const AxisMapping &x, const AxisMapping &y)
{
    return {x.toUnit(value.x()), y.toUnit(value.y())};
}

bool isGap(const QPointF &unit)
{
    return std::isnan(unit.x()) || std::isnan(unit.y());
}

QPointF between(const QPointF &a, const QPointF &b, double t)
{
    return a + (b - a) * t;
}

// Liang-Barsky on the unit square: the part [t0, t1] of a..b that lies inside.
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

// Runs of unit points inside loX..hiX and 0..1.
QList<QList<QPointF>> clipped(const QList<QPointF> &units, double loX, double hiX)
{
    QList<QList<QPointF>> runs;
    QList<QPointF> run;
    const auto flush = [&] {
        if (run.size() > 1)
            runs.append(run);
        run.clear();
    };
    for (qsizetype i = 1; i < units.size(); ++i) {
        const QPointF &a = units[i - 1];
        const QPointF &b = units[i];
        double t0 = 0;
        double t1 = 1;
        if (isGap(a) || isGap(b) || !insidePart(a, b, loX, hiX, t0, t1)) {
            flush();
            continue;
        }
        if (t0 > 0)
            flush();
        if (run.isEmpty())
            run.append(between(a, b, t0));
        run.append(between(a, b, t1));
        if (t1 < 1)
            flush();
    }
    flush();
    return runs;
}

// Keeps the first, lowest, highest and last point of each of 64 columns.
QList<QPointF> thinned(const QList<QPointF> &units)
{
    if (units.size() <= kMostPoints)
        return units;
    constexpr int kColumns = kMostPoints / 4;
    const double lo = units.first().x();
    const double width = std::max(1e-12, units.last().x() - lo);
    const auto columnOf = [&](const QPointF &p) {
        return std::clamp(static_cast<int>((p.x() - lo) / width * kColumns), 0, kColumns - 1);
    };
    QList<QPointF> out;
    for (qsizetype i = 0; i < units.size();) {
        qsizetype end = i;
        qsizetype low = i;
        qsizetype high = i;
        for (; end < units.size() && columnOf(units[end]) == columnOf(units[i]); ++end) {
            low = units[end].y() < units[low].y() ? end : low;
            high = units[end].y() > units[high].y() ? end : high;
        }
        qsizetype last = -1;
        for (const qsizetype pick : {i, std::min(low, high), std::max(low, high), end - 1}) {
            if (pick != last)
                out.append(units[pick]);
            last = pick;
        }
        i = end;
    }
    return out;
}

QList<QPointF> unitPoints(const PlotLine &line, const AxisMapping &x, const AxisMapping &y)
{
    QList<QPointF> units;
    units.reserve(line.points.size() * (line.style == LineStyle::Staircase ? 2 : 1));
    for (const QPointF &point : line.points) {
        const QPointF unit = unitOf(point, x, y);
        if (line.style == LineStyle::Staircase && !units.isEmpty() && !isGap(units.last()) &&
            !isGap(unit))
            units.append({unit.x(), units.last().y()});
        units.append(unit);
    }
    return units;
}

void appendRuns(QList<LineRun> &out, const QList<QPointF> &units, double lo, double hi,
                bool trusted, const AxisMapping &x, const AxisMapping &y)
{
    if (!(lo < hi))
        return;
    for (const QList<QPointF> &run : clipped(units, lo, hi)) {
        LineRun piece;
        piece.trusted = trusted;
        const QList<QPointF> kept = thinned(run);
        piece.points.reserve(kept.size());
        for (const QPointF &unit : kept)
            piece.points.append({x.toValue(unit.x()), y.toValue(unit.y())});
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
    const QList<QPointF> units = unitPoints(line, x, y);
    const double lo = line.trusted ? unitOr(x, line.trusted->lo, 0) : 0;
    const double hi = line.trusted ? unitOr(x, line.trusted->hi, 1) : 1;
    appendRuns(out, units, 0, lo, false, x, y);
    appendRuns(out, units, lo, hi, true, x, y);
    appendRuns(out, units, hi, 1, false, x, y);
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
    std::optional<BandUnit> previous;
    for (const BandPoint &point : band.points) {
        BandUnit b{x.toUnit(point.x), y.toUnit(point.lo), y.toUnit(point.hi)};
        if (std::isnan(b.x) || std::isnan(b.lo) || std::isnan(b.hi) || b.lo > b.hi) {
            flush();
            previous.reset();
            continue;
        }
        if (previous) {
            const BandUnit a = *previous;
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
    const double at = x.toUnit(atX);
    if (std::isnan(at))
        return kNan;
    QPointF before(kNan, kNan);
    for (const QPointF &point : line.points) {
        const QPointF unit = unitOf(point, x, y);
        if (isGap(unit)) {
            before = unit;
            continue;
        }
        if (std::fabs(unit.x() - at) < 1e-3)
            return point.y();
        const bool spans = !isGap(before) && before.x() < at && unit.x() > at;
        if (spans && line.style != LineStyle::Measured) {
            if (line.style == LineStyle::Staircase)
                return y.toValue(before.y());
            return y.toValue(
                between(before, unit, (at - before.x()) / (unit.x() - before.x())).y());
        }
        before = unit;
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
