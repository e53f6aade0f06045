// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>

#include "app/catalog/catalog_file.h"
#include "app/catalog/row_writer.h"

namespace app {

// What to do with a name that the catalog knows already: a newer seed says what the seed's names
// mean; anybody else's file may add names but never change what is known.
enum class KnownName { Update, Keep };

// Writes what prices refer to, and remembers the ids by slug.
class NameWriter
{
public:
    NameWriter(database::RowWriter &rows, KnownName known) : m_rows(rows), m_known(known) {}

    // Everything of the file but its offers.
    void write(const CatalogFile &file);

    qint64 source(const QString &slug) const { return idOf(m_sources, slug); }
    qint64 provider(const QString &slug) const { return idOf(m_providers, slug); }
    qint64 model(const QString &slug) const { return idOf(m_models, slug); }
    // 0, the mark of any hour, for no schedule.
    qint64 schedule(const QString &slug) const { return idOf(m_schedules, slug); }
    qint64 workload(const QString &slug) const { return idOf(m_workloads, slug); }

    // Looks up what a price of that source refers to, without writing.
    void know(const QString &sourceSlug, qint64 sourceId,
              const std::vector<FileComponent> &components);

    qint64 writeSource(const FileSource &source);
    qint64 writeModel(const FileModel &model);

private:
    using Ids = std::map<QString, qint64>;
    static qint64 idOf(const Ids &ids, const QString &slug)
    {
        const auto found = ids.find(slug);
        return found == ids.end() ? 0 : found->second;
    }
    void writeProvider(const FileProvider &provider);
    void writeWorkload(const FileWorkload &workload);
    void writeSchedule(const FileSchedule &schedule);
    void writeHolidays(const FileHolidays &holidays);
    // The id where the name is known and to be kept, else 0.
    qint64 kept(const char *sql, const QString &slug);

    database::RowWriter &m_rows;
    KnownName m_known;
    Ids m_sources, m_providers, m_models, m_schedules, m_workloads;
};

} // namespace app
