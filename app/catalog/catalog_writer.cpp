// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_writer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <QCryptographicHash>

#include "app/catalog/database.h"
#include "app/catalog/rows.h"

namespace app {
namespace {

constexpr auto kSeedSource = "paretoscope-seed";
constexpr int kSeedImporterVersion = 1;

template <class T>
QVariant orNull(const std::optional<T> &value)
{
    return value ? QVariant(static_cast<
                            std::conditional_t<std::is_floating_point_v<T>, double, qlonglong>>(
                       *value))
                 : QVariant();
}

QVariant orNull(const QString &text)
{
    return text.isEmpty() ? QVariant() : QVariant(text);
}

QVariant number(std::int64_t value)
{
    return QVariant(static_cast<qlonglong>(value));
}

UnixSeconds startOfDay(const QDate &day)
{
    return day.startOfDay(Qt::UTC).toSecsSinceEpoch();
}

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

// Writes one file of our own format. The first error sticks and makes the rest do nothing.
class SeedWriter
{
public:
    SeedWriter(const QSqlDatabase &database, UnixSeconds now) : m_database(database), m_now(now) {}

    void write(const Seed &seed);
    engine::Result<void> result() const
    {
        if (m_error)
            return tl::make_unexpected(*m_error);
        return {};
    }

private:
    database::Statement *execute(const char *sql, const QVariantList &values);
    void run(const char *sql, const QVariantList &values);
    qint64 insertReturning(const char *sql, const QVariantList &values);

    void beginRun(const Seed &seed);
    void removeEarlier();
    void sources(const CatalogFile &file);
    void providersAndModels(const CatalogFile &file);
    void schedules(const CatalogFile &file);
    void offer(const FileOffer &offer);
    void aliases(const FileOffer &offer);
    void prices(const FileOffer &offer, qint64 offerId);
    void insertPrice(const FilePrice &price, qint64 offerId, const QString &hash, bool correction);
    void seen(const FileOffer &offer, qint64 offerId, const FileOrigin &origin);
    void limits(const FileOffer &offer, qint64 offerId);
    void observations(const FileOffer &offer, qint64 offerId);
    void claims(const FileOffer &offer);
    std::vector<StoredPrice> storedPrices(qint64 offerId);
    void supersedeLeftOut();

