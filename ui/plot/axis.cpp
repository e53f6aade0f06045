// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace ui {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Ranges beyond these make no picture; the bounds keep every power and difference finite.
constexpr double kLargest = 1e150;
constexpr double kSmallest = 1e-150;

bool isLog(Scale scale)
{
    return scale != Scale::Linear;
}

// Up to `digits` significant digits, without trailing zeros or exponent.
QString trimmed(double value, int digits)
{
    if (value == 0 || !std::isfinite(value))
        return QStringLiteral("0");
    const int exponent = static_cast<int>(std::floor(std::log10(std::fabs(value)) + 1e-9));
    const int decimals = std::clamp(digits - 1 - exponent, 0, 12);
    QString text = QString::number(value, 'f', decimals);
    if (text.contains(QLatin1Char('.'))) {
        while (text.endsWith(QLatin1Char('0')))
            text.chop(1);
        if (text.endsWith(QLatin1Char('.')))
            text.chop(1);
    }
    return text;
}

// Exactly `digits` significant digits, so that texts below each other keep their width.
QString fixedDigits(double value, int digits)
{
    if (value == 0 || !std::isfinite(value))
        return QStringLiteral("0");
    const int exponent = static_cast<int>(std::floor(std::log10(std::fabs(value)) + 1e-9));
    return QString::number(value, 'f', std::clamp(digits - 1 - exponent, 0, 12));
}

using NumberText = QString (*)(double, int);

QString scaled(double value, int digits, NumberText text, double base, const char *const *units,
               int unitCount)
{
    int unit = 0;
    while (unit + 1 < unitCount && std::fabs(value) >= base * (1 - 1e-9)) {
        value /= base;
        ++unit;
    }
    return text(value, digits) + QString::fromLatin1(units[unit]);
}

QString secondsText(double seconds, int digits, NumberText text)
{
    const double size = std::fabs(seconds);
    if (size < 0.999e-3 && size > 0)
        return text(seconds * 1e6, digits) + QStringLiteral(" µs");
    if (size < 0.9995)
        return text(seconds * 1e3, digits) + QStringLiteral(" ms");
    if (size < 9999)
        return text(seconds, digits) + QStringLiteral(" s");
    return text(seconds / 3600, digits) + QStringLiteral(" h");
}

QString ratioText(double value, int digits, NumberText text)
{
    if (value > 0 && value < 0.999) {
        const double inverse = 1 / value;
        if (std::fabs(inverse - std::round(inverse)) < 1e-6 * inverse)
            return QStringLiteral("x1/") + trimmed(std::round(inverse), 6);
    }
    return QStringLiteral("x") + text(value, digits);
}

QString textOf(LabelKind labels, double value, int digits, NumberText text)
{
    static const char *const kBinary[] = {"", "K", "M", "G", "T"};
    static const char *const kCount[] = {"", "k", "M", "G", "T"};
    static const char *const kBytes[] = {" B", " kB", " MB", " GB", " TB", " PB"};
    switch (labels) {
    case LabelKind::Plain:
        return text(value, digits);
    case LabelKind::Binary:
        if (std::fabs(value) < 1024 && value == std::round(value))
            return trimmed(value, 6);
        return scaled(value, digits, trimmed, 1024, kBinary, 5);
    case LabelKind::Count:
        return scaled(value, digits, text, 1000, kCount, 5);
    case LabelKind::Milliseconds:
        return secondsText(value / 1000, digits, text);
    case LabelKind::Seconds:
        return secondsText(value, digits, text);
    case LabelKind::Dollars:
        return (value < 0 ? QStringLiteral("-$") : QStringLiteral("$")) +
               scaled(std::fabs(value), digits, text, 1000, kCount, 5);
    case LabelKind::Bytes:
        return scaled(value, digits, text, 1000, kBytes, 6);
    case LabelKind::Percent:
        return text(value * 100, digits) + QStringLiteral(" %");
    case LabelKind::Ratio:
        return ratioText(value, digits, text);
    case LabelKind::Hours:
        break;
    }
    const int minutes = static_cast<int>(std::lround(std::clamp(value, 0.0, 999.0) * 60));
    return QStringLiteral("%1:%2")
        .arg(minutes / 60, 2, 10, QLatin1Char('0'))
        .arg(minutes % 60, 2, 10, QLatin1Char('0'));
}

double niceStep(double span, int parts)
{
    const double raw = span / std::max(1, parts);
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double step : {1.0, 2.0, 5.0, 10.0}) {
        if (raw <= step * power * (1 + 1e-9))
            return step * power;
    }
    return 10 * power;
}

struct Candidates
{
    std::vector<double> labelled;
    std::vector<double> minor;
};

void appendLinear(const Range &range, double step, std::vector<double> &out)
{
    const double first = std::ceil(range.lo / step - 1e-6);
    for (int i = 0; i < 200; ++i) {
        const double value = (first + i) * step;
        if (value > range.hi + step * 1e-6)
            return;
        out.push_back(std::fabs(value) < step * 1e-9 ? 0 : value);
    }
}

