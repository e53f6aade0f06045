// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/provenance.h"

#include "app/catalog/database.h"
#include "app/catalog/rows.h"
#include "app/catalog/snapshot.h"

namespace app {

engine::Result<std::vector<FigureTrail>> readProvenance(const QSqlDatabase &database,
                                                        const QString &offerId, UnixSeconds asOf)
{
    const auto offer = findOffer(database, offerId);
    if (!offer)
        return tl::make_unexpected(offer.error());
    auto row = database::run(
        database,
        QStringLiteral("SELECT c.component, c.min_input_tokens, h.slug, c.amount_pico, x.currency, "
                       "c.raw_text, x.valid_from, x.valid_from_basis, x.recorded_at, r.importer, "
                       "r.uri, x.id, %1 FROM price_version x JOIN source s ON s.id = x.source_id "
                       "JOIN import_run r ON r.id = x.run_id JOIN price_component c "
                       "ON c.price_version_id = x.id LEFT JOIN schedule h ON h.id = c.schedule_id "
                       "WHERE x.offer_id = ? AND x.status = 'active' AND x.superseded_at IS NULL "
                       "AND (x.valid_from IS NULL OR x.valid_from <= ?) AND (x.valid_to IS NULL OR "
                       "x.valid_to > ?) ORDER BY s.precedence, x.checked_at DESC, x.id, "
                       "c.min_input_tokens, c.schedule_id, c.component")
            .arg(QLatin1String(kProvenanceColumns)),
        {*offer, static_cast<qlonglong>(asOf), static_cast<qlonglong>(asOf)});
    if (!row)
        return tl::make_unexpected(row.error());
    std::vector<FigureTrail> trails;
    std::optional<qint64> shown;
    while (row->next()) {
        FigureTrail trail;
        trail.component = row->value(0).toString();
        trail.aboveInputTokens = row->value(1).toLongLong();
        trail.schedule = row->value(2).toString();
        trail.amount = row->value(3).toLongLong();
        trail.currency = row->value(4).toString();
        trail.rawText = row->value(5).toString();
        trail.validFrom = optionalInstant(row->value(6));
        trail.basis = basisOf(row->value(7).toString());
        trail.recordedAt = row->value(8).toLongLong();
        trail.importer = row->value(9).toString();
        trail.uri = row->value(10).toString();
        trail.provenance = provenanceAt(*row, 12, FigureKind::Observed);
        const qint64 version = row->value(11).toLongLong();
        if (!shown)
            shown = version;
        trail.shown = version == *shown;
        trails.push_back(std::move(trail));
    }
    return trails;
}

engine::Result<std::vector<TokenUse>> readTokenUses(const QSqlDatabase &database)
{
    auto row = database::run(
        database,
        QStringLiteral("SELECT m.slug, x.setting, x.task, x.cases, x.passed_ppm, x.prompt_tokens, "
                       "x.completion_tokens, x.seconds_per_case, %1 FROM token_use x JOIN source s "
                       "ON s.id = x.source_id JOIN model m ON m.id = x.model_id "
                       "ORDER BY m.slug, x.task, x.setting")
            .arg(QLatin1String(kProvenanceColumns)));
    if (!row)
        return tl::make_unexpected(row.error());
    std::vector<TokenUse> uses;
    while (row->next())
        uses.push_back({row->value(0).toString(), row->value(1).toString(),
                        row->value(2).toString(), row->value(3).toLongLong(),
                        row->value(4).toLongLong(), optionalWhole(row->value(5)),
                        optionalWhole(row->value(6)), optionalReal(row->value(7)),
                        provenanceAt(*row, 8, FigureKind::Observed)});
    return uses;
}

} // namespace app
