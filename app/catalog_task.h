// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QDate>
#include <QString>

#include "app/catalog/catalog_list.h"
#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

// What `paretoscope catalog ...` was asked for.
struct CatalogRequest
{
    enum class Task { List, Import, Cost, Check, Refresh };

    Task task = Task::List;
    QString file; // another database; empty: the user's own
    bool json = false;
    CatalogListRequest list;

    QString path; // Import: a file, or "-" for the standard input
    QDate dated;  // Import: what day the list is of, where neither it nor its file says
    bool dryRun = false;
    bool force = false;

    QString offer; // Cost
    RequestTokens tokens;
    std::optional<UnixSeconds> at; // Cost: when the request ends; absent: now

    std::vector<qint64> accept, reject; // Check: decisions on records held for review
    bool undo = false;                  // Check: take back the last decision or own price

    QString source; // Refresh: empty lists the sources
    QString url;
    std::optional<bool> enable;
};

// Does it and prints the outcome to standard output; an error has been reported nowhere yet.
// `usualFile` is the user's own database. Needs a QCoreApplication.
engine::Result<void> runCatalog(const CatalogRequest &request, const QString &usualFile);

} // namespace app
