// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_store.h"

#include <array>
#include <atomic>

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QThread>

#include "app/catalog/backups.h"
#include "app/catalog/database.h"
#include "app/catalog/provenance.h"
#include "app/catalog/schema.h"
#include "app/catalog/seed_writer.h"
#include "app/catalog/snapshot.h"

namespace app {
namespace {

using engine::ErrorKind;

QString newConnectionName()
{
    static std::atomic<int> counter{0};
    return QStringLiteral("catalog-%1").arg(++counter);
}

UnixSeconds now()
{
    return QDateTime::currentSecsSinceEpoch();
}

engine::Result<QSqlDatabase> connect(const QString &connection, const QString &path)
{
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
    database.setDatabaseName(path);
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=5000"));
    if (!database.open())
        return tl::make_unexpected(database::explain(database.lastError(), path));
    return database;
}

void disconnect(const QString &connection)
{
    {
        QSqlDatabase database = QSqlDatabase::database(connection, false);
        database.close();
    }
    QSqlDatabase::removeDatabase(connection);
}

bool isLocked(const engine::Error &error)
{
    return error.detail.find("locked") != std::string::npos ||
           error.message.find("locked") != std::string::npos;
}

bool mayPass(const engine::Error &error)
{
    return isLocked(error) || error.detail.find("disk I/O error") != std::string::npos;
}

// Switching to WAL needs the file for itself for a moment and does not wait for it by itself.
engine::Result<void> useWriteAheadLog(const QSqlDatabase &database)
{
    engine::Result<QSqlQuery> switched = tl::make_unexpected(engine::Error{});
    for (int attempt = 0; attempt < 50; ++attempt) {
        switched = database::run(database, QStringLiteral("PRAGMA journal_mode = WAL"));
        if (switched)
            return {};
        if (!isLocked(switched.error()))
            break;
        QThread::msleep(20);
    }
    return tl::make_unexpected(switched.error());
}

engine::Result<void> setUp(const QSqlDatabase &database, const QString &path)
{
    static constexpr std::array kPragmas = {
        "PRAGMA foreign_keys = ON",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA temp_store = MEMORY",
        // The seed can be written again: a power cut may take it back, but never in part.
        "PRAGMA synchronous = NORMAL",
    };
    if (!checkedLately(path, now())) {
        if (auto checked = checkPages(database); !checked)
            return checked;
    }
    for (const char *sql : kPragmas) {
        if (auto done = database::run(database, QString::fromLatin1(sql)); !done)
            return tl::make_unexpected(done.error());
    }
    // A file that is not for us is not even switched to another journal.
    if (auto owned = database::checkOwner(database, path, catalogMigrations()); !owned)
        return owned;
    if (auto done = useWriteAheadLog(database); !done)
        return done;
    if (auto migrated = database::migrate(database, path, catalogMigrations()); !migrated)
        return migrated;
    if (auto seeded = applySeed(database, catalogSeedFiles(), now()); !seeded)
        return seeded;
    // What a user enters must survive a power cut.
    if (auto done = database::run(database, QStringLiteral("PRAGMA synchronous = FULL")); !done)
        return tl::make_unexpected(done.error());
    return {};
}

// Moves the file and its journals out of the way; nothing is deleted.
engine::Result<QString> setAside(const QString &path)
{
    const QString aside =
        path + QStringLiteral(".damaged-") +
        QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmsszzz"));
    if (!QFile::rename(path, aside))
        return engine::fail(ErrorKind::Io,
                            QStringLiteral("The catalog %1 is damaged and could not be set aside; "
                                           "move it away by hand.")
                                .arg(path)
                                .toStdString());
    for (const char *suffix : {"-wal", "-shm"})
        QFile::rename(path + QLatin1String(suffix), aside + QLatin1String(suffix));
    return aside;
}

engine::Result<void> connectAndSetUp(const QString &connection, const QString &path)
{
    auto database = connect(connection, path);
    engine::Result<void> done;
    if (database) {
        // While another program makes the file, some of SQLite's refusals come without a wait, and
        // a journal that is just being exchanged reads as an I/O error.
        done = setUp(*database, path);
        for (int attempt = 0; attempt < 50 && !done && mayPass(done.error()); ++attempt) {
            QThread::msleep(40);
            done = setUp(*database, path);
        }
    } else {
        done = tl::make_unexpected(database.error());
    }
    if (!done) {
        database = tl::make_unexpected(engine::Error{}); // the last handle goes before the name
        disconnect(connection);
    }
    return done;
}

} // namespace

CatalogStore::CatalogStore(QString connection) : m_connection(std::move(connection)) {}

CatalogStore::~CatalogStore()
{
    disconnect(m_connection);
    if (!m_path.isEmpty())
        rememberChecked(m_path, m_checkedAt);
}

engine::Result<std::unique_ptr<CatalogStore>> CatalogStore::open(const QString &path)
{
    const QString file = QFileInfo(path).absoluteFilePath();
    const QString folder = QFileInfo(file).absolutePath();
    if (!QDir().mkpath(folder))
        return engine::fail(ErrorKind::Io,
                            QStringLiteral("The folder %1 cannot be made; choose another place for "
                                           "the catalog.")
                                .arg(folder)
                                .toStdString());
    const bool existed = QFileInfo::exists(file);
    const auto checked = checkedLately(file, now());
    const QString connection = newConnectionName();
    auto opened = connectAndSetUp(connection, file);
    QString notice;
    if (!opened && existed && opened.error().kind == ErrorKind::BadInput) {
        const auto aside = setAside(file);
        if (!aside)
            return tl::make_unexpected(aside.error());
        const QString where = QDir::toNativeSeparators(*aside);
        const auto restored = restoreBackup(file);
        notice = restored
                     ? QStringLiteral("The catalog was damaged. It was set aside as %1 and "
                                      "restored from the copy of %2; what came later is in that "
                                      "file alone.")
                           .arg(where, restored->toString(Qt::ISODate))
                     : QStringLiteral("The catalog was damaged. It was set aside as %1 and made "
                                      "anew from the shipped data; your own entries in it are in "
                                      "that file.")
                           .arg(where);
        opened = connectAndSetUp(connection, file);
    }
    if (!opened) {
        // A new file that could not be filled is of use to nobody.
        if (!existed && QFileInfo(file).size() == 0)
            QFile::remove(file);
        return tl::make_unexpected(opened.error());
    }
    auto store = std::unique_ptr<CatalogStore>(new CatalogStore(connection));
    store->m_notice = notice;
    store->m_persistent = true;
    store->m_path = file;
    store->m_checkedAt = checked.value_or(now());
    backUpIfDue(QSqlDatabase::database(connection, false), file, now());
    return store;
}

engine::Result<std::unique_ptr<CatalogStore>> CatalogStore::openInMemory()
{
    const QString connection = newConnectionName();
    auto opened = connectAndSetUp(connection, QStringLiteral(":memory:"));
    if (!opened)
        return tl::make_unexpected(opened.error());
    return std::unique_ptr<CatalogStore>(new CatalogStore(connection));
}

engine::Result<std::unique_ptr<CatalogStore>> CatalogStore::openOrInMemory(const QString &path)
{
    auto opened = open(path);
    if (opened)
        return opened;
    auto fallback = openInMemory();
    if (fallback)
        (*fallback)->m_notice =
            QString::fromStdString(opened.error().message) +
            QStringLiteral(" Until then the shipped catalog is shown and changes are not kept.");
    return fallback;
}

engine::Result<CatalogPtr> CatalogStore::snapshot(UnixSeconds asOf) const
{
    return readSnapshot(database(), asOf);
}

engine::Result<CatalogPtr> CatalogStore::snapshotAsBelieved(UnixSeconds asOf,
                                                            UnixSeconds believedAt) const
{
    SnapshotScope scope;
    scope.believedAt = believedAt;
    return readSnapshot(database(), asOf, scope);
}

engine::Result<Offer> CatalogStore::offer(const QString &offerId, UnixSeconds asOf) const
{
    SnapshotScope scope;
    scope.offer = offerId;
    const auto catalog = readSnapshot(database(), asOf, scope);
    if (!catalog)
        return tl::make_unexpected(catalog.error());
    if (const Offer *found = (*catalog)->find(offerId))
        return *found;
    if (const auto known = findOffer(database(), offerId); !known)
        return tl::make_unexpected(known.error());
    return engine::fail(ErrorKind::NotFound,
                        QStringLiteral("The offer %1 has no price on %2; catalog list --as-of "
                                       "shows what was sold that day.")
                            .arg(offerId, dayOf(asOf).toString(Qt::ISODate))
                            .toStdString());
}

engine::Result<CatalogPtr> CatalogStore::offersOf(const QString &familyOrModel,
                                                  UnixSeconds asOf) const
{
    SnapshotScope scope;
    scope.familyOrModel = familyOrModel;
    return readSnapshot(database(), asOf, scope);
}

engine::Result<std::vector<PriceStep>> CatalogStore::priceHistory(const QString &offerId) const
{
    return readPriceHistory(database(), offerId);
}

engine::Result<std::vector<FigureTrail>> CatalogStore::provenance(const QString &offerId,
                                                                  UnixSeconds asOf) const
{
    return readProvenance(database(), offerId, asOf);
}

engine::Result<std::vector<TokenUse>> CatalogStore::tokenUses() const
{
    return readTokenUses(database());
}

engine::Result<ImportReport> CatalogStore::importList(const QByteArray &content,
                                                      const ImportRequest &request)
{
    auto report = importPriceList(database(), content, request);
    if (report && !m_path.isEmpty() && !request.dryRun &&
        report->status == ImportReport::Status::Applied)
        backUp(database(), m_path);
    return report;
}

engine::Result<qint64> CatalogStore::setOverride(const OverrideRequest &request)
{
    return app::setOverride(database(), request, now());
}

engine::Result<void> CatalogStore::removeOverride(qint64 id)
{
    return app::removeOverride(database(), id, now());
}

engine::Result<std::vector<ReviewItem>> CatalogStore::review() const
{
    return readReview(database());
}

engine::Result<void> CatalogStore::decide(qint64 reviewId, bool accept)
{
    return decideReview(database(), reviewId, accept, now());
}

engine::Result<std::vector<EditEntry>> CatalogStore::edits() const
{
    return readEdits(database());
}

engine::Result<EditEntry> CatalogStore::undo()
{
    return undoEdit(database(), now());
}

engine::Result<std::vector<RefreshSource>> CatalogStore::refreshSources() const
{
    return readRefreshSources(database());
}

engine::Result<void> CatalogStore::setRefreshSource(const RefreshSource &source)
{
    return writeRefreshSource(database(), source);
}

engine::Result<void> CatalogStore::checkIntegrity() const
{
    return app::checkIntegrity(database());
}

QSqlDatabase CatalogStore::database() const
{
    return QSqlDatabase::database(m_connection, false);
}

} // namespace app
