// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/slider_scale.h"

#include <algorithm>
#include <cmath>

#include "ui/widgets/format.h"

namespace ui {

SliderScale binaryScale(double lowest, double highest)
{
    SliderScale scale;
    scale.lowest = lowest;
    scale.highest = std::max(lowest, highest);
    scale.ticks.append(lowest);
    for (double tick = 1; tick < scale.highest; tick *= 2) {
        if (tick > lowest)
            scale.ticks.append(tick);
    }
    if (scale.highest > lowest)
        scale.ticks.append(scale.highest);
    scale.tickText = [](double value) { return formatCount(std::llround(value)); };
    scale.fieldText = scale.tickText;
    scale.parse = parseCount;
    return scale;
}

SliderScale moneyScale(double lowest, double highest)
{
    SliderScale scale;
    scale.lowest = lowest;
    scale.highest = highest;
    scale.whole = false;
    for (double decade = 1e-4; decade <= highest; decade *= 10) {
        for (double step : {1.0, 2.0, 5.0}) {
            const double tick = decade * step;
            if (tick >= lowest * 0.999 && tick <= highest * 1.001)
                scale.ticks.append(tick);
        }
    }
    scale.tickText = [](double value) { return QLatin1Char('$') + QString::number(value, 'g', 4); };
    scale.fieldText = [](double value) { return formatMoney(value).text(); };
    scale.parse = parseNumber;
    return scale;
}

SliderScale percentScale(double lowest)
{
    SliderScale scale;
    scale.kind = SliderScale::Kind::Linear;
    scale.lowest = lowest;
    scale.highest = 1;
    scale.whole = false;
    for (int percent = 0; percent <= 100; percent += 10) {
        if (percent / 100.0 >= lowest)
            scale.ticks.append(percent / 100.0);
    }
    if (scale.ticks.isEmpty() || scale.ticks.first() > lowest)
        scale.ticks.prepend(lowest);
    scale.tickText = [](double value) {
        return QString::number(std::lround(value * 100)) + QStringLiteral(" %");
    };
    scale.fieldText = scale.tickText;
    scale.parse = [](const QString &text) -> std::optional<double> {
        const std::optional<double> percent = parseNumber(text);
        return percent ? std::optional<double>(*percent / 100) : std::nullopt;
    };
    return scale;
}

double unitOf(const SliderScale &scale, double value)
{
    const double low = scale.lowest;
    const double high = scale.highest;
    if (high <= low)
        return 0;
    const double bounded = std::clamp(value, low, high);
    return scale.kind == SliderScale::Kind::Log ? std::log(bounded / low) / std::log(high / low)
                                                : (bounded - low) / (high - low);
}

double valueAtUnit(const SliderScale &scale, double unit)
{
    const double low = scale.lowest;
    const double high = scale.highest;
    const double bounded = std::clamp(unit, 0.0, 1.0);
    return scale.kind == SliderScale::Kind::Log ? low * std::pow(high / low, bounded)
                                                : low + (high - low) * bounded;
}

double cleaned(const SliderScale &scale, double value)
{
    const double bounded = std::clamp(value, scale.lowest, scale.highest);
    return scale.whole ? std::round(bounded) : bounded;
}

double snappedTo(const SliderScale &scale, double value, int parts)
{
    if (scale.ticks.size() < 2)
        return cleaned(scale, value);
    const double unit = unitOf(scale, value);
    double best = scale.ticks.first();
    double bestDistance = 2;
    for (qsizetype i = 0; i < scale.ticks.size(); ++i) {
        const bool isLast = i + 1 == scale.ticks.size();
        const double from = unitOf(scale, scale.ticks[i]);
        const double to = isLast ? from : unitOf(scale, scale.ticks[i + 1]);
        for (int part = 0; part < (isLast ? 1 : parts); ++part) {
            const double at = from + (to - from) * part / parts;
            if (std::abs(at - unit) < bestDistance) {
                bestDistance = std::abs(at - unit);
                best = part == 0 ? scale.ticks[i] : valueAtUnit(scale, at);
            }
        }
    }
    return cleaned(scale, best);
}

double steppedBy(const SliderScale &scale, double from, int ticks)
{
    if (scale.ticks.isEmpty())
        return from;
    const auto begin = scale.ticks.begin();
    const auto end = scale.ticks.end();
    const double margin = 1e-9 * std::max(1.0, std::abs(from));
    const qsizetype index = ticks > 0
                                ? std::upper_bound(begin, end, from + margin) - begin + ticks - 1
                                : std::lower_bound(begin, end, from - margin) - begin + ticks;
    return scale.ticks[std::clamp<qsizetype>(index, 0, scale.ticks.size() - 1)];
}

} // namespace ui
