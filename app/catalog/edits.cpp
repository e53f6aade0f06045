// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/edits.h"

#include <algorithm>

#include "app/catalog/catalog_file.h"
#include "app/catalog/database.h"
#include "app/catalog/price_text.h"
#include "app/catalog/review.h"
#include "app/catalog/row_writer.h"
#include "app/catalog/rows.h"
#include "app/catalog/snapshot.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

using database::number;
using database::orNull;
using engine::ErrorKind;

engine::Result<void> finish(database::RowWriter &rows, database::WriteTransaction &transaction)
{
    if (auto written = rows.result(); !written)
        return written;
    return transaction.commit();
}

bool isComponent(const QString &name)
{
    return std::any_of(std::begin(kComponentNames), std::end(kComponentNames),
                       [&](const char *known) { return name == QLatin1String(known); });
}

EditEntry entryAt(const QSqlQuery &row)
{
    return {row.value(0).toLongLong(), row.value(1).toLongLong(), row.value(2).toString(),
            row.value(3).toString(),   row.value(4).toString(),   optionalInstant(row.value(5))};
}

} // namespace

engine::Result<qint64> setOverride(const QSqlDatabase &database, const OverrideRequest &request,
                                   UnixSeconds now)
{
    if (!isComponent(request.component))
        return engine::fail(ErrorKind::BadInput,
                            QStringLiteral("\"%1\" is no part of a price; give input, output, "
                                           "cache_read, cache_write, reasoning or request.")
                                .arg(request.component)
                                .toStdString());
    if (request.amount < 0 || request.aboveInputTokens < 0)
        return engine::fail(ErrorKind::BadInput, "A price or threshold below 0 makes no sense.");
    auto transaction = database::WriteTransaction::begin(database);
    if (!transaction)
        return tl::make_unexpected(transaction.error());
    const auto offer = findOffer(database, request.offer);
    if (!offer)
        return tl::make_unexpected(offer.error());
    database::RowWriter rows(database);
    const qint64 schedule =
        request.schedule.isEmpty()
            ? 0
            : rows.returning("SELECT id FROM schedule WHERE slug = ?", {request.schedule});
    if (!request.schedule.isEmpty() && schedule == 0)
        return engine::fail(ErrorKind::NotFound,
                            QStringLiteral("There is no schedule %1 in the catalog.")
                                .arg(request.schedule)
                                .toStdString());
    const QVariantList slot{*offer, request.component, number(request.aboveInputTokens), schedule};
    const qint64 replaced = rows.returning(
        "SELECT id FROM user_override WHERE offer_id = ? AND component = ? AND min_input_tokens = "
        "? AND schedule_id = ? AND removed_at IS NULL",
        slot);
    rows.run("UPDATE user_override SET removed_at = ? WHERE id = ?", {number(now), replaced});
    const qint64 id = rows.returning(
        "INSERT INTO user_override (offer_id, component, min_input_tokens, schedule_id, "
        "amount_pico, currency, valid_from, valid_to, reason, created_at, base_card_hash) "
        "VALUES (?, ?, ?, ?, ?, ifnull((SELECT x.currency FROM price_version x JOIN source s "
        "ON s.id = x.source_id WHERE x.offer_id = ? AND x.valid_to IS NULL AND x.superseded_at IS "
        "NULL AND x.status = 'active' ORDER BY s.precedence, x.checked_at DESC LIMIT 1), 'USD'), "
        "?, ?, ?, ?, (SELECT x.card_hash FROM price_version x JOIN source s ON s.id = x.source_id "
        "WHERE x.offer_id = ? AND x.valid_to IS NULL AND x.superseded_at IS NULL AND x.status = "
        "'active' ORDER BY s.precedence, x.checked_at DESC LIMIT 1)) RETURNING id",
        slot + QVariantList{number(request.amount), *offer, orNull(request.from),
                            orNull(request.to), orNull(request.reason), number(now), *offer});
    logEdit(rows, now, "set_override", request.offer, id,
            replaced == 0 ? QVariant() : QVariant(replaced),
            QStringLiteral("%1 of %2 set to %3")
                .arg(request.component, request.offer, priceText(request.amount)));
    if (auto done = finish(rows, *transaction); !done)
        return tl::make_unexpected(done.error());
    return id;
}

engine::Result<void> removeOverride(const QSqlDatabase &database, qint64 id, UnixSeconds now)
{
    auto transaction = database::WriteTransaction::begin(database);
    if (!transaction)
        return tl::make_unexpected(transaction.error());
    auto row = database::run(database,
                             QStringLiteral("SELECT o.key, u.component FROM user_override u JOIN "
                                            "offer o ON o.id = u.offer_id WHERE u.id = ? AND "
                                            "u.removed_at IS NULL"),
                             {id});
    if (!row)
        return tl::make_unexpected(row.error());
    if (!row->next())
        return engine::fail(ErrorKind::NotFound, "There is no such price of your own.");
    const QString offer = row->value(0).toString();
    const QString component = row->value(1).toString();
    row->finish();
    database::RowWriter rows(database);
    rows.run("UPDATE user_override SET removed_at = ? WHERE id = ?", {number(now), id});
    logEdit(rows, now, "remove_override", offer, id, {},
            QStringLiteral("own %1 of %2 removed").arg(component, offer));
    return finish(rows, *transaction);
}

engine::Result<EditEntry> undoEdit(const QSqlDatabase &database, UnixSeconds now)
{
    auto transaction = database::WriteTransaction::begin(database);
    if (!transaction)
        return tl::make_unexpected(transaction.error());
    auto row = database::run(
        database, QStringLiteral("SELECT id, at, action, offer_key, words, undone_at, subject_id, "
                                 "replaced_id FROM edit_log WHERE undone_at IS NULL "
                                 "ORDER BY id DESC LIMIT 1"));
    if (!row)
        return tl::make_unexpected(row.error());
    if (!row->next())
        return engine::fail(ErrorKind::NotFound, "There is no edit left to undo.");
    const EditEntry entry = entryAt(*row);
    const QVariant subject = row->value(6);
    const QVariant replaced = row->value(7);
    row->finish();
    database::RowWriter rows(database);
    if (entry.action == QLatin1String("set_override")) {
        rows.run("UPDATE user_override SET removed_at = ? WHERE id = ?", {number(now), subject});
        rows.run("UPDATE user_override SET removed_at = NULL WHERE id = ?", {replaced});
    } else if (entry.action == QLatin1String("remove_override")) {
        rows.run("UPDATE user_override SET removed_at = NULL WHERE id = ?", {subject});
    } else {
        rows.run("UPDATE quarantine SET decision = NULL, decided_at = NULL WHERE id = ?",
                 {subject});
        if (!replaced.isNull())
            takeBackAccepted(rows, replaced.toLongLong(), now);
    }
    rows.run("UPDATE edit_log SET undone_at = ? WHERE id = ?", {number(now), entry.id});
    if (auto done = finish(rows, *transaction); !done)
        return tl::make_unexpected(done.error());
    return entry;
}

engine::Result<std::vector<EditEntry>> readEdits(const QSqlDatabase &database)
{
    auto row =
        database::run(database, QStringLiteral("SELECT id, at, action, offer_key, words, undone_at "
                                               "FROM edit_log ORDER BY id DESC"));
    if (!row)
        return tl::make_unexpected(row.error());
    std::vector<EditEntry> entries;
    while (row->next())
        entries.push_back(entryAt(*row));
    return entries;
}

} // namespace app
