// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>
#include <QDate>
#include <QRegularExpression>
#include <QTime>

#include "app/catalog/import/foreign_builder.h"
#include "app/catalog/import/readers.h"

namespace app {
namespace {

const QString kLocator = QStringLiteral(
    "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json");

const FileSource kSource{.slug = QStringLiteral("litellm"),
                         .name = QStringLiteral("LiteLLM price map"),
                         .kind = QStringLiteral("catalog"),
                         .homepage = QStringLiteral("https://github.com/BerriAI/litellm"),
                         .licence = QStringLiteral("MIT"),
                         .precedence = 60,
                         .staleAfterDays = 14,
                         .deadAfterDays = 60};

// A cost member taken apart: input_cost_per_token_above_200k_tokens_priority.
struct CostField
{
    const char *component = nullptr;
    std::int64_t above = 0;
    QString tier;
};

const char *componentOf(const QString &stem, bool hour)
{
    if (stem == QLatin1String("input_cost_per_token"))
        return "input";
    if (stem == QLatin1String("output_cost_per_token"))
        return "output";
    if (stem == QLatin1String("output_cost_per_reasoning_token"))
        return "reasoning";
    if (stem == QLatin1String("cache_read_input_token_cost") ||
        stem == QLatin1String("input_cost_per_token_cache_hit"))
        return "cache_read";
    if (stem == QLatin1String("cache_creation_input_token_cost"))
        return hour ? "cache_write_1h" : "cache_write";
    if (stem == QLatin1String("input_cost_per_request"))
        return "request";
    return nullptr;
}

CostField costField(const QString &name)
{
    static const QRegularExpression pattern(
        QStringLiteral("^(.+?)(_above_1hr)?(?:_above_(\\d{1,4})k_tokens)?"
                       "(?:_(batches|flex|priority))?$"));
    const auto match = pattern.match(name);
    CostField field;
    field.component = componentOf(match.captured(1), !match.captured(2).isEmpty());
    field.above = match.captured(3).toLongLong() * 1000;
    field.tier =
        match.captured(4) == QLatin1String("batches") ? QStringLiteral("batch") : match.captured(4);
    return field;
}

PriceUnit unitOf(const CostField &field)
{
    return qstrcmp(field.component, "request") == 0 ? PriceUnit::PerRequest : PriceUnit::PerToken;
}

bool parseHours(const QString &text, ScheduleWindow &window)
{
    const QStringList ends = text.split(QLatin1Char('-'));
    if (ends.size() != 2)
        return false;
    const QTime from = QTime::fromString(ends[0].trimmed(), QStringLiteral("HH:mm"));
    const QTime to = QTime::fromString(ends[1].trimmed(), QStringLiteral("HH:mm"));
    if (!from.isValid() || !to.isValid())
        return false;
    window.startMinuteUtc = from.msecsSinceStartOfDay() / 60'000;
    window.endMinuteUtc = to.msecsSinceStartOfDay() / 60'000;
    return true;
}

int weekdays(const QJsonValue &value)
{
    static const QStringList names{
        QStringLiteral("mon"), QStringLiteral("tue"), QStringLiteral("wed"), QStringLiteral("thu"),
        QStringLiteral("fri"), QStringLiteral("sat"), QStringLiteral("sun")};
    if (!value.isArray())
        return 127;
    int mask = 0;
    const QJsonArray days = value.toArray();
    for (const QJsonValue &day : days) {
        const qsizetype index = day.isDouble() ? static_cast<qsizetype>(day.toInt(-1))
                                               : names.indexOf(day.toString().toLower().left(3));
        if (index >= 0 && index < 7)
            mask |= 1 << index;
    }
    return mask;
}

// The hours of an off-peak block; a malformed window never matches.
QString offPeakSchedule(const QJsonObject &block, ForeignBuilder &builder)
{
    FileSchedule schedule;
    schedule.description = QStringLiteral("off-peak");
    schedule.dayZone =
        block.value(QLatin1String("weekday_timezone")).toString(QStringLiteral("UTC"));
    QJsonArray windows = block.value(QLatin1String("windows")).toArray();
    if (windows.isEmpty())
        windows.append(block);
    QString spelled = schedule.dayZone;
    for (const QJsonValue &value : windows) {
        const QJsonObject object = value.toObject();
        ScheduleWindow window;
        window.weekdayMask = weekdays(object.value(QLatin1String("weekdays")));
        if (window.weekdayMask == 0 ||
            !parseHours(object.value(QLatin1String("hours_utc")).toString(), window))
            continue;
        schedule.windows.push_back(window);
        spelled += QStringLiteral("|%1 %2 %3")
                       .arg(window.weekdayMask)
                       .arg(window.startMinuteUtc)
                       .arg(window.endMinuteUtc);
    }
    if (schedule.windows.empty())
        return {};
    schedule.slug =
        QStringLiteral("litellm-") +
        QString::fromLatin1(QCryptographicHash::hash(spelled.toUtf8(), QCryptographicHash::Sha256)
                                .toHex()
                                .left(12));
    builder.addSchedule(schedule);
    return schedule.slug;
}

// The off-peak rates replace all rates, those of long prompts too.
void addOffPeak(const QJsonObject &block, FilePrice &price, ForeignBuilder &builder)
{
    const QString schedule = offPeakSchedule(block, builder);
    if (schedule.isEmpty())
        return;
    std::set<std::int64_t> thresholds{0};
    for (const FileComponent &component : price.components)
        thresholds.insert(component.aboveInputTokens);
    for (auto member = block.begin(); member != block.end(); ++member) {
        const CostField field = costField(member.key());
        if (!field.component || field.above != 0)
            continue;
        for (const std::int64_t above : thresholds)
            builder.add(price, field.component, member.value(), unitOf(field), above, schedule);
    }
}

void addTieredPricing(const QJsonArray &tiers, FilePrice &price, ForeignBuilder &builder)
{
    for (const QJsonValue &value : tiers) {
        const QJsonObject tier = value.toObject();
        const double from = tier.value(QLatin1String("range")).toArray().first().toDouble(-1);
        if (from < 0 || from > 1e9)
            continue;
        for (auto member = tier.begin(); member != tier.end(); ++member) {
            const CostField field = costField(member.key());
            if (field.component)
                builder.add(price, field.component, member.value(), unitOf(field),
                            static_cast<std::int64_t>(from));
        }
    }
}

bool sellsTokens(const QJsonObject &record)
{
    static const std::set<QString> modes{QStringLiteral("chat"), QStringLiteral("completion"),
                                         QStringLiteral("responses"), QString()};
    return record.contains(QLatin1String("litellm_provider")) &&
           modes.contains(record.value(QLatin1String("mode")).toString());
}

QString modelIdOf(const QString &key, const QString &provider, QString *region)
{
    static const QRegularExpression azureRegion(QStringLiteral("^azure/(eu|us|global)/"));
    const auto match = azureRegion.match(key);
    if (match.hasMatch()) {
        *region = match.captured(1);
        return key.mid(match.capturedLength());
    }
    const QString prefix = key.section(QLatin1Char('/'), 0, 0);
    const bool prefixed = key.contains(QLatin1Char('/')) &&
                          (prefix == provider || provider.startsWith(prefix + QLatin1Char('-')) ||
                           provider.startsWith(prefix + QLatin1Char('_')));
    return prefixed ? key.mid(prefix.size() + 1) : key;
}

const std::set<QString> &knownFields()
{
    static const std::set<QString> fields = [] {
        std::set<QString> names;
        for (const char *name :
             {"litellm_provider", "mode", "max_tokens", "max_input_tokens", "max_output_tokens",
              "source", "tiered_pricing", "off_peak_pricing", "deprecation_date",
              "supported_endpoints", "supported_modalities", "supported_output_modalities",
              "supported_regions", "search_context_cost_per_query", "rpm", "tpm", "metadata"})
            names.insert(QLatin1String(name));
        return names;
    }();
    return fields;
}

void readRecord(const QString &key, const QJsonObject &record, ForeignBuilder &builder)
{
    const QString word = record.value(QLatin1String("litellm_provider")).toString();
    FileOffer offer;
    offer.provider = builder.provider(word);
    offer.modelId = modelIdOf(key, word, &offer.region);
    std::map<QString, FilePrice> tiers; // by service tier
    const QString page = record.value(QLatin1String("source")).toString();
    const QString locator = page.startsWith(QLatin1String("https://")) ? page : kLocator;
    FilePrice &standard = tiers.emplace(QString(), builder.card(locator)).first->second;
    for (auto member = record.begin(); member != record.end(); ++member) {
        const CostField field = costField(member.key());
        if (!field.component) {
            if (!knownFields().contains(member.key()) &&
                !member.key().startsWith(QLatin1String("supports_")))
                ++builder.file().unknownFields[member.key().left(80)];
            continue;
        }
        FilePrice &price = tiers.emplace(field.tier, builder.card(locator)).first->second;
        if (!builder.add(price, field.component, member.value(), unitOf(field), field.above))
            builder.note(
                QStringLiteral("%1 has no price that can be read as %2.").arg(key, member.key()));
    }
    addTieredPricing(record.value(QLatin1String("tiered_pricing")).toArray(), standard, builder);
    addOffPeak(record.value(QLatin1String("off_peak_pricing")).toObject(), standard, builder);
    auto context = tokenCount(record.value(QLatin1String("max_input_tokens")));
    if (!context)
        context = tokenCount(record.value(QLatin1String("max_tokens")));
    builder.limits(offer, context, tokenCount(record.value(QLatin1String("max_output_tokens"))),
                   kLocator);
    for (auto &[tier, price] : tiers) {
        ForeignOffer foreign;
        foreign.key = key;
        foreign.offer = offer;
        if (!tier.isEmpty())
            foreign.offer.tier = tier;
        if (price.components.empty())
            foreign.unpriced = QStringLiteral("the list has no price above 0 for it");
        else
            foreign.offer.prices.push_back(std::move(price));
        if (tier.isEmpty() || foreign.unpriced.isEmpty())
            builder.offer(std::move(foreign));
    }
}

} // namespace

bool looksLikeLitellm(const QJsonObject &root)
{
    int records = 0;
    int fitting = 0;
    for (const QJsonValue &value : root) {
        if (!value.isObject())
            continue;
        ++records;
        fitting += value.toObject().contains(QLatin1String("litellm_provider")) ? 1 : 0;
    }
    return fitting > 0 && fitting * 2 > records;
}

ForeignFile readLitellm(const QJsonObject &root)
{
    ForeignBuilder builder(QStringLiteral("litellm"), kSource);
    builder.date(QDate::fromString(root.value(QLatin1String("last_updated")).toString().left(10),
                                   Qt::ISODate));
    // A key with its provider before it says more than a bare one: it is read first.
    for (const bool prefixed : {true, false}) {
        for (auto member = root.begin(); member != root.end(); ++member) {
            if (!member.value().isObject() || member.key() == QLatin1String("sample_spec") ||
                member.key().contains(QLatin1Char('/')) != prefixed)
                continue;
            const QJsonObject record = member.value().toObject();
            if (sellsTokens(record))
                readRecord(member.key(), record, builder);
            else
                ++builder.file().skipped;
        }
    }
    return builder.take();
}

} // namespace app
