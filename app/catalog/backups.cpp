// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/backups.h"

#include <algorithm>

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/catalog/database.h"

namespace app {
namespace {

constexpr qint64 kDay = 86'400;

constexpr qint64 kLarge = 8 << 20;

QString stampOf(const QString &path)
{
    return path + QStringLiteral(".checked");
}

QString newestCopy(const QString &path)
{
    return path + QStringLiteral(".backup");
}

engine::Result<void> check(const QSqlDatabase &database, const QString &pragma)
{
    auto rows = database::run(database, pragma);
    if (!rows)
        return tl::make_unexpected(rows.error());
    if (!rows->next() || rows->value(0).toString() != QLatin1String("ok"))
        return engine::fail(
            engine::ErrorKind::BadInput,
            QStringLiteral("The catalog %1 is damaged.").arg(database.databaseName()).toStdString(),
            rows->value(0).toString().toStdString());
    return {};
}

bool holdsMoreThanTheSeed(const QSqlDatabase &database)
{
    auto rows = database::run(
        database, QStringLiteral("SELECT EXISTS (SELECT 1 FROM import_run WHERE importer <> "
                                 "'seed') OR EXISTS (SELECT 1 FROM edit_log)"));
    return rows && rows->next() && rows->value(0).toBool();
}

bool isGood(const QString &path)
{
    const QString name = QStringLiteral("catalog-copy");
    bool good = false;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
        database.setDatabaseName(path);
        if (database.open()) {
            const auto owner = database::pragma(database, QStringLiteral("application_id"));
            good = owner && *owner == kCatalogApplicationId && checkPages(database).has_value();
        }
    }
    QSqlDatabase::removeDatabase(name);
    return good;
}

} // namespace

engine::Result<void> checkPages(const QSqlDatabase &database)
{
    return check(database, QStringLiteral("PRAGMA quick_check(1)"));
}

engine::Result<void> checkIntegrity(const QSqlDatabase &database)
{
    if (auto pages = check(database, QStringLiteral("PRAGMA integrity_check(1)")); !pages)
        return pages;
    auto broken = database::run(database, QStringLiteral("PRAGMA foreign_key_check"));
    if (!broken)
        return tl::make_unexpected(broken.error());
    if (broken->next())
        return engine::fail(engine::ErrorKind::BadInput,
                            QStringLiteral("The catalog %1 has a row in \"%2\" that refers to "
                                           "nothing.")
                                .arg(database.databaseName(), broken->value(0).toString())
                                .toStdString());
    return {};
}

std::optional<UnixSeconds> checkedLately(const QString &path, UnixSeconds now)
{
    const QFileInfo file(path);
    const QFileInfo log(path + QStringLiteral("-wal"));
    QFile stamp(stampOf(path));
    if (file.size() < kLarge || log.size() > 0 || !stamp.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QList<QByteArray> words = stamp.read(200).split(' ');
    if (words.size() != 3 || words[0] != QByteArray::number(file.size()) ||
        words[1] != QByteArray::number(file.lastModified().toMSecsSinceEpoch()))
        return std::nullopt;
    const UnixSeconds at = words[2].toLongLong();
    return at > now - kDay && at <= now ? std::optional(at) : std::nullopt;
}

void rememberChecked(const QString &path, UnixSeconds checkedAt)
{
    const QFileInfo file(path);
    QFile stamp(stampOf(path));
    if (file.size() >= kLarge && stamp.open(QIODevice::WriteOnly))
        stamp.write(QByteArray::number(file.size()) + ' ' +
                    QByteArray::number(file.lastModified().toMSecsSinceEpoch()) + ' ' +
                    QByteArray::number(checkedAt));
}

void backUp(const QSqlDatabase &database, const QString &path)
{
    const QString fresh = path + QStringLiteral(".backup.new");
    const QString newest = newestCopy(path);
    const QString older = newest + QStringLiteral(".old");
    QFile::remove(fresh);
    if (!database::run(database, QStringLiteral("VACUUM INTO ?"), {fresh})) {
        QFile::remove(fresh);
        return;
    }
    QFile::remove(older);
    QFile::rename(newest, older);
    QFile::rename(fresh, newest);
}

void backUpIfDue(const QSqlDatabase &database, const QString &path, UnixSeconds now)
{
    const QFileInfo newest(newestCopy(path));
    const bool recent = newest.exists() && newest.lastModified().toSecsSinceEpoch() > now - kDay;
    if (!recent && holdsMoreThanTheSeed(database))
        backUp(database, path);
}

std::optional<QDateTime> restoreBackup(const QString &path)
{
    const QFileInfo file(path);
    QFileInfoList copies =
        file.dir().entryInfoList({file.fileName() + QStringLiteral(".backup"),
                                  file.fileName() + QStringLiteral(".backup.old"),
                                  file.fileName() + QStringLiteral(".v*.backup")},
                                 QDir::Files);
    std::sort(copies.begin(), copies.end(), [](const QFileInfo &a, const QFileInfo &b) {
        return a.lastModified() > b.lastModified();
    });
    for (const QFileInfo &copy : copies) {
        if (isGood(copy.filePath()) && QFile::copy(copy.filePath(), path))
            return copy.lastModified().toUTC();
    }
    return std::nullopt;
}

} // namespace app
