// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QSqlDatabase>
#include <QString>

#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

// A price that the user puts in the place of an imported one.
struct OverrideRequest
{
    QString offer; // its key
    QString component = QStringLiteral("input");
    std::int64_t aboveInputTokens = 0;
    QString schedule; // slug; empty: at any hour
    MicroPerMillion amount = 0;
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;
    QString reason;
};

// One line of the log of edits.
struct EditEntry
{
    qint64 id = 0;
    UnixSeconds at = 0;
    QString action; // set_override, remove_override, accept, reject
    QString offer;
    QString words; // what was done, for people
    std::optional<UnixSeconds> undoneAt;
};

// A figure that a gate refused.
struct ReviewItem
{
    qint64 id = 0;
    QString key;   // the list's own word
    QString offer; // our key; the offer may not exist yet
    QString sourceName;
    QString rule;
    QString before;
    QString after;
    QDate observed;
    bool canBeAccepted = false; // a price was held, not the want of one
};

// Each of these is one transaction and one line in the log.
// BadInput for an unknown component or an amount below 0; NotFound for an unknown offer.
engine::Result<qint64> setOverride(const QSqlDatabase &database, const OverrideRequest &request,
                                   UnixSeconds now);
engine::Result<void> removeOverride(const QSqlDatabase &database, qint64 id, UnixSeconds now);
// Accepting puts the held price into the offer's history at the instant it was seen.
engine::Result<void> decideReview(const QSqlDatabase &database, qint64 id, bool accept,
                                  UnixSeconds now);
// Takes back the newest edit that was not taken back yet, and says which; NotFound where none is.
engine::Result<EditEntry> undoEdit(const QSqlDatabase &database, UnixSeconds now);

// Newest first.
engine::Result<std::vector<EditEntry>> readEdits(const QSqlDatabase &database);
// What waits for a decision, oldest first.
engine::Result<std::vector<ReviewItem>> readReview(const QSqlDatabase &database);

} // namespace app
