// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/snapshot.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <QStringList>

#include "app/catalog/offer_labels.h"
#include "app/catalog/rows.h"
#include "app/catalog/snapshot_reader.h"

namespace app {
namespace {

// A later date that nobody declared may well have been true before.
bool mayReachBack(DateBasis basis)
{
    return basis != DateBasis::VendorDeclared && basis != DateBasis::SourceDeclared;
}

} // namespace

QString SnapshotReader::within(const char *column) const
{
    return m_ids ? QStringLiteral("AND %1 IN (%2)").arg(QLatin1String(column), *m_ids) : QString();
}

void SnapshotReader::readScope()
{
    if (m_scope.offer.isEmpty() && m_scope.familyOrModel.isEmpty())
        return;
    QStringList ids;
    const auto add = [&ids](const QSqlQuery &row) { ids.append(row.value(0).toString()); };
    if (!m_scope.offer.isEmpty())
        each(QStringLiteral("SELECT id FROM offer WHERE key = ?"), {m_scope.offer}, add);
    else
        each(QStringLiteral("SELECT DISTINCT o.id FROM model m JOIN model_alias a "
                            "ON a.model_id = m.id JOIN offer o ON o.provider_model_id = a.alias "
                            "AND o.provider_id = a.provider_id WHERE m.slug = ? OR m.family = ?"),
             {m_scope.familyOrModel, m_scope.familyOrModel}, add);
    m_ids = ids.join(QLatin1Char(','));
}

void SnapshotReader::readNames()
{
    const QString sold = m_ids ? QStringLiteral("JOIN offer o ON o.provider_id = a.provider_id AND "
                                                "o.provider_model_id = a.alias AND o.id IN (%1)")
                                     .arg(*m_ids)
                               : QString();
    const QString which =
        m_ids ? QStringLiteral("WHERE id IN (SELECT a.model_id FROM model_alias a %1)").arg(sold)
              : QString();
    each(QStringLiteral("SELECT slug, name, family, released_on, params_total, params_active "
                        "FROM model %1")
             .arg(which),
         {}, [this](const QSqlQuery &row) {
             CatalogModel model;
             model.id = row.value(0).toString();
             model.name = row.value(1).toString();
             model.family = row.value(2).toString();
             model.releasedOn = QDate::fromString(row.value(3).toString(), Qt::ISODate);
             model.paramsTotal = optionalWhole(row.value(4));
             model.paramsActive = optionalWhole(row.value(5));
             m_models.emplace(model.id, model);
             m_catalog.models.push_back(model);
         });
    if (!m_ids)
        each(QStringLiteral("SELECT upstream_date FROM import_run WHERE importer = 'seed' AND "
                            "status = 'applied' ORDER BY id DESC LIMIT 1"),
             {}, [this](const QSqlQuery &row) {
                 m_catalog.seedDate = dayOf(row.value(0).toLongLong());
             });
    each(QStringLiteral("SELECT DISTINCT p.slug, a.alias, m.slug, a.valid_from, a.valid_to "
                        "FROM model_alias a %1 JOIN provider p ON p.id = a.provider_id "
                        "JOIN model m ON m.id = a.model_id ORDER BY a.valid_from")
             .arg(sold),
         {}, [this](const QSqlQuery &row) {
             m_aliases[{row.value(0).toString(), row.value(1).toString()}].push_back(
                 {row.value(2).toString(),
                  {optionalInstant(row.value(3)), optionalInstant(row.value(4))}});
         });
}

void SnapshotReader::readOffers()
{
    each(QStringLiteral("SELECT o.id, p.name, v.name, o.retired_at, o.key, p.slug, v.slug, "
                        "o.provider_model_id, o.region, o.service_tier, o.quantization FROM offer "
                        "o JOIN provider p ON p.id = o.provider_id LEFT JOIN provider v "
                        "ON v.id = o.via_provider_id WHERE 1 %1")
             .arg(within("o.id")),
         {}, [this](const QSqlQuery &row) {
             Gathered gathered;
             Offer &offer = gathered.offer;
             offer.providerName = row.value(1).toString();
             offer.viaName = row.value(2).toString();
             offer.id = row.value(4).toString();
             offer.provider = row.value(5).toString();
             offer.via = row.value(6).toString();
             offer.providerModelId = row.value(7).toString();
             offer.region = row.value(8).toString();
             offer.serviceTier = row.value(9).toString();
             offer.quantization = row.value(10).toString();
             const auto retired = optionalInstant(row.value(3));
             gathered.retired = retired && *retired <= m_asOf;
             m_offers.emplace(row.value(0).toLongLong(), std::move(gathered));
         });
}

// A version that was believed at an earlier time had no end yet where the one that ended it came to
// be known later.
void SnapshotReader::readVersions()
{
    const QString ends =
        m_scope.believedAt
            ? QStringLiteral("CASE WHEN EXISTS (SELECT 1 FROM price_version y WHERE y.offer_id = "
                             "x.offer_id AND y.source_id = x.source_id AND y.valid_from = "
                             "x.valid_to AND y.recorded_at > %1) THEN NULL ELSE x.valid_to END")
                  .arg(*m_scope.believedAt)
            : QStringLiteral("x.valid_to");
    const QString believed =
        m_scope.believedAt ? QStringLiteral("x.recorded_at <= %1 AND (x.superseded_at IS NULL OR "
                                            "x.superseded_at > %1)")
                                 .arg(*m_scope.believedAt)
                           : QStringLiteral("x.superseded_at IS NULL");
    const QString sql =
        QStringLiteral("SELECT x.offer_id, x.id, x.source_id, x.valid_from, %2 AS ends, "
                       "x.valid_from_basis, x.currency, s.precedence, x.card_hash, %1 "
                       "FROM price_version x JOIN source s ON s.id = x.source_id "
                       "WHERE x.status = 'active' AND %3 AND (ends IS NULL OR ends > ?) %4 "
                       "ORDER BY x.offer_id, x.source_id, x.valid_from")
            .arg(QLatin1String(kProvenanceColumns), ends, believed, within("x.offer_id"));
    std::pair<qint64, qint64> last{0, 0};
    each(sql, {static_cast<qlonglong>(m_asOf)}, [&](const QSqlQuery &row) {
        const std::pair key{row.value(0).toLongLong(), row.value(2).toLongLong()};
        // Ordered by start: the first that has not ended is the one that holds, or the next to
        // come.
        if (std::exchange(last, key) == key)
            return;
        Version version;
        version.id = row.value(1).toLongLong();
        version.interval = {optionalInstant(row.value(3)), optionalInstant(row.value(4))};
        version.basis = basisOf(row.value(5).toString());
        version.currency = row.value(6).toString();
        version.precedence = row.value(7).toInt();
        version.hash = row.value(8).toString();
        version.provenance = provenanceAt(row, 9, FigureKind::Observed);
        Gathered &gathered = m_offers[key.first];
        if (version.interval.holds(m_asOf))
            gathered.holding.push_back(std::move(version));
        else if (mayReachBack(version.basis))
            gathered.later.push_back(std::move(version));
    });
}

void SnapshotReader::nameModel(Offer &offer) const
{
    const auto aliases = m_aliases.find({offer.provider, offer.providerModelId});
    if (aliases == m_aliases.end() || aliases->second.empty())
        return;
    const auto holds = [this](const AliasRow &alias) { return alias.interval.holds(m_asOf); };
    const auto &rows = aliases->second;
    const auto found = std::find_if(rows.begin(), rows.end(), holds);
    const AliasRow &alias =
        found != rows.end() ? *found
                            : (rows.front().interval.later(m_asOf) ? rows.front() : rows.back());
    const auto model = m_models.find(alias.model);
    if (model == m_models.end())
        return;
    offer.model = model->second.id;
    offer.modelName = model->second.name;
    offer.family = model->second.family;
}

// Of several sources the one of the lowest precedence number prices the offer, the newest among
// equals; the others are kept beside it where they say otherwise. Nothing is averaged.
void SnapshotReader::choose(Gathered &gathered, CardReader &cards)
{
    Offer &offer = gathered.offer;
    offer.datedAfterAsOf = gathered.holding.empty() && !gathered.later.empty();
    std::vector<Version> &versions = offer.datedAfterAsOf ? gathered.later : gathered.holding;
    if (versions.empty() || m_error)
        return;
    std::stable_sort(versions.begin(), versions.end(), [](const Version &a, const Version &b) {
        return std::tuple(a.precedence, b.provenance.date) <
               std::tuple(b.precedence, a.provenance.date);
    });
    for (const Version &version : versions) {
        auto card = cards.read(version.id, version.currency);
        if (!card) {
            m_error = card.error();
            return;
        }
        if (&version == &versions.front()) {
            offer.card = std::move(*card);
            offer.validFrom = version.interval.from;
            offer.validTo = version.interval.to;
            offer.basis = version.basis;
            offer.provenance = version.provenance;
        } else if (card->base != offer.card.base) {
            offer.conflicts.push_back({card->base, version.provenance});
        }
    }
    offer.unpriced.clear();
    const auto withdrawn = gathered.withdrawn.find(offer.provenance.source);
    if (withdrawn != gathered.withdrawn.end())
        offer.withdrawnSince = withdrawn->second;
    applyOverrides(gathered, cards, versions.front().hash);
}

// A model that was not out yet cannot have been sold, whatever a later copy of a list says.
bool SnapshotReader::belongs(const Gathered &gathered) const
{
    const Offer &offer = gathered.offer;
    if (gathered.retired)
        return false;
    if (!gathered.holding.empty() || offer.blendedRange || !offer.unpriced.isEmpty())
        return true;
    const auto model = m_models.find(offer.model);
    return !gathered.later.empty() && model != m_models.end() &&
           model->second.releasedOn.isValid() && model->second.releasedOn <= dayOf(m_asOf);
}

void SnapshotReader::readCards()
{
    if (m_error)
        return;
    CardReader cards(m_database);
    for (auto &[id, gathered] : m_offers) {
        nameModel(gathered.offer);
        choose(gathered, cards);
        if (belongs(gathered))
            m_catalog.offers.push_back(std::move(gathered.offer));
    }
    std::sort(m_catalog.offers.begin(), m_catalog.offers.end(), [](const auto &a, const auto &b) {
        return std::tie(a.providerName, a.model, a.id) < std::tie(b.providerName, b.model, b.id);
    });
    labelOffers(m_catalog.offers);
}

engine::Result<CatalogPtr> SnapshotReader::read()
{
    m_catalog.asOf = m_asOf;
    readScope();
    readNames();
    readOffers();
    readVersions();
    readLimits();
    readObservations();
    readClaims();
    readOverrides();
    readMarks();
    readCards();
    if (m_error)
        return tl::make_unexpected(*m_error);
    return CatalogPtr(std::make_shared<Catalog>(std::move(m_catalog)));
}

engine::Result<CatalogPtr> readSnapshot(const QSqlDatabase &database, UnixSeconds asOf,
                                        const SnapshotScope &scope)
{
    return SnapshotReader(database, asOf, scope).read();
}

} // namespace app
