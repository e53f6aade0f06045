// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/storage/run_store.h"

#include <utility>

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>
#include <QVariant>

#include "engine/protocol/messages.h"
#include "engine/protocol/point_json.h"

namespace app {

namespace {

constexpr int kVersion = 1;
constexpr int kApplicationId = 0x5053524E; // "PSRN"
constexpr int kRestoredRuns = 200;
constexpr qint64 kCheckedBytes = 16 << 20; // a larger file is checked as it is read

// SQLITE_CORRUPT and SQLITE_NOTADB.
bool isDamage(const QSqlError &error)
{
    const int code = error.nativeErrorCode().toInt() & 0xff;
    return code == 11 || code == 26;
}

engine::Error errorOf(const QSqlError &error)
{
    return {isDamage(error) ? engine::ErrorKind::BadInput : engine::ErrorKind::Io,
            "The store of runs cannot be used; points are shown but not kept.",
            error.text().toStdString()};
}

// One statement; `values` are bound in order.
engine::Result<QSqlQuery> execute(const QSqlDatabase &database, const QString &sql,
                                  const QVariantList &values = {})
{
    QSqlQuery query(database);
    query.setForwardOnly(true);
    bool done = query.prepare(sql);
    for (const QVariant &value : values)
        query.addBindValue(value);
    done = done && query.exec();
    if (!done)
        return tl::make_unexpected(errorOf(query.lastError()));
    return query;
}

engine::Result<int> pragma(const QSqlDatabase &database, const QString &name)
{
    auto query = execute(database, QStringLiteral("PRAGMA ") + name);
    if (!query)
        return tl::make_unexpected(query.error());
    return query->next() ? query->value(0).toInt() : 0;
}

engine::Result<void> executeAll(const QSqlDatabase &database, const QStringList &statements)
{
    for (const QString &sql : statements) {
        if (const auto done = execute(database, sql); !done)
            return tl::make_unexpected(done.error());
    }
    return {};
}

QStringList schema()
{
    return {
        QStringLiteral("CREATE TABLE run (id TEXT PRIMARY KEY, started_utc TEXT NOT NULL,"
                       " request TEXT NOT NULL, environment TEXT NOT NULL, model TEXT NOT NULL)"
                       " STRICT"),
        QStringLiteral("CREATE INDEX run_by_start ON run (started_utc)"),
        QStringLiteral("CREATE TABLE point (run_id TEXT NOT NULL REFERENCES run (id)"
                       " ON DELETE CASCADE, batch INTEGER NOT NULL,"
                       " context_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,"
                       " stored_utc TEXT NOT NULL, point TEXT NOT NULL,"
                       " PRIMARY KEY (run_id, batch, context_tokens, output_tokens))"
                       " STRICT, WITHOUT ROWID"),
        QStringLiteral("PRAGMA application_id = %1").arg(kApplicationId),
        QStringLiteral("PRAGMA user_version = %1").arg(kVersion),
    };
}

// Makes the tables of a new file; two windows may come here at once.
engine::Result<void> migrate(const QSqlDatabase &database)
{
    if (const auto begun = execute(database, QStringLiteral("BEGIN IMMEDIATE")); !begun)
        return tl::make_unexpected(begun.error());
    const auto version = pragma(database, QStringLiteral("user_version"));
    engine::Result<void> done;
    if (!version)
        done = tl::make_unexpected(version.error());
    else if (*version < 1)
        done = executeAll(database, schema());
    const auto ended =
        execute(database, done ? QStringLiteral("COMMIT") : QStringLiteral("ROLLBACK"));
    if (done && !ended)
        return tl::make_unexpected(ended.error());
    return done;
}

engine::Result<void> prepare(const QSqlDatabase &database, const QString &path)
{
    const auto version = pragma(database, QStringLiteral("user_version"));
    const auto application = pragma(database, QStringLiteral("application_id"));
    if (!version || !application)
        return tl::make_unexpected(version ? application.error() : version.error());
    if (*version > kVersion)
        return engine::fail(engine::ErrorKind::Unsupported,
                            "The store of runs was written by a newer Paretoscope; it is left as "
                            "it is, and runs of this window are not kept.",
                            path.toStdString());
    if (*version > 0 && *application != kApplicationId)
        return engine::fail(engine::ErrorKind::Unsupported,
                            "The store of runs is another program's database; it is left as it is, "
                            "and runs of this window are not kept.",
                            path.toStdString());
    if (QFileInfo(path).size() <= kCheckedBytes) {
        auto check = execute(database, QStringLiteral("PRAGMA quick_check(1)"));
        if (!check)
            return tl::make_unexpected(check.error());
        if (!check->next() || check->value(0).toString() != QLatin1String("ok"))
            return engine::fail(engine::ErrorKind::BadInput, "The store of runs is damaged.");
    }
    // A kill of the program loses nothing that is committed, with or without waiting for the disk.
    const auto set = executeAll(database, {QStringLiteral("PRAGMA journal_mode = WAL"),
                                           QStringLiteral("PRAGMA synchronous = NORMAL"),
                                           QStringLiteral("PRAGMA foreign_keys = ON"),
                                           QStringLiteral("PRAGMA trusted_schema = OFF")});
    return set ? migrate(database) : set;
}

engine::Result<void> connectTo(const QString &connection, const QString &path)
{
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
    database.setDatabaseName(path);
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=5000"));
    if (!database.open())
        return tl::make_unexpected(errorOf(database.lastError()));
    return prepare(database, path);
}

void disconnectFrom(const QString &connection)
{
    QSqlDatabase::database(connection, false).close();
    QSqlDatabase::removeDatabase(connection);
}

// Moves the file and what SQLite keeps beside it out of the way; returns the new name.
QString setAside(const QString &path)
{
    const QFileInfo file(path);
    const QString stamp =
        QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz"));
    const QString name =
        QStringLiteral("%1.damaged-%2.%3").arg(file.completeBaseName(), stamp, file.suffix());
    const QString target = file.dir().filePath(name);
    for (const char *suffix : {"", "-wal", "-shm"}) {
        const QString part = path + QLatin1String(suffix);
        if (QFile::exists(part) && !QFile::rename(part, target + QLatin1String(suffix)))
            return {};
    }
    return name;
}

} // namespace

RunStore::RunStore(QString connection) : m_connection(std::move(connection)) {}

RunStore::~RunStore()
{
    disconnectFrom(m_connection);
}

engine::Result<std::unique_ptr<RunStore>> RunStore::open(const QString &path)
{
    QDir().mkpath(QFileInfo(path).absolutePath());
    const QString connection = QStringLiteral("runs-") + QUuid::createUuid().toString();
    engine::Result<void> opened = connectTo(connection, path);
    QString notice;
    if (!opened && opened.error().kind == engine::ErrorKind::BadInput) {
        disconnectFrom(connection);
        const QString aside = setAside(path);
        if (aside.isEmpty())
            return engine::fail(engine::ErrorKind::Io,
                                "The store of runs is damaged and cannot be moved out of the way; "
                                "runs of this window are not kept.",
                                path.toStdString());
        notice = QStringLiteral("The store of runs was damaged. It was set aside as %1, and a new "
                                "one was begun.")
                     .arg(aside);
        opened = connectTo(connection, path);
    }
    if (!opened) {
        disconnectFrom(connection);
        return tl::make_unexpected(opened.error());
    }
    std::unique_ptr<RunStore> store(new RunStore(connection));
    store->m_notice = notice;
    return store;
}

engine::Result<void> RunStore::follow(MeasurementLog &log)
{
    const auto kept = runs();
    if (!kept)
        return tl::make_unexpected(kept.error());
    const std::size_t first = kept->size() > kRestoredRuns ? kept->size() - kRestoredRuns : 0;
    for (std::size_t i = first; i < kept->size(); ++i) {
        const RunPtr &run = (*kept)[i];
        const auto pointsOfRun = points(run->id);
        if (!pointsOfRun)
            return tl::make_unexpected(pointsOfRun.error());
        log.restore(run, *pointsOfRun);
    }
    connect(&log, &MeasurementLog::runChanged, this, [this](const RunPtr &run) {
        if (const auto done = putRun(*run); !done)
            emit writeFailed(done.error());
    });
    connect(&log, &MeasurementLog::appended, this,
            [this](const RunPtr &run, const std::vector<engine::Point> &burst) {
                if (const auto done = putPoints(run->id, burst); !done)
                    emit writeFailed(done.error());
            });
    return {};
}

engine::Result<std::vector<RunPtr>> RunStore::runs() const
{
    auto query = execute(QSqlDatabase::database(m_connection),
                         QStringLiteral("SELECT id, started_utc, request, environment, model"
                                        " FROM run ORDER BY started_utc, id"));
    if (!query)
        return tl::make_unexpected(query.error());
    std::vector<RunPtr> result;
    while (query->next()) {
        const auto request = engine::parseRequest(query->value(2).toString().toStdString());
        const auto environment = engine::parseEnvironment(query->value(3).toString().toStdString());
        const auto model = engine::parseEnvironment(query->value(4).toString().toStdString());
        const auto *sweep = request ? std::get_if<engine::StartSweep>(&request->body) : nullptr;
        if (!sweep || !environment || !model)
            continue; // a row of a version that knew other words: kept, not shown
        auto run = std::make_shared<RunHead>();
        run->id = query->value(0).toString();
        run->startedUtc = query->value(1).toString();
        run->request = sweep->sweep;
        run->environment = *environment;
        run->model = *model;
        result.push_back(std::move(run));
    }
    return result;
}

engine::Result<std::vector<engine::Point>> RunStore::points(const QString &runId) const
{
    auto query = execute(QSqlDatabase::database(m_connection),
                         QStringLiteral("SELECT point FROM point WHERE run_id = ?"
                                        " ORDER BY batch, context_tokens, output_tokens"),
                         {runId});
    if (!query)
        return tl::make_unexpected(query.error());
    std::vector<engine::Point> result;
    while (query->next()) {
        if (auto point = engine::parsePoint(query->value(0).toString().toStdString()))
            result.push_back(std::move(*point));
    }
    return result;
}

engine::Result<void> RunStore::remove(const QString &runId)
{
    const auto done = execute(QSqlDatabase::database(m_connection),
                              QStringLiteral("DELETE FROM run WHERE id = ?"), {runId});
    if (!done)
        return tl::make_unexpected(done.error());
    return {};
}

QString RunStore::state() const
{
    const QSqlDatabase database = QSqlDatabase::database(m_connection);
    const auto first = [&database](const QString &sql) {
        auto query = execute(database, sql);
        if (!query)
            return QString::fromStdString(query.error().detail);
        return query->next() ? query->value(0).toString() : QString();
    };
    return QStringLiteral("version %1, journal %2, check %3, %4 runs, %5 points")
        .arg(first(QStringLiteral("PRAGMA user_version")),
             first(QStringLiteral("PRAGMA journal_mode")),
             first(QStringLiteral("PRAGMA quick_check(1)")),
             first(QStringLiteral("SELECT count(*) FROM run")),
             first(QStringLiteral("SELECT count(*) FROM point")));
}

engine::Result<void> RunStore::putRun(const RunHead &run)
{
    engine::SweepRequest request = run.request;
    request.done.clear();
    const std::string line = engine::toLine(engine::Request{1, engine::StartSweep{request}});
    const auto done =
        execute(QSqlDatabase::database(m_connection),
                QStringLiteral("INSERT INTO run (id, started_utc, request, environment, model)"
                               " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                               " environment = excluded.environment, model = excluded.model"),
                {run.id, run.startedUtc, QString::fromStdString(line),
                 QString::fromStdString(engine::toJson(run.environment)),
                 QString::fromStdString(engine::toJson(run.model))});
    if (!done)
        return tl::make_unexpected(done.error());
    return {};
}

engine::Result<void> RunStore::putPoints(const QString &runId,
                                         const std::vector<engine::Point> &burst)
{
    QSqlDatabase database = QSqlDatabase::database(m_connection);
    if (const auto begun = execute(database, QStringLiteral("BEGIN IMMEDIATE")); !begun)
        return tl::make_unexpected(begun.error());
    const QString now = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
    engine::Result<void> done;
    for (const engine::Point &point : burst) {
        const auto written = execute(
            database,
            QStringLiteral("INSERT INTO point (run_id, batch, context_tokens, output_tokens,"
                           " stored_utc, point) VALUES (?, ?, ?, ?, ?, ?)"
                           " ON CONFLICT DO UPDATE SET stored_utc = excluded.stored_utc,"
                           " point = excluded.point"),
            {runId, static_cast<qint64>(point.workload.batch),
             static_cast<qint64>(point.workload.contextTokens),
             static_cast<qint64>(point.workload.outputTokens), now,
             QString::fromStdString(engine::toJson(point))});
        if (!written) {
            done = tl::make_unexpected(written.error());
            break;
        }
    }
    const auto ended =
        execute(database, done ? QStringLiteral("COMMIT") : QStringLiteral("ROLLBACK"));
    if (done && !ended)
        return tl::make_unexpected(ended.error());
    return done;
}

} // namespace app
