// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_list.h"

#include <algorithm>

#include <QStringList>

#include "app/catalog/offer_export.h"
#include "app/catalog/price_text.h"

namespace app {
namespace {

using engine::ErrorKind;

QString waitText(const Wait &wait)
{
    const auto seconds = [](double ms) {
        return QString::number(ms / 1000, 'g', 3) + QStringLiteral(" s");
    };
    if (wait.p50Ms)
        return seconds(*wait.p50Ms);
    if (wait.upperMs)
        return QStringLiteral("< ") + seconds(*wait.upperMs);
    if (wait.lowerMs)
        return QStringLiteral("> ") + seconds(*wait.lowerMs);
    return QStringLiteral("-");
}

QString optionalPrice(const std::optional<MicroPerMillion> &price)
{
    return price ? priceText(*price) : QStringLiteral("-");
}

QStringList tableRow(const Offer &offer)
{
    const Prices &base = offer.card.base;
    QString mixed = QStringLiteral("-");
    if (const auto blend = blended(base, {3, 1, 0}))
        mixed = priceText(blend->amount);
    else if (offer.blendedRange)
        mixed = priceText(offer.blendedRange->lower) + QStringLiteral(" to ") +
                priceText(offer.blendedRange->upper);
    const Provenance &source =
        offer.blendedRange ? offer.blendedRange->provenance : offer.provenance;
    return {offer.id,
            offer.model,
            offer.card.currency,
            optionalPrice(base.input),
            optionalPrice(base.cacheRead),
            optionalPrice(base.output),
            mixed,
            offer.contextWindow ? QString::number(*offer.contextWindow) : QStringLiteral("-"),
            waitText(offer.wait),
            source.date.toString(Qt::ISODate) +
                (offer.datedAfterAsOf ? QStringLiteral(" (later)") : QStringLiteral("")),
            source.sourceName};
}

QByteArray table(const std::vector<const Offer *> &offers, const QDate &asOf)
{
    QList<QStringList> rows{{QStringLiteral("OFFER"), QStringLiteral("MODEL"),
                             QStringLiteral("CUR"), QStringLiteral("IN"), QStringLiteral("CACHED"),
                             QStringLiteral("OUT"), QStringLiteral("3:1"),
                             QStringLiteral("CONTEXT"), QStringLiteral("WAIT"),
                             QStringLiteral("DATED"), QStringLiteral("SOURCE")}};
    for (const Offer *offer : offers)
        rows.append(tableRow(*offer));
    std::vector<qsizetype> widths(static_cast<std::size_t>(rows.front().size()), 0);
    for (const QStringList &row : rows) {
        for (qsizetype i = 0; i < row.size(); ++i)
            widths[std::size_t(i)] = std::max(widths[std::size_t(i)], row[i].size());
    }
    QString text = QStringLiteral("Offers as of %1: %2. Prices are per million tokens.\n")
                       .arg(asOf.toString(Qt::ISODate))
                       .arg(offers.size());
    for (const QStringList &row : rows) {
        QString line;
        for (qsizetype i = 0; i < row.size(); ++i)
            line += row[i].leftJustified(widths[std::size_t(i)] + 2);
        text += line.trimmed() + u'\n';
    }
    return text.toUtf8();
}

} // namespace

engine::Result<QByteArray> listOffers(const Catalog &catalog, const CatalogListRequest &request)
{
    std::vector<const Offer *> offers;
    for (const Offer &offer : catalog.offers) {
        const bool model = request.model.isEmpty() || offer.model == request.model ||
                           offer.family == request.model;
        const bool provider = request.provider.isEmpty() || offer.provider == request.provider ||
                              offer.providerName == request.provider;
        if (model && provider)
            offers.push_back(&offer);
    }
    const QDate asOf = dayOf(catalog.asOf);
    if (offers.empty())
        return engine::fail(
            ErrorKind::NotFound,
            QStringLiteral("No offer fits on %1; \"catalog list\" alone shows every "
                           "model and provider of that day.")
                .arg(asOf.toString(Qt::ISODate))
                .toStdString());
    if (request.csv)
        return offersCsv(offers);
    return request.json ? offersJson(offers, catalog.asOf) : table(offers, asOf);
}

} // namespace app
