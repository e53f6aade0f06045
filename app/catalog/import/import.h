// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QByteArray>
#include <QSqlDatabase>

#include "app/catalog/import/import_report.h"
#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

// One price list and how to take it.
struct ImportRequest
{
    QString name;                  // for messages: the file or address
    QString uri;                   // where it came from, kept with the run
    std::optional<UnixSeconds> at; // its date, where the caller knows it (a server's word)
    UnixSeconds atLatest = 0;      // its date where neither the caller nor the list knows one
    UnixSeconds now = 0;
    bool dryRun = false;
    bool force = false; // take a list that has shrunk
};

// Reads a price list of any known format and merges it in one transaction. Idempotent: the same
// bytes again write nothing. A list that is refused (BadInput: not readable; or a report with
// status Rejected: a gate closed) leaves the catalog as it was, and so does a dry run.
engine::Result<ImportReport> importPriceList(const QSqlDatabase &database,
                                             const QByteArray &content,
                                             const ImportRequest &request);

} // namespace app
