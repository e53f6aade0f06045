// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/curve_marks.h"

#include <cmath>

#include <QCoreApplication>

#include "ui/views/words.h"

namespace ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("ui::CurvesView", text);
}

PlotLine estimateLine(const app::Curve &curve, const QString &name)
{
    PlotLine line;
    line.id = QStringLiteral("estimate");
    line.name = name;
    line.emphasis = LineEmphasis::Selected;
    line.points.reserve(static_cast<qsizetype>(curve.estimate.size()));
    std::optional<Range> trusted;
    for (const app::CurvePoint &point : curve.estimate) {
        line.points.append({point.x, point.mid});
        if (point.extrapolated)
            continue;
        if (!trusted)
            trusted = Range{point.x, point.x};
        trusted->hi = point.x;
    }
    line.trusted = trusted;
    return line;
}

PlotBand estimateBand(const app::Curve &curve)
{
    PlotBand band;
    band.id = QStringLiteral("estimate");
    band.points.reserve(static_cast<qsizetype>(curve.estimate.size()));
    for (const app::CurvePoint &point : curve.estimate)
        band.points.append({point.x, point.low, point.high});
    return band;
}

PlotDot measuredDot(const app::CurveDot &dot, const QString &name)
{
    PlotDot mark;
    mark.id = dotId(dot);
    mark.lineId = QStringLiteral("measured");
    mark.name = name;
    mark.at = {dot.x, dot.figure.value.value_or(std::nan(""))};
    if (!dot.hollow && dot.figure.low && dot.figure.high)
        mark.whisker = Range{*dot.figure.low, *dot.figure.high};
    mark.kind = provenanceOf(dot.figure.evidence).value_or(Provenance::Measured);
    mark.hollow = dot.hollow;
    mark.throttled = dot.warned;
    return mark;
}

PlotLine measuredLine(const app::Curve &curve, const QString &name)
{
    PlotLine line;
    line.id = QStringLiteral("measured");
    line.name = name;
    line.style = LineStyle::Measured;
    line.emphasis = LineEmphasis::Normal;
    line.kind = Provenance::Measured;
    for (const app::CurveDot &dot : curve.dots) {
        if (dot.figure.value)
            line.points.append({dot.x, *dot.figure.value});
    }
    return line;
}

std::optional<PlotLimit> limitLine(app::Metric metric, const app::Limits &limits)
{
    const auto make = [](const QString &id, double value, Allowed allowed, const QString &text) {
        PlotLimit limit;
        limit.id = id;
        limit.value = value;
        limit.allowed = allowed;
        limit.text = text;
        return limit;
    };
    if (metric == app::Metric::Ttft && limits.ttftMs.on) {
        return make(kTtftLimit, limits.ttftMs.value, Allowed::Below,
                    translated("first token ≤ %1")
                        .arg(metricFigure(metric, limits.ttftMs.value).trimmed().text()));
    }
    if (metric == app::Metric::Speed && limits.tokensPerSecond.on) {
        return make(kSpeedLimit, limits.tokensPerSecond.value, Allowed::Above,
                    translated("speed ≥ %1")
                        .arg(metricFigure(metric, limits.tokensPerSecond.value).trimmed().text()));
    }
    if (metric == app::Metric::Cost && limits.usdPerMillion.on) {
        return make(kCostLimit, limits.usdPerMillion.value, Allowed::Below,
                    translated("cost ≤ %1")
                        .arg(metricFigure(metric, limits.usdPerMillion.value).trimmed().text()));
    }
    return std::nullopt;
}

} // namespace

CurveMarks marksOf(const app::Findings &findings, app::Metric metric, ShownKinds shown)
{
    const app::Curve &curve = findings.curve(metric);
    const bool estimated = shown.estimate && !curve.estimate.empty();
    const QString measuredName = translated("measured");
    CurveMarks marks;
    if (estimated) {
        marks.lines.append(estimateLine(curve, translated("estimated")));
        marks.bands.append(estimateBand(curve));
    }
    if (shown.measured) {
        if (curve.dots.size() > 1)
            marks.lines.append(measuredLine(curve, measuredName));
        for (const app::CurveDot &dot : curve.dots) {
            if (dot.figure.value)
                marks.dots.append(measuredDot(dot, measuredName));
        }
    }
    if (findings.fitEnd.reason != app::Absence::None) {
        if (estimated) {
            const app::CurvePoint &last = curve.estimate.back();
            marks.stops.append({.series = 0, .at = {last.x, last.mid}, .text = {}});
        }
        marks.forbidden =
            PlotForbidden{static_cast<double>(std::max<std::int64_t>(1, findings.fitEnd.last)),
                          fitEndText(findings.fitEnd)};
    }
    if (const std::optional<PlotLimit> limit = limitLine(metric, findings.scenario.limits))
        marks.limits.append(*limit);
    return marks;
}

PlotLine ghostLine(const app::Findings &pinned, app::Metric metric, int series)
{
    const app::Curve &curve = pinned.curve(metric);
    PlotLine line = curve.estimate.empty() ? measuredLine(curve, pinTitle(pinned))
                                           : estimateLine(curve, pinTitle(pinned));
    line.id = QStringLiteral("ghost%1").arg(series);
    line.series = series;
    line.style = LineStyle::Ghost;
    line.emphasis = LineEmphasis::Normal;
    line.trusted.reset();
    return line;
}

Axis curveAxis(const app::Findings &findings)
{
    const bool overBatch = findings.scenario.axis == app::CurveAxis::Batch;
    const app::AxisRange &range = overBatch ? findings.batch : findings.context;
    Axis axis;
    axis.scale = Scale::Log2;
    axis.labels = LabelKind::Binary;
    axis.title = overBatch ? translated("Requests served together (batch)")
                           : translated("Tokens of each prompt (context)");
    if (range.highest > range.lowest)
        axis.range = Range{static_cast<double>(range.lowest), static_cast<double>(range.highest)};
    axis.valueText = [](double value) { return formatCount(std::llround(value)); };
    return axis;
}

QString dotId(const app::CurveDot &dot)
{
    return QStringLiteral("%1/%2/%3/%4")
        .arg(dot.run)
        .arg(dot.workload.batch)
        .arg(dot.workload.contextTokens)
        .arg(dot.workload.outputTokens);
}

} // namespace ui
