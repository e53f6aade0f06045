// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QDate>
#include <QRegularExpression>

#include "app/catalog/import/foreign_builder.h"
#include "app/catalog/import/readers.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

const QString kLocator = QStringLiteral("https://www.llm-prices.com/");

const FileSource kSource{.slug = QStringLiteral("llm-prices"),
                         .name = QStringLiteral("llm-prices"),
                         .kind = QStringLiteral("catalog"),
                         .homepage = QStringLiteral("https://github.com/simonw/llm-prices"),
                         .licence = QStringLiteral("none stated"),
                         .precedence = 60,
                         .staleAfterDays = 14,
                         .deadAfterDays = 60};

struct Model
{
    QString vendor;
    QString id;
    QString name;
    std::vector<QJsonObject> periods;
};

std::optional<UnixSeconds> dayOf(const QJsonObject &period, const char *member)
{
    const QDate day =
        QDate::fromString(period.value(QLatin1String(member)).toString(), Qt::ISODate);
    return day.isValid() ? std::optional(database::startOfDay(day)) : std::nullopt;
}

void addPrices(const QJsonObject &period, FilePrice &price, std::int64_t above,
               ForeignBuilder &builder)
{
    static const std::set<QString> known{
        QStringLiteral("input"),     QStringLiteral("output"),  QStringLiteral("input_cached"),
        QStringLiteral("from_date"), QStringLiteral("to_date"), QStringLiteral("id"),
        QStringLiteral("vendor"),    QStringLiteral("name")};
    builder.add(price, "input", period.value(QLatin1String("input")), PriceUnit::PerMillion, above);
    builder.add(price, "output", period.value(QLatin1String("output")), PriceUnit::PerMillion,
                above);
    builder.add(price, "cache_read", period.value(QLatin1String("input_cached")),
                PriceUnit::PerMillion, above);
    builder.unknown(period, known);
}

bool isDated(const Model &model)
{
    return std::any_of(model.periods.begin(), model.periods.end(), [](const QJsonObject &period) {
        return dayOf(period, "from_date") || dayOf(period, "to_date");
    });
}

// The list writes long prompts as a model of their own, "…-200k", named "… >200k".
std::int64_t thresholdOf(const Model &model, QString *base)
{
    static const QRegularExpression suffix(QStringLiteral("-(\\d{2,4})k$"));
    const auto match = suffix.match(model.id);
    if (!match.hasMatch() || !model.name.contains(QLatin1Char('>')))
        return 0;
    *base = model.id.left(match.capturedStart());
    return match.captured(1).toLongLong() * 1000;
}

void addOffer(const Model &model, const Model *longPrompts, std::int64_t above,
              ForeignBuilder &builder)
{
    ForeignOffer offer;
    offer.offer.provider = builder.provider(model.vendor, {}, QStringLiteral("first_party"));
    offer.offer.modelId = model.id;
    offer.key = model.vendor + QLatin1Char('/') + model.id;
    offer.modelName = model.name;
    offer.declared = isDated(model);
    for (const QJsonObject &period : model.periods) {
        FilePrice price = builder.card(kLocator);
        addPrices(period, price, 0, builder);
        if (longPrompts)
            addPrices(longPrompts->periods.front(), price, above, builder);
        price.from = dayOf(period, "from_date");
        price.to = dayOf(period, "to_date");
        if (offer.declared)
            price.basis =
                price.from ? QStringLiteral("source_declared") : QStringLiteral("unknown");
        const bool sane = !price.from || !price.to || *price.from < *price.to;
        if (!price.components.empty() && sane)
            offer.offer.prices.push_back(std::move(price));
    }
    // Two undated cards of one model say nothing about which one holds.
    if (!offer.declared && offer.offer.prices.size() > 1) {
        builder.note(
            QStringLiteral("%1 has several prices without dates; it is left out.").arg(offer.key));
        return;
    }
    if (offer.offer.prices.empty())
        offer.unpriced = QStringLiteral("the list has no price above 0 for it");
    builder.offer(std::move(offer));
}

using Places = std::map<std::pair<QString, QString>, std::size_t>;

// The history file has a row for each period of a model.
void addRow(const QJsonObject &row, std::vector<Model> &models, Places &places)
{
    const QString vendor = row.value(QLatin1String("vendor")).toString();
    const QString id = row.value(QLatin1String("id")).toString();
    if (vendor.isEmpty() || id.isEmpty())
        return;
    const auto [known, fresh] = places.emplace(std::pair(vendor, id), models.size());
    if (fresh)
        models.push_back({vendor, id, row.value(QLatin1String("name")).toString().left(200), {}});
    models[known->second].periods.push_back(row);
}

std::vector<Model> modelsOf(const QJsonObject &root)
{
    std::vector<Model> models;
    Places places;
    const QJsonArray rows = root.value(QLatin1String("prices")).toArray();
    for (const QJsonValue &row : rows)
        addRow(row.toObject(), models, places);
    const QJsonArray listed = root.value(QLatin1String("models")).toArray();
    for (const QJsonValue &value : listed) {
        const QJsonObject object = value.toObject();
        Model model{root.value(QLatin1String("vendor")).toString(),
                    object.value(QLatin1String("id")).toString(),
                    object.value(QLatin1String("name")).toString().left(200),
                    {}};
        const QJsonArray periods = object.value(QLatin1String("price_history")).toArray();
        for (const QJsonValue &period : periods)
            model.periods.push_back(period.toObject());
        if (!model.id.isEmpty() && !model.periods.empty())
            models.push_back(std::move(model));
    }
    return models;
}

} // namespace

bool looksLikeLlmPrices(const QJsonObject &root)
{
    const QJsonObject model = root.value(QLatin1String("models")).toArray().first().toObject();
    const QJsonObject row = root.value(QLatin1String("prices")).toArray().first().toObject();
    return (root.value(QLatin1String("vendor")).isString() &&
            model.contains(QLatin1String("price_history"))) ||
           (row.contains(QLatin1String("vendor")) && row.contains(QLatin1String("input")));
}

ForeignFile readLlmPrices(const QJsonObject &root)
{
    ForeignBuilder builder(QStringLiteral("llm-prices"), kSource);
    builder.file().scope = root.value(QLatin1String("vendor")).toString().left(100);
    builder.date(
        QDate::fromString(root.value(QLatin1String("updated_at")).toString(), Qt::ISODate));
    const std::vector<Model> models = modelsOf(root);
    std::map<QString, const Model *> longOnes; // by vendor/base id
    std::set<const Model *> folded;
    const auto keyOf = [](const Model &model, const QString &id) {
        return model.vendor + QLatin1Char('/') + id;
    };
    for (const Model &model : models) {
        QString base;
        if (thresholdOf(model, &base) > 0 && model.periods.size() == 1)
            longOnes[keyOf(model, base)] = &model;
    }
    for (const Model &model : models) {
        const auto found = longOnes.find(keyOf(model, model.id));
        if (found != longOnes.end() && model.periods.size() == 1)
            folded.insert(found->second);
    }
    for (const Model &model : models) {
        if (folded.contains(&model))
            continue;
        QString base;
        const auto found = longOnes.find(keyOf(model, model.id));
        const bool joined = found != longOnes.end() && folded.contains(found->second);
        addOffer(model, joined ? found->second : nullptr,
                 joined ? thresholdOf(*found->second, &base) : 0, builder);
    }
    return builder.take();
}

} // namespace app