    QSqlDatabase m_database;
    UnixSeconds m_now;
    std::optional<engine::Error> m_error;
    std::map<const char *, std::unique_ptr<database::Statement>> m_statements;
    qint64 m_run = 0;
    std::set<qint64> m_current;                      // price versions that this seed holds
    std::set<std::pair<QString, QString>> m_aliased; // provider, its word for a model
    std::map<QString, qint64> m_sources, m_providers, m_models, m_schedules, m_workloads, m_offers;
};

// Preparing costs more than running here, and the same statements come hundreds of times.
database::Statement *SeedWriter::execute(const char *sql, const QVariantList &values)
{
    if (m_error)
        return nullptr;
    auto &statement = m_statements[sql];
    if (!statement)
        statement = std::make_unique<database::Statement>(m_database, QString::fromUtf8(sql));
    if (auto done = statement->run(values); !done) {
        m_error = done.error();
        return nullptr;
    }
    return statement.get();
}

void SeedWriter::run(const char *sql, const QVariantList &values)
{
    if (database::Statement *statement = execute(sql, values))
        statement->query().finish();
}

qint64 SeedWriter::insertReturning(const char *sql, const QVariantList &values)
{
    database::Statement *statement = execute(sql, values);
    if (!statement || !statement->query().next())
        return 0;
    const qint64 id = statement->query().value(0).toLongLong();
    statement->query().finish();
    return id;
}

void SeedWriter::beginRun(const Seed &seed)
{
    m_sources[QLatin1String(kSeedSource)] = insertReturning(
        "INSERT INTO source (slug, name, kind, licence, may_bundle, precedence, stale_after_s, "
        "dead_after_s) VALUES (?, 'Paretoscope''s own collection', 'seed', 'facts', 1, 100, 0, 0) "
        "ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id",
        {QLatin1String(kSeedSource)});
    m_run = insertReturning(
        "INSERT INTO import_run (source_id, started_at, finished_at, status, upstream_revision, "
        "upstream_date, content_sha256, importer, importer_version, n_seen) "
        "VALUES (?, ?, ?, 'applied', ?, ?, ?, 'seed', ?, ?) RETURNING id",
        {m_sources[QLatin1String(kSeedSource)], number(m_now), number(m_now),
         QString::number(seed.file.revision), number(startOfDay(seed.newestFact)),
         QString::fromLatin1(seed.sha256), kSeedImporterVersion,
         number(static_cast<std::int64_t>(seed.file.offers.size()))});
}

// What has no second time axis is written anew; prices are compared instead.
void SeedWriter::removeEarlier()
{
    for (const char *sql : {"DELETE FROM offer_limits WHERE run_id IN "
                            "(SELECT id FROM import_run WHERE importer = 'seed')",
                            "DELETE FROM latency_obs WHERE run_id IN "
                            "(SELECT id FROM import_run WHERE importer = 'seed')",
                            "DELETE FROM claim WHERE run_id IN "
                            "(SELECT id FROM import_run WHERE importer = 'seed')"})
        run(sql, {});
    run("DELETE FROM model_alias WHERE source_id = ?", {m_sources[QLatin1String(kSeedSource)]});
}

void SeedWriter::sources(const CatalogFile &file)
{
    constexpr std::int64_t kDay = 86'400;
    for (const FileSource &source : file.sources)
        m_sources[source.slug] = insertReturning(
            "INSERT INTO source (slug, name, kind, homepage, licence, may_bundle, precedence, "
            "stale_after_s, dead_after_s) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?) "
            "ON CONFLICT (slug) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
            "homepage = excluded.homepage, licence = excluded.licence, "
            "precedence = excluded.precedence, stale_after_s = excluded.stale_after_s, "
            "dead_after_s = excluded.dead_after_s RETURNING id",
            {source.slug, source.name, source.kind, source.homepage, source.licence,
             source.precedence, number(source.staleAfterDays * kDay),
             number(source.deadAfterDays * kDay)});
}

void SeedWriter::providersAndModels(const CatalogFile &file)
{
    for (const FileProvider &provider : file.providers)
        m_providers[provider.slug] = insertReturning(
            "INSERT INTO provider (slug, name, kind, country, pricing_url) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (slug) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
            "country = excluded.country, pricing_url = excluded.pricing_url RETURNING id",
            {provider.slug, provider.name, provider.kind, orNull(provider.country),
             orNull(provider.pricingUrl)});
    for (const FileModel &model : file.models)
        m_models[model.slug] = insertReturning(
            "INSERT INTO model (slug, name, family, vendor_id, released_on, params_total, "
            "params_active, is_reasoning) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (slug) DO UPDATE SET name = excluded.name, family = excluded.family, "
            "vendor_id = excluded.vendor_id, released_on = excluded.released_on, "
            "params_total = excluded.params_total, params_active = excluded.params_active, "
            "is_reasoning = excluded.is_reasoning RETURNING id",
            {model.slug, model.name, model.family, m_providers[model.vendor],
             orNull(model.releasedOn.toString(Qt::ISODate)), orNull(model.paramsTotal),
             orNull(model.paramsActive), model.isReasoning ? 1 : 0});
    for (const FileWorkload &workload : file.workloads)
        m_workloads[workload.slug] = insertReturning(
            "INSERT INTO workload (slug, kind, note) VALUES (?, ?, ?) "
            "ON CONFLICT (slug) DO UPDATE SET kind = excluded.kind, note = excluded.note "
            "RETURNING id",
            {workload.slug, workload.kind, orNull(workload.note)});
}

void SeedWriter::schedules(const CatalogFile &file)
{
    for (const FileSchedule &schedule : file.schedules) {
        const qint64 id = insertReturning(
            "INSERT INTO schedule (slug, description, day_tz, holiday_calendar, billed_by) "
            "VALUES (?, ?, ?, ?, 'unknown') ON CONFLICT (slug) DO UPDATE SET "
            "description = excluded.description, day_tz = excluded.day_tz, "
            "holiday_calendar = excluded.holiday_calendar RETURNING id",
            {schedule.slug, schedule.description, schedule.dayZone,
             orNull(schedule.holidayCalendar)});
        m_schedules[schedule.slug] = id;
        run("DELETE FROM schedule_window WHERE schedule_id = ?", {id});
        for (const ScheduleWindow &window : schedule.windows)
            run("INSERT INTO schedule_window VALUES (?, ?, ?, ?)",
                {id, window.weekdayMask, window.startMinuteUtc, window.endMinuteUtc});
    }
    for (const FileHolidays &holidays : file.holidays) {
        const HolidayCalendar &calendar = holidays.calendar;
        run("INSERT OR REPLACE INTO holiday_coverage VALUES (?, ?, ?)",
            {calendar.id, calendar.coveredFrom.toString(Qt::ISODate),
             calendar.coveredTo.toString(Qt::ISODate)});
        run("DELETE FROM holiday WHERE calendar = ?", {calendar.id});
        for (const QDate &day : calendar.days)
            run("INSERT INTO holiday (calendar, day, source_id) VALUES (?, ?, ?)",
                {calendar.id, day.toString(Qt::ISODate), m_sources[holidays.origin.source]});
    }
}

void SeedWriter::seen(const FileOffer &offer, qint64 offerId, const FileOrigin &origin)
{
    const QVariant day = number(startOfDay(origin.date));
    run("INSERT INTO offer_seen VALUES (?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (offer_id, source_id) "
        "DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), "
        "last_seen = max(last_seen, excluded.last_seen), last_run_id = excluded.last_run_id",
        {offerId, m_sources[origin.source], offer.modelId, day, day, m_run});
    run("UPDATE offer SET first_seen = min(first_seen, ?), last_seen = max(last_seen, ?) "
        "WHERE id = ?",
        {day, day, offerId});
}

void SeedWriter::aliases(const FileOffer &offer)
{
    // Several offers may sell under one name; the name's meaning is written once.
    if (!m_aliased.insert({offer.provider, offer.modelId}).second)
        return;
    for (const FileAlias &alias : offer.models)
        run("INSERT INTO model_alias (alias, provider_id, model_id, valid_from, valid_to, "
            "source_id, confidence) VALUES (?, ?, ?, ?, ?, ?, 'curated')",
            {offer.modelId, m_providers[offer.provider], m_models[alias.model], orNull(alias.from),
             orNull(alias.to), m_sources[QLatin1String(kSeedSource)]});
}

void SeedWriter::offer(const FileOffer &offer)
{
    const qint64 id = insertReturning(
        "INSERT INTO offer (provider_id, via_provider_id, provider_model_id, region, service_tier, "
        "quantization, endpoint_ref, first_seen, last_seen, retired_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 9223372036854775807, 0, ?) "
        "ON CONFLICT (provider_id, ifnull(via_provider_id,0), provider_model_id, region, "
        "service_tier, quantization, endpoint_ref) DO UPDATE SET retired_at = excluded.retired_at "
        "RETURNING id",
        {m_providers[offer.provider],
         offer.via.isEmpty() ? QVariant() : QVariant(m_providers[offer.via]), offer.modelId,
         offer.region.isEmpty() ? QStringLiteral("") : offer.region, offer.tier, offer.quantization,
         offer.endpoint.isEmpty() ? QStringLiteral("") : offer.endpoint, orNull(offer.retired)});
    if (m_error)
        return;
    m_offers[offerKey(offer)] = id;
    aliases(offer);
    prices(offer, id);
    limits(offer, id);
    observations(offer, id);
}

std::vector<StoredPrice> SeedWriter::storedPrices(qint64 offerId)
{
    std::vector<StoredPrice> stored;
    database::Statement *rows =
        execute("SELECT p.id, p.source_id, p.valid_from, p.valid_to, p.status, p.card_hash "
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

void SeedWriter::prices(const FileOffer &offer, qint64 offerId)
{
    std::vector<StoredPrice> stored = storedPrices(offerId);
    const bool known = !stored.empty();
    std::vector<const FilePrice *> fresh;
    for (const FilePrice &price : offer.prices) {
        const QString hash = cardHash(price);
        const auto same = std::find_if(stored.begin(), stored.end(), [&](const StoredPrice &row) {
            return row.source == m_sources[price.origin.source] && row.from == price.from &&
                   row.to == price.to && row.status == price.status && row.hash == hash;
        });
        if (same == stored.end()) {
            fresh.push_back(&price);
            continue;
        }
        run("UPDATE price_version SET valid_from_basis = ?, checked_at = ?, "
            "upstream_locator = ?, note = ?, confidence = ? WHERE id = ?",
            {price.basis, number(startOfDay(price.origin.date)), price.origin.locator,
             orNull(price.origin.note), price.origin.confidence, same->id});
        m_current.insert(same->id);
        stored.erase(same);
    }
    for (const StoredPrice &gone : stored)
        run("UPDATE price_version SET superseded_at = ? WHERE id = ?", {number(m_now), gone.id});
    for (const FilePrice *price : fresh)
        insertPrice(*price, offerId, cardHash(*price), known);
    for (const FilePrice &price : offer.prices)
        seen(offer, offerId, price.origin);
}

void SeedWriter::insertPrice(const FilePrice &price, qint64 offerId, const QString &hash,
                             bool correction)
{
    const qint64 id = insertReturning(
        "INSERT INTO price_version (offer_id, source_id, valid_from, valid_to, valid_from_basis, "
        "recorded_at, change_kind, status, currency, checked_at, run_id, upstream_locator, note, "
        "card_hash, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        {offerId, m_sources[price.origin.source], orNull(price.from), orNull(price.to), price.basis,
         number(m_now), correction ? QStringLiteral("correction") : QStringLiteral("initial"),
         price.status, price.currency, number(startOfDay(price.origin.date)), m_run,
         price.origin.locator, orNull(price.origin.note), hash, price.origin.confidence});
    m_current.insert(id);
    for (const FileComponent &component : price.components) {
        const bool perRequest = component.component == QLatin1String("request");
        run("INSERT INTO price_component (price_version_id, component, min_input_tokens, "
            "schedule_id, amount_pico, per, origin, raw_text) "
            "VALUES (?, ?, ?, ?, ?, ?, 'stated', ?)",
            {id, component.component, number(component.aboveInputTokens),
             component.schedule.isEmpty() ? qint64(0) : m_schedules[component.schedule],
             number(component.amount),
             perRequest ? QStringLiteral("request") : QStringLiteral("token"), component.rawText});
    }
}

// Prices whose offer or source the new seed has no longer.
void SeedWriter::supersedeLeftOut()
{
    database::Statement *rows =
        execute("SELECT p.id FROM price_version p JOIN import_run r ON r.id = p.run_id "
                "WHERE p.superseded_at IS NULL AND r.importer = 'seed'",
                {});
    if (!rows)
        return;
    std::vector<qint64> gone;
    while (rows->query().next()) {
        const qint64 id = rows->query().value(0).toLongLong();
        if (!m_current.contains(id))
            gone.push_back(id);
    }
    for (const qint64 id : gone)
        run("UPDATE price_version SET superseded_at = ? WHERE id = ?", {number(m_now), id});
}

void SeedWriter::limits(const FileOffer &offer, qint64 offerId)
{
    for (const FileLimits &limits : offer.limits) {
        seen(offer, offerId, limits.origin);
        run("INSERT INTO offer_limits (offer_id, source_id, valid_from, valid_to, context_window, "
            "max_output, run_id, checked_at, upstream_locator, note, confidence) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {offerId, m_sources[limits.origin.source], number(limits.from), orNull(limits.to),
             orNull(limits.contextWindow), orNull(limits.maxOutput), m_run,
             number(startOfDay(limits.origin.date)), limits.origin.locator,
             orNull(limits.origin.note), limits.origin.confidence});
    }
}

void SeedWriter::observations(const FileOffer &offer, qint64 offerId)
{
    for (const FileObservation &observed : offer.observations) {
        seen(offer, offerId, observed.origin);
        run("INSERT INTO latency_obs (offer_id, source_id, workload_id, run_id, metric, "
            "window_start, window_end, n, p50, p99, percentile_of, upstream_locator, note, "
            "confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'requests', ?, ?, ?)",
            {offerId, m_sources[observed.origin.source], m_workloads[observed.workload], m_run,
             observed.metric, number(observed.start), number(observed.end), orNull(observed.n),
             orNull(observed.p50), orNull(observed.p99), observed.origin.locator,
             orNull(observed.origin.note), observed.origin.confidence});
    }
}

void SeedWriter::claims(const FileOffer &offer)
{
    const qint64 offerId = m_offers[offerKey(offer)];
    for (const FileClaim &claim : offer.claims) {
        seen(offer, offerId, claim.origin);
        run("INSERT INTO claim (offer_id, versus_offer_id, source_id, metric, lower, upper, words, "
            "valid_from, valid_to, checked_at, run_id, upstream_locator, note, confidence) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {offerId, claim.versus.isEmpty() ? QVariant() : QVariant(m_offers[claim.versus]),
             m_sources[claim.origin.source], claim.metric, orNull(claim.lower), orNull(claim.upper),
             claim.words, orNull(claim.from), orNull(claim.to),
             number(startOfDay(claim.origin.date)), m_run, claim.origin.locator,
             orNull(claim.origin.note), claim.origin.confidence});
    }
}

void SeedWriter::write(const Seed &seed)
{
    beginRun(seed);
    removeEarlier();
    sources(seed.file);
    providersAndModels(seed.file);
    schedules(seed.file);
    for (const FileOffer &each : seed.file.offers)
        offer(each);
    for (const FileOffer &each : seed.file.offers)
        claims(each);
    supersedeLeftOut();
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

QString cardHash(const FilePrice &price)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(price.currency.toUtf8());
    for (const FileComponent &component : price.components)
        hash.addData(QStringLiteral("\n%1|%2|%3|%4")
                         .arg(component.component)
                         .arg(component.aboveInputTokens)
                         .arg(component.schedule)
                         .arg(component.amount)
                         .toUtf8());
    return QString::fromLatin1(hash.result().toHex());
}

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
    writer.write(*seed);
    if (auto written = writer.result(); !written)
        return written;
    return transaction->commit();
}

} // namespace app
