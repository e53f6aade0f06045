// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSqlDatabase>
#include <QSqlRecord>
#include <QTemporaryDir>

#include "app/catalog/database.h"
#include "app/catalog/import/import.h"
#include "app/catalog/schema.h"
#include "app/catalog/snapshot.h"
#include "tests/app/catalog/support.h"

// An empty catalog in a folder of its own, and short ways to fill it and look into it.
class ScratchCatalog
{
public:
    ScratchCatalog()
        : m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"),
                                               QStringLiteral("scratch-%1").arg(++s_count)))
    {
        m_database.setDatabaseName(m_folder.filePath(QStringLiteral("c.sqlite")));
        m_database.open();
        run("PRAGMA foreign_keys = ON");
        run("PRAGMA synchronous = OFF");
        if (!app::database::migrate(m_database, m_database.databaseName(),
                                    app::catalogMigrations()))
            qFatal("no catalog");
    }
    ~ScratchCatalog()
    {
        const QString name = m_database.connectionName();
        m_database.close();
        m_database = QSqlDatabase();
        QSqlDatabase::removeDatabase(name);
    }
    ScratchCatalog(const ScratchCatalog &) = delete;
    ScratchCatalog &operator=(const ScratchCatalog &) = delete;

    QSqlDatabase &database() { return m_database; }
    void run(const char *sql)
    {
        (void)take(app::database::run(m_database, QString::fromUtf8(sql)));
    }
    QVariant value(const QString &sql)
    {
        QSqlQuery row = take(app::database::run(m_database, sql));
        return row.next() ? row.value(0) : QVariant();
    }
    qint64 changes() { return value(QStringLiteral("SELECT total_changes()")).toLongLong(); }

    // As if it were read on that day; apostrophes stand for quotation marks.
    static app::ImportRequest request(const QString &day)
    {
        app::ImportRequest request;
        request.name = QStringLiteral("the list");
        request.at = QDate::fromString(day, Qt::ISODate).startOfDay(Qt::UTC).toSecsSinceEpoch();
        request.now = *request.at + 3'600;
        return request;
    }
    engine::Result<app::ImportReport> tryImport(QByteArray list, const app::ImportRequest &request)
    {
        list.replace('\'', '"');
        return app::importPriceList(m_database, list, request);
    }
    app::ImportReport import(const QByteArray &list, const QString &day)
    {
        return take(tryImport(list, request(day)));
    }
    app::CatalogPtr snapshot(const QString &day)
    {
        return take(
            app::readSnapshot(m_database, app::endOfDay(QDate::fromString(day, Qt::ISODate))));
    }
    std::optional<app::MicroPerMillion> input(const QString &offer, const QString &day)
    {
        const app::CatalogPtr catalog = snapshot(day);
        const app::Offer *found = catalog->find(offer);
        return found ? found->card.base.input : std::nullopt;
    }
    // Everything that is believed, as text: equal texts are equal catalogs, whatever the ids and
    // the moments of reading.
    QString content()
    {
        const char *const queries[] = {
            "SELECT o.key, s.slug, x.valid_from, x.valid_to, x.valid_from_basis, x.status, "
            "x.card_hash, c.component, c.min_input_tokens, ifnull(h.slug, ''), c.amount_pico "
            "FROM price_version x JOIN offer o ON o.id = x.offer_id JOIN source s "
            "ON s.id = x.source_id JOIN price_component c ON c.price_version_id = x.id "
            "LEFT JOIN schedule h ON h.id = c.schedule_id WHERE x.superseded_at IS NULL "
            "ORDER BY 1, 2, 3, 8, 9, 10",
            "SELECT o.key, s.slug, x.valid_from, x.valid_to, x.context_window, x.max_output "
            "FROM offer_limits x JOIN offer o ON o.id = x.offer_id JOIN source s "
            "ON s.id = x.source_id ORDER BY 1, 2, 3, 5",
            "SELECT o.key, s.slug, x.first_seen, x.last_seen, x.missing_since, x.unpriced "
            "FROM offer_seen x JOIN offer o ON o.id = x.offer_id JOIN source s "
            "ON s.id = x.source_id ORDER BY 1, 2",
            "SELECT offer_key, rule, new_value, decision FROM quarantine ORDER BY 1, 2, 3",
            "SELECT a.alias, p.slug, m.slug FROM model_alias a JOIN provider p "
            "ON p.id = a.provider_id JOIN model m ON m.id = a.model_id ORDER BY 1, 2, 3",
            "SELECT slug FROM source UNION ALL SELECT slug FROM provider ORDER BY 1"};
        QString text;
        for (const char *sql : queries) {
            QSqlQuery row = take(app::database::run(m_database, QString::fromUtf8(sql)));
            while (row.next()) {
                for (int column = 0; column < row.record().count(); ++column)
                    text += row.value(column).toString() + u'|';
                text += u'\n';
            }
        }
        return text;
    }

private:
    inline static int s_count = 0;
    QTemporaryDir m_folder;
    QSqlDatabase m_database;
};
