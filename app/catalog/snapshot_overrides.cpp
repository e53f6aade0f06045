// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "app/catalog/rows.h"
#include "app/catalog/snapshot_reader.h"

namespace app {
namespace {

constexpr int kRunsUntilWithdrawn = 2;

bool isFor(const PriceRule &rule, std::int64_t above, const std::optional<Schedule> &schedule)
{
    const QString here = rule.schedule ? rule.schedule->id : QString();
    return rule.aboveInputTokens == above && here == (schedule ? schedule->id : QString());
}

// The prices that a threshold and a schedule name in the card; made where there are none.
Prices &pricesFor(PriceCard &card, std::int64_t above, const std::optional<Schedule> &schedule)
{
    if (above == 0 && !schedule)
        return card.base;
    const auto found =
        std::find_if(card.rules.begin(), card.rules.end(),
                     [&](const PriceRule &rule) { return isFor(rule, above, schedule); });
    if (found != card.rules.end())
        return found->prices;
    const auto next =
        std::find_if(card.rules.begin(), card.rules.end(),
                     [&](const PriceRule &rule) { return rule.aboveInputTokens > above; });
    return card.rules.insert(next, PriceRule{above, schedule, {}})->prices;
}

} // namespace

void SnapshotReader::readOverrides()
{
    each(QStringLiteral("SELECT x.offer_id, x.id, x.component, x.min_input_tokens, x.schedule_id, "
                        "x.amount_pico, x.reason, x.created_at, x.base_card_hash "
                        "FROM user_override x WHERE x.removed_at IS NULL AND "
                        "(x.valid_from IS NULL OR x.valid_from <= ?) AND "
                        "(x.valid_to IS NULL OR x.valid_to > ?) %1 ORDER BY x.id")
             .arg(within("x.offer_id")),
         {static_cast<qlonglong>(m_asOf), static_cast<qlonglong>(m_asOf)},
         [this](const QSqlQuery &row) {
             OverrideRow over;
             over.applied.id = row.value(1).toLongLong();
             over.applied.component = row.value(2).toString();
             over.applied.aboveInputTokens = row.value(3).toLongLong();
             over.schedule = row.value(4).toLongLong();
             over.applied.amount = row.value(5).toLongLong();
             over.applied.reason = row.value(6).toString();
             over.applied.since = row.value(7).toLongLong();
             over.baseHash = row.value(8).toString();
             m_offers[row.value(0).toLongLong()].overrides.push_back(std::move(over));
         });
}

void SnapshotReader::applyOverrides(Gathered &gathered, CardReader &cards, const QString &hash)
{
    for (OverrideRow &over : gathered.overrides) {
        AppliedOverride applied = over.applied;
        const auto schedule = cards.schedule(over.schedule);
        applied.schedule = schedule ? schedule->id : QString();
        Prices &prices = pricesFor(gathered.offer.card, applied.aboveInputTokens, schedule);
        if (auto *price = priceOf(prices, applied.component)) {
            applied.imported = *price;
            *price = applied.amount;
        }
        applied.baseChanged = over.baseHash != hash;
        gathered.offer.overrides.push_back(std::move(applied));
    }
}

void SnapshotReader::readMarks()
{
    each(QStringLiteral("SELECT x.offer_id, s.slug, x.missing_since, x.missing_runs, x.unpriced "
                        "FROM offer_seen x JOIN source s ON s.id = x.source_id WHERE "
                        "(x.missing_runs > 0 OR (x.unpriced IS NOT NULL AND x.first_seen <= ?)) "
                        "%1")
             .arg(within("x.offer_id")),
         {static_cast<qlonglong>(m_asOf)}, [this](const QSqlQuery &row) {
             Gathered &gathered = m_offers[row.value(0).toLongLong()];
             if (row.value(3).toInt() >= kRunsUntilWithdrawn && row.value(2).toLongLong() <= m_asOf)
                 gathered.withdrawn[row.value(1).toString()] = row.value(2).toLongLong();
             if (!row.value(4).isNull())
                 gathered.offer.unpriced = row.value(4).toString();
         });
    each(QStringLiteral("SELECT o.id FROM quarantine q JOIN offer o ON o.key = q.offer_key "
                        "WHERE q.decision IS NULL AND q.observed_at <= ? %1")
             .arg(within("o.id")),
         {static_cast<qlonglong>(m_asOf)}, [this](const QSqlQuery &row) {
             m_offers[row.value(0).toLongLong()].offer.heldForReview = true;
         });
}

} // namespace app
