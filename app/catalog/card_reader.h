// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>

#include <QSqlDatabase>

#include "app/catalog/database.h"
#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

// Puts price cards together from their rows; the schedules are read once.
class CardReader
{
public:
    static engine::Result<CardReader> create(const QSqlDatabase &database);
    // The card of one price version.
    engine::Result<PriceCard> read(qint64 versionId, const QString &currency);

private:
    CardReader(const QSqlDatabase &database, std::map<qint64, Schedule> schedules);

    std::map<qint64, Schedule> m_schedules;
    std::unique_ptr<database::Statement> m_components;
};

} // namespace app
