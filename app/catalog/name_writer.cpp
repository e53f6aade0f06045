// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/name_writer.h"

#include "app/catalog/sql_values.h"

namespace app {

using database::number;
using database::orNull;

namespace {

constexpr std::int64_t kDay = 86'400;

} // namespace

qint64 NameWriter::kept(const char *sql, const QString &slug)
{
    return m_known == KnownName::Keep ? m_rows.returning(sql, {slug}) : 0;
}

void NameWriter::know(const QString &sourceSlug, qint64 sourceId,
                      const std::vector<FileComponent> &components)
{
    m_sources[sourceSlug] = sourceId;
    for (const FileComponent &component : components) {
        if (!component.schedule.isEmpty())
            m_schedules[component.schedule] =
                m_rows.returning("SELECT id FROM schedule WHERE slug = ?", {component.schedule});
    }
}

qint64 NameWriter::writeSource(const FileSource &source)
{
    qint64 &id = m_sources[source.slug];
    id = kept("SELECT id FROM source WHERE slug = ?", source.slug);
    if (id == 0)
        id = m_rows.returning(
            "INSERT INTO source (slug, name, kind, homepage, licence, may_bundle, precedence, "
            "stale_after_s, dead_after_s) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?) "
            "ON CONFLICT (slug) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
            "homepage = excluded.homepage, licence = excluded.licence, "
            "precedence = excluded.precedence, stale_after_s = excluded.stale_after_s, "
            "dead_after_s = excluded.dead_after_s RETURNING id",
            {source.slug, source.name, source.kind, orNull(source.homepage), source.licence,
             source.precedence, number(source.staleAfterDays * kDay),
             number(source.deadAfterDays * kDay)});
    return id;
}

void NameWriter::writeProvider(const FileProvider &provider)
{
    qint64 &id = m_providers[provider.slug];
    id = kept("SELECT id FROM provider WHERE slug = ?", provider.slug);
    if (id == 0)
        id = m_rows.returning(
            "INSERT INTO provider (slug, name, kind, country, pricing_url) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (slug) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
            "country = excluded.country, pricing_url = excluded.pricing_url RETURNING id",
            {provider.slug, provider.name, provider.kind, orNull(provider.country),
             orNull(provider.pricingUrl)});
}

qint64 NameWriter::writeModel(const FileModel &model)
{
    qint64 &id = m_models[model.slug];
    id = kept("SELECT id FROM model WHERE slug = ?", model.slug);
    const qint64 vendor = provider(model.vendor);
    if (id == 0)
        id = m_rows.returning(
            "INSERT INTO model (slug, name, family, vendor_id, released_on, params_total, "
            "params_active, is_reasoning) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (slug) DO UPDATE SET name = excluded.name, family = excluded.family, "
            "vendor_id = excluded.vendor_id, released_on = excluded.released_on, "
            "params_total = excluded.params_total, params_active = excluded.params_active, "
            "is_reasoning = excluded.is_reasoning RETURNING id",
            {model.slug, model.name, model.family, vendor == 0 ? QVariant() : QVariant(vendor),
             orNull(model.releasedOn.toString(Qt::ISODate)), orNull(model.paramsTotal),
             orNull(model.paramsActive), model.isReasoning ? 1 : 0});
    return id;
}

void NameWriter::writeWorkload(const FileWorkload &workload)
{
    qint64 &id = m_workloads[workload.slug];
    id = kept("SELECT id FROM workload WHERE slug = ?", workload.slug);
    if (id == 0)
        id = m_rows.returning(
            "INSERT INTO workload (slug, kind, note) VALUES (?, ?, ?) ON CONFLICT (slug) "
            "DO UPDATE SET kind = excluded.kind, note = excluded.note RETURNING id",
            {workload.slug, workload.kind, orNull(workload.note)});
}

void NameWriter::writeSchedule(const FileSchedule &schedule)
{
    qint64 &id = m_schedules[schedule.slug];
    id = kept("SELECT id FROM schedule WHERE slug = ?", schedule.slug);
    if (id != 0)
        return;
    id = m_rows.returning(
        "INSERT INTO schedule (slug, description, day_tz, holiday_calendar, billed_by) "
        "VALUES (?, ?, ?, ?, 'unknown') ON CONFLICT (slug) DO UPDATE SET "
        "description = excluded.description, day_tz = excluded.day_tz, "
        "holiday_calendar = excluded.holiday_calendar RETURNING id",
        {schedule.slug, schedule.description, schedule.dayZone, orNull(schedule.holidayCalendar)});
    m_rows.run("DELETE FROM schedule_window WHERE schedule_id = ?", {id});
    for (const ScheduleWindow &window : schedule.windows)
        m_rows.run("INSERT INTO schedule_window VALUES (?, ?, ?, ?)",
                   {id, window.weekdayMask, window.startMinuteUtc, window.endMinuteUtc});
}

void NameWriter::writeHolidays(const FileHolidays &holidays)
{
    const HolidayCalendar &calendar = holidays.calendar;
    if (m_known == KnownName::Keep &&
        m_rows.returning("SELECT count(*) FROM holiday_coverage WHERE calendar = ?",
                         {calendar.id}) > 0)
        return;
    m_rows.run("INSERT OR REPLACE INTO holiday_coverage VALUES (?, ?, ?)",
               {calendar.id, calendar.coveredFrom.toString(Qt::ISODate),
                calendar.coveredTo.toString(Qt::ISODate)});
    m_rows.run("DELETE FROM holiday WHERE calendar = ?", {calendar.id});
    for (const QDate &day : calendar.days)
        m_rows.run("INSERT OR IGNORE INTO holiday (calendar, day, source_id) VALUES (?, ?, ?)",
                   {calendar.id, day.toString(Qt::ISODate), source(holidays.origin.source)});
}

void NameWriter::write(const CatalogFile &file)
{
    for (const FileSource &source : file.sources)
        writeSource(source);
    for (const FileProvider &provider : file.providers)
        writeProvider(provider);
    for (const FileModel &model : file.models)
        writeModel(model);
    for (const FileWorkload &workload : file.workloads)
        writeWorkload(workload);
    for (const FileSchedule &schedule : file.schedules)
        writeSchedule(schedule);
    for (const FileHolidays &holidays : file.holidays)
        writeHolidays(holidays);
}

} // namespace app
