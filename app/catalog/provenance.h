// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QSqlDatabase>

#include "app/catalog/catalog_store.h"

namespace app {

// Every source's word on every part of the price that holds at that instant, the source that is
// shown first; NotFound for an unknown key.
engine::Result<std::vector<FigureTrail>> readProvenance(const QSqlDatabase &database,
                                                        const QString &offerId, UnixSeconds asOf);

// What models spent on public tasks, by model and task.
engine::Result<std::vector<TokenUse>> readTokenUses(const QSqlDatabase &database);

} // namespace app
