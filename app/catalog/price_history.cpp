// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/card_reader.h"
#include "app/catalog/database.h"
#include "app/catalog/rows.h"
#include "app/catalog/snapshot.h"

namespace app {
namespace {

PriceStatus statusOf(const QString &word)
{
    if (word == QLatin1String("announced"))
        return PriceStatus::Announced;
    return word == QLatin1String("cancelled") ? PriceStatus::Cancelled : PriceStatus::Active;
}

ChangeKind changeKindOf(const QString &word)
{
    if (word == QLatin1String("correction"))
        return ChangeKind::Correction;
    if (word == QLatin1String("schema_change"))
        return ChangeKind::SchemaChange;
    return word == QLatin1String("price_change") ? ChangeKind::PriceChange : ChangeKind::Initial;
}

} // namespace

engine::Result<qint64> findOffer(const QSqlDatabase &database, const QString &key)
{
    auto row = database::run(database, QStringLiteral("SELECT id FROM offer WHERE key = ?"), {key});
    if (!row)
        return tl::make_unexpected(row.error());
    if (row->next())
        return row->value(0).toLongLong();
    return engine::fail(engine::ErrorKind::NotFound,
                        QStringLiteral("There is no offer %1 in the catalog; catalog list shows "
                                       "what there is.")
                            .arg(key)
                            .toStdString());
}

engine::Result<std::vector<PriceStep>> readPriceHistory(const QSqlDatabase &database,
                                                        const QString &offerId)
{
    const auto offer = findOffer(database, offerId);
    if (!offer)
        return tl::make_unexpected(offer.error());
    CardReader cards(database);
    auto rows =
        database::run(database,
                      QStringLiteral("SELECT x.id, x.valid_from, x.valid_to, x.valid_from_basis, "
                                     "x.currency, x.status, x.change_kind, x.recorded_at, %1 "
                                     "FROM price_version x JOIN source s "
                                     "ON s.id = x.source_id WHERE x.offer_id = ? AND "
                                     "x.status <> 'quarantined' AND x.superseded_at IS NULL "
                                     "ORDER BY x.valid_from, s.precedence")
                          .arg(QLatin1String(kProvenanceColumns)),
                      {*offer});
    if (!rows)
        return tl::make_unexpected(rows.error());
    std::vector<PriceStep> steps;
    while (rows->next()) {
        auto card = cards.read(rows->value(0).toLongLong(), rows->value(4).toString());
        if (!card)
            return tl::make_unexpected(card.error());
        steps.push_back({std::move(*card), optionalInstant(rows->value(1)),
                         optionalInstant(rows->value(2)), basisOf(rows->value(3).toString()),
                         provenanceAt(*rows, 8, FigureKind::Observed),
                         statusOf(rows->value(5).toString()),
                         changeKindOf(rows->value(6).toString()), rows->value(7).toLongLong()});
    }
    return steps;
}

} // namespace app
