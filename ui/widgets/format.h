// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include <QString>

#include "engine/spec/result.h"
#include "engine/spec/units.h"

namespace ui {

// The only place where numbers become text. Three significant digits, ties to even, an en dash for
// what is absent; digits and units are kept apart so that a changing value never moves its unit.
struct Figure
{
    QString digits;
    QString unit; // empty for money and plain counts

    QString text() const; // "7.65 s", "$2.17"
    // Without zeros behind the point: for what a person has set, "2 s" instead of "2.00 s".
    Figure trimmed() const;
    friend bool operator==(const Figure &, const Figure &) = default;
};

QString absentText(); // an en dash

// Three significant digits without an exponent; thousands separated above 999.
QString significant(double value, int digits = 3);

Figure formatDuration(std::optional<double> seconds);     // us, ms from 1 ms, s from 1 s, min, h
Figure formatRate(std::optional<double> tokensPerSecond); // "19.3 tok/s", "1,229 tok/s"
Figure formatBytes(std::optional<double> bytes);          // decimal: "171 GB"
Figure formatPercent(std::optional<double> percent);      // one decimal below 10 %
Figure formatRatio(std::optional<double> ratio);          // "2.46x"
Figure formatMoney(std::optional<double> usd, int digits = 3); // "$0.565"; of a request: four
// Millionths of the currency (ISO 4217) that is named: "$2.36", "¥6.75".
Figure formatPrice(std::optional<std::int64_t> amount,
                   const QString &currency = QStringLiteral("USD"));
// A price as it is asked, to the last digit: "$0.55", "$0.0028", "¥4.00".
Figure formatAsked(std::optional<std::int64_t> amount,
                   const QString &currency = QStringLiteral("USD"));

// Tokens and batches: K = 1024 where that is exact ("8K", "1.5K"), else the plain number.
QString formatCount(std::int64_t count);
// A published context window: K = 1000, three digits ("64K", "131K", "1M").
QString formatWindow(std::optional<std::int64_t> tokens);

// "596M", "8.03B", "671B" (decimal).
QString formatParameters(std::int64_t count);

// "about 2 min 10 s left": rounded to 5 s below a minute, 30 s below ten, then minutes.
QString formatTimeLeft(double seconds);

// What a person types for a count: 8192, 8K, 8k, 1.5M (K = 1024), 8千, 3万; absent when it is
// none or not positive. Money: 2.5, $2.50, 2,50.
std::optional<double> parseCount(const QString &text);
std::optional<double> parseNumber(const QString &text);

// One translated sentence for the kind, followed by the error's own message.
QString errorTitle(engine::ErrorKind kind);

} // namespace ui
