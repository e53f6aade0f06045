// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>

#include <QSqlDatabase>

#include "app/catalog/database.h"
#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app::database {

// Runs the many like statements of one transaction, each prepared once. The first error sticks and
// makes the rest do nothing, so that callers read like lists.
class RowWriter
{
public:
    explicit RowWriter(const QSqlDatabase &database) : m_database(database) {}

    // `sql` is a literal: its address tells statements apart.
    void run(const char *sql, const QVariantList &values = {});
    // The first column of the first row, as of INSERT ... RETURNING id; 0 after an error.
    qint64 returning(const char *sql, const QVariantList &values);
    // Positioned before the first row; null after an error.
    Statement *query(const char *sql, const QVariantList &values = {});

    bool failed() const { return m_error.has_value(); }
    engine::Result<void> result() const;
    const QSqlDatabase &database() const { return m_database; }

private:
    QSqlDatabase m_database;
    std::optional<engine::Error> m_error;
    std::map<const char *, std::unique_ptr<Statement>> m_statements;
};

} // namespace app::database
