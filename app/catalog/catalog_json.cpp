// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_file.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace app {
namespace {

using engine::ErrorKind;

constexpr qsizetype kLargestFile = 64 << 20;

// Reads the members of one object and remembers the first thing that is wrong with it.
class Reader
{
public:
    Reader(QJsonObject object, QString place) : m_object(std::move(object)), m_place(place) {}

    QString text(const char *key, const QString &fallback = {})
    {
        const QJsonValue value = take(key);
        if (value.isUndefined() || value.isNull())
            return fallback;
        if (!value.isString())
            complain(key, "must be a text");
        return value.toString();
    }
    QString required(const char *key)
    {
        const QString value = text(key);
        if (value.isEmpty())
            complain(key, "is missing");
        return value;
    }
    std::optional<double> number(const char *key)
    {
        const QJsonValue value = take(key);
        if (value.isUndefined() || value.isNull())
            return std::nullopt;
        if (!value.isDouble())
            complain(key, "must be a number");
        return value.toDouble();
    }
    std::optional<std::int64_t> whole(const char *key)
    {
        const QJsonValue value = take(key);
        if (value.isUndefined() || value.isNull())
            return std::nullopt;
        const auto number = value.toInteger(-1);
        if (number < 0)
            complain(key, "must be a whole number of 0 or more");
        return number;
    }
    QDate day(const char *key)
    {
        const QString value = text(key);
        const QDate date = QDate::fromString(value, Qt::ISODate);
        if (!value.isEmpty() && !date.isValid())
            complain(key, "must be a day like 2025-07-03");
        return date;
    }
    std::optional<UnixSeconds> instant(const char *key)
    {
        const QString value = text(key);
        if (value.isEmpty())
            return std::nullopt;
        const auto instant = parseInstant(value);
        if (!instant)
            complain(key, "must be a day or an instant like 2025-02-08T16:00:00Z");
        return instant;
    }
    std::optional<Pico> price(const char *key, QString *raw)
    {
        *raw = text(key);
        if (raw->isEmpty())
            return std::nullopt;
        const auto amount = parsePrice(*raw);
        if (!amount)
            complain(key, "must be a price per million as a text like \"0.55\"");
        return amount;
    }
    void each(const char *key, const std::function<void(Reader &)> &read)
    {
        const QJsonValue value = take(key);
        if (value.isUndefined())
            return;
        if (!value.isArray())
            return complain(key, "must be a list");
        int index = 0;
        const QJsonArray items = value.toArray();
        for (const QJsonValue &item : items) {
            const QString place =
                QStringLiteral("%1.%2[%3]").arg(m_place, QLatin1String(key)).arg(index++);
            Reader reader(item.toObject(), place);
            if (!item.isObject())
                reader.complain("", "must be an object");
            read(reader);
            reader.finish();
            if (m_problem.isEmpty())
                m_problem = reader.m_problem;
        }
    }
    void object(const char *key, const std::function<void(Reader &)> &read)
    {
        const QJsonValue value = take(key);
        if (value.isUndefined())
            return;
        Reader reader(value.toObject(), m_place + QLatin1Char('.') + QLatin1String(key));
        if (!value.isObject())
            reader.complain("", "must be an object");
        read(reader);
        reader.finish();
        if (m_problem.isEmpty())
            m_problem = reader.m_problem;
    }
    // A member that nobody asked for is a slip of the pen in a file written by hand.
    void finish()
    {
        if (!m_object.isEmpty())
            complain(m_object.begin().key().toUtf8().constData(), "is not a known member");
    }
    void complain(const char *key, const char *what)
    {
        if (!m_problem.isEmpty())
            return;
        m_problem = QStringLiteral("%1%2%3 %4").arg(m_place, *key ? "." : "", key, what);
    }
    const QString &problem() const { return m_problem; }

private:
    QJsonValue take(const char *key) { return m_object.take(QLatin1String(key)); }

