// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QList>
#include <QString>

namespace ui {

// How a slider's values lie, snap and read.
struct SliderScale
{
    enum class Kind { Log, Linear };

    Kind kind = Kind::Log;
    double lowest = 1;
    double highest = 1;
    QList<double> ticks; // ascending; the handle snaps to them, those that fit are labelled
    bool whole = true;   // values are integers
    std::function<QString(double)> tickText;
    std::function<QString(double)> fieldText;
    std::function<std::optional<double>(const QString &)> parse;
};

// 1, 2, 4 … up to `highest` (its end included even where it is no power of two), binary labels.
SliderScale binaryScale(double lowest, double highest);
// Dollars on a 1-2-5 ladder.
SliderScale moneyScale(double lowest, double highest);
// Up to 100 % in steps of 10 % (values 0..1).
SliderScale percentScale(double lowest);

// Where a value lies on the groove, 0 to 1, and back; out of range is the nearer end.
double unitOf(const SliderScale &scale, double value);
double valueAtUnit(const SliderScale &scale, double unit);
// Within the range, whole where the values are.
double cleaned(const SliderScale &scale, double value);
// The nearest tick, or the nearest of `parts` equal steps between ticks.
double snappedTo(const SliderScale &scale, double value, int parts);
// `ticks` further up or down.
double steppedBy(const SliderScale &scale, double from, int ticks);

} // namespace ui
