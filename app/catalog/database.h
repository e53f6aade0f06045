// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QString>
#include <QVariant>

#include "app/catalog/schema.h"
#include "engine/spec/result.h"

namespace app::database {

// What SQLite's refusal means for the user; `where` is the file. BadInput says that the content is
// damaged, Io that the system around it refused.
engine::Error explain(const QSqlError &error, const QString &where);

// Runs one statement with its values bound in order. The query is positioned before its first row.
engine::Result<QSqlQuery> run(const QSqlDatabase &database, const QString &sql,
                              const QVariantList &values = {});

// A statement prepared once and run many times.
class Statement
{
public:
    Statement(const QSqlDatabase &database, const QString &sql);
    engine::Result<void> run(const QVariantList &values);
    QSqlQuery &query() { return m_query; }
    qint64 lastId() const { return m_query.lastInsertId().toLongLong(); }

private:
    QString m_where;
    QSqlQuery m_query;
    bool m_prepared = false;
};

// Begins at once with the right to write, so that two programs queue instead of failing at their
// first write. Rolls back when destroyed without commit().
class WriteTransaction
{
public:
    static engine::Result<WriteTransaction> begin(const QSqlDatabase &database);
    ~WriteTransaction();
    WriteTransaction(WriteTransaction &&other) noexcept;
    WriteTransaction &operator=(WriteTransaction &&) = delete;

    engine::Result<void> commit();

private:
    explicit WriteTransaction(QSqlDatabase database) : m_database(std::move(database)) {}

    QSqlDatabase m_database;
    bool m_open = true;
};

// Numbers of PRAGMA name.
engine::Result<int> pragma(const QSqlDatabase &database, const QString &name);

// Unsupported where the file is newer than the last of `migrations` or holds another program's
// tables. Reads only.
engine::Result<void> checkOwner(const QSqlDatabase &database, const QString &path,
                                std::span<const Migration> migrations);

// Brings the file forward to the last of `migrations`, one transaction a step, after a copy of a
// file that already held data was written beside it ("catalog.sqlite.v1.backup"). Checks
// the owner first.
engine::Result<void> migrate(const QSqlDatabase &database, const QString &path,
                             std::span<const Migration> migrations);

} // namespace app::database
