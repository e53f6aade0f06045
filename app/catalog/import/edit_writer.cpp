// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/edit_writer.h"

#include "app/catalog/sql_values.h"

namespace app {
namespace {

using database::number;
using database::orNull;
using Kind = PriceEdit::Kind;

void end(database::RowWriter &rows, const PriceEdit &edit, const EditTarget &target)
{
    if (edit.kind == Kind::Close)
        rows.run("UPDATE price_version SET valid_to = ? WHERE id = ?", {orNull(edit.to), edit.id});
    else if (edit.kind == Kind::Supersede)
        rows.run("UPDATE price_version SET superseded_at = ? WHERE id = ?",
                 {number(target.recordedAt), edit.id});
    else if (edit.kind == Kind::Cancel)
        rows.run("UPDATE price_version SET status = 'cancelled' WHERE id = ?", {edit.id});
}

qint64 copy(database::RowWriter &rows, const PriceEdit &edit, const EditTarget &target)
{
    const qint64 id = rows.returning(
        "INSERT INTO price_version (offer_id, source_id, valid_from, valid_to, valid_from_basis, "
        "recorded_at, change_kind, status, currency, checked_at, discount_ppm, run_id, "
        "upstream_locator, note, card_hash, confidence) SELECT offer_id, source_id, ?, ?, "
        "ifnull(?, valid_from_basis), ?, 'correction', 'active', currency, checked_at, "
        "discount_ppm, ?, "
        "upstream_locator, note, card_hash, confidence FROM price_version WHERE id = ? "
        "RETURNING id",
        {orNull(edit.from), orNull(edit.to), orNull(edit.basis), number(target.recordedAt),
         target.run, edit.id});
    rows.run("INSERT INTO price_component SELECT ?, component, min_input_tokens, schedule_id, "
             "amount_pico, per, origin, raw_text FROM price_component WHERE price_version_id = ?",
             {id, edit.id});
    return id;
}

} // namespace

qint64 writeEdits(database::RowWriter &rows, OfferWriter &writer,
                  const std::vector<PriceEdit> &edits, const EditTarget &target)
{
    qint64 inserted = 0;
    for (const PriceEdit &edit : edits)
        end(rows, edit, target);
    for (const PriceEdit &edit : edits) {
        switch (edit.kind) {
        case Kind::Insert:
            inserted = writer.price(edit.price, target.offer, {edit.changeKind, target.recordedAt});
            break;
        case Kind::Copy:
            inserted = copy(rows, edit, target);
            break;
        case Kind::Activate:
            rows.run("UPDATE price_version SET status = 'active', valid_to = ?, "
                     "checked_at = max(ifnull(checked_at, 0), ?) WHERE id = ?",
                     {orNull(edit.to), number(target.seenAt), edit.id});
            break;
        case Kind::Confirm:
            rows.run("UPDATE price_version SET checked_at = max(ifnull(checked_at, 0), ?) "
                     "WHERE id = ?",
                     {number(target.seenAt), edit.id});
            break;
        case Kind::Close:
        case Kind::Supersede:
        case Kind::Cancel:
            break;
        }
    }
    return inserted;
}

} // namespace app
