// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/format.h"

#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QLocale>

namespace ui {
namespace {

constexpr double kKibi = 1024;

QString translated(const char *text)
{
    return QCoreApplication::translate("ui::format", text);
}

// std::nearbyint follows the default rounding mode: ties to even.
double roundedTo(double value, int digits)
{
    if (value == 0 || !std::isfinite(value))
        return value;
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
    const int decimals = digits - 1 - exponent;
    const double power = std::pow(10.0, std::abs(decimals));
    return decimals >= 0 ? std::nearbyint(value * power) / power
                         : std::nearbyint(value / power) * power;
}

bool isAbsent(const std::optional<double> &value)
{
    return !value || !std::isfinite(*value);
}

QString trimmedNumber(double value, int decimals)
{
    QString text = QString::number(value, 'f', decimals);
    if (text.contains(QLatin1Char('.'))) {
        while (text.endsWith(QLatin1Char('0')))
            text.chop(1);
        if (text.endsWith(QLatin1Char('.')))
            text.chop(1);
    }
    return text;
}

double roundedTimeLeft(double seconds)
{
    const double step = seconds < 60 ? 5 : seconds < 600 ? 30 : 60;
    return std::max(step, std::nearbyint(seconds / step) * step);
}

const QString kDollars = QStringLiteral("USD");
constexpr double kMicro = 1e6;

// What stands before an amount of this currency (ISO 4217).
QString currencySign(const QString &currency)
{
    if (currency == kDollars)
        return QStringLiteral("$");
    if (currency == QLatin1String("CNY"))
        return QString(QChar(0xA5));
    return currency + QLatin1Char(' ');
}

Figure money(std::optional<double> amount, int digits, const QString &sign)
{
    if (isAbsent(amount))
        return {absentText(), {}};
    if (*amount == 0)
        return {sign + QLatin1Char('0'), {}};
    const QString minus = *amount < 0 ? QStringLiteral("-") : QString();
    return {minus + sign + significant(std::abs(*amount), digits), {}};
}

} // namespace

QString Figure::text() const
{
    return unit.isEmpty() ? digits : digits + QLatin1Char(' ') + unit;
}

Figure Figure::trimmed() const
{
    Figure plain = *this;
    const QChar point = QLocale().decimalPoint().at(0);
    if (!plain.digits.contains(point))
        return plain;
    while (plain.digits.endsWith(QLatin1Char('0')))
        plain.digits.chop(1);
    if (plain.digits.endsWith(point))
        plain.digits.chop(1);
    return plain;
}

QString absentText()
{
    return QString(QChar(0x2013));
}

QString significant(double value, int digits)
{
    if (!std::isfinite(value))
        return absentText();
    if (value == 0)
        return QStringLiteral("0");
    if (std::abs(value) >= 999.5)
        return QLocale().toString(static_cast<qlonglong>(std::nearbyint(value)));
    const double rounded = roundedTo(value, digits);
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(rounded)) + 1e-12));
    return QLocale().toString(rounded, 'f', std::max(0, digits - 1 - exponent));
}

Figure formatDuration(std::optional<double> seconds)
{
    if (isAbsent(seconds))
        return {absentText(), {}};
    struct Step
    {
        double below; // seconds
        double unitSeconds;
        const char *name;
    };
    static constexpr std::array kSteps{
        Step{0.9995e-3, 1e-6, QT_TRANSLATE_NOOP("ui::format", "µs")},
        Step{0.9995, 1e-3, QT_TRANSLATE_NOOP("ui::format", "ms")},
        Step{599.5, 1, QT_TRANSLATE_NOOP("ui::format", "s")},
        Step{59.95 * 60, 60, QT_TRANSLATE_NOOP("ui::format", "min")},
    };
    const double magnitude = std::abs(*seconds);
    if (magnitude == 0)
        return {QStringLiteral("0"), translated("s")};
    for (const Step &step : kSteps) {
        if (magnitude < step.below)
            return {significant(*seconds / step.unitSeconds), translated(step.name)};
    }
    return {significant(*seconds / 3600), translated("h")};
}

Figure formatRate(std::optional<double> tokensPerSecond)
{
    if (isAbsent(tokensPerSecond))
        return {absentText(), {}};
    return {significant(*tokensPerSecond), translated("tok/s")};
}

Figure formatBytes(std::optional<double> bytes)
{
    if (isAbsent(bytes))
        return {absentText(), {}};
    static constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB", "PB"};
    double value = *bytes;
    std::size_t unit = 0;
    while (std::abs(value) >= 999.5 && unit + 1 < kUnits.size()) {
        // Memory is spoken of in GB up to 9,999 of them: "1,128 GB", as data sheets do.
        if (unit == 3 && std::abs(value) < 9999.5)
            break;
        value /= 1000;
        ++unit;
    }
    return {significant(value), QString::fromLatin1(kUnits[unit])};
}

Figure formatPercent(std::optional<double> percent)
{
    if (isAbsent(percent))
        return {absentText(), {}};
    const int decimals = std::abs(*percent) < 9.95 ? 1 : 0;
    const double power = decimals == 1 ? 10 : 1;
    return {QLocale().toString(std::nearbyint(*percent * power) / power, 'f', decimals),
            QStringLiteral("%")};
}

