// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QSqlDatabase>

#include "app/catalog/catalog.h"
#include "app/catalog/catalog_store.h"
#include "engine/spec/result.h"

namespace app {

// Reads all offers as they stood at that instant. An offer without a figure for that instant is
// left out; one whose first known price was merely read later (not declared to start later) is
// there and says so.
engine::Result<CatalogPtr> readSnapshot(const QSqlDatabase &database, UnixSeconds asOf);

// Every card that is believed today, oldest first; NotFound for an unknown key.
engine::Result<std::vector<PriceStep>> readPriceHistory(const QSqlDatabase &database,
                                                        const QString &offerId);

} // namespace app
