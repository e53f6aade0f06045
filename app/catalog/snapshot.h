// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QSqlDatabase>

#include "app/catalog/catalog.h"
#include "app/catalog/catalog_store.h"
#include "engine/spec/result.h"

namespace app {

// Which offers a snapshot holds, and what was believed when.
struct SnapshotScope
{
    QString offer;                         // one offer, by its key; empty: any
    QString familyOrModel;                 // the offers of one model or family; empty: any
    std::optional<UnixSeconds> believedAt; // what the catalog said then; absent: what it says now
};

// Reads the offers as they stood at that instant. An offer without a figure for that instant is
// left out; one whose first known price was merely read later (not declared to start later) is
// there and says so.
engine::Result<CatalogPtr> readSnapshot(const QSqlDatabase &database, UnixSeconds asOf,
                                        const SnapshotScope &scope = {});

// Every card that is believed today, announced and cancelled ones too, oldest first; NotFound for
// an unknown key.
engine::Result<std::vector<PriceStep>> readPriceHistory(const QSqlDatabase &database,
                                                        const QString &offerId);

// The row of an offer; NotFound for an unknown key.
engine::Result<qint64> findOffer(const QSqlDatabase &database, const QString &key);

} // namespace app
