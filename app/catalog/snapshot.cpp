// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/snapshot.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "app/catalog/card_reader.h"
#include "app/catalog/database.h"
#include "app/catalog/rows.h"

namespace app {
namespace {

// A later date that nobody declared may well have been true before.
bool mayReachBack(DateBasis basis)
{
    return basis != DateBasis::VendorDeclared && basis != DateBasis::SourceDeclared;
}

struct Interval
{
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;

    bool holds(UnixSeconds at) const { return (!from || *from <= at) && (!to || *to > at); }
    bool later(UnixSeconds at) const { return from && *from > at; }
};

// One price version of one source.
struct Version
{
    qint64 id = 0;
    Interval interval;
    DateBasis basis = DateBasis::Unknown;
    QString currency;
    int precedence = 0;
    Provenance provenance;
};

struct AliasRow
{
    QString model;
    Interval interval;
};

// An offer's figures while they are gathered.
struct Gathered
{
    Offer offer;
    std::vector<Version> holding; // at the instant, one a source
    std::vector<Version> later;   // earliest of each source that has only later ones
    bool retired = false;
};

// Reads the whole catalog at one instant. The first error sticks.
class SnapshotReader
{
public:
    SnapshotReader(const QSqlDatabase &database, UnixSeconds asOf)
        : m_database(database), m_asOf(asOf)
    {
    }
    engine::Result<CatalogPtr> read();

private:
    template <class Row>
    void each(const char *sql, const QVariantList &values, const Row &row);

    void readCards();
    void readModels();
    void readAliases();
    void readOffers();
    void readVersions();
    void readLimits();
    void readObservations();
    void readClaims();
    void readClaim(const QSqlQuery &row, Gathered &gathered, Catalog &catalog);
    void choose(Gathered &gathered, CardReader &cards);
    bool belongs(const Gathered &gathered) const;
    void nameModel(Offer &offer) const;

