// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/import.h"

#include <algorithm>
#include <set>

#include <QCryptographicHash>

#include "app/catalog/database.h"
#include "app/catalog/import/edit_writer.h"
#include "app/catalog/import/held_price.h"
#include "app/catalog/import/import_plan.h"
#include "app/catalog/name_writer.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

using database::number;
using database::orEmpty;
using database::orNull;

constexpr UnixSeconds kDay = 86'400;
constexpr UnixSeconds kWindow = 1'800; // of a gateway's statistics

struct Content
{
    QByteArray sha256;
    qint64 bytes = 0;
};

// Figures that say no date of their own get the list's.
void dateFigures(ForeignFile &file, UnixSeconds at)
{
    const QDate day = dayOf(at);
    const auto date = [&day](FileOrigin &origin) {
        if (!origin.date.isValid())
            origin.date = day;
    };
    for (ForeignOffer &offer : file.offers) {
        for (FilePrice &price : offer.offer.prices)
            date(price.origin);
        for (FileLimits &limits : offer.offer.limits)
            date(limits.origin);
        for (FileObservation &seen : offer.offer.observations) {
            date(seen.origin);
            if (seen.end == 0) {
                seen.start = at - kWindow;
                seen.end = at;
            }
        }
    }
}

// Writes a plan as one run.
class PlanWriter
{
public:
    PlanWriter(const QSqlDatabase &database, const ForeignFile &file, const KnownState &known,
               const ImportRequest &request, UnixSeconds at)
        : m_rows(database),
          m_names(m_rows, KnownName::Keep),
          m_file(file),
          m_known(known),
          m_request(request),
          m_at(at),
          m_aliases(known.aliases)
    {
    }
    engine::Result<void> write(const ImportPlan &plan, const Content &content);

private:
    qint64 modelOf(const ForeignOffer &foreign);
    void offer(const OfferPlan &plan, OfferWriter &writer);
    void claims(const FileOffer &offer, qint64 id, const QString &source, OfferWriter &writer);
    void seen(const OfferPlan &plan, qint64 id, const QString &source, OfferWriter &writer);
    void hold(const OfferPlan &plan);
    void missing(const std::vector<QString> &keys);
    void rebase();

    database::RowWriter m_rows;
    NameWriter m_names;
    const ForeignFile &m_file;
    const KnownState &m_known;
    const ImportRequest &m_request;
    UnixSeconds m_at;
    qint64 m_run = 0;
    std::set<std::pair<QString, QString>> m_aliases;
    std::map<QString, QString> m_newModels; // loose key to slug
};

qint64 PlanWriter::modelOf(const ForeignOffer &foreign)
{
    const QString loose = looseKey(foreign.modelKey);
    const auto known = m_known.models.find(loose);
    const auto fresh = m_newModels.find(loose);
    FileModel model;
    model.slug = known != m_known.models.end() ? known->second
                 : fresh != m_newModels.end()  ? fresh->second
                                               : foreign.modelKey;
    if (const qint64 id = m_names.model(model.slug))
        return id;
    model.name = foreign.modelName.isEmpty() ? foreign.modelKey : foreign.modelName;
    model.family = foreign.family.isEmpty() ? foreign.modelKey : foreign.family;
    m_newModels.emplace(loose, model.slug);
    return m_names.writeModel(model);
}

void PlanWriter::seen(const OfferPlan &plan, qint64 id, const QString &source, OfferWriter &writer)
{
    writer.seen(id, source, m_at, {plan.foreign->key, m_file.scope, plan.foreign->unpriced});
}

// What is held keeps its old figures; the record is kept for review, once.
void PlanWriter::hold(const OfferPlan &plan)
{
    if (plan.reviewedAlready)
        return;
    const auto &prices = plan.foreign->offer.prices;
    m_rows.run("INSERT INTO quarantine (run_id, upstream_key, rule, old_value, new_value, "
               "offer_key, source_id, observed_at, card_hash, held) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
               {m_run, plan.foreign->key, plan.held->rule, orNull(plan.held->before),
                plan.held->after, plan.key, m_names.source(m_file.source), number(m_at),
                prices.empty() ? QVariant(QStringLiteral("")) : QVariant(cardHash(prices.back())),
                prices.empty() ? QVariant() : QVariant(heldText(prices.back()))});
}

