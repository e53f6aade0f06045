// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/review.h"

#include "app/catalog/edits.h"
#include "app/catalog/import/edit_writer.h"
#include "app/catalog/import/held_price.h"
#include "app/catalog/name_writer.h"
#include "app/catalog/rows.h"
#include "app/catalog/snapshot.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

using database::number;
using database::orNull;
using engine::ErrorKind;

struct HeldRow
{
    QString offer;
    qint64 run = 0;
    qint64 source = 0;
    QString sourceSlug;
    UnixSeconds observedAt = 0;
    QString after;
    std::optional<FilePrice> price;
};

engine::Result<HeldRow> readHeld(const QSqlDatabase &database, qint64 id)
{
    auto row = database::run(
        database,
        QStringLiteral("SELECT q.offer_key, q.run_id, q.source_id, s.slug, "
                       "q.observed_at, q.new_value, q.held FROM quarantine q JOIN source "
                       "s ON s.id = q.source_id WHERE q.id = ? AND q.decision IS NULL"),
        {id});
    if (!row)
        return tl::make_unexpected(row.error());
    if (!row->next())
        return engine::fail(ErrorKind::NotFound,
                            QStringLiteral("No record %1 waits for review; catalog check lists "
                                           "those that do.")
                                .arg(id)
                                .toStdString());
    HeldRow held{row->value(0).toString(),           row->value(1).toLongLong(),
                 row->value(2).toLongLong(),         row->value(3).toString(),
                 row->value(4).toLongLong(),         row->value(5).toString(),
                 heldPrice(row->value(6).toString())};
    return held;
}

std::vector<StoredVersion> storedVersions(database::RowWriter &rows, qint64 offer, qint64 source)
{
    std::vector<StoredVersion> stored;
    database::Statement *found = rows.query(
        "SELECT id, valid_from, valid_to, status, valid_from_basis, card_hash FROM price_version "
        "WHERE offer_id = ? AND source_id = ? AND superseded_at IS NULL AND status = 'active'",
        {offer, source});
    if (!found)
        return stored;
    QSqlQuery &row = found->query();
    while (row.next())
        stored.push_back({row.value(0).toLongLong(), optionalInstant(row.value(1)),
                          optionalInstant(row.value(2)), row.value(3).toString(),
                          row.value(4).toString(), row.value(5).toString()});
    row.finish();
    return stored;
}

} // namespace

void logEdit(database::RowWriter &rows, UnixSeconds now, const char *action, const QString &offer,
             qint64 subject, const QVariant &replaced, const QString &words)
{
    rows.run("INSERT INTO edit_log (at, action, offer_key, subject_id, replaced_id, words) "
             "VALUES (?, ?, ?, ?, ?, ?)",
             {number(now), QLatin1String(action), offer, subject, replaced, words});
}

void takeBackAccepted(database::RowWriter &rows, qint64 versionId, UnixSeconds now)
{
    const auto value = [&](const char *sql) { return rows.returning(sql, {versionId}); };
    const qint64 offer = value("SELECT offer_id FROM price_version WHERE id = ?");
    const qint64 source = value("SELECT source_id FROM price_version WHERE id = ?");
    const qint64 run = value("SELECT run_id FROM price_version WHERE id = ?");
    const std::vector<StoredVersion> stored = storedVersions(rows, offer, source);
    const StoredVersion *accepted = nullptr;
    for (const StoredVersion &version : stored)
        accepted = version.id == versionId ? &version : accepted;
    if (!accepted)
        return;
    std::vector<PriceEdit> edits;
    const auto add = [&edits](PriceEdit::Kind kind, qint64 id) -> PriceEdit & {
        edits.emplace_back().kind = kind;
        edits.back().id = id;
        return edits.back();
    };
    add(PriceEdit::Kind::Supersede, versionId);
    for (const StoredVersion &version : stored) {
        if (!version.to || version.to != accepted->from)
            continue;
        add(PriceEdit::Kind::Supersede, version.id);
        PriceEdit &goesOn = add(PriceEdit::Kind::Copy, version.id);
        goesOn.from = version.from;
        goesOn.to = accepted->to;
    }
    NameWriter names(rows, KnownName::Keep);
    OfferWriter writer(rows, names, run);
    writeEdits(rows, writer, edits, {offer, run, now, now});
}

engine::Result<void> decideReview(const QSqlDatabase &database, qint64 id, bool accept,
                                  UnixSeconds now)
{
    auto transaction = database::WriteTransaction::begin(database);
    if (!transaction)
        return tl::make_unexpected(transaction.error());
    auto held = readHeld(database, id);
    if (!held)
        return tl::make_unexpected(held.error());
    if (accept && !held->price)
        return engine::fail(ErrorKind::BadInput,
                            QStringLiteral("Record %1 holds no price that could be accepted; it "
                                           "can only be rejected.")
                                .arg(id)
                                .toStdString());
    database::RowWriter rows(database);
    qint64 version = 0;
    if (accept) {
        // An offer whose first price was held has no row yet: the next import makes it, since what
        // was accepted passes the gates.
        if (const qint64 offer =
                rows.returning("SELECT id FROM offer WHERE key = ?", {held->offer})) {
            NameWriter names(rows, KnownName::Keep);
            names.know(held->sourceSlug, held->source, held->price->components);
            OfferWriter writer(rows, names, held->run);
            version = writeEdits(rows, writer,
                                 observe(storedVersions(rows, offer, held->source), *held->price,
                                         {held->observedAt, {}, false}),
                                 {offer, held->run, held->observedAt, now});
        }
    }
    rows.run("UPDATE quarantine SET decision = ?, decided_at = ? WHERE id = ?",
             {accept ? QStringLiteral("accept") : QStringLiteral("reject"), number(now), id});
    logEdit(rows, now, accept ? "accept" : "reject", held->offer, id,
            version == 0 ? QVariant() : QVariant(version),
            QStringLiteral("%1 of %2 %3")
                .arg(held->after, held->offer,
                     accept ? QStringLiteral("accepted") : QStringLiteral("rejected")));
    if (auto written = rows.result(); !written)
        return written;
    return transaction->commit();
}

engine::Result<std::vector<ReviewItem>> readReview(const QSqlDatabase &database)
{
    auto row = database::run(
        database,
        QStringLiteral("SELECT q.id, q.upstream_key, q.offer_key, s.name, q.rule, q.old_value, "
                       "q.new_value, q.observed_at, q.held FROM quarantine q LEFT JOIN source s "
                       "ON s.id = q.source_id WHERE q.decision IS NULL ORDER BY q.id"));
    if (!row)
        return tl::make_unexpected(row.error());
    std::vector<ReviewItem> items;
    while (row->next())
        items.push_back(
            {row->value(0).toLongLong(), row->value(1).toString(), row->value(2).toString(),
             row->value(3).toString(), row->value(4).toString(), row->value(5).toString(),
             row->value(6).toString(), dayOf(row->value(7).toLongLong()), !row->value(8).isNull()});
    return items;
}

} // namespace app
