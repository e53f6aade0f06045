// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/seed_writer.h"

#include <algorithm>
#include <map>
#include <set>

#include "app/catalog/database.h"
#include "app/catalog/name_writer.h"
#include "app/catalog/offer_writer.h"
#include "app/catalog/row_writer.h"
#include "app/catalog/rows.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

using database::number;
using database::orNull;
using database::startOfDay;

const FileSource kOwnSource{.slug = QStringLiteral("paretoscope-seed"),
                            .name = QStringLiteral("Paretoscope's own collection"),
                            .kind = QStringLiteral("seed"),
                            .homepage = {},
                            .licence = QStringLiteral("facts"),
                            .precedence = 100,
                            .staleAfterDays = 0,
                            .deadAfterDays = 0};
constexpr int kImporterVersion = 2;

// A price row of an earlier seed.
struct StoredPrice
{
    qint64 id = 0;
    qint64 source = 0;
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;
    QString status;
    QString hash;
};

// The policy of the seed: what it holds replaces what earlier seeds held, and nothing else.
class SeedWriter
{
public:
    SeedWriter(const QSqlDatabase &database, UnixSeconds now)
        : m_rows(database), m_names(m_rows, KnownName::Update), m_now(now)
    {
    }

    engine::Result<void> write(const Seed &seed);

private:
    void beginRun(const Seed &seed);
    void removeEarlier();
    void offer(const FileOffer &offer, OfferWriter &writer);
    void prices(const FileOffer &offer, qint64 offerId, OfferWriter &writer);
    void seen(const FileOffer &offer, qint64 id, const FileOrigin &origin, OfferWriter &writer);
    std::vector<StoredPrice> storedPrices(qint64 offerId);
    void tokenUses(const CatalogFile &file);
    void supersedeLeftOut();

    database::RowWriter m_rows;
    NameWriter m_names;
    UnixSeconds m_now;
    qint64 m_source = 0;
    qint64 m_run = 0;
    std::set<qint64> m_current;                      // price versions that this seed holds
    std::set<std::pair<QString, QString>> m_aliased; // provider, its word for a model
    std::map<QString, qint64> m_offers;
};

void SeedWriter::beginRun(const Seed &seed)
{
    m_source = m_names.writeSource(kOwnSource);
    m_run = m_rows.returning(
        "INSERT INTO import_run (source_id, started_at, finished_at, status, upstream_revision, "
        "upstream_date, content_sha256, importer, importer_version, n_seen) "
        "VALUES (?, ?, ?, 'applied', ?, ?, ?, 'seed', ?, ?) RETURNING id",
        {m_source, number(m_now), number(m_now), QString::number(seed.file.revision),
         number(startOfDay(seed.newestFact)), QString::fromLatin1(seed.sha256), kImporterVersion,
         number(static_cast<std::int64_t>(seed.file.offers.size()))});
}

// What has no second time axis is written anew; prices are compared instead.
void SeedWriter::removeEarlier()
{
    for (const char *sql :
         {"DELETE FROM offer_limits WHERE run_id IN "
          "(SELECT id FROM import_run WHERE importer = 'seed')",
          "DELETE FROM latency_obs WHERE run_id IN "
          "(SELECT id FROM import_run WHERE importer = 'seed')",
          "DELETE FROM claim WHERE run_id IN (SELECT id FROM import_run WHERE importer = 'seed')",
          "DELETE FROM token_use WHERE run_id IN "
          "(SELECT id FROM import_run WHERE importer = 'seed')"})
        m_rows.run(sql);
    m_rows.run("DELETE FROM model_alias WHERE source_id = ?", {m_source});
}

void SeedWriter::offer(const FileOffer &offer, OfferWriter &writer)
{
    const qint64 id = writer.offer(offer);
    if (m_rows.failed())
        return;
    // A seed that no longer says so takes it back.
    m_rows.run("UPDATE offer SET retired_at = ? WHERE id = ?", {orNull(offer.retired), id});
    m_offers[offerKey(offer)] = id;
    // Several offers may sell under one name; the name's meaning is written once. What somebody's
    // file guessed of it gives way.
    if (m_aliased.insert({offer.provider, offer.modelId}).second) {
        m_rows.run("DELETE FROM model_alias WHERE provider_id = ? AND alias = ? AND "
                   "confidence = 'guessed'",
                   {m_names.provider(offer.provider), offer.modelId});
        for (const FileAlias &alias : offer.models)
            writer.alias(offer, alias, m_names.model(alias.model), m_source, "curated");
    }
    prices(offer, id, writer);
    for (const FileLimits &limits : offer.limits) {
        seen(offer, id, limits.origin, writer);
        writer.limits(limits, id);
    }
    for (const FileObservation &observed : offer.observations) {
        seen(offer, id, observed.origin, writer);
        writer.observation(observed, id);
    }
}

void SeedWriter::seen(const FileOffer &offer, qint64 id, const FileOrigin &origin,
                      OfferWriter &writer)
{
    writer.seen(id, origin.source, startOfDay(origin.date), {offer.modelId, {}, offer.unpriced});
}

std::vector<StoredPrice> SeedWriter::storedPrices(qint64 offerId)
{
    std::vector<StoredPrice> stored;
    database::Statement *rows =
        m_rows.query("SELECT p.id, p.source_id, p.valid_from, p.valid_to, p.status, p.card_hash "
                     "FROM price_version p JOIN import_run r ON r.id = p.run_id "
                     "WHERE p.offer_id = ? AND p.superseded_at IS NULL AND r.importer = 'seed'",
                     {offerId});
    if (!rows)
        return stored;
    QSqlQuery &row = rows->query();
    while (row.next())
        stored.push_back({row.value(0).toLongLong(), row.value(1).toLongLong(),
                          optionalInstant(row.value(2)), optionalInstant(row.value(3)),
                          row.value(4).toString(), row.value(5).toString()});
    row.finish();
    return stored;
}

