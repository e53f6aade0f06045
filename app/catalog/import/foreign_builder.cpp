// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/foreign_builder.h"

#include <algorithm>
#include <cmath>

#include <QRegularExpression>

namespace app {
namespace {

// No card has a tenth of these; a file made to harm might.
constexpr std::size_t kMostComponents = 256;

double scaleOf(PriceUnit unit)
{
    switch (unit) {
    case PriceUnit::PerToken:
    case PriceUnit::PerRequest:
        return 1e12;
    case PriceUnit::PerThousandRequests:
        return 1e9;
    case PriceUnit::PerMillion:
        break;
    }
    return 1e6;
}

std::optional<double> numberOf(const QJsonValue &value)
{
    if (value.isDouble())
        return value.toDouble();
    if (!value.isString())
        return std::nullopt;
    bool whole = false;
    const double number = value.toString().toDouble(&whole);
    return whole ? std::optional(number) : std::nullopt;
}

// What lists call the sellers that the catalog has another name for.
const std::map<QString, QString> &providerWords()
{
    static const std::map<QString, QString> words = {
        {QStringLiteral("azure_ai"), QStringLiteral("azure")},
        {QStringLiteral("azure-cognitive-services"), QStringLiteral("azure")},
        {QStringLiteral("bedrock_converse"), QStringLiteral("bedrock")},
        {QStringLiteral("amazon-bedrock"), QStringLiteral("bedrock")},
        {QStringLiteral("aws"), QStringLiteral("bedrock")},
        {QStringLiteral("gemini"), QStringLiteral("google")},
        {QStringLiteral("google-ai-studio"), QStringLiteral("google")},
        {QStringLiteral("google-vertex"), QStringLiteral("vertex")},
        {QStringLiteral("vertex_ai"), QStringLiteral("vertex")},
        {QStringLiteral("fireworks_ai"), QStringLiteral("fireworks")},
        {QStringLiteral("fireworks-ai"), QStringLiteral("fireworks")},
        {QStringLiteral("together_ai"), QStringLiteral("together")},
        {QStringLiteral("togetherai"), QStringLiteral("together")},
        {QStringLiteral("lambda_ai"), QStringLiteral("lambda")},
        {QStringLiteral("moonshot"), QStringLiteral("moonshotai")},
        {QStringLiteral("moonshot-ai"), QStringLiteral("moonshotai")},
        {QStringLiteral("moonshot ai"), QStringLiteral("moonshotai")},
        {QStringLiteral("dashscope"), QStringLiteral("alibaba")},
        {QStringLiteral("qwen"), QStringLiteral("alibaba")},
        {QStringLiteral("novita-ai"), QStringLiteral("novita")},
        {QStringLiteral("novitaai"), QStringLiteral("novita")},
    };
    return words;
}

QString slugOf(const QString &word)
{
    static const QRegularExpression other(QStringLiteral("[^a-z0-9_.]+"));
    QString slug = word.toLower().trimmed();
    const auto known = providerWords().find(slug);
    if (known != providerWords().end())
        return known->second;
    if (slug.startsWith(QLatin1String("vertex_ai-")))
        return QStringLiteral("vertex");
    slug.replace(other, QStringLiteral("-"));
    slug = slug.left(64);
    return slug.isEmpty() ? QStringLiteral("unknown") : slug;
}

bool sameFigures(const FileOffer &a, const FileOffer &b)
{
    return std::equal(
        a.prices.begin(), a.prices.end(), b.prices.begin(), b.prices.end(),
        [](const FilePrice &x, const FilePrice &y) { return cardHash(x) == cardHash(y); });
}

} // namespace

std::optional<Pico> amountOf(const QJsonValue &value, PriceUnit unit)
{
    constexpr double kLargest = 9e18;
    const auto number = numberOf(value);
    if (!number || !std::isfinite(*number) || *number < 0)
        return std::nullopt;
    const double scaled = *number * scaleOf(unit);
    if (scaled > kLargest)
        return std::nullopt;
    return std::llround(scaled);
}

std::optional<std::int64_t> tokenCount(const QJsonValue &value)
{
    constexpr double kMost = 1e9;
    const auto number = numberOf(value);
    if (!number || !(*number >= 1 && *number <= kMost))
        return std::nullopt;
    return std::llround(*number);
}

ForeignBuilder::ForeignBuilder(const QString &importer, FileSource source)
{
    m_file.importer = importer;
    m_file.source = source.slug;
    m_file.names.sources.push_back(std::move(source));
}

QString ForeignBuilder::provider(const QString &word, const QString &name, const QString &kind)
{
    const QString slug = slugOf(word);
    if (m_providers.insert(slug).second)
        m_file.names.providers.push_back({.slug = slug,
                                          .name = name.isEmpty() ? slug : name,
                                          .kind = kind,
                                          .country = {},
                                          .pricingUrl = {}});
    return slug;
}

FilePrice ForeignBuilder::card(const QString &locator) const
{
    FilePrice price;
    price.origin.source = m_file.source;
    price.origin.locator = locator;
    price.origin.confidence = QStringLiteral("medium");
    price.basis = QStringLiteral("first_seen");
    return price;
}

bool ForeignBuilder::add(FilePrice &price, const char *component, const QJsonValue &value,
                         PriceUnit unit, std::int64_t above, const QString &schedule) const
{
    if (value.isUndefined() || value.isNull())
        return true;
    const auto amount = amountOf(value, unit);
    if (!amount)
        return false;
    if (price.components.size() >= kMostComponents)
        return true;
    const bool twice = std::any_of(
        price.components.begin(), price.components.end(), [&](const FileComponent &known) {
            return known.component == QLatin1String(component) && known.aboveInputTokens == above &&
                   known.schedule == schedule;
        });
    if (*amount > 0 && !twice)
        price.components.push_back({QLatin1String(component), above, schedule, *amount,
                                    value.isString() ? value.toString() : QString()});
    return true;
}

QString ForeignBuilder::dailySchedule(const QString &description, int startMinute, int endMinute)
{
    const QString slug = QStringLiteral("daily-%1-%2-%3")
                             .arg(startMinute, 4, 10, QLatin1Char('0'))
                             .arg(endMinute, 4, 10, QLatin1Char('0'))
                             .arg(description);
    addSchedule({.slug = slug,
                 .description = description,
                 .dayZone = QStringLiteral("UTC"),
                 .holidayCalendar = {},
                 .windows = {{127, startMinute, endMinute}}});
    return slug;
}

void ForeignBuilder::addSchedule(FileSchedule schedule)
{
    if (m_schedules.insert(schedule.slug).second)
        m_file.names.schedules.push_back(std::move(schedule));
}

void ForeignBuilder::addWorkload(FileWorkload workload)
{
    if (m_file.names.workloads.empty())
        m_file.names.workloads.push_back(std::move(workload));
}

void ForeignBuilder::offer(ForeignOffer offer)
{
    for (FilePrice &price : offer.offer.prices)
        sortComponents(price);
    if (offer.modelKey.isEmpty())
        offer.modelKey = modelKey(offer.offer.modelId);
    const auto [known, fresh] = m_offers.emplace(offerKey(offer.offer), m_file.offers.size());
    if (fresh) {
        m_file.offers.push_back(std::move(offer));
        return;
    }
    const ForeignOffer &first = m_file.offers[known->second];
    if (!sameFigures(first.offer, offer.offer))
        note(
            QStringLiteral("%1 and %2 are one offer but have different prices; the first is taken.")
                .arg(first.key, offer.key));
}

void ForeignBuilder::limits(FileOffer &offer, std::optional<std::int64_t> context,
                            std::optional<std::int64_t> maxOutput, const QString &locator) const
{
    if (!context && !maxOutput)
        return;
    FileLimits limits;
    limits.origin = card(locator).origin;
    limits.contextWindow = context;
    limits.maxOutput = maxOutput;
    offer.limits.push_back(limits);
}

void ForeignBuilder::unknown(const QJsonObject &record, const std::set<QString> &known)
{
    for (auto member = record.begin(); member != record.end(); ++member) {
        if (!known.contains(member.key()))
            ++m_file.unknownFields[member.key().left(80)];
    }
}

void ForeignBuilder::date(const QDate &day)
{
    if (day.isValid() && (!m_file.date.isValid() || day > m_file.date))
        m_file.date = day;
}

ForeignFile ForeignBuilder::take()
{
    return std::move(m_file);
}

QString modelKey(const QString &modelId)
{
    static const QRegularExpression region(QStringLiteral("^(us|eu|apac|au|jp|global|us-gov)\\."));
    static const QRegularExpression vendor(
        QStringLiteral("^(anthropic|deepseek|meta|amazon|openai|qwen|mistral|moonshotai|moonshot|"
                       "minimax|google|cohere|ai21)\\."));
    static const QRegularExpression variant(QStringLiteral("(-v\\d+)?(:\\w+|@\\w+)$"));
    static const QRegularExpression day(QStringLiteral("-(20\\d{6}|20\\d\\d-\\d\\d-\\d\\d)$"));
    QString key = modelId.mid(modelId.lastIndexOf(QLatin1Char('/')) + 1).toLower();
    key.remove(region).remove(vendor).remove(variant).remove(day);
    return key.isEmpty() ? modelId.toLower() : key.left(120);
}

QString looseKey(const QString &key)
{
    QString loose = key;
    return loose.replace(QLatin1Char('.'), QLatin1Char('-'));
}

} // namespace app
