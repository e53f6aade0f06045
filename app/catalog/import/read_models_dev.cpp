// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QDate>

#include "app/catalog/import/foreign_builder.h"
#include "app/catalog/import/readers.h"

namespace app {
namespace {

const QString kLocator = QStringLiteral("https://models.dev/api.json");

const FileSource kSource{.slug = QStringLiteral("models.dev"),
                         .name = QStringLiteral("models.dev"),
                         .kind = QStringLiteral("catalog"),
                         .homepage = QStringLiteral("https://models.dev/"),
                         .licence = QStringLiteral("MIT"),
                         .precedence = 60,
                         .staleAfterDays = 14,
                         .deadAfterDays = 60};

const std::set<QString> kCostFields{QStringLiteral("input"),
                                    QStringLiteral("output"),
                                    QStringLiteral("reasoning"),
                                    QStringLiteral("cache_read"),
                                    QStringLiteral("cache_write"),
                                    QStringLiteral("tiers"),
                                    QStringLiteral("inputCached"),
                                    QStringLiteral("outputCached"),
                                    QStringLiteral("context_over_200k")};

void addCosts(const QJsonObject &cost, FilePrice &price, const ForeignBuilder &builder,
              std::int64_t above)
{
    static constexpr const char *kMembers[][2] = {{"input", "input"},
                                                  {"output", "output"},
                                                  {"reasoning", "reasoning"},
                                                  {"cache_read", "cache_read"},
                                                  {"cache_write", "cache_write"},
                                                  // Until 2025-06-17 the list spelled these two so.
                                                  {"inputCached", "cache_read"},
                                                  {"outputCached", "cache_write"}};
    for (const auto &[member, component] : kMembers)
        builder.add(price, component, cost.value(QLatin1String(member)), PriceUnit::PerMillion,
                    above);
}

// "context_over_200k" is written for any one threshold from 200k up, so `tiers` is asked first.
void addTiers(const QJsonObject &cost, FilePrice &price, const ForeignBuilder &builder)
{
    const QJsonArray tiers = cost.value(QLatin1String("tiers")).toArray();
    bool found = false;
    for (const QJsonValue &value : tiers) {
        const QJsonObject tier = value.toObject();
        const QJsonObject what = tier.value(QLatin1String("tier")).toObject();
        const auto size = tokenCount(what.value(QLatin1String("size")));
        if (what.value(QLatin1String("type")).toString() != QLatin1String("context") || !size)
            continue;
        addCosts(tier, price, builder, *size);
        found = true;
    }
    if (!found)
        addCosts(cost.value(QLatin1String("context_over_200k")).toObject(), price, builder,
                 200'000);
}

bool isFree(const QJsonObject &cost)
{
    return amountOf(cost.value(QLatin1String("input")), PriceUnit::PerMillion).value_or(0) == 0 &&
           amountOf(cost.value(QLatin1String("output")), PriceUnit::PerMillion).value_or(0) == 0;
}

// A seller all of whose models stand at 0 sells them by subscription.
bool sellsBySubscription(const QJsonObject &models)
{
    return std::all_of(models.begin(), models.end(), [](const QJsonValue &model) {
        return isFree(model.toObject().value(QLatin1String("cost")).toObject());
    });
}

void addModes(const QJsonObject &model, const ForeignOffer &standard, ForeignBuilder &builder)
{
    static const std::set<QString> tiers{QStringLiteral("batch"), QStringLiteral("flex"),
                                         QStringLiteral("priority"), QStringLiteral("fast")};
    const QJsonObject modes = model.value(QLatin1String("experimental"))
                                  .toObject()
                                  .value(QLatin1String("modes"))
                                  .toObject();
    for (auto mode = modes.begin(); mode != modes.end(); ++mode) {
        if (!tiers.contains(mode.key()))
            continue;
        ForeignOffer offer = standard;
        offer.offer.tier = mode.key();
        offer.offer.prices.clear();
        offer.unpriced.clear();
        FilePrice price = builder.card(kLocator);
        const QJsonObject cost = mode.value().toObject().value(QLatin1String("cost")).toObject();
        addCosts(cost, price, builder, 0);
        addTiers(cost, price, builder);
        if (price.components.empty())
            continue;
        offer.offer.prices.push_back(std::move(price));
        builder.offer(std::move(offer));
    }
}

void readModel(const QString &provider, const QString &id, const QJsonObject &model,
               bool subscription, ForeignBuilder &builder)
{
    const QJsonObject cost = model.value(QLatin1String("cost")).toObject();
    ForeignOffer offer;
    offer.key = provider + QLatin1Char('/') + id;
    offer.offer.provider = provider;
    offer.offer.modelId = id;
    if (subscription)
        offer.offer.tier = QStringLiteral("subscription");
    offer.modelName = model.value(QLatin1String("name")).toString().left(200);
    offer.family = model.value(QLatin1String("family")).toString().left(100);
    FilePrice price = builder.card(kLocator);
    addCosts(cost, price, builder, 0);
    addTiers(cost, price, builder);
    builder.unknown(cost, kCostFields);
    const QJsonObject limit = model.value(QLatin1String("limit")).toObject();
    builder.limits(offer.offer, tokenCount(limit.value(QLatin1String("context"))),
                   tokenCount(limit.value(QLatin1String("output"))), kLocator);
    builder.date(
        QDate::fromString(model.value(QLatin1String("last_updated")).toString(), Qt::ISODate));
    if (subscription)
        offer.unpriced = QStringLiteral("it is sold by subscription");
    else if (cost.isEmpty())
        offer.unpriced = QStringLiteral("the list has no price for it");
    else if (isFree(cost))
        offer.unpriced = QStringLiteral("the list has it at 0, which is not a price");
    else
        offer.offer.prices.push_back(std::move(price));
    addModes(model, offer, builder);
    builder.offer(std::move(offer));
}

} // namespace

bool looksLikeModelsDev(const QJsonObject &root)
{
    if (root.isEmpty())
        return false;
    return std::all_of(root.begin(), root.end(), [](const QJsonValue &value) {
        const QJsonObject provider = value.toObject();
        const QJsonObject models = provider.value(QLatin1String("models")).toObject();
        return provider.contains(QLatin1String("id")) &&
               provider.value(QLatin1String("models")).isObject() &&
               std::all_of(models.begin(), models.end(),
                           [](const QJsonValue &model) { return model.isObject(); });
    });
}

ForeignFile readModelsDev(const QJsonObject &root)
{
    ForeignBuilder builder(QStringLiteral("models.dev"), kSource);
    builder.file().dialect = QStringLiteral("cache_read");
    for (auto entry = root.begin(); entry != root.end(); ++entry) {
        const QJsonObject provider = entry.value().toObject();
        const QJsonObject models = provider.value(QLatin1String("models")).toObject();
        const bool subscription = sellsBySubscription(models);
        const QString slug = builder.provider(
            entry.key(), provider.value(QLatin1String("name")).toString().left(100),
            subscription ? QStringLiteral("subscription") : QStringLiteral("host"));
        for (auto model = models.begin(); model != models.end(); ++model) {
            const QJsonObject record = model.value().toObject();
            if (record.value(QLatin1String("cost"))
                    .toObject()
                    .contains(QLatin1String("inputCached")))
                builder.file().dialect = QStringLiteral("inputCached");
            readModel(slug, model.key(), record, subscription, builder);
        }
    }
    return builder.take();
}

} // namespace app