std::vector<Candidates> linearCandidates(const Range &range)
{
    std::vector<Candidates> out;
    for (const int parts : {12, 8, 5, 4, 3, 2, 1}) {
        Candidates c;
        appendLinear(range, niceStep(range.hi - range.lo, parts), c.labelled);
        out.push_back(std::move(c));
    }
    return out;
}

std::vector<Candidates> powerOfTwoCandidates(const Range &range)
{
    const int first = static_cast<int>(std::ceil(std::log2(range.lo) - 1e-6));
    const int last = static_cast<int>(std::floor(std::log2(range.hi) + 1e-6));
    if (last - first < 2)
        return linearCandidates(range);
    std::vector<Candidates> out;
    for (int stride = 1; stride <= 1024; stride = stride < 4 ? stride + 1 : stride * 2) {
        Candidates c;
        for (int e = first; e <= last; ++e) {
            // Anchored at 2^0, so that labels keep their values when the range moves.
            (e % stride == 0 ? c.labelled : c.minor).push_back(std::ldexp(1.0, e));
        }
        out.push_back(std::move(c));
    }
    return out;
}

Candidates decadeCandidates(const Range &range, const std::vector<double> &digits, int stride)
{
    Candidates c;
    const int first = static_cast<int>(std::floor(std::log10(range.lo) + 1e-9));
    const int last = static_cast<int>(std::ceil(std::log10(range.hi) - 1e-9));
    for (int e = first; e <= last; ++e) {
        for (int k = 1; k < 10; ++k) {
            const double value = k * std::pow(10.0, e);
            if (value < range.lo * (1 - 1e-9) || value > range.hi * (1 + 1e-9))
                continue;
            const bool named =
                std::find(digits.begin(), digits.end(), k) != digits.end() && e % stride == 0;
            (named ? c.labelled : c.minor).push_back(value);
        }
    }
    return c;
}

std::vector<Candidates> powerOfTenCandidates(const Range &range)
{
    const double decades = std::log10(range.hi / range.lo);
    if (decades < 0.45)
        return linearCandidates(range);
    std::vector<Candidates> out;
    if (decades < 1.05)
        out.push_back(decadeCandidates(range, {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1));
    if (decades < 1.6)
        out.push_back(decadeCandidates(range, {1, 2, 3, 5}, 1));
    out.push_back(decadeCandidates(range, {1, 2, 5}, 1));
    out.push_back(decadeCandidates(range, {1, 3}, 1));
    for (const int stride : {1, 2, 3, 5, 10, 20, 50, 100, 200, 400})
        out.push_back(decadeCandidates(range, {1}, stride));
    return out;
}

bool labelsFit(const Candidates &c, const AxisMapping &mapping, LabelKind labels, double lengthPx,
               double minGapPx, const QFontMetricsF *metrics)
{
    double previous = -1e9;
    double previousHalf = 0;
    for (const double value : c.labelled) {
        const double at = mapping.toUnit(value) * lengthPx;
        const double half =
            metrics ? metrics->horizontalAdvance(tickText(labels, value)) / 2 + 6 : 0;
        if (at - previous < std::max(minGapPx, half + previousHalf))
            return false;
        previous = at;
        previousHalf = half;
    }
    return true;
}

double floor125(double value)
{
    const double power = std::pow(10.0, std::floor(std::log10(value) + 1e-9));
    const double digit = value / power;
    return (digit >= 5 * (1 - 1e-9) ? 5 : digit >= 2 * (1 - 1e-9) ? 2 : 1) * power;
}

double ceil125(double value)
{
    const double power = std::pow(10.0, std::floor(std::log10(value) + 1e-9));
    const double digit = value / power;
    return (digit <= 1 + 1e-9 ? 1 : digit <= 2 + 1e-9 ? 2 : digit <= 5 + 1e-9 ? 5 : 10) * power;
}

} // namespace

double AxisMapping::toUnit(double value) const
{
    if (!canShow(value))
        return kNan;
    if (!isLog(scale))
        return (value - range.lo) / (range.hi - range.lo);
    return std::log(value / range.lo) / std::log(range.hi / range.lo);
}

double AxisMapping::toValue(double unit) const
{
    if (!isLog(scale))
        return range.lo + unit * (range.hi - range.lo);
    return range.lo * std::exp(unit * std::log(range.hi / range.lo));
}

bool AxisMapping::canShow(double value) const
{
    return std::isfinite(value) && std::fabs(value) <= kLargest &&
           (!isLog(scale) || value >= kSmallest);
}

