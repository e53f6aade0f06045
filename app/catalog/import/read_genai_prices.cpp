// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QDate>
#include <QTime>

#include "app/catalog/import/foreign_builder.h"
#include "app/catalog/import/readers.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

const QString kHome = QStringLiteral("https://github.com/pydantic/genai-prices");

const FileSource kSource{.slug = QStringLiteral("genai-prices"),
                         .name = QStringLiteral("genai-prices"),
                         .kind = QStringLiteral("catalog"),
                         .homepage = kHome,
                         .licence = QStringLiteral("MIT"),
                         .precedence = 60,
                         .staleAfterDays = 14,
                         .deadAfterDays = 60};

// One entry of a model's list; the last one that fits a request prices it.
struct Entry
{
    QJsonObject prices;
    QDate startDate;                // invalid where it always applies
    std::optional<int> startMinute; // of each day, UTC
    std::optional<int> endMinute;
};

std::optional<int> minuteOf(const QJsonValue &value)
{
    const QTime time = QTime::fromString(value.toString().left(5), QStringLiteral("HH:mm"));
    return time.isValid() ? std::optional(time.msecsSinceStartOfDay() / 60'000) : std::nullopt;
}

std::vector<Entry> entriesOf(const QJsonValue &prices)
{
    std::vector<Entry> entries;
    if (prices.isObject())
        return {{prices.toObject(), {}, {}, {}}};
    const QJsonArray list = prices.toArray();
    for (const QJsonValue &value : list) {
        const QJsonObject object = value.toObject();
        const QJsonObject constraint = object.value(QLatin1String("constraint")).toObject();
        Entry entry;
        entry.prices = object.value(QLatin1String("prices")).toObject();
        entry.startDate = QDate::fromString(
            constraint.value(QLatin1String("start_date")).toString(), Qt::ISODate);
        entry.startMinute = minuteOf(constraint.value(QLatin1String("start_time")));
        entry.endMinute = minuteOf(constraint.value(QLatin1String("end_time")));
        // A constraint of a kind that is not known must not look unconditional.
        if (constraint.isEmpty() || entry.startDate.isValid() ||
            (entry.startMinute && entry.endMinute))
            entries.push_back(entry);
    }
    return entries;
}

void addValue(const char *component, const QJsonValue &value, PriceUnit unit, FilePrice &price,
              const QString &schedule, const ForeignBuilder &builder)
{
    if (!value.isObject()) {
        builder.add(price, component, value, unit, 0, schedule);
        return;
    }
    const QJsonObject tiered = value.toObject();
    builder.add(price, component, tiered.value(QLatin1String("base")), unit, 0, schedule);
    const QJsonArray tiers = tiered.value(QLatin1String("tiers")).toArray();
    for (const QJsonValue &tier : tiers) {
        const QJsonObject object = tier.toObject();
        if (const auto start = tokenCount(object.value(QLatin1String("start"))))
            builder.add(price, component, object.value(QLatin1String("price")), unit, *start,
                        schedule);
    }
}

void addPrices(const QJsonObject &prices, FilePrice &price, const QString &schedule,
               ForeignBuilder &builder)
{
    struct Member
    {
        const char *name;
        const char *component;
        PriceUnit unit = PriceUnit::PerMillion;
    };
    static constexpr Member kMembers[] = {
        {"input_mtok", "input"},
        {"output_mtok", "output"},
        {"cache_read_mtok", "cache_read"},
        {"cache_write_mtok", "cache_write"},
        {"cache_write_5m_mtok", "cache_write"},
        {"cache_write_1h_mtok", "cache_write_1h"},
        {"output_reasoning_mtok", "reasoning"},
        {"requests_kcount", "request", PriceUnit::PerThousandRequests}};
    static const std::set<QString> known = [] {
        std::set<QString> names;
        for (const Member &member : kMembers)
            names.insert(QLatin1String(member.name));
        return names;
    }();
    for (const Member &member : kMembers)
        addValue(member.component, prices.value(QLatin1String(member.name)), member.unit, price,
                 schedule, builder);
    builder.unknown(prices, known);
}

int lengthOf(const Entry &hours)
{
    const int length = *hours.endMinute - *hours.startMinute;
    return length > 0 ? length : length + 1440;
}

// A list may write the discount first and the usual price as "most of the day": then the hours are
// turned round, so that the base is what holds most of the time.
FilePrice cardOf(const Entry &base, const std::vector<Entry> &hours, const QString &locator,
                 ForeignBuilder &builder)
{
    constexpr int kHalfDay = 720;
    FilePrice price = builder.card(locator);
    if (hours.size() == 1 && lengthOf(hours.front()) > kHalfDay) {
        addPrices(hours.front().prices, price, {}, builder);
        addPrices(base.prices, price,
                  builder.dailySchedule(QStringLiteral("off-peak"), *hours.front().endMinute,
                                        *hours.front().startMinute),
                  builder);
        return price;
    }
    addPrices(base.prices, price, {}, builder);
    const auto inputOf = [](const Entry &entry) {
        return amountOf(entry.prices.value(QLatin1String("input_mtok")), PriceUnit::PerMillion);
    };
    for (const Entry &entry : hours)
        addPrices(entry.prices, price,
                  builder.dailySchedule(inputOf(entry) > inputOf(base) ? QStringLiteral("peak")
                                                                       : QStringLiteral("off-peak"),
                                        *entry.startMinute, *entry.endMinute),
                  builder);
    return price;
}

std::vector<FilePrice> pricesOf(const QJsonObject &model, const QString &locator,
                                ForeignBuilder &builder)
{
    std::vector<Entry> always, hours, dated;
    for (const Entry &entry : entriesOf(model.value(QLatin1String("prices"))))
        (entry.startDate.isValid() ? dated : entry.startMinute ? hours : always).push_back(entry);
    if (always.empty() && dated.empty())
        return {};
    std::stable_sort(dated.begin(), dated.end(),
                     [](const Entry &a, const Entry &b) { return a.startDate < b.startDate; });
    std::vector<FilePrice> prices;
    if (!always.empty()) {
        prices.push_back(cardOf(always.back(), hours, locator, builder));
        prices.back().basis = QStringLiteral("unknown");
    }
    for (const Entry &entry : dated) {
        const UnixSeconds start = database::startOfDay(entry.startDate);
        if (!prices.empty() && prices.back().from == start)
            prices.pop_back();
        if (!prices.empty())
            prices.back().to = start;
        prices.push_back(cardOf(entry, hours, locator, builder));
        prices.back().from = start;
        prices.back().basis = QStringLiteral("source_declared");
    }
    std::erase_if(prices, [](const FilePrice &price) { return price.components.empty(); });
    const QDate checked =
        QDate::fromString(model.value(QLatin1String("prices_checked")).toString(), Qt::ISODate);
    for (FilePrice &price : prices)
        price.origin.date = checked;
    builder.date(checked);
    return prices;
}

} // namespace