    QJsonObject m_object;
    QString m_place;
    QString m_problem;
};

FileOrigin readOrigin(Reader &reader)
{
    FileOrigin origin;
    origin.source = reader.required("source");
    origin.locator = reader.required("locator");
    origin.date = reader.day("date");
    if (!origin.date.isValid())
        reader.complain("date", "is missing");
    origin.confidence = reader.required("confidence");
    origin.note = reader.text("note");
    return origin;
}

void readSource(Reader &reader, CatalogFile *file)
{
    FileSource source;
    source.slug = reader.required("slug");
    source.name = reader.required("name");
    source.kind = reader.required("kind");
    source.homepage = reader.required("homepage");
    source.licence = reader.required("licence");
    source.precedence = static_cast<int>(reader.whole("precedence").value_or(100));
    source.staleAfterDays = static_cast<int>(reader.whole("stale_after_days").value_or(30));
    source.deadAfterDays = static_cast<int>(reader.whole("dead_after_days").value_or(90));
    file->sources.push_back(source);
}

void readProvider(Reader &reader, CatalogFile *file)
{
    file->providers.push_back({.slug = reader.required("slug"),
                               .name = reader.required("name"),
                               .kind = reader.required("kind"),
                               .country = reader.text("country"),
                               .pricingUrl = reader.text("pricing_url")});
}

void readModel(Reader &reader, CatalogFile *file)
{
    FileModel model;
    model.slug = reader.required("slug");
    model.name = reader.required("name");
    model.family = reader.required("family");
    model.vendor = reader.required("vendor");
    model.releasedOn = reader.day("released_on");
    model.paramsTotal = reader.whole("params_total");
    model.paramsActive = reader.whole("params_active");
    model.isReasoning = reader.whole("is_reasoning").value_or(0) != 0;
    file->models.push_back(model);
}

int minutes(Reader &reader, const char *key)
{
    const QString text = reader.required(key);
    if (text == QLatin1String("24:00"))
        return 1440;
    const QTime time = QTime::fromString(text, QStringLiteral("HH:mm"));
    if (!time.isValid())
        reader.complain(key, "must be an hour like 16:30");
    return time.msecsSinceStartOfDay() / 60'000;
}

int weekdayMask(Reader &reader)
{
    static constexpr const char *kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const QStringList named = reader.text("days", QStringLiteral("mon tue wed thu fri sat sun"))
                                  .split(QLatin1Char(' '), Qt::SkipEmptyParts);
    int mask = 0;
    for (const QString &day : named) {
        const auto *found = std::find(std::begin(kDays), std::end(kDays), day);
        if (found == std::end(kDays))
            reader.complain("days", "must name days like \"mon tue\"");
        else
            mask |= 1 << (found - std::begin(kDays));
    }
    return mask;
}

void readSchedule(Reader &reader, CatalogFile *file)
{
    FileSchedule schedule;
    schedule.slug = reader.required("slug");
    schedule.description = reader.required("description");
    schedule.dayZone = reader.required("day_zone");
    schedule.holidayCalendar = reader.text("holidays");
    reader.each("windows", [&](Reader &window) {
        schedule.windows.push_back({.weekdayMask = weekdayMask(window),
                                    .startMinuteUtc = minutes(window, "from_utc"),
                                    .endMinuteUtc = minutes(window, "to_utc")});
    });
    file->schedules.push_back(schedule);
}

void readHolidays(Reader &reader, CatalogFile *file)
{
    FileHolidays holidays;
    holidays.calendar.id = reader.required("calendar");
    holidays.calendar.coveredFrom = reader.day("covered_from");
    holidays.calendar.coveredTo = reader.day("covered_to");
    reader.each("ranges", [&](Reader &range) {
        const QDate last = range.day("to");
        const QDate first = range.day("from");
        if (first.daysTo(last) < 0 || first.daysTo(last) > 366)
            return range.complain("to", "must be at most a year after from");
        for (QDate day = first; day <= last; day = day.addDays(1))
            holidays.calendar.days.push_back(day);
    });
    std::sort(holidays.calendar.days.begin(), holidays.calendar.days.end());
    holidays.origin = readOrigin(reader);
    file->holidays.push_back(holidays);
}

void readComponents(Reader &reader, std::int64_t above, const QString &schedule, FilePrice *price)
{
    static constexpr const char *kComponents[] = {"input",       "output",    "cache_read",
                                                  "cache_write", "reasoning", "request"};
    for (const char *component : kComponents) {
        QString raw;
        if (const auto amount = reader.price(component, &raw))
            price->components.push_back({QLatin1String(component), above, schedule, *amount, raw});
    }
}

FilePrice readPrice(Reader &reader)
{
    FilePrice price;
    price.origin = readOrigin(reader);
    price.currency = reader.text("currency", QStringLiteral("USD"));
    price.basis = reader.required("basis");
    price.status = reader.text("status", QStringLiteral("active"));
    price.from = reader.instant("from");
    price.to = reader.instant("to");
    reader.object("base", [&](Reader &base) { readComponents(base, 0, {}, &price); });
    reader.each("rules", [&](Reader &rule) {
        const auto above = rule.whole("above_input_tokens").value_or(0);
        const QString schedule = rule.text("schedule");
        if (above == 0 && schedule.isEmpty())
            rule.complain("schedule", "is missing: a rule needs a schedule or a threshold");
        readComponents(rule, above, schedule, &price);
    });
    std::sort(price.components.begin(), price.components.end(),
              [](const FileComponent &a, const FileComponent &b) {
                  return std::tie(a.aboveInputTokens, a.schedule, a.component) <
                         std::tie(b.aboveInputTokens, b.schedule, b.component);
              });
    return price;
}

FileClaim readClaim(Reader &reader)
{
    FileClaim claim;
    claim.origin = readOrigin(reader);
    claim.metric = reader.required("metric");
    claim.versus = reader.text("versus");
    claim.lower = reader.number("lower");
    claim.upper = reader.number("upper");
    claim.words = reader.required("words");
    claim.from = reader.instant("from");
    claim.to = reader.instant("to");
    return claim;
}

FileObservation readObservation(Reader &reader)
{
    FileObservation seen;
    seen.origin = readOrigin(reader);
    seen.metric = reader.required("metric");
    seen.workload = reader.required("workload");
    seen.start = reader.instant("start").value_or(0);
    seen.end = reader.instant("end").value_or(0);
    seen.n = reader.whole("n");
    seen.p50 = reader.number("p50");
    seen.p99 = reader.number("p99");
    return seen;
}

void readOffer(Reader &reader, CatalogFile *file)
{
    FileOffer offer;
    offer.provider = reader.required("provider");
    offer.via = reader.text("via");
    offer.modelId = reader.required("model_id");
    offer.region = reader.text("region");
    offer.tier = reader.text("tier", offer.tier);
    offer.quantization = reader.text("quantization", offer.quantization);
    offer.endpoint = reader.text("endpoint");
    offer.retired = reader.instant("retired");
    reader.each("models", [&](Reader &alias) {
        offer.models.push_back(
            {alias.required("model"), alias.instant("from"), alias.instant("to")});
    });
    reader.each("prices", [&](Reader &price) { offer.prices.push_back(readPrice(price)); });
    reader.each("limits", [&](Reader &limits) {
        FileLimits read;
        read.origin = readOrigin(limits);
        read.from = limits.instant("from").value_or(0);
        read.to = limits.instant("to");
        read.contextWindow = limits.whole("context_window");
        read.maxOutput = limits.whole("max_output");
        offer.limits.push_back(read);
    });
    reader.each("observations",
                [&](Reader &seen) { offer.observations.push_back(readObservation(seen)); });
    reader.each("claims", [&](Reader &claim) { offer.claims.push_back(readClaim(claim)); });
    file->offers.push_back(offer);
}

} // namespace