void PlanWriter::claims(const FileOffer &offer, qint64 id, const QString &source,
                        OfferWriter &writer)
{
    std::set<QString> metrics;
    for (const FileClaim &claim : offer.claims) {
        if (metrics.insert(claim.metric).second)
            m_rows.run("DELETE FROM claim WHERE offer_id = ? AND source_id = ? AND metric = ?",
                       {id, m_names.source(source), claim.metric});
        const auto versus = m_known.offers.find(claim.versus);
        if (claim.versus.isEmpty() || versus != m_known.offers.end())
            writer.claim(claim, id, claim.versus.isEmpty() ? 0 : versus->second);
    }
}

void PlanWriter::offer(const OfferPlan &plan, OfferWriter &writer)
{
    const FileOffer &offer = plan.foreign->offer;
    const QString source = plan.foreign->source.isEmpty() ? m_file.source : plan.foreign->source;
    if (plan.held) {
        hold(plan);
        if (plan.id != 0)
            seen(plan, plan.id, source, writer);
        return;
    }
    const qint64 id = plan.id != 0 ? plan.id : writer.offer(offer);
    if (m_aliases.insert({offer.provider, offer.modelId}).second)
        writer.alias(offer, {}, modelOf(*plan.foreign), m_names.source(source), "guessed");
    writeEdits(m_rows, writer, plan.edits, {id, m_run, m_at, m_request.now});
    if (plan.closeLimits != 0)
        m_rows.run("UPDATE offer_limits SET valid_to = ? WHERE id = ?",
                   {number(plan.limits->from), plan.closeLimits});
    if (plan.beginLimits != 0)
        m_rows.run("UPDATE offer_limits SET valid_from = ? WHERE id = ?",
                   {number(m_at), plan.beginLimits});
    if (plan.limits)
        writer.limits(*plan.limits, id);
    for (const FileObservation &observed : offer.observations)
        writer.observation(observed, id);
    claims(offer, id, source, writer);
    seen(plan, id, source, writer);
}

void PlanWriter::missing(const std::vector<QString> &keys)
{
    for (const QString &key : keys)
        m_rows.run("UPDATE offer_seen SET missing_since = ifnull(missing_since, ?), "
                   "missing_runs = missing_runs + 1 WHERE offer_id = ? AND source_id = ?",
                   {number(m_at), m_known.offers.at(key), m_names.source(m_file.source)});
}

// A copy older than any other was read late: what the others were first to show is now known to
// have begun after it.
void PlanWriter::rebase()
{
    if (!m_known.runs.empty() && m_at < m_known.runs.front())
        m_rows.run("UPDATE price_version SET valid_from_basis = 'first_seen' WHERE source_id = ? "
                   "AND valid_from_basis = 'snapshot' AND valid_from > ?",
                   {m_names.source(m_file.source), number(m_at)});
}

engine::Result<void> PlanWriter::write(const ImportPlan &plan, const Content &content)
{
    m_names.write(m_file.names);
    const ImportReport &report = plan.report;
    m_run = m_rows.returning(
        "INSERT INTO import_run (source_id, started_at, finished_at, status, uri, upstream_date, "
        "content_sha256, content_bytes, importer, importer_version, scope, dialect, n_seen, n_new, "
        "n_changed, n_unchanged, n_missing, n_quarantined) "
        "VALUES (?, ?, ?, 'applied', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        {m_names.source(m_file.source), number(m_request.now), number(m_request.now),
         orNull(m_request.uri), number(m_at), QString::fromLatin1(content.sha256), content.bytes,
         m_file.importer, m_file.importerVersion, orEmpty(m_file.scope), orEmpty(m_file.dialect),
         report.seen, report.added, report.changed, report.unchanged, report.missing,
         static_cast<int>(report.held.size())});
    OfferWriter writer(m_rows, m_names, m_run);
    for (const OfferPlan &each : plan.offers)
        offer(each, writer);
    writer.finish();
    missing(plan.missing);
    rebase();
    return m_rows.result();
}

