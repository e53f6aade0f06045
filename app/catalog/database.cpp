// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/database.h"

#include <utility>

#include <QFile>

namespace app::database {
namespace {

using engine::ErrorKind;

// SQLite's primary result codes (sqlite.org/rescode.html); the high bytes refine them.
enum SqliteCode {
    kBusy = 5,
    kLocked = 6,
    kReadOnly = 8,
    kIoError = 10,
    kCorrupt = 11,
    kFull = 13,
    kCannotOpen = 14,
    kNotADatabase = 26,
};

int primaryCode(const QSqlError &error)
{
    return error.nativeErrorCode().toInt() & 0xff;
}

std::string sentence(int code, const QString &where)
{
    const QString file = where.isEmpty() ? QStringLiteral("in memory") : where;
    switch (code) {
    case kBusy:
    case kLocked:
        return QStringLiteral("The catalog %1 is in use by another program; try again.")
            .arg(file)
            .toStdString();
    case kReadOnly:
    case kCannotOpen:
        return QStringLiteral("The catalog %1 cannot be written; choose a folder that can.")
            .arg(file)
            .toStdString();
    case kFull:
    case kIoError:
        return QStringLiteral("The catalog %1 could not be saved: the disk is full or failed; "
                              "free some space.")
            .arg(file)
            .toStdString();
    case kCorrupt:
    case kNotADatabase:
        return QStringLiteral("The catalog %1 is damaged.").arg(file).toStdString();
    default:
        return QStringLiteral("The catalog %1 refused a command.").arg(file).toStdString();
    }
}

ErrorKind kindOf(int code)
{
    switch (code) {
    case kBusy:
    case kLocked:
    case kReadOnly:
    case kCannotOpen:
    case kFull:
    case kIoError:
        return ErrorKind::Io;
    case kCorrupt:
    case kNotADatabase:
        return ErrorKind::BadInput;
    default:
        return ErrorKind::Internal;
    }
}

engine::Result<void> backUp(const QSqlDatabase &database, const QString &path, int version)
{
    const QString target = QStringLiteral("%1.v%2.backup").arg(path).arg(version);
    QFile::remove(target);
    auto copied = run(database, QStringLiteral("VACUUM INTO ?"), {target});
    if (!copied)
        return tl::make_unexpected(copied.error());
    return {};
}

engine::Result<void> step(const QSqlDatabase &database, int from, const Migration &migration)
{
    auto transaction = WriteTransaction::begin(database);
    if (!transaction)
        return tl::make_unexpected(transaction.error());
    const auto version = pragma(database, QStringLiteral("user_version"));
    if (!version)
        return tl::make_unexpected(version.error());
    // Another program may have taken the same step while we waited for the lock.
    if (*version != from)
        return {};
    for (const char *sql : migration.statements) {
        if (auto done = run(database, QString::fromUtf8(sql)); !done)
            return tl::make_unexpected(done.error());
    }
    const QString pragmas[] = {
        QStringLiteral("PRAGMA application_id = %1").arg(kCatalogApplicationId),
        QStringLiteral("PRAGMA user_version = %1").arg(migration.toVersion),
    };
    for (const QString &sql : pragmas) {
        if (auto done = run(database, sql); !done)
            return tl::make_unexpected(done.error());
    }
    return transaction->commit();
}

} // namespace

engine::Error explain(const QSqlError &error, const QString &where)
{
    const int code = primaryCode(error);
    return {kindOf(code), sentence(code, where), error.text().toStdString()};
}

engine::Result<QSqlQuery> run(const QSqlDatabase &database, const QString &sql,
                              const QVariantList &values)
{
    QSqlQuery query(database);
    query.setForwardOnly(true);
    bool done = query.prepare(sql);
    if (done) {
        for (const QVariant &value : values)
            query.addBindValue(value);
        done = query.exec();
    }
    if (!done)
        return tl::make_unexpected(explain(query.lastError(), database.databaseName()));
    return query;
}

Statement::Statement(const QSqlDatabase &database, const QString &sql)
    : m_where(database.databaseName()), m_query(database)
{
    m_query.setForwardOnly(true);
    m_prepared = m_query.prepare(sql);
}

engine::Result<void> Statement::run(const QVariantList &values)
{
    bool done = m_prepared;
    if (done) {
        m_query.finish();
        for (qsizetype i = 0; i < values.size(); ++i)
            m_query.bindValue(static_cast<int>(i), values[i]);
        done = m_query.exec();
    }
    if (!done)
        return tl::make_unexpected(explain(m_query.lastError(), m_where));
    return {};
}

engine::Result<WriteTransaction> WriteTransaction::begin(const QSqlDatabase &database)
{
    if (auto begun = database::run(database, QStringLiteral("BEGIN IMMEDIATE")); !begun)
        return tl::make_unexpected(begun.error());
    return WriteTransaction(database);
}

WriteTransaction::WriteTransaction(WriteTransaction &&other) noexcept
    : m_database(other.m_database), m_open(std::exchange(other.m_open, false))
{
}

WriteTransaction::~WriteTransaction()
{
    // SQLite itself has rolled back after some errors; a second rollback then does nothing.
    if (m_open)
        (void)database::run(m_database, QStringLiteral("ROLLBACK"));
}

engine::Result<void> WriteTransaction::commit()
{
    if (auto done = database::run(m_database, QStringLiteral("COMMIT")); !done)
        return tl::make_unexpected(done.error());
    m_open = false;
    return {};
}

engine::Result<int> pragma(const QSqlDatabase &database, const QString &name)
{
    auto query = run(database, QStringLiteral("PRAGMA %1").arg(name));
    if (!query)
        return tl::make_unexpected(query.error());
    return query->next() ? query->value(0).toInt() : 0;
}

engine::Result<void> checkOwner(const QSqlDatabase &database, const QString &path,
                                std::span<const Migration> migrations)
{
    const int newest = migrations.back().toVersion;
    const auto version = pragma(database, QStringLiteral("user_version"));
    if (!version)
        return tl::make_unexpected(version.error());
    if (*version > newest)
        return engine::fail(
            ErrorKind::Unsupported,
            QStringLiteral("The catalog %1 was written by a newer version of Paretoscope (format "
                           "%2, this one reads %3); it was left untouched.")
                .arg(path)
                .arg(*version)
                .arg(newest)
                .toStdString());
    const auto owner = pragma(database, QStringLiteral("application_id"));
    if (!owner)
        return tl::make_unexpected(owner.error());
    auto tables = run(database, QStringLiteral("SELECT count(*) FROM sqlite_master"));
    if (!tables)
        return tl::make_unexpected(tables.error());
    const bool empty = tables->next() && tables->value(0).toInt() == 0;
    if (*owner != kCatalogApplicationId && !empty)
        return engine::fail(ErrorKind::Unsupported,
                            QStringLiteral("%1 is a database of another program; it was left "
                                           "untouched.")
                                .arg(path)
                                .toStdString());
    return {};
}

engine::Result<void> migrate(const QSqlDatabase &database, const QString &path,
                             std::span<const Migration> migrations)
{
    if (auto owned = checkOwner(database, path, migrations); !owned)
        return owned;
    auto version = pragma(database, QStringLiteral("user_version"));
    if (!version)
        return tl::make_unexpected(version.error());
    bool backedUp = *version == 0;
    for (const Migration &migration : migrations) {
        if (migration.toVersion <= *version)
            continue;
        if (!backedUp) {
            if (auto done = backUp(database, path, *version); !done)
                return done;
            backedUp = true;
        }
        if (auto done = step(database, *version, migration); !done)
            return done;
        version = pragma(database, QStringLiteral("user_version"));
        if (!version)
            return tl::make_unexpected(version.error());
    }
    return {};
}

} // namespace app::database
