// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/price_text.h"

namespace app {
namespace {

QString decimal(std::int64_t amount, std::int64_t one, int places)
{
    QString text =
        QStringLiteral("%1.%2").arg(amount / one).arg(amount % one, places, 10, QLatin1Char('0'));
    while (text.endsWith(u'0'))
        text.chop(1);
    if (text.endsWith(u'.'))
        text.chop(1);
    return text;
}

} // namespace

QString priceText(MicroPerMillion price)
{
    return decimal(price, 1'000'000, 6);
}

QString picoText(Pico amount)
{
    return decimal(amount, 1'000'000'000'000, 12);
}

} // namespace app