// The newest list was seen again at a later date: it is fresh, and nothing else.
engine::Result<void> confirmSeen(const QSqlDatabase &database, const ForeignFile &file,
                                 UnixSeconds at)
{
    database::RowWriter rows(database);
    const QVariantList of{number(at), file.source, orEmpty(file.scope)};
    rows.run("UPDATE offer_seen SET last_seen = max(last_seen, ?) WHERE source_id = "
             "(SELECT id FROM source WHERE slug = ?) AND scope = ? AND missing_since IS NULL",
             of);
    rows.run("UPDATE price_version SET checked_at = max(ifnull(checked_at, 0), ?) WHERE source_id "
             "= (SELECT id FROM source WHERE slug = ?) AND valid_to IS NULL AND superseded_at IS "
             "NULL AND offer_id IN (SELECT offer_id FROM offer_seen s WHERE s.source_id = "
             "price_version.source_id AND s.scope = ? AND s.missing_since IS NULL)",
             of);
    rows.run("UPDATE import_run SET upstream_date = max(upstream_date, ?) WHERE id = (SELECT "
             "max(r.id) FROM import_run r JOIN source s ON s.id = r.source_id WHERE s.slug = ? "
             "AND r.scope = ? AND r.status = 'applied')",
             of);
    return rows.result();
}

engine::Result<UnixSeconds> dateOf(const ForeignFile &file, const ImportRequest &request)
{
    const UnixSeconds at = request.at              ? *request.at
                           : file.date.isValid()   ? database::startOfDay(file.date)
                           : request.atLatest != 0 ? request.atLatest
                                                   : request.now;
    if (at <= request.now + kDay)
        return std::min(at, request.now);
    return engine::fail(engine::ErrorKind::BadInput,
                        QStringLiteral("%1 is dated %2, which is yet to come; check the clock or "
                                       "the file.")
                            .arg(request.name, dayOf(at).toString(Qt::ISODate))
                            .toStdString());
}

} // namespace

engine::Result<ImportReport> importPriceList(const QSqlDatabase &database,
                                             const QByteArray &content,
                                             const ImportRequest &request)
{
    auto file = readForeignFile(content, request.name);
    if (!file)
        return tl::make_unexpected(file.error());
    const auto at = dateOf(*file, request);
    if (!at)
        return tl::make_unexpected(at.error());
    dateFigures(*file, *at);
    const Content read{QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex(),
                       content.size()};
    std::optional<database::WriteTransaction> transaction;
    if (!request.dryRun) {
        auto begun = database::WriteTransaction::begin(database);
        if (!begun)
            return tl::make_unexpected(begun.error());
        transaction.emplace(std::move(*begun));
    }
    const auto known = readKnownState(database, *file, read.sha256, *at);
    if (!known)
        return tl::make_unexpected(known.error());
    ImportPlan plan = planImport(*file, *known, {*at, request.force});
    plan.report.dryRun = request.dryRun;
    plan.report.date = dayOf(*at);
    if (request.dryRun || plan.report.status == ImportReport::Status::Rejected)
        return plan.report;
    engine::Result<void> written;
    if (plan.report.status == ImportReport::Status::Applied)
        written = PlanWriter(database, *file, *known, request, *at).write(plan, read);
    else if (known->sameAsNewest && *at > known->runs.back())
        written = confirmSeen(database, *file, *at);
    else
        return plan.report;
    if (written)
        written = transaction->commit();
    if (!written)
        return tl::make_unexpected(written.error());
    return plan.report;
}

} // namespace app
