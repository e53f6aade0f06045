// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>

#include <QSqlDatabase>

#include "app/catalog/database.h"
#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

// The member that a component's name means; null for one that requests are not billed by.
std::optional<std::int64_t> *priceOf(Prices &prices, const QString &component);

// Puts price cards together from their rows; the schedules are read once, when the first is needed.
class CardReader
{
public:
    explicit CardReader(const QSqlDatabase &database);
    // The card of one price version.
    engine::Result<PriceCard> read(qint64 versionId, const QString &currency);
    // Absent for 0, any hour.
    std::optional<Schedule> schedule(qint64 id);

private:
    engine::Result<void> needSchedules();

    QSqlDatabase m_database;
    std::optional<std::map<qint64, Schedule>> m_schedules;
    std::unique_ptr<database::Statement> m_components;
};

} // namespace app
