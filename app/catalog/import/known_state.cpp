// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/known_state.h"

#include <algorithm>

#include "app/catalog/database.h"
#include "app/catalog/rows.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

// Runs the queries one after the other; the first error sticks.
class StateReader
{
public:
    StateReader(const QSqlDatabase &database, const ForeignFile &file, UnixSeconds at)
        : m_database(database), m_file(file), m_at(at)
    {
        m_sources.insert(file.source);
        for (const ForeignOffer &offer : file.offers) {
            if (!offer.source.isEmpty())
                m_sources.insert(offer.source);
        }
    }
    engine::Result<KnownState> read(const QByteArray &sha256);

private:
    template <class Row>
    void each(const QString &sql, const QVariantList &values, const Row &row);
    void readNames();
    void readRuns(const QByteArray &sha256);
    void readSource(const QString &slug);
    void readVersions(const QString &slug, qint64 source);
    void readOthers();
    void readReviewed();

    QSqlDatabase m_database;
    const ForeignFile &m_file;
    UnixSeconds m_at;
    std::set<QString> m_sources;
    std::map<qint64, QString> m_keys; // of offers, by id
    std::optional<engine::Error> m_error;
    KnownState m_state;
};

template <class Row>
void StateReader::each(const QString &sql, const QVariantList &values, const Row &row)
{
    if (m_error)
        return;
    auto query = database::run(m_database, sql, values);
    if (!query) {
        m_error = query.error();
        return;
    }
    while (query->next())
        row(*query);
}

void StateReader::readNames()
{
    each(QStringLiteral("SELECT id, key FROM offer"), {}, [this](const QSqlQuery &row) {
        const QString key = row.value(1).toString();
        m_state.offers.emplace(key, row.value(0).toLongLong());
        m_keys.emplace(row.value(0).toLongLong(), key);
    });
    each(QStringLiteral("SELECT slug FROM model ORDER BY id"), {}, [this](const QSqlQuery &row) {
        const QString slug = row.value(0).toString();
        m_state.models.emplace(looseKey(slug), slug);
    });
    each(QStringLiteral("SELECT p.slug, a.alias FROM model_alias a JOIN provider p "
                        "ON p.id = a.provider_id"),
         {}, [this](const QSqlQuery &row) {
             m_state.aliases.emplace(row.value(0).toString(), row.value(1).toString());
         });
}

void StateReader::readRuns(const QByteArray &sha256)
{
    each(QStringLiteral("SELECT r.upstream_date, r.n_seen, r.importer_version, r.dialect, "
                        "r.content_sha256 FROM import_run r JOIN source s ON s.id = r.source_id "
                        "WHERE s.slug = ? AND r.importer = ? AND r.scope = ? AND "
                        "r.status = 'applied' ORDER BY r.upstream_date, r.id"),
         {m_file.source, m_file.importer, database::orEmpty(m_file.scope)},
         [&](const QSqlQuery &row) {
             m_state.runs.push_back(row.value(0).toLongLong());
             m_state.lastCount = row.value(1).toInt();
             m_state.lastImporterVersion = row.value(2).toInt();
             m_state.lastDialect = row.value(3).toString();
             const bool same = row.value(4).toByteArray() == sha256 &&
                               m_state.lastImporterVersion == m_file.importerVersion;
             m_state.sameAsNewest = same;
             m_state.sameOfThatDate |= same && row.value(0).toLongLong() == m_at;
         });
}

void StateReader::readVersions(const QString &slug, qint64 source)
{
    const bool newest = m_state.runs.empty() || m_at >= m_state.runs.back();
    const bool open = newest && std::none_of(m_file.offers.begin(), m_file.offers.end(),
                                             [](const auto &offer) { return offer.declared; });
    const QString which =
        open ? QStringLiteral("x.valid_to IS NULL AND x.status IN ('active','announced')")
             : QStringLiteral("x.status IN ('active','announced')");
    each(QStringLiteral("SELECT x.offer_id, x.id, x.valid_from, x.valid_to, x.status, "
                        "x.valid_from_basis, x.card_hash FROM price_version x "
                        "WHERE x.source_id = ? AND x.superseded_at IS NULL AND %1")
             .arg(which),
         {source}, [&](const QSqlQuery &row) {
             const auto key = m_keys.find(row.value(0).toLongLong());
             if (key == m_keys.end())
                 return;
             m_state.bySource[{slug, key->second}].versions.push_back(
                 {row.value(1).toLongLong(), optionalInstant(row.value(2)),
                  optionalInstant(row.value(3)), row.value(4).toString(), row.value(5).toString(),
                  row.value(6).toString()});
         });
}

