// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_file.h"

#include <algorithm>
#include <tuple>

#include <QJsonDocument>
#include <QTime>

#include "app/catalog/object_reader.h"

namespace app {
namespace {

using engine::ErrorKind;

constexpr qsizetype kLargestFile = 64 << 20;

FileOrigin readOrigin(ObjectReader &reader)
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

void readSource(ObjectReader &reader, CatalogFile *file)
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

void readProvider(ObjectReader &reader, CatalogFile *file)
{
    file->providers.push_back({.slug = reader.required("slug"),
                               .name = reader.required("name"),
                               .kind = reader.required("kind"),
                               .country = reader.text("country"),
                               .pricingUrl = reader.text("pricing_url")});
}

void readModel(ObjectReader &reader, CatalogFile *file)
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

int minutes(ObjectReader &reader, const char *key)
{
    const QString text = reader.required(key);
    if (text == QLatin1String("24:00"))
        return 1440;
    const QTime time = QTime::fromString(text, QStringLiteral("HH:mm"));
    if (!time.isValid())
        reader.complain(key, "must be an hour like 16:30");
    return time.msecsSinceStartOfDay() / 60'000;
}

int weekdayMask(ObjectReader &reader)
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

void readSchedule(ObjectReader &reader, CatalogFile *file)
{
    FileSchedule schedule;
    schedule.slug = reader.required("slug");
    schedule.description = reader.required("description");
    schedule.dayZone = reader.required("day_zone");
    schedule.holidayCalendar = reader.text("holidays");
    reader.each("windows", [&](ObjectReader &window) {
        schedule.windows.push_back({.weekdayMask = weekdayMask(window),
                                    .startMinuteUtc = minutes(window, "from_utc"),
                                    .endMinuteUtc = minutes(window, "to_utc")});
    });
    file->schedules.push_back(schedule);
}

void readHolidays(ObjectReader &reader, CatalogFile *file)
{
    FileHolidays holidays;
    holidays.calendar.id = reader.required("calendar");
    holidays.calendar.coveredFrom = reader.day("covered_from");
    holidays.calendar.coveredTo = reader.day("covered_to");
    reader.each("ranges", [&](ObjectReader &range) {
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

void readComponents(ObjectReader &reader, std::int64_t above, const QString &schedule,
                    FilePrice *price)
{
    for (const char *component : kComponentNames) {
        QString raw;
        if (const auto amount = reader.price(component, &raw))
            price->components.push_back({QLatin1String(component), above, schedule, *amount, raw});
    }
}

FilePrice readPrice(ObjectReader &reader)
{
    FilePrice price;
    price.origin = readOrigin(reader);
    price.currency = reader.text("currency", QStringLiteral("USD"));
    price.basis = reader.required("basis");
    price.status = reader.text("status", QStringLiteral("active"));
    price.from = reader.instant("from");
    price.to = reader.instant("to");
    reader.object("base", [&](ObjectReader &base) { readComponents(base, 0, {}, &price); });
    reader.each("rules", [&](ObjectReader &rule) {
        const auto above = rule.whole("above_input_tokens").value_or(0);
        const QString schedule = rule.text("schedule");
        if (above == 0 && schedule.isEmpty())
            rule.complain("schedule", "is missing: a rule needs a schedule or a threshold");
        readComponents(rule, above, schedule, &price);
    });
    sortComponents(price);
    return price;
}

FileLimits readLimits(ObjectReader &reader)
{
    FileLimits limits;
    limits.origin = readOrigin(reader);
    limits.from = reader.instant("from").value_or(0);
    limits.to = reader.instant("to");
    limits.contextWindow = reader.whole("context_window");
    limits.maxOutput = reader.whole("max_output");
    return limits;
}

FileTokenUse readTokenUse(ObjectReader &reader)
{
    FileTokenUse use;
    use.origin = readOrigin(reader);
    use.model = reader.required("model");
    use.setting = reader.text("setting");
    use.task = reader.required("task");
    use.cases = reader.whole("cases").value_or(0);
    use.passedPpm = reader.whole("passed_ppm").value_or(0);
    use.promptTokens = reader.whole("prompt_tokens");
    use.completionTokens = reader.whole("completion_tokens");
    use.secondsPerCase = reader.number("seconds_per_case");
    return use;
}

FileClaim readClaim(ObjectReader &reader)
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

FileObservation readObservation(ObjectReader &reader)
{
    FileObservation seen;
    seen.origin = readOrigin(reader);
    seen.metric = reader.required("metric");
    seen.workload = reader.required("workload");
    seen.start = reader.instant("start").value_or(0);
    seen.end = reader.instant("end").value_or(0);
    seen.n = reader.whole("n");
    seen.p50 = reader.number("p50");
    seen.p75 = reader.number("p75");
    seen.p90 = reader.number("p90");
    seen.p99 = reader.number("p99");
    return seen;
}

void readOffer(ObjectReader &reader, CatalogFile *file)
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
    offer.unpriced = reader.text("unpriced");
    reader.each("models", [&](ObjectReader &alias) {
        offer.models.push_back(
            {alias.required("model"), alias.instant("from"), alias.instant("to")});
    });
    const auto each = [&reader](const char *key, auto &list, auto read) {
        reader.each(key, [&](ObjectReader &item) { list.push_back(read(item)); });
    };
    each("prices", offer.prices, readPrice);
    each("limits", offer.limits, readLimits);
    each("observations", offer.observations, readObservation);
    each("claims", offer.claims, readClaim);
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
    ObjectReader reader(document.object(), name);
    if (reader.whole("paretoscope_catalog") != 1)
        reader.complain("paretoscope_catalog", "must be 1, the format's version");
    file->revision =
        std::max(file->revision, static_cast<int>(reader.whole("revision").value_or(0)));
    reader.text("comment");
    reader.each("sources", [&](ObjectReader &item) { readSource(item, file); });
    reader.each("providers", [&](ObjectReader &item) { readProvider(item, file); });
    reader.each("models", [&](ObjectReader &item) { readModel(item, file); });
    reader.each("schedules", [&](ObjectReader &item) { readSchedule(item, file); });
    reader.each("holidays", [&](ObjectReader &item) { readHolidays(item, file); });
    reader.each("workloads", [&](ObjectReader &item) {
        file->workloads.push_back(
            {item.required("slug"), item.required("kind"), item.text("note")});
    });
    reader.each("offers", [&](ObjectReader &item) { readOffer(item, file); });
    reader.each("token_use",
                [&](ObjectReader &item) { file->tokenUses.push_back(readTokenUse(item)); });
    reader.finish();
    if (!reader.problem().isEmpty())
        return engine::fail(ErrorKind::BadInput, (reader.problem() + u'.').toStdString());
    return {};
}

} // namespace app
