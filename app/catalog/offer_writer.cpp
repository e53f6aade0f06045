// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/offer_writer.h"

#include "app/catalog/sql_values.h"

namespace app {

using database::number;
using database::orEmpty;
using database::orNull;
using database::startOfDay;

qint64 OfferWriter::offer(const FileOffer &offer)
{
    return m_rows.returning(
        "INSERT INTO offer (provider_id, via_provider_id, provider_model_id, region, service_tier, "
        "quantization, endpoint_ref, first_seen, last_seen, retired_at, key) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 9223372036854775807, 0, ?, ?) "
        "ON CONFLICT (provider_id, ifnull(via_provider_id,0), provider_model_id, region, "
        "service_tier, quantization, endpoint_ref) DO UPDATE SET "
        "retired_at = ifnull(excluded.retired_at, retired_at), key = excluded.key RETURNING id",
        {m_names.provider(offer.provider),
         offer.via.isEmpty() ? QVariant() : QVariant(m_names.provider(offer.via)), offer.modelId,
         orEmpty(offer.region), offer.tier, offer.quantization, orEmpty(offer.endpoint),
         orNull(offer.retired), offerKey(offer)});
}

void OfferWriter::alias(const FileOffer &offer, const FileAlias &alias, qint64 model, qint64 source,
                        const char *confidence)
{
    m_rows.run("INSERT INTO model_alias (alias, provider_id, model_id, valid_from, valid_to, "
               "source_id, confidence) VALUES (?, ?, ?, ?, ?, ?, ?)",
               {offer.modelId, m_names.provider(offer.provider), model, orNull(alias.from),
                orNull(alias.to), source, QLatin1String(confidence)});
}

qint64 OfferWriter::price(const FilePrice &price, qint64 offerId, const PriceRow &row)
{
    const qint64 id = m_rows.returning(
        "INSERT INTO price_version (offer_id, source_id, valid_from, valid_to, valid_from_basis, "
        "recorded_at, change_kind, status, currency, checked_at, run_id, upstream_locator, note, "
        "card_hash, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        {offerId, m_names.source(price.origin.source), orNull(price.from), orNull(price.to),
         price.basis, number(row.recordedAt), row.changeKind, price.status, price.currency,
         number(startOfDay(price.origin.date)), m_run, price.origin.locator,
         orNull(price.origin.note), cardHash(price), price.origin.confidence});
    for (const FileComponent &component : price.components) {
        const bool perRequest = component.component == QLatin1String("request");
        m_rows.run("INSERT INTO price_component (price_version_id, component, min_input_tokens, "
                   "schedule_id, amount_pico, per, origin, raw_text) "
                   "VALUES (?, ?, ?, ?, ?, ?, 'stated', ?)",
                   {id, component.component, number(component.aboveInputTokens),
                    m_names.schedule(component.schedule), number(component.amount),
                    perRequest ? QStringLiteral("request") : QStringLiteral("token"),
                    orNull(component.rawText)});
    }
    return id;
}

void OfferWriter::limits(const FileLimits &limits, qint64 offerId)
{
    m_rows.run("INSERT INTO offer_limits (offer_id, source_id, valid_from, valid_to, "
               "context_window, max_output, run_id, checked_at, upstream_locator, note, "
               "confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
               {offerId, m_names.source(limits.origin.source), number(limits.from),
                orNull(limits.to), orNull(limits.contextWindow), orNull(limits.maxOutput), m_run,
                number(startOfDay(limits.origin.date)), limits.origin.locator,
                orNull(limits.origin.note), limits.origin.confidence});
}

void OfferWriter::observation(const FileObservation &observed, qint64 offerId)
{
    m_rows.run("INSERT OR IGNORE INTO latency_obs (offer_id, source_id, workload_id, run_id, "
               "metric, window_start, window_end, n, p50, p75, p90, p99, percentile_of, "
               "upstream_locator, note, confidence) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'requests', ?, ?, ?)",
               {offerId, m_names.source(observed.origin.source),
                m_names.workload(observed.workload), m_run, observed.metric, number(observed.start),
                number(observed.end), orNull(observed.n), orNull(observed.p50),
                orNull(observed.p75), orNull(observed.p90), orNull(observed.p99),
                observed.origin.locator, orNull(observed.origin.note), observed.origin.confidence});
}

void OfferWriter::claim(const FileClaim &claim, qint64 offerId, qint64 versusId)
{
    m_rows.run("INSERT INTO claim (offer_id, versus_offer_id, source_id, metric, lower, upper, "
               "words, valid_from, valid_to, checked_at, run_id, upstream_locator, note, "
               "confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
               {offerId, versusId == 0 ? QVariant() : QVariant(versusId),
                m_names.source(claim.origin.source), claim.metric, orNull(claim.lower),
                orNull(claim.upper), claim.words, orNull(claim.from), orNull(claim.to),
                number(startOfDay(claim.origin.date)), m_run, claim.origin.locator,
                orNull(claim.origin.note), claim.origin.confidence});
}

void OfferWriter::seen(qint64 offerId, const QString &source, UnixSeconds at, const Seen &seen)
{
    const QVariant when = number(at);
    m_rows.run("INSERT INTO offer_seen (offer_id, source_id, upstream_key, first_seen, last_seen, "
               "last_run_id, scope, unpriced) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
               "ON CONFLICT (offer_id, source_id) DO UPDATE SET "
               "first_seen = min(first_seen, excluded.first_seen), "
               "last_seen = max(last_seen, excluded.last_seen), "
               "last_run_id = excluded.last_run_id, upstream_key = excluded.upstream_key, "
               "scope = excluded.scope, unpriced = excluded.unpriced, missing_since = NULL, "
               "missing_runs = 0",
               {offerId, m_names.source(source), seen.key, when, when, m_run, orEmpty(seen.scope),
                orNull(seen.unpriced)});
}

void OfferWriter::finish()
{
    m_rows.run("UPDATE offer SET first_seen = min(first_seen, (SELECT min(s.first_seen) FROM "
               "offer_seen s WHERE s.offer_id = offer.id)), last_seen = max(last_seen, (SELECT "
               "max(s.last_seen) FROM offer_seen s WHERE s.offer_id = offer.id)) WHERE id IN "
               "(SELECT offer_id FROM offer_seen WHERE last_run_id = ?)",
               {m_run});
}

} // namespace app
