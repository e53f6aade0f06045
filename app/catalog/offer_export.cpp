// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/offer_export.h"

#include <QDateTime>
#include <QStringList>

#include "app/catalog/import/own_csv.h"
#include "app/catalog/price_text.h"
#include "app/catalog/words.h"

namespace app {
namespace {

QString price(const std::optional<MicroPerMillion> &amount)
{
    return amount ? priceText(*amount) : QString();
}

QString count(const std::optional<std::int64_t> &value)
{
    return value ? QString::number(*value) : QString();
}

QString instant(const std::optional<UnixSeconds> &at)
{
    return at ? QDateTime::fromSecsSinceEpoch(*at, Qt::UTC).toString(Qt::ISODate) : QString();
}

// Whose word the row is: of the price, else of the range, else of the context window.
const Provenance &provenanceOf(const Offer &offer)
{
    if (!offer.provenance.source.isEmpty())
        return offer.provenance;
    return offer.blendedRange ? offer.blendedRange->provenance : offer.contextProvenance;
}

// In the order of kCsvColumns.
QStringList row(const Offer &offer, const Prices &prices, std::int64_t above,
                const QString &schedule, bool base)
{
    const Provenance &source = provenanceOf(offer);
    return {offer.provider,
            offer.via,
            offer.providerModelId,
            offer.region,
            offer.serviceTier,
            offer.quantization,
            offer.id.section(QLatin1Char('~'), 1),
            offer.model,
            offer.card.currency,
            instant(offer.validFrom),
            instant(offer.validTo),
            word(offer.basis),
            above == 0 ? QString() : QString::number(above),
            schedule,
            price(prices.input),
            price(prices.output),
            price(prices.cacheRead),
            price(prices.cacheWrite),
            QString(),
            price(prices.reasoning),
            price(prices.request),
            base ? count(offer.contextWindow) : QString(),
            base ? count(offer.maxOutput) : QString(),
            source.source,
            source.address,
            source.date.toString(Qt::ISODate),
            word(source.confidence),
            source.note};
}

void append(QByteArray &csv, const QStringList &cells)
{
    QStringList safe;
    for (const QString &cell : cells)
        safe.append(safeCell(cell));
    csv += safe.join(QLatin1Char(',')).toUtf8() + "\r\n";
}

} // namespace

QByteArray offersCsv(const std::vector<const Offer *> &offers)
{
    QStringList header;
    for (const char *column : kCsvColumns)
        header.append(QLatin1String(column));
    QByteArray csv = header.join(QLatin1Char(',')).toUtf8() + "\r\n";
    for (const Offer *offer : offers) {
        append(csv, row(*offer, offer->card.base, 0, {}, true));
        for (const PriceRule &rule : offer->card.rules)
            append(csv, row(*offer, rule.prices, rule.aboveInputTokens,
                            rule.schedule ? rule.schedule->id : QString(), false));
    }
    return csv;
}

} // namespace app
