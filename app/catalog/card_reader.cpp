// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/card_reader.h"

namespace app {
namespace {

engine::Result<std::map<qint64, Schedule>> readSchedules(const QSqlDatabase &database)
{
    std::map<QString, HolidayCalendar> calendars;
    auto coverage = database::run(database, QStringLiteral("SELECT * FROM holiday_coverage"));
    if (!coverage)
        return tl::make_unexpected(coverage.error());
    while (coverage->next()) {
        const QString id = coverage->value(0).toString();
        calendars[id] = {id,
                         QDate::fromString(coverage->value(1).toString(), Qt::ISODate),
                         QDate::fromString(coverage->value(2).toString(), Qt::ISODate),
                         {}};
    }
    auto days =
        database::run(database, QStringLiteral("SELECT calendar, day FROM holiday ORDER BY day"));
    if (!days)
        return tl::make_unexpected(days.error());
    while (days->next())
        calendars[days->value(0).toString()].days.push_back(
            QDate::fromString(days->value(1).toString(), Qt::ISODate));
    std::map<qint64, Schedule> schedules;
    auto rows = database::run(
        database,
        QStringLiteral("SELECT s.id, s.slug, s.description, s.day_tz, s.holiday_calendar, "
                       "w.dow_mask, w.start_min_utc, w.end_min_utc FROM schedule s "
                       "JOIN schedule_window w ON w.schedule_id = s.id"));
    if (!rows)
        return tl::make_unexpected(rows.error());
    while (rows->next()) {
        Schedule &schedule = schedules[rows->value(0).toLongLong()];
        schedule.id = rows->value(1).toString();
        schedule.name = rows->value(2).toString();
        schedule.dayZone = rows->value(3).toString();
        if (!rows->value(4).isNull())
            schedule.holidays = calendars[rows->value(4).toString()];
        schedule.windows.push_back(
            {rows->value(5).toInt(), rows->value(6).toInt(), rows->value(7).toInt()});
    }
    return schedules;
}

} // namespace

std::optional<std::int64_t> *priceOf(Prices &prices, const QString &component)
{
    static const std::map<QString, std::optional<std::int64_t> Prices::*> kMembers = {
        {QStringLiteral("input"), &Prices::input},
        {QStringLiteral("output"), &Prices::output},
        {QStringLiteral("cache_read"), &Prices::cacheRead},
        {QStringLiteral("cache_write"), &Prices::cacheWrite},
        {QStringLiteral("reasoning"), &Prices::reasoning},
        {QStringLiteral("request"), &Prices::request},
    };
    const auto found = kMembers.find(component);
    return found == kMembers.end() ? nullptr : &(prices.*found->second);
}

CardReader::CardReader(const QSqlDatabase &database)
    : m_database(database),
      m_components(std::make_unique<database::Statement>(
          database, QStringLiteral("SELECT component, min_input_tokens, schedule_id, amount_pico "
                                   "FROM price_component WHERE price_version_id = ? "
                                   "ORDER BY min_input_tokens, schedule_id")))
{
}

engine::Result<void> CardReader::needSchedules()
{
    if (m_schedules)
        return {};
    auto schedules = readSchedules(m_database);
    if (!schedules)
        return tl::make_unexpected(schedules.error());
    m_schedules = std::move(*schedules);
    return {};
}

std::optional<Schedule> CardReader::schedule(qint64 id)
{
    if (id == 0 || !needSchedules())
        return std::nullopt;
    const auto found = m_schedules->find(id);
    return found == m_schedules->end() ? std::nullopt : std::optional(found->second);
}

engine::Result<PriceCard> CardReader::read(qint64 versionId, const QString &currency)
{
    if (auto done = m_components->run({versionId}); !done)
        return tl::make_unexpected(done.error());
    PriceCard card;
    card.currency = currency;
    std::pair<std::int64_t, qint64> last{0, 0};
    QSqlQuery &row = m_components->query();
    while (row.next()) {
        const std::pair<std::int64_t, qint64> key{row.value(1).toLongLong(),
                                                  row.value(2).toLongLong()};
        if (key != last) {
            PriceRule rule;
            rule.aboveInputTokens = key.first;
            if (key.second != 0) {
                if (auto read = needSchedules(); !read)
                    return tl::make_unexpected(read.error());
                rule.schedule = schedule(key.second);
            }
            card.rules.push_back(std::move(rule));
            last = key;
        }
        Prices &prices =
            key == std::pair<std::int64_t, qint64>{0, 0} ? card.base : card.rules.back().prices;
        if (auto *price = priceOf(prices, row.value(0).toString()))
            *price = row.value(3).toLongLong();
    }
    return card;
}

} // namespace app