Figure formatRatio(std::optional<double> ratio)
{
    if (isAbsent(ratio))
        return {absentText(), {}};
    return {significant(*ratio) + QLatin1Char('x'), {}};
}

Figure formatMoney(std::optional<double> usd, int digits)
{
    return money(usd, digits, currencySign(kDollars));
}

Figure formatPrice(std::optional<std::int64_t> amount, const QString &currency)
{
    return money(amount ? std::optional<double>(static_cast<double>(*amount) / kMicro)
                        : std::nullopt,
                 3, currencySign(currency));
}

Figure formatAsked(std::optional<std::int64_t> amount, const QString &currency)
{
    if (!amount)
        return {absentText(), {}};
    if (*amount == 0)
        return {currencySign(currency) + QLatin1Char('0'), {}};
    constexpr int kMostDecimals = 6; // millionths have no more
    constexpr int kCents = 2;
    std::int64_t rest = *amount;
    int decimals = kMostDecimals;
    for (; decimals > kCents && rest % 10 == 0; --decimals)
        rest /= 10;
    return {currencySign(currency) +
                QLocale().toString(static_cast<double>(*amount) / kMicro, 'f', decimals),
            {}};
}

QString formatCount(std::int64_t count)
{
    const auto fits = [count](std::int64_t unit) {
        return count >= unit && (count * 10) % unit == 0 && count / unit < 1024;
    };
    constexpr std::int64_t kMega = 1024 * 1024;
    if (fits(kMega))
        return trimmedNumber(static_cast<double>(count) / (kKibi * kKibi), 1) + QLatin1Char('M');
    if (fits(1024))
        return trimmedNumber(static_cast<double>(count) / kKibi, 1) + QLatin1Char('K');
    return QLocale().toString(static_cast<qlonglong>(count));
}

QString formatWindow(std::optional<std::int64_t> tokens)
{
    if (!tokens)
        return absentText();
    const auto value = static_cast<double>(*tokens);
    if (*tokens >= 999'500)
        return trimmedNumber(roundedTo(value / 1e6, 3), 2) + QLatin1Char('M');
    if (*tokens >= 1000)
        return trimmedNumber(std::nearbyint(value / 1e3), 0) + QLatin1Char('K');
    return QString::number(*tokens);
}

QString formatParameters(std::int64_t count)
{
    const auto value = static_cast<double>(count);
    if (value >= 999.5e9)
        return significant(value / 1e12) + QLatin1Char('T');
    if (value >= 999.5e6)
        return significant(value / 1e9) + QLatin1Char('B');
    return significant(value / 1e6) + QLatin1Char('M');
}

QString formatTimeLeft(double seconds)
{
    const auto whole = static_cast<int>(roundedTimeLeft(seconds));
    if (whole < 60)
        return translated("about %1 s left").arg(whole);
    const int minutes = whole / 60;
    if (minutes >= 60)
        return translated("about %1 h %2 min left").arg(minutes / 60).arg(minutes % 60);
    if (whole % 60 == 0)
        return translated("about %1 min left").arg(minutes);
    return translated("about %1 min %2 s left").arg(minutes).arg(whole % 60);
}

std::optional<double> parseNumber(const QString &text)
{
    QString clean = text.trimmed();
    clean.remove(QLatin1Char('$'));
    clean.remove(QLatin1Char('%'));
    clean = clean.trimmed();
    // A comma followed by three digits separates thousands, else it is a decimal comma.
    const qsizetype comma = clean.lastIndexOf(QLatin1Char(','));
    if (comma >= 0) {
        if (clean.size() - comma - 1 == 3 || clean.contains(QLatin1Char('.')))
            clean.remove(QLatin1Char(','));
        else
            clean.replace(QLatin1Char(','), QLatin1Char('.'));
    }
    bool ok = false;
    const double value = QLocale::c().toDouble(clean, &ok);
    if (!ok || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<double> parseCount(const QString &text)
{
    QString clean = text.trimmed();
    if (clean.isEmpty())
        return std::nullopt;
    double unit = 1;
    switch (clean.back().unicode()) {
    case 'k':
    case 'K':
        unit = kKibi;
        break;
    case 'm':
    case 'M':
        unit = kKibi * kKibi;
        break;
    case 0x5343: // thousand
        unit = 1e3;
        break;
    case 0x4e07: // ten thousand
        unit = 1e4;
        break;
    default:
        break;
    }
    if (unit > 1)
        clean.chop(1);
    const std::optional<double> value = parseNumber(clean);
    if (!value || *value <= 0)
        return std::nullopt;
    return std::nearbyint(*value * unit);
}

QString errorTitle(engine::ErrorKind kind)
{
    switch (kind) {
    case engine::ErrorKind::BadInput:
        return translated("This input cannot be read");
    case engine::ErrorKind::Unsupported:
        return translated("Nothing here can run this");
    case engine::ErrorKind::NotFound:
        return translated("Not found");
    case engine::ErrorKind::DoesNotFit:
        return translated("This does not fit into memory");
    case engine::ErrorKind::Io:
        return translated("The system refused to read or write");
    case engine::ErrorKind::DeviceFailed:
        return translated("The device failed");
    case engine::ErrorKind::Cancelled:
        return translated("Stopped");
    case engine::ErrorKind::Internal:
        return translated("The engine stopped unexpectedly");
    }
    return {};
}

} // namespace ui