    QSqlDatabase m_database;
    UnixSeconds m_asOf;
    std::optional<engine::Error> m_error;
    std::map<qint64, Gathered> m_offers;
    std::map<QString, CatalogModel> m_models;
    std::map<std::pair<QString, QString>, std::vector<AliasRow>> m_aliases; // provider, word
    Catalog m_catalog;
};

template <class Row>
void SnapshotReader::each(const char *sql, const QVariantList &values, const Row &row)
{
    if (m_error)
        return;
    auto query = database::run(m_database, QString::fromUtf8(sql), values);
    if (!query) {
        m_error = query.error();
        return;
    }
    while (query->next())
        row(*query);
}

void SnapshotReader::readModels()
{
    each("SELECT slug, name, family, released_on, params_total, params_active FROM model", {},
         [this](const QSqlQuery &row) {
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
    each("SELECT upstream_date FROM import_run WHERE importer = 'seed' AND status = 'applied' "
         "ORDER BY id DESC LIMIT 1",
         {},
         [this](const QSqlQuery &row) { m_catalog.seedDate = dayOf(row.value(0).toLongLong()); });
}

void SnapshotReader::readAliases()
{
    each("SELECT p.slug, a.alias, m.slug, a.valid_from, a.valid_to FROM model_alias a "
         "JOIN provider p ON p.id = a.provider_id JOIN model m ON m.id = a.model_id "
         "ORDER BY a.valid_from",
         {}, [this](const QSqlQuery &row) {
             m_aliases[{row.value(0).toString(), row.value(1).toString()}].push_back(
                 {row.value(2).toString(),
                  {optionalInstant(row.value(3)), optionalInstant(row.value(4))}});
         });
}

void SnapshotReader::readOffers()
{
    const QString sql = QStringLiteral("SELECT o.id, p.name, v.name, o.retired_at, %1 FROM offer o "
                                       "JOIN provider p ON p.id = o.provider_id "
                                       "LEFT JOIN provider v ON v.id = o.via_provider_id")
                            .arg(QLatin1String(kOfferColumns));
    each(sql.toUtf8().constData(), {}, [this](const QSqlQuery &row) {
        Gathered gathered;
        Offer &offer = gathered.offer;
        offer.id = offerKeyAt(row, 4);
        offer.providerName = row.value(1).toString();
        offer.viaName = row.value(2).toString();
        offer.provider = row.value(4).toString();
        offer.via = row.value(5).toString();
        offer.providerModelId = row.value(6).toString();
        offer.region = row.value(7).toString();
        offer.serviceTier = row.value(8).toString();
        offer.quantization = row.value(9).toString();
        const auto retired = optionalInstant(row.value(3));
        gathered.retired = retired && *retired <= m_asOf;
        m_offers.emplace(row.value(0).toLongLong(), std::move(gathered));
    });
}

void SnapshotReader::readVersions()
{
    const QString sql =
        QStringLiteral("SELECT x.offer_id, x.id, x.source_id, x.valid_from, x.valid_to, "
                       "x.valid_from_basis, x.currency, s.precedence, %1 FROM price_version x "
                       "JOIN source s ON s.id = x.source_id WHERE x.status = 'active' AND "
                       "x.superseded_at IS NULL AND (x.valid_to IS NULL OR x.valid_to > ?) "
                       "ORDER BY x.offer_id, x.source_id, x.valid_from")
            .arg(QLatin1String(kProvenanceColumns));
    std::pair<qint64, qint64> last{0, 0};
    each(sql.toUtf8().constData(), {static_cast<qlonglong>(m_asOf)}, [&](const QSqlQuery &row) {
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
        version.provenance = provenanceAt(row, 8, FigureKind::Observed);
        Gathered &gathered = m_offers[key.first];
        if (version.interval.holds(m_asOf))
            gathered.holding.push_back(std::move(version));
        else if (mayReachBack(version.basis))
            gathered.later.push_back(std::move(version));
    });
}

void SnapshotReader::readLimits()
{
    const QString sql =
        QStringLiteral("SELECT x.offer_id, x.valid_from, x.valid_to, x.context_window, "
                       "x.max_output, %1 FROM offer_limits x JOIN source s ON s.id = x.source_id "
                       "ORDER BY x.offer_id, s.precedence DESC, x.valid_from DESC")
            .arg(QLatin1String(kProvenanceColumns));
    each(sql.toUtf8().constData(), {}, [this](const QSqlQuery &row) {
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
                       "x.note FROM latency_obs x JOIN source s ON s.id = x.source_id "
                       "JOIN workload w ON w.id = x.workload_id WHERE x.p50 IS NOT NULL AND "
                       "x.metric IN ('ttft_ms', 'tps') "
                       // Past ones from the oldest to the newest, then the later ones backwards:
                       // whichever is kept is the nearest to the date.
                       "ORDER BY x.window_end <= ?, "
                       "CASE WHEN x.window_end <= ? THEN x.window_end ELSE -x.window_end END");
    each(sql.toUtf8().constData(), {static_cast<qlonglong>(m_asOf), static_cast<qlonglong>(m_asOf)},
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

// What is observed by that date outweighs what is said; what is said by then outweighs what is
// only observed later.
template <class Figure>
bool yields(const Figure &figure)
{
    return figure.kind != FigureKind::Observed || figure.datedAfterAsOf;
}

void SnapshotReader::readClaim(const QSqlQuery &row, Gathered &gathered, Catalog &catalog)
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
            catalog.relations.push_back(
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
                       "(x.valid_to IS NULL OR x.valid_to > ?) ORDER BY s.precedence DESC, "
                       "x.valid_from")
            .arg(QLatin1String(kProvenanceColumns));
    each(sql.toUtf8().constData(), {static_cast<qlonglong>(m_asOf), static_cast<qlonglong>(m_asOf)},
         [this](const QSqlQuery &row) {
             readClaim(row, m_offers[row.value(0).toLongLong()], m_catalog);
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
}

// A model that was not out yet cannot have been sold, whatever a later copy of a list says.
bool SnapshotReader::belongs(const Gathered &gathered) const
{
    const Offer &offer = gathered.offer;
    if (gathered.retired)
        return false;
    if (!gathered.holding.empty() || offer.blendedRange)
        return true;
    const auto model = m_models.find(offer.model);
    return !gathered.later.empty() && model != m_models.end() &&
           model->second.releasedOn.isValid() && model->second.releasedOn <= dayOf(m_asOf);
}

void SnapshotReader::readCards()
{
    if (m_error)
        return;
    auto cards = CardReader::create(m_database);
    if (!cards) {
        m_error = cards.error();
        return;
    }
    for (auto &[id, gathered] : m_offers) {
        nameModel(gathered.offer);
        choose(gathered, *cards);
        if (belongs(gathered))
            m_catalog.offers.push_back(std::move(gathered.offer));
    }
    std::sort(m_catalog.offers.begin(), m_catalog.offers.end(), [](const auto &a, const auto &b) {
        return std::tie(a.providerName, a.model, a.id) < std::tie(b.providerName, b.model, b.id);
    });
}

engine::Result<CatalogPtr> SnapshotReader::read()
{
    m_catalog.asOf = m_asOf;
    readModels();
    readAliases();
    readOffers();
    readVersions();
    readLimits();
    readObservations();
    readClaims();
    readCards();
    if (m_error)
        return tl::make_unexpected(*m_error);
    return CatalogPtr(std::make_shared<Catalog>(std::move(m_catalog)));
}

} // namespace

engine::Result<CatalogPtr> readSnapshot(const QSqlDatabase &database, UnixSeconds asOf)
{
    return SnapshotReader(database, asOf).read();
}

} // namespace app
