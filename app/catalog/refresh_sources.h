// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QSqlDatabase>
#include <QString>

#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

// Somebody who publishes a price list. Nothing is fetched from him unless the user turned it on.
struct RefreshSource
{
    QString slug;
    QString url;
    bool enabled = false;
    std::optional<UnixSeconds> lastTriedAt;
    QString lastWords; // how that went

    friend bool operator==(const RefreshSource &, const RefreshSource &) = default;
};

// The known ones with their usual addresses, and those that the user added; by slug.
engine::Result<std::vector<RefreshSource>> readRefreshSources(const QSqlDatabase &database);
// BadInput for a slug that is no plain word or an address that may not be asked.
engine::Result<void> writeRefreshSource(const QSqlDatabase &database, const RefreshSource &source);

// BadInput unless the address is https, or http on this very machine.
engine::Result<void> checkAddress(const QString &url);

} // namespace app