UnitScale::UnitScale(const AxisMapping &mapping)
    : m_mapping(mapping),
      m_log(isLog(mapping.scale)),
      m_offset(m_log ? std::log(mapping.range.lo) : mapping.range.lo),
      m_factor(1 / (m_log ? std::log(mapping.range.hi / mapping.range.lo)
                          : mapping.range.hi - mapping.range.lo))
{
}

double UnitScale::operator()(double value) const
{
    if (!m_mapping.canShow(value))
        return kNan;
    return ((m_log ? std::log(value) : value) - m_offset) * m_factor;
}

QPointF PlotMapping::toPixel(const QPointF &value) const
{
    return {area.left() + x.toUnit(value.x()) * area.width(),
            area.bottom() - y.toUnit(value.y()) * area.height()};
}

QPointF PlotMapping::toValue(const QPointF &pixel) const
{
    const double width = std::max(1.0, area.width());
    const double height = std::max(1.0, area.height());
    return {x.toValue((pixel.x() - area.left()) / width),
            y.toValue((area.bottom() - pixel.y()) / height)};
}

QString tickText(LabelKind labels, double value)
{
    if (labels == LabelKind::Ratio && std::fabs(value - 1) < 1e-9)
        return QStringLiteral("1");
    return textOf(labels, value, 4, trimmed);
}

QString valueText(const Axis &axis, double value)
{
    if (axis.valueText)
        return axis.valueText(value);
    if (!std::isfinite(value))
        return QStringLiteral("–");
    return textOf(axis.labels, value, 3, fixedDigits);
}

QList<Tick> axisTicks(const AxisMapping &mapping, LabelKind labels, double lengthPx,
                      double minGapPx, const QFontMetricsF *metrics)
{
    QList<Tick> ticks;
    if (lengthPx < 1)
        return ticks;
    const std::vector<Candidates> candidates =
        mapping.scale == Scale::Linear ? linearCandidates(mapping.range)
        : mapping.scale == Scale::Log2 ? powerOfTwoCandidates(mapping.range)
                                       : powerOfTenCandidates(mapping.range);
    auto chosen = std::find_if(candidates.begin(), candidates.end(), [&](const Candidates &c) {
        return labelsFit(c, mapping, labels, lengthPx, minGapPx, metrics);
    });
    if (chosen == candidates.end())
        chosen = candidates.end() - 1;
    for (const double value : chosen->labelled)
        ticks.append({value, mapping.toUnit(value), true, tickText(labels, value)});
    // Minor lines closer than 6 px are a grey field, not a grid.
    const double perMinor = lengthPx / std::max<std::size_t>(1, chosen->minor.size());
    if (perMinor >= 6) {
        for (const double value : chosen->minor)
            ticks.append({value, mapping.toUnit(value), false, QString()});
    }
    std::sort(ticks.begin(), ticks.end(),
              [](const Tick &a, const Tick &b) { return a.position < b.position; });
    return ticks;
}

Range soundRange(Scale scale, const Range &range)
{
    const bool log = isLog(scale);
    double lo = std::min(range.lo, range.hi);
    double hi = std::max(range.lo, range.hi);
    if (!std::isfinite(lo) || !std::isfinite(hi))
        return log ? Range{1, 10} : Range{0, 1};
    lo = std::clamp(lo, -kLargest, kLargest);
    hi = std::clamp(hi, -kLargest, kLargest);
    if (log) {
        if (hi < kSmallest)
            return {1, 10};
        if (lo < kSmallest)
            lo = hi / 1000;
        lo = std::max(lo, kSmallest);
        // Narrower than this, neighbouring pixels are the same number.
        return hi / lo > 1 + 1e-9 ? Range{lo, hi} : Range{lo / 2, hi * 2};
    }
    const double size = std::max(std::fabs(lo), std::fabs(hi));
    if (hi - lo > size * 1e-9)
        return {lo, hi};
    return size > 0 ? Range{lo - size / 2, hi + size / 2} : Range{0, 1};
}

Range fittedRange(Scale scale, double lo, double hi, const std::optional<Range> &previous)
{
    const Range sound = soundRange(scale, {lo, hi});
    lo = sound.lo;
    hi = sound.hi;
    if (previous) {
        const AxisMapping old{scale, *previous};
        const double a = old.toUnit(lo);
        const double b = old.toUnit(hi);
        if (a >= 0 && b <= 1 && b - a >= 0.55)
            return *previous;
    }
    if (scale == Scale::Log10)
        return soundRange(scale, {floor125(lo * 0.98), ceil125(hi * 1.02)});
    if (scale == Scale::Log2)
        return soundRange(scale, {std::exp2(std::floor(std::log2(lo) + 1e-9)),
                                  std::exp2(std::ceil(std::log2(hi) - 1e-9))});
    if (lo >= 0 && lo < hi * 0.5)
        lo = 0;
    const double step = niceStep(hi - lo, 5);
    return soundRange(scale,
                      {std::floor(lo / step + 1e-9) * step, std::ceil(hi / step - 1e-9) * step});
}

} // namespace ui
