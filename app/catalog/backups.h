// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QDateTime>
#include <QSqlDatabase>
#include <QString>

#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

// A quick look at every page of the file, and a thorough one that follows every reference too.
// Damage is BadInput.
engine::Result<void> checkPages(const QSqlDatabase &database);
engine::Result<void> checkIntegrity(const QSqlDatabase &database);

// Looking at every page of a large file takes seconds. One that was checked within a day and closed
// in order since, and that nobody has touched (size and time of change), is taken for good; small
// files are always checked. The stamp lies beside the file ("catalog.sqlite.checked").
// Says when that check was.
std::optional<UnixSeconds> checkedLately(const QString &path, UnixSeconds now);
void rememberChecked(const QString &path, UnixSeconds checkedAt);

// Two whole copies are kept beside the catalog, "catalog.sqlite.backup" and ".backup.old". A copy
// takes its place by a rename, so that a broken one never does. A failure is no reason to stop
// anything: the older copies stay.
void backUp(const QSqlDatabase &database, const QString &path);
// Once a day, and only where the file holds more than the shipped data.
void backUpIfDue(const QSqlDatabase &database, const QString &path, UnixSeconds now);

// Puts the newest copy that passes the check in the catalog's place and says when it was made;
// absent where none passes. The catalog's own file must be out of the way.
std::optional<QDateTime> restoreBackup(const QString &path);

} // namespace app
