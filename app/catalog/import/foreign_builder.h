// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>

#include <QJsonObject>
#include <QJsonValue>

#include "app/catalog/import/foreign_file.h"

namespace app {

// What one unit of a list's number is, as powers of ten of a micro-unit per million tokens.
enum class PriceUnit { PerToken, PerMillion, PerThousandRequests, PerRequest };

// An amount in the catalog's integer, rounded to the nearest. Absent for what is no price: missing,
// negative, not finite, not a plain number, past the range. Text is read in the C locale, whole.
std::optional<Pico> amountOf(const QJsonValue &value, PriceUnit unit);

// The readers' common work: names, prices and notes of one ForeignFile.
class ForeignBuilder
{
public:
    ForeignBuilder(const QString &importer, FileSource source);

    // The catalog's own name of a provider that lists call `word`; declares it.
    QString provider(const QString &word, const QString &name = {},
                     const QString &kind = QStringLiteral("host"));
    // A price of the list's own currency and date, to be filled by add().
    FilePrice card(const QString &locator) const;
    // Adds a component unless it is missing or stands as zero, which lists use for "unknown".
    // False where something stands there that is no price.
    bool add(FilePrice &price, const char *component, const QJsonValue &value, PriceUnit unit,
             std::int64_t above = 0, const QString &schedule = {}) const;
    // Hours of each day in UTC, from start to end; named after itself.
    QString dailySchedule(const QString &description, int startMinute, int endMinute);
    void addSchedule(FileSchedule schedule);
    void addWorkload(FileWorkload workload);

    // Takes the offer unless its key is known already: then one of two that agree is dropped, and
    // of two that disagree the first stays and a note says so.
    void offer(ForeignOffer offer);
    void limits(FileOffer &offer, std::optional<std::int64_t> context,
                std::optional<std::int64_t> maxOutput, const QString &locator) const;
    // Counts the members that `known` does not have.
    void unknown(const QJsonObject &record, const std::set<QString> &known);
    void note(const QString &sentence) { m_file.notes.push_back(sentence); }
    void date(const QDate &day);

    ForeignFile &file() { return m_file; }
    ForeignFile take();

private:
    ForeignFile m_file;
    std::set<QString> m_providers;
    std::set<QString> m_schedules;
    std::map<QString, std::size_t> m_offers; // by the catalog's key
};

// A positive whole number of tokens; lists write some as texts or fractions.
std::optional<std::int64_t> tokenCount(const QJsonValue &value);

} // namespace app
