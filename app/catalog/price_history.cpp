// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/card_reader.h"
#include "app/catalog/database.h"
#include "app/catalog/rows.h"
#include "app/catalog/snapshot.h"

namespace app {
namespace {

engine::Result<qint64> findOffer(const QSqlDatabase &database, const QString &key)
{
    auto rows =
        database::run(database,
                      QStringLiteral("SELECT o.id, %1 FROM offer o JOIN provider p "
                                     "ON p.id = o.provider_id LEFT JOIN provider v "
                                     "ON v.id = o.via_provider_id WHERE instr(?, p.slug) = 1")
                          .arg(QLatin1String(kOfferColumns)),
                      {key});
    if (!rows)
        return tl::make_unexpected(rows.error());
    while (rows->next()) {
        if (offerKeyAt(*rows, 1) == key)
            return rows->value(0).toLongLong();
    }
    return engine::fail(engine::ErrorKind::NotFound,
                        QStringLiteral("There is no offer %1 in the catalog; catalog list shows "
                                       "what there is.")
                            .arg(key)
                            .toStdString());
}

} // namespace

engine::Result<std::vector<PriceStep>> readPriceHistory(const QSqlDatabase &database,
                                                        const QString &offerId)
{
    const auto offer = findOffer(database, offerId);
    if (!offer)
        return tl::make_unexpected(offer.error());
    auto cards = CardReader::create(database);
    if (!cards)
        return tl::make_unexpected(cards.error());
    auto rows =
        database::run(database,
                      QStringLiteral("SELECT x.id, x.valid_from, x.valid_to, x.valid_from_basis, "
                                     "x.currency, %1 FROM price_version x JOIN source s "
                                     "ON s.id = x.source_id WHERE x.offer_id = ? AND "
                                     "x.status = 'active' AND x.superseded_at IS NULL "
                                     "ORDER BY x.valid_from, s.precedence")
                          .arg(QLatin1String(kProvenanceColumns)),
                      {*offer});
    if (!rows)
        return tl::make_unexpected(rows.error());
    std::vector<PriceStep> steps;
    while (rows->next()) {
        auto card = cards->read(rows->value(0).toLongLong(), rows->value(4).toString());
        if (!card)
            return tl::make_unexpected(card.error());
        steps.push_back({std::move(*card), optionalInstant(rows->value(1)),
                         optionalInstant(rows->value(2)), basisOf(rows->value(3).toString()),
                         provenanceAt(*rows, 5, FigureKind::Observed)});
    }
    return steps;
}

} // namespace app
