// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/rows.h"
#include "app/catalog/snapshot_reader.h"

namespace app {
namespace {

// What is observed by that date outweighs what is said; what is said by then outweighs what is
// only observed later.
template <class Figure>
bool yields(const Figure &figure)
{
    return figure.kind != FigureKind::Observed || figure.datedAfterAsOf;
}

} // namespace

void SnapshotReader::readLimits()
{
    const QString sql =
        QStringLiteral("SELECT x.offer_id, x.valid_from, x.valid_to, x.context_window, "
                       "x.max_output, %1 FROM offer_limits x JOIN source s ON s.id = x.source_id "
                       "WHERE 1 %2 ORDER BY x.offer_id, s.precedence DESC, x.valid_from DESC")
            .arg(QLatin1String(kProvenanceColumns), within("x.offer_id"));
    each(sql, {}, [this](const QSqlQuery &row) {
        Offer &offer = m_offers[row.value(0).toLongLong()].offer;
        const Interval interval{optionalInstant(row.value(1)), optionalInstant(row.value(2))};
        // The best comes last: it overwrites, but a later date never overwrites what holds.
        if (!interval.holds(m_asOf) && (offer.contextWindow || !interval.later(m_asOf)))
            return;
        offer.contextWindow = optionalWhole(row.value(3));
        offer.maxOutput = optionalWhole(row.value(4));
        offer.contextProvenance = provenanceAt(row, 5, FigureKind::Observed);
    });
}

void SnapshotReader::readObservations()
{
    const QString sql =
        QStringLiteral("SELECT x.offer_id, x.metric, x.window_start, x.window_end, x.n, x.p50, "
                       "x.p99, w.note, s.name, x.upstream_locator, x.window_end, x.confidence, "
                       "x.note, s.slug, s.kind, s.stale_after_s, s.dead_after_s "
                       "FROM latency_obs x JOIN source s ON s.id = x.source_id "
                       "JOIN workload w ON w.id = x.workload_id WHERE x.p50 IS NOT NULL AND "
                       "x.metric IN ('ttft_ms', 'tps') %1 "
                       // Past ones from the oldest to the newest, then the later ones backwards:
                       // whichever is kept is the nearest to the date.
                       "ORDER BY x.window_end <= ?, "
                       "CASE WHEN x.window_end <= ? THEN x.window_end ELSE -x.window_end END")
            .arg(within("x.offer_id"));
    each(sql, {static_cast<qlonglong>(m_asOf), static_cast<qlonglong>(m_asOf)},
         [this](const QSqlQuery &row) {
             Offer &offer = m_offers[row.value(0).toLongLong()].offer;
             const Provenance provenance = provenanceAt(row, 8, FigureKind::Observed);
             const bool later = row.value(3).toLongLong() > m_asOf;
             if (row.value(1).toString() == QLatin1String("ttft_ms")) {
                 Wait wait;
                 wait.kind = FigureKind::Observed;
                 wait.p50Ms = optionalReal(row.value(5));
                 wait.p99Ms = optionalReal(row.value(6));
                 wait.n = optionalWhole(row.value(4));
                 wait.text = row.value(7).toString();
                 wait.windowStart = row.value(2).toLongLong();
                 wait.windowEnd = row.value(3).toLongLong();
                 wait.datedAfterAsOf = later;
                 wait.provenance = provenance;
                 offer.wait = std::move(wait);
             } else {
                 Pace pace;
                 pace.kind = FigureKind::Observed;
                 pace.p50TokensPerSecond = optionalReal(row.value(5));
                 pace.n = optionalWhole(row.value(4));
                 pace.text = row.value(7).toString();
                 pace.datedAfterAsOf = later;
                 pace.provenance = provenance;
                 offer.pace = std::move(pace);
             }
         });
}

void SnapshotReader::readClaim(const QSqlQuery &row, Gathered &gathered)
{
    Offer &offer = gathered.offer;
    const QString metric = row.value(1).toString();
    const auto lower = optionalReal(row.value(2));
    const auto upper = optionalReal(row.value(3));
    const QString words = row.value(4).toString();
    const Provenance provenance = provenanceAt(row, 6, FigureKind::Claimed);
    if (!row.value(5).isNull()) {
        const auto versus = m_offers.find(row.value(5).toLongLong());
        if (versus != m_offers.end() && lower)
            m_catalog.relations.push_back(
                {offer.id, versus->second.offer.id, *lower, words, provenance});
    } else if (metric == QLatin1String("ttft_ms") && yields(offer.wait)) {
        Wait wait;
        wait.kind = FigureKind::Claimed;
        wait.lowerMs = lower;
        wait.upperMs = upper;
        wait.text = words;
        wait.provenance = provenance;
        offer.wait = std::move(wait);
    } else if (metric == QLatin1String("tps") && yields(offer.pace)) {
        Pace pace;
        pace.kind = FigureKind::Claimed;
        pace.lowerTokensPerSecond = lower;
        pace.upperTokensPerSecond = upper;
        pace.text = words;
        pace.provenance = provenance;
        offer.pace = std::move(pace);
    } else if (metric == QLatin1String("blended_micro") && lower && upper) {
        offer.blendedRange = BlendedRange{static_cast<MicroPerMillion>(*lower),
                                          static_cast<MicroPerMillion>(*upper), words, provenance};
    }
}

void SnapshotReader::readClaims()
{
    const QString sql =
        QStringLiteral("SELECT x.offer_id, x.metric, x.lower, x.upper, x.words, x.versus_offer_id, "
                       "%1 FROM claim x JOIN source s ON s.id = x.source_id WHERE "
                       "(x.valid_from IS NULL OR x.valid_from <= ?) AND "
                       "(x.valid_to IS NULL OR x.valid_to > ?) %2 ORDER BY s.precedence DESC, "
                       "x.valid_from")
            .arg(QLatin1String(kProvenanceColumns), within("x.offer_id"));
    each(sql, {static_cast<qlonglong>(m_asOf), static_cast<qlonglong>(m_asOf)},
         [this](const QSqlQuery &row) { readClaim(row, m_offers[row.value(0).toLongLong()]); });
}

} // namespace app