engine::Result<void> readCatalogJson(const QByteArray &json, const QString &name, CatalogFile *file)
{
    if (json.size() > kLargestFile)
        return engine::fail(ErrorKind::BadInput,
                            QStringLiteral("%1 is larger than 64 MiB; give a smaller file.")
                                .arg(name)
                                .toStdString());
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (!document.isObject())
        return engine::fail(ErrorKind::BadInput,
                            QStringLiteral("%1 is not a JSON object (%2 at byte %3).")
                                .arg(name, error.errorString())
                                .arg(error.offset)
                                .toStdString());
    Reader reader(document.object(), name);
    if (reader.whole("paretoscope_catalog") != 1)
        reader.complain("paretoscope_catalog", "must be 1, the format's version");
    file->revision =
        std::max(file->revision, static_cast<int>(reader.whole("revision").value_or(0)));
    reader.text("comment");
    reader.each("sources", [&](Reader &item) { readSource(item, file); });
    reader.each("providers", [&](Reader &item) { readProvider(item, file); });
    reader.each("models", [&](Reader &item) { readModel(item, file); });
    reader.each("schedules", [&](Reader &item) { readSchedule(item, file); });
    reader.each("holidays", [&](Reader &item) { readHolidays(item, file); });
    reader.each("workloads", [&](Reader &item) {
        file->workloads.push_back(
            {item.required("slug"), item.required("kind"), item.text("note")});
    });
    reader.each("offers", [&](Reader &item) { readOffer(item, file); });
    reader.finish();
    if (!reader.problem().isEmpty())
        return engine::fail(ErrorKind::BadInput, (reader.problem() + u'.').toStdString());
    return {};
}

} // namespace app
