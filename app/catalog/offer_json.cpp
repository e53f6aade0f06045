// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "app/catalog/freshness.h"
#include "app/catalog/offer_export.h"
#include "app/catalog/words.h"

namespace app {
namespace {

template <class T>
QJsonValue orNull(const std::optional<T> &value)
{
    if constexpr (std::is_floating_point_v<T>)
        return value ? QJsonValue(*value) : QJsonValue(QJsonValue::Null);
    else
        return value ? QJsonValue(static_cast<qint64>(*value)) : QJsonValue(QJsonValue::Null);
}

QJsonValue instant(const std::optional<UnixSeconds> &at)
{
    if (!at)
        return QJsonValue::Null;
    return QDateTime::fromSecsSinceEpoch(*at, Qt::UTC).toString(Qt::ISODate);
}

QJsonObject json(const Prices &prices)
{
    return {{QStringLiteral("input"), orNull(prices.input)},
            {QStringLiteral("output"), orNull(prices.output)},
            {QStringLiteral("cache_read"), orNull(prices.cacheRead)},
            {QStringLiteral("cache_write"), orNull(prices.cacheWrite)},
            {QStringLiteral("reasoning"), orNull(prices.reasoning)},
            {QStringLiteral("request"), orNull(prices.request)}};
}

QJsonObject json(const PriceCard &card)
{
    QJsonArray rules;
    for (const PriceRule &rule : card.rules) {
        QJsonObject entry = json(rule.prices);
        entry[QStringLiteral("above_input_tokens")] = static_cast<qint64>(rule.aboveInputTokens);
        entry[QStringLiteral("schedule")] =
            rule.schedule ? QJsonValue(rule.schedule->id) : QJsonValue(QJsonValue::Null);
        entry[QStringLiteral("hours")] =
            rule.schedule ? QJsonValue(rule.schedule->name) : QJsonValue(QJsonValue::Null);
        rules.append(entry);
    }
    return {{QStringLiteral("currency"), card.currency},
            {QStringLiteral("unit"), QStringLiteral("millionths per million tokens")},
            {QStringLiteral("base"), json(card.base)},
            {QStringLiteral("rules"), rules}};
}

QJsonObject json(const Provenance &provenance)
{
    return {{QStringLiteral("name"), provenance.sourceName},
            {QStringLiteral("address"), provenance.address},
            {QStringLiteral("date"), provenance.date.toString(Qt::ISODate)},
            {QStringLiteral("confidence"), word(provenance.confidence)},
            {QStringLiteral("note"), provenance.note}};
}

QJsonObject json(const Wait &wait)
{
    QJsonObject object{{QStringLiteral("kind"), word(wait.kind)}};
    if (wait.kind == FigureKind::Unknown)
        return object;
    object[QStringLiteral("p50_ms")] = orNull(wait.p50Ms);
    object[QStringLiteral("p99_ms")] = orNull(wait.p99Ms);
    object[QStringLiteral("n")] = orNull(wait.n);
    object[QStringLiteral("lower_ms")] = orNull(wait.lowerMs);
    object[QStringLiteral("upper_ms")] = orNull(wait.upperMs);
    object[QStringLiteral("text")] = wait.text;
    object[QStringLiteral("source")] = json(wait.provenance);
    return object;
}

QJsonArray list(const std::vector<ConflictingPrices> &conflicts)
{
    QJsonArray array;
    for (const ConflictingPrices &conflict : conflicts)
        array.append(QJsonObject{{QStringLiteral("prices"), json(conflict.prices)},
                                 {QStringLiteral("source"), json(conflict.provenance)}});
    return array;
}

QJsonArray texts(const std::vector<QString> &lines)
{
    QJsonArray array;
    for (const QString &line : lines)
        array.append(line);
    return array;
}

QJsonObject json(const Offer &offer, UnixSeconds asOf)
{
    QJsonObject object{
        {QStringLiteral("id"), offer.id},
        {QStringLiteral("provider"), offer.provider},
        {QStringLiteral("via"), offer.via},
        {QStringLiteral("model"), offer.model},
        {QStringLiteral("provider_model_id"), offer.providerModelId},
        {QStringLiteral("region"), offer.region},
        {QStringLiteral("service_tier"), offer.serviceTier},
        {QStringLiteral("quantization"), offer.quantization},
        {QStringLiteral("prices"), json(offer.card)},
        {QStringLiteral("context_window"), orNull(offer.contextWindow)},
        {QStringLiteral("ttft"), json(offer.wait)},
        {QStringLiteral("valid_from"), instant(offer.validFrom)},
        {QStringLiteral("valid_to"), instant(offer.validTo)},
        {QStringLiteral("basis"), word(offer.basis)},
        {QStringLiteral("dated_after_as_of"), offer.datedAfterAsOf},
        {QStringLiteral("source"), json(offer.provenance)},
        {QStringLiteral("label"), offer.label},
        {QStringLiteral("conflicts"), list(offer.conflicts)},
        {QStringLiteral("doubts"), texts(doubtsAbout(offer, asOf))},
    };
    if (!offer.unpriced.isEmpty())
        object[QStringLiteral("unpriced")] = offer.unpriced;
    if (offer.blendedRange) {
        object[QStringLiteral("blended_range")] =
            QJsonObject{{QStringLiteral("lower"), static_cast<qint64>(offer.blendedRange->lower)},
                        {QStringLiteral("upper"), static_cast<qint64>(offer.blendedRange->upper)}};
        object[QStringLiteral("source")] = json(offer.blendedRange->provenance);
    }
    return object;
}

} // namespace

QByteArray offersJson(const std::vector<const Offer *> &offers, UnixSeconds asOf)
{
    QJsonArray array;
    for (const Offer *offer : offers)
        array.append(json(*offer, asOf));
    return QJsonDocument(
               QJsonObject{{QStringLiteral("schema"), QStringLiteral("paretoscope.offers/1")},
                           {QStringLiteral("as_of"), instant(asOf)},
                           {QStringLiteral("offers"), array}})
        .toJson();
}

} // namespace app