void SeedWriter::prices(const FileOffer &offer, qint64 offerId, OfferWriter &writer)
{
    std::vector<StoredPrice> stored = storedPrices(offerId);
    const bool known = !stored.empty();
    std::vector<const FilePrice *> fresh;
    for (const FilePrice &price : offer.prices) {
        const QString hash = cardHash(price);
        const auto same = std::find_if(stored.begin(), stored.end(), [&](const StoredPrice &row) {
            return row.source == m_names.source(price.origin.source) && row.from == price.from &&
                   row.to == price.to && row.status == price.status && row.hash == hash;
        });
        if (same == stored.end()) {
            fresh.push_back(&price);
            continue;
        }
        m_rows.run("UPDATE price_version SET valid_from_basis = ?, checked_at = ?, "
                   "upstream_locator = ?, note = ?, confidence = ? WHERE id = ?",
                   {price.basis, number(startOfDay(price.origin.date)), price.origin.locator,
                    orNull(price.origin.note), price.origin.confidence, same->id});
        m_current.insert(same->id);
        stored.erase(same);
    }
    for (const StoredPrice &gone : stored)
        m_rows.run("UPDATE price_version SET superseded_at = ? WHERE id = ?",
                   {number(m_now), gone.id});
    for (const FilePrice *price : fresh)
        m_current.insert(writer.price(
            *price, offerId,
            {known ? QStringLiteral("correction") : QStringLiteral("initial"), m_now}));
    for (const FilePrice &price : offer.prices)
        seen(offer, offerId, price.origin, writer);
}

void SeedWriter::tokenUses(const CatalogFile &file)
{
    for (const FileTokenUse &use : file.tokenUses)
        m_rows.run("INSERT INTO token_use (model_id, setting, task, cases, passed_ppm, "
                   "prompt_tokens, completion_tokens, seconds_per_case, source_id, run_id, "
                   "checked_at, upstream_locator, note, confidence) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   {m_names.model(use.model), database::orEmpty(use.setting), use.task,
                    number(use.cases), number(use.passedPpm), orNull(use.promptTokens),
                    orNull(use.completionTokens), orNull(use.secondsPerCase),
                    m_names.source(use.origin.source), m_run, number(startOfDay(use.origin.date)),
                    use.origin.locator, orNull(use.origin.note), use.origin.confidence});
}

// Prices whose offer or source the new seed has no longer.
void SeedWriter::supersedeLeftOut()
{
    database::Statement *rows =
        m_rows.query("SELECT p.id FROM price_version p JOIN import_run r ON r.id = p.run_id "
                     "WHERE p.superseded_at IS NULL AND r.importer = 'seed'");
    if (!rows)
        return;
    std::vector<qint64> gone;
    while (rows->query().next()) {
        const qint64 id = rows->query().value(0).toLongLong();
        if (!m_current.contains(id))
            gone.push_back(id);
    }
    for (const qint64 id : gone)
        m_rows.run("UPDATE price_version SET superseded_at = ? WHERE id = ?", {number(m_now), id});
}

engine::Result<void> SeedWriter::write(const Seed &seed)
{
    beginRun(seed);
    removeEarlier();
    m_names.write(seed.file);
    OfferWriter writer(m_rows, m_names, m_run);
    for (const FileOffer &each : seed.file.offers)
        offer(each, writer);
    for (const FileOffer &each : seed.file.offers) {
        const qint64 id = m_offers[offerKey(each)];
        for (const FileClaim &claim : each.claims) {
            seen(each, id, claim.origin, writer);
            writer.claim(claim, id, claim.versus.isEmpty() ? 0 : m_offers[claim.versus]);
        }
    }
    tokenUses(seed.file);
    writer.finish();
    supersedeLeftOut();
    return m_rows.result();
}

struct LastSeed
{
    QByteArray sha256;
    int revision = 0;
};

engine::Result<LastSeed> lastSeed(const QSqlDatabase &database)
{
    auto row = database::run(
        database, QStringLiteral("SELECT content_sha256, upstream_revision FROM import_run "
                                 "WHERE importer = 'seed' AND status = 'applied' "
                                 "ORDER BY id DESC LIMIT 1"));
    if (!row)
        return tl::make_unexpected(row.error());
    if (!row->next())
        return LastSeed{};
    return LastSeed{row->value(0).toByteArray(), row->value(1).toInt()};
}

} // namespace

engine::Result<void> applySeed(const QSqlDatabase &database,
                               std::span<const engine::EmbeddedFile> files, UnixSeconds now)
{
    const QByteArray hash = seedHash(files);
    auto last = lastSeed(database);
    if (!last)
        return tl::make_unexpected(last.error());
    if (last->sha256 == hash)
        return {};
    const auto seed = readSeed(files);
    // Not the file's fault: it must not be taken for damaged.
    if (!seed)
        return engine::fail(engine::ErrorKind::Internal, "The shipped catalog cannot be read.",
                            seed.error().message);
    auto transaction = database::WriteTransaction::begin(database);
    if (!transaction)
        return tl::make_unexpected(transaction.error());
    // Another program may have seeded the file while we waited for the lock.
    last = lastSeed(database);
    if (!last)
        return tl::make_unexpected(last.error());
    if (last->sha256 == hash || last->revision > seed->file.revision)
        return {};
    SeedWriter writer(database, now);
    if (auto written = writer.write(*seed); !written)
        return written;
    return transaction->commit();
}

} // namespace app
