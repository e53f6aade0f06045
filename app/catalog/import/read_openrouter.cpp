// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDateTime>

#include "app/catalog/import/foreign_builder.h"
#include "app/catalog/import/readers.h"

namespace app {
namespace {

const QString kModels = QStringLiteral("https://openrouter.ai/api/v1/models");
const QString kWorkload = QStringLiteral("gateway-mix");

FileSource gateway(const char *slug, const char *name)
{
    return {.slug = QLatin1String(slug),
            .name = QLatin1String(name),
            .kind = QStringLiteral("gateway_api"),
            .homepage = QStringLiteral("https://openrouter.ai/"),
            .licence = QStringLiteral("facts with source"),
            .precedence = 30,
            .staleAfterDays = 1,
            .deadAfterDays = 7};
}

constexpr const char *kPriceMembers[][2] = {{"prompt", "input"},
                                            {"completion", "output"},
                                            {"internal_reasoning", "reasoning"},
                                            {"input_cache_read", "cache_read"},
                                            {"input_cache_write", "cache_write"},
                                            {"input_cache_write_1h", "cache_write_1h"},
                                            {"request", "request"}};

const std::set<QString> kKnownPricing{QStringLiteral("prompt"),
                                      QStringLiteral("completion"),
                                      QStringLiteral("internal_reasoning"),
                                      QStringLiteral("input_cache_read"),
                                      QStringLiteral("input_cache_write"),
                                      QStringLiteral("input_cache_write_1h"),
                                      QStringLiteral("request"),
                                      QStringLiteral("overrides"),
                                      QStringLiteral("discount"),
                                      QStringLiteral("image"),
                                      QStringLiteral("web_search"),
                                      QStringLiteral("audio")};

void addPrices(const QJsonObject &pricing, FilePrice &price, const ForeignBuilder &builder,
               std::int64_t above, const QString &schedule)
{
    for (const auto &[member, component] : kPriceMembers) {
        const bool request = qstrcmp(component, "request") == 0;
        builder.add(price, component, pricing.value(QLatin1String(member)),
                    request ? PriceUnit::PerRequest : PriceUnit::PerToken, above, schedule);
    }
}

// 1630 is 16:30.
std::optional<int> minuteOf(const QJsonValue &value)
{
    const int hhmm = value.isString() ? value.toString().toInt() : value.toInt(-1);
    if (hhmm < 0 || hhmm / 100 > 24 || hhmm % 100 > 59 || hhmm > 2400)
        return std::nullopt;
    return hhmm / 100 * 60 + hhmm % 100;
}

// Long prompts and hours of the day, each half-open and free to wrap past midnight.
void addOverrides(const QJsonObject &pricing, FilePrice &price, ForeignBuilder &builder)
{
    const QJsonArray overrides = pricing.value(QLatin1String("overrides")).toArray();
    const auto base = amountOf(pricing.value(QLatin1String("prompt")), PriceUnit::PerToken);
    for (const QJsonValue &value : overrides) {
        const QJsonObject over = value.toObject();
        const auto above = tokenCount(over.value(QLatin1String("min_prompt_tokens")));
        QString schedule;
        if (over.contains(QLatin1String("utc_start"))) {
            const auto start = minuteOf(over.value(QLatin1String("utc_start")));
            const auto end = minuteOf(over.value(QLatin1String("utc_end")));
            if (!start || !end || *start > 1439)
                continue; // a malformed window never matches
            const auto prompt = amountOf(over.value(QLatin1String("prompt")), PriceUnit::PerToken);
            schedule = builder.dailySchedule(
                prompt > base ? QStringLiteral("peak") : QStringLiteral("off-peak"), *start, *end);
        }
        if (above || !schedule.isEmpty())
            addPrices(over, price, builder, above.value_or(0), schedule);
    }
}

// Fills the price, or says why there is none.
void takePricing(const QJsonObject &pricing, ForeignOffer &offer, const QString &locator,
                 ForeignBuilder &builder)
{
    FilePrice price = builder.card(locator);
    price.origin.confidence = QStringLiteral("high");
    addPrices(pricing, price, builder, 0, {});
    addOverrides(pricing, price, builder);
    builder.unknown(pricing, kKnownPricing);
    if (offer.offer.tier == QLatin1String("free"))
        offer.unpriced = QStringLiteral("it is given away, within limits");
    else if (price.components.empty())
        offer.unpriced = QStringLiteral("the gateway has no price above 0 for it");
    else
        offer.offer.prices.push_back(std::move(price));
}

void takeVariant(QString id, FileOffer &offer)
{
    const qsizetype colon = id.lastIndexOf(QLatin1Char(':'));
    const QString variant = colon < 0 ? QString() : id.mid(colon + 1);
    if (variant == QLatin1String("free") || variant == QLatin1String("batch")) {
        offer.tier = variant;
        id = id.left(colon);
    }
    offer.modelId = id;
}

// The figure is in milliseconds by its description while the documented example is in seconds. No
// answer of a gateway begins within 50 ms, so a smaller figure is refused rather than guessed.
void addWait(const QJsonObject &percentiles, FileOffer &offer, ForeignBuilder &builder)
{
    constexpr double kLeastMs = 50;
    const double p50 = percentiles.value(QLatin1String("p50")).toDouble();
    if (!(p50 > 0))
        return;
    if (p50 < kLeastMs) {
        builder.note(QStringLiteral("The waits of %1 are in a unit that is not clear (median %2); "
                                    "they are left out.")
                         .arg(offer.modelId)
                         .arg(p50));
        return;
    }
    const auto percentile = [&](const char *name) -> std::optional<double> {
        const double value = percentiles.value(QLatin1String(name)).toDouble();
        return value > 0 ? std::optional(value) : std::nullopt;
    };
    FileObservation seen;
    seen.origin = builder.card(kModels).origin;
    seen.metric = QStringLiteral("ttft_ms");
    seen.workload = kWorkload;
    seen.p50 = p50;
    seen.p75 = percentile("p75");
    seen.p90 = percentile("p90");
    seen.p99 = percentile("p99");
    offer.observations.push_back(seen);
}

void addPace(const QJsonObject &percentiles, FileOffer &offer, const ForeignBuilder &builder)
{
    const double p50 = percentiles.value(QLatin1String("p50")).toDouble();
    if (!(p50 > 0 && p50 < 1e5))
        return;
    FileObservation seen;
    seen.origin = builder.card(kModels).origin;
    seen.origin.note = QStringLiteral("The gateway divides by the whole time, wait included.");
    seen.metric = QStringLiteral("tps");
    seen.workload = kWorkload;
    seen.p50 = p50;
    offer.observations.push_back(seen);
}

void readEndpoint(const QJsonObject &endpoint, const QString &model, const QString &name,
                  ForeignBuilder &builder)
{
    static const std::set<QString> formats{
        QStringLiteral("int4"),  QStringLiteral("int8"),  QStringLiteral("fp4"),
        QStringLiteral("mxfp4"), QStringLiteral("nvfp4"), QStringLiteral("fp6"),
        QStringLiteral("fp8"),   QStringLiteral("mxfp8"), QStringLiteral("fp16"),
        QStringLiteral("bf16"),  QStringLiteral("fp32")};
    ForeignOffer offer;
    offer.key = model + QStringLiteral(" at ") +
                endpoint.value(QLatin1String("tag"))
                    .toString(endpoint.value(QLatin1String("provider_name")).toString());
    takeVariant(model, offer.offer);
    const QString seller = endpoint.value(QLatin1String("provider_name")).toString();
    offer.offer.provider = builder.provider(seller, seller.left(100));
    offer.offer.via = builder.provider(QStringLiteral("openrouter"), QStringLiteral("OpenRouter"),
                                       QStringLiteral("gateway"));
    const QString format = endpoint.value(QLatin1String("quantization")).toString().toLower();
    if (formats.contains(format))
        offer.offer.quantization = format;
    // "deepinfra/turbo": what follows the slash tells a seller's endpoints apart; the format has a
    // place of its own.
    const QString kind =
        endpoint.value(QLatin1String("tag")).toString().section(QLatin1Char('/'), 1).left(60);
    if (kind != format)
        offer.offer.endpoint = kind;
    offer.modelName = name;
    takePricing(endpoint.value(QLatin1String("pricing")).toObject(), offer,
                kModels + QLatin1Char('/') + model + QStringLiteral("/endpoints"), builder);
    builder.limits(offer.offer, tokenCount(endpoint.value(QLatin1String("context_length"))),
                   tokenCount(endpoint.value(QLatin1String("max_completion_tokens"))), kModels);
    addWait(endpoint.value(QLatin1String("latency_last_30m")).toObject(), offer.offer, builder);
    addPace(endpoint.value(QLatin1String("throughput_last_30m")).toObject(), offer.offer, builder);
    builder.offer(std::move(offer));
}

bool isModel(const QJsonValue &value)
{
    const QJsonObject model = value.toObject();
    return model.contains(QLatin1String("id")) &&
           model.value(QLatin1String("pricing")).toObject().contains(QLatin1String("prompt"));
}

} // namespace

bool looksLikeOpenRouterModels(const QJsonObject &root)
{
    const QJsonArray data = root.value(QLatin1String("data")).toArray();
    const auto models = std::count_if(data.begin(), data.end(), isModel);
    return models > 0 && models * 2 > data.size();
}

ForeignFile readOpenRouterModels(const QJsonObject &root)
{
    ForeignBuilder builder(QStringLiteral("openrouter-models"),
                           gateway("openrouter", "OpenRouter models"));
    const QString provider = builder.provider(
        QStringLiteral("openrouter"), QStringLiteral("OpenRouter"), QStringLiteral("gateway"));
    const QJsonArray data = root.value(QLatin1String("data")).toArray();
    for (const QJsonValue &value : data) {
        if (!isModel(value)) {
            ++builder.file().skipped;
            continue;
        }
        const QJsonObject model = value.toObject();
        ForeignOffer offer;
        offer.key = model.value(QLatin1String("id")).toString();
        offer.offer.provider = provider;
        takeVariant(offer.key, offer.offer);
        offer.modelName = model.value(QLatin1String("name")).toString().left(200);
        takePricing(model.value(QLatin1String("pricing")).toObject(), offer, kModels, builder);
        builder.limits(offer.offer, tokenCount(model.value(QLatin1String("context_length"))),
                       tokenCount(model.value(QLatin1String("top_provider"))
                                      .toObject()
                                      .value(QLatin1String("max_completion_tokens"))),
                       kModels);
        const qint64 created = model.value(QLatin1String("created")).toInteger();
        if (created > 0 && created < 32'503'680'000)
            builder.date(QDateTime::fromSecsSinceEpoch(created, Qt::UTC).date());
        builder.offer(std::move(offer));
    }
    return builder.take();
}

bool looksLikeOpenRouterEndpoints(const QJsonObject &root)
{
    const QJsonObject data = root.value(QLatin1String("data")).toObject();
    return data.value(QLatin1String("id")).isString() &&
           data.value(QLatin1String("endpoints")).isArray();
}

ForeignFile readOpenRouterEndpoints(const QJsonObject &root)
{
    ForeignBuilder builder(QStringLiteral("openrouter-endpoints"),
                           gateway("openrouter-endpoints", "OpenRouter endpoints"));
    builder.addWorkload({kWorkload, QStringLiteral("production_mix"),
                         QStringLiteral("all traffic of the gateway in 30 minutes, network and "
                                        "queue included")});
    const QJsonObject data = root.value(QLatin1String("data")).toObject();
    const QString model = data.value(QLatin1String("id")).toString();
    builder.file().scope = model.left(200);
    const QJsonArray endpoints = data.value(QLatin1String("endpoints")).toArray();
    for (const QJsonValue &value : endpoints) {
        const QJsonObject endpoint = value.toObject();
        if (endpoint.value(QLatin1String("provider_name")).toString().isEmpty())
            ++builder.file().skipped;
        else
            readEndpoint(endpoint, model, data.value(QLatin1String("name")).toString().left(200),
                         builder);
    }
    return builder.take();
}

} // namespace app