bool looksLikeGenaiPrices(const QJsonArray &root)
{
    return std::all_of(root.begin(), root.end(), [](const QJsonValue &value) {
        const QJsonObject provider = value.toObject();
        return provider.value(QLatin1String("id")).isString() &&
               provider.value(QLatin1String("models")).isArray() &&
               (provider.contains(QLatin1String("api_pattern")) ||
                provider.contains(QLatin1String("pricing_urls")));
    });
}

ForeignFile readGenaiPrices(const QJsonArray &root)
{
    ForeignBuilder builder(QStringLiteral("genai-prices"), kSource);
    for (const QJsonValue &value : root) {
        const QJsonObject provider = value.toObject();
        const QString slug =
            builder.provider(provider.value(QLatin1String("id")).toString(),
                             provider.value(QLatin1String("name")).toString().left(100));
        const QString page =
            provider.value(QLatin1String("pricing_urls")).toArray().first().toString();
        const QString locator = page.startsWith(QLatin1String("https://")) ? page : kHome;
        const QJsonArray models = provider.value(QLatin1String("models")).toArray();
        for (const QJsonValue &item : models) {
            const QJsonObject model = item.toObject();
            ForeignOffer offer;
            offer.offer.provider = slug;
            offer.offer.modelId = model.value(QLatin1String("id")).toString();
            offer.key = slug + QLatin1Char('/') + offer.offer.modelId;
            offer.modelName = model.value(QLatin1String("name")).toString().left(200);
            offer.declared = true;
            offer.offer.prices = pricesOf(model, locator, builder);
            if (offer.offer.prices.empty())
                offer.unpriced = QStringLiteral("the list has no price above 0 for it");
            builder.limits(offer.offer, tokenCount(model.value(QLatin1String("context_window"))),
                           {}, locator);
            if (!offer.offer.modelId.isEmpty())
                builder.offer(std::move(offer));
        }
    }
    return builder.take();
}

} // namespace app