void StateReader::readSource(const QString &slug)
{
    qint64 source = 0;
    each(QStringLiteral("SELECT id FROM source WHERE slug = ?"), {slug},
         [&](const QSqlQuery &row) { source = row.value(0).toLongLong(); });
    if (source == 0)
        return;
    each(QStringLiteral("SELECT offer_id, first_seen, last_seen, missing_since, unpriced "
                        "FROM offer_seen WHERE source_id = ? AND scope = ?"),
         {source, database::orEmpty(m_file.scope)}, [&](const QSqlQuery &row) {
             const auto key = m_keys.find(row.value(0).toLongLong());
             if (key == m_keys.end())
                 return;
             KnownOffer &offer = m_state.bySource[{slug, key->second}];
             offer.id = row.value(0).toLongLong();
             offer.firstSeen = optionalInstant(row.value(1));
             offer.lastSeen = optionalInstant(row.value(2));
             offer.missing = !row.value(3).isNull();
             offer.unpriced = row.value(4).toString();
         });
    readVersions(slug, source);
    each(QStringLiteral("SELECT offer_id, id, valid_from, context_window, max_output "
                        "FROM offer_limits WHERE source_id = ? AND valid_to IS NULL"),
         {source}, [&](const QSqlQuery &row) {
             const auto key = m_keys.find(row.value(0).toLongLong());
             if (key != m_keys.end())
                 m_state.bySource[{slug, key->second}].limits =
                     KnownLimits{row.value(1).toLongLong(), row.value(2).toLongLong(),
                                 optionalWhole(row.value(3)), optionalWhole(row.value(4))};
         });
}

void set(BaseFigures &figures, const QString &component, Pico amount)
{
    if (component == QLatin1String("input"))
        figures.input = amount;
    else if (component == QLatin1String("output"))
        figures.output = amount;
    else
        figures.cacheRead = amount;
}

// The open base prices of every source: this one's for the gates, the others' for conflicts, all
// of them for the usual price of a model.
void StateReader::readOthers()
{
    std::map<std::pair<qint64, qint64>, OtherPrice> prices; // offer, version
    std::map<qint64, QString> sourceOf;
    each(QStringLiteral(
             "SELECT x.offer_id, x.id, s.slug, s.name, x.card_hash, c.component, c.amount_pico, "
             "o.provider_model_id, x.currency FROM price_version x "
             "JOIN source s ON s.id = x.source_id JOIN offer o ON o.id = x.offer_id "
             "JOIN price_component c ON c.price_version_id = x.id "
             "WHERE x.valid_to IS NULL AND x.superseded_at IS NULL AND x.status = 'active' "
             "AND c.min_input_tokens = 0 AND c.schedule_id = 0 "
             "AND c.component IN ('input','output','cache_read')"),
         {}, [&](const QSqlQuery &row) {
             OtherPrice &price = prices[{row.value(0).toLongLong(), row.value(1).toLongLong()}];
             if (price.sourceName.isEmpty()) {
                 price.sourceName = row.value(3).toString();
                 price.hash = row.value(4).toString();
                 sourceOf[row.value(1).toLongLong()] = row.value(2).toString();
             }
             const QString component = row.value(5).toString();
             const Pico amount = row.value(6).toLongLong();
             set(price.figures, component, amount);
             if (component == QLatin1String("input") &&
                 row.value(8).toString() == QLatin1String("USD"))
                 m_state.inputsByModel[looseKey(modelKey(row.value(7).toString()))].push_back(
                     amount);
         });
    for (auto &[ids, price] : prices) {
        const auto key = m_keys.find(ids.first);
        if (key == m_keys.end())
            continue;
        const QString &slug = sourceOf[ids.second];
        if (m_sources.contains(slug))
            m_state.bySource[{slug, key->second}].current = price.figures;
        if (slug != m_file.source)
            m_state.others[key->second].push_back(std::move(price));
    }
}

void StateReader::readReviewed()
{
    each(QStringLiteral("SELECT q.offer_key, q.card_hash, q.decision FROM quarantine q "
                        "JOIN source s ON s.id = q.source_id WHERE s.slug = ?"),
         {m_file.source}, [this](const QSqlQuery &row) {
             ReviewedRecord &record =
                 m_state.reviewed[{row.value(0).toString(), row.value(1).toString()}];
             record.decided = record.decided || !row.value(2).isNull();
             record.accepted =
                 record.accepted || row.value(2).toString() == QLatin1String("accept");
         });
}

engine::Result<KnownState> StateReader::read(const QByteArray &sha256)
{
    readRuns(sha256);
    if (!m_state.sameAsNewest && !m_state.sameOfThatDate) {
        readNames();
        for (const QString &slug : m_sources)
            readSource(slug);
        readOthers();
        readReviewed();
    }
    if (m_error)
        return tl::make_unexpected(*m_error);
    return std::move(m_state);
}

} // namespace

engine::Result<KnownState> readKnownState(const QSqlDatabase &database, const ForeignFile &file,
                                          const QByteArray &sha256, UnixSeconds at)
{
    return StateReader(database, file, at).read(sha256);
}

} // namespace app
