// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_list.h"

#include <array>
#include <cstdio>

#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include "app/catalog/catalog_store.h"

namespace app {
namespace {

using engine::ErrorKind;

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

QString word(DateBasis basis)
{
    switch (basis) {
    case DateBasis::VendorDeclared:
        return QStringLiteral("vendor_declared");
    case DateBasis::SourceDeclared:
        return QStringLiteral("source_declared");
    case DateBasis::FirstSeen:
        return QStringLiteral("first_seen");
    case DateBasis::Snapshot:
        return QStringLiteral("snapshot");
    case DateBasis::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QString word(Confidence confidence)
{
    switch (confidence) {
    case Confidence::High:
        return QStringLiteral("high");
    case Confidence::Low:
        return QStringLiteral("low");
    case Confidence::Medium:
        break;
    }
    return QStringLiteral("medium");
}

QString word(FigureKind kind)
{
    switch (kind) {
    case FigureKind::Observed:
        return QStringLiteral("observed");
    case FigureKind::Claimed:
        return QStringLiteral("claimed");
    case FigureKind::Unknown:
        break;
    }
    return QStringLiteral("unknown");
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

QJsonObject json(const Offer &offer)
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
    };
    if (offer.blendedRange) {
        object[QStringLiteral("blended_range")] =
            QJsonObject{{QStringLiteral("lower"), static_cast<qint64>(offer.blendedRange->lower)},
                        {QStringLiteral("upper"), static_cast<qint64>(offer.blendedRange->upper)}};
        object[QStringLiteral("source")] = json(offer.blendedRange->provenance);
    }
    return object;
}

QString waitText(const Wait &wait)
{
    const auto seconds = [](double ms) {
        return QString::number(ms / 1000, 'g', 3) + QStringLiteral(" s");
    };
    if (wait.p50Ms)
        return seconds(*wait.p50Ms);
    if (wait.upperMs)
        return QStringLiteral("< ") + seconds(*wait.upperMs);
    if (wait.lowerMs)
        return QStringLiteral("> ") + seconds(*wait.lowerMs);
    return QStringLiteral("-");
}

QString optionalPrice(const std::optional<MicroPerMillion> &price)
{
    return price ? priceText(*price) : QStringLiteral("-");
}

QStringList tableRow(const Offer &offer)
{
    const Prices &base = offer.card.base;
    QString mixed = QStringLiteral("-");
    if (const auto blend = blended(base, {3, 1, 0}))
        mixed = priceText(blend->amount);
    else if (offer.blendedRange)
        mixed = priceText(offer.blendedRange->lower) + QStringLiteral(" to ") +
                priceText(offer.blendedRange->upper);
    const Provenance &source =
        offer.blendedRange ? offer.blendedRange->provenance : offer.provenance;
    return {offer.id,
            offer.model,
            offer.card.currency,
            optionalPrice(base.input),
            optionalPrice(base.cacheRead),
            optionalPrice(base.output),
            mixed,
            offer.contextWindow ? QString::number(*offer.contextWindow) : QStringLiteral("-"),
            waitText(offer.wait),
            source.date.toString(Qt::ISODate) +
                (offer.datedAfterAsOf ? QStringLiteral(" (later)") : QStringLiteral("")),
            source.sourceName};
}

QByteArray table(const std::vector<const Offer *> &offers, const QDate &asOf)
{
    QList<QStringList> rows{{QStringLiteral("OFFER"), QStringLiteral("MODEL"),
                             QStringLiteral("CUR"), QStringLiteral("IN"), QStringLiteral("CACHED"),
                             QStringLiteral("OUT"), QStringLiteral("3:1"),
                             QStringLiteral("CONTEXT"), QStringLiteral("WAIT"),
                             QStringLiteral("DATED"), QStringLiteral("SOURCE")}};
    for (const Offer *offer : offers)
        rows.append(tableRow(*offer));
    std::vector<qsizetype> widths(static_cast<std::size_t>(rows.front().size()), 0);
    for (const QStringList &row : rows) {
        for (qsizetype i = 0; i < row.size(); ++i)
            widths[std::size_t(i)] = std::max(widths[std::size_t(i)], row[i].size());
    }
    QString text = QStringLiteral("Offers as of %1: %2. Prices are per million tokens.\n")
                       .arg(asOf.toString(Qt::ISODate))
                       .arg(offers.size());
    for (const QStringList &row : rows) {
        QString line;
        for (qsizetype i = 0; i < row.size(); ++i)
            line += row[i].leftJustified(widths[std::size_t(i)] + 2);
        text += line.trimmed() + u'\n';
    }
    return text.toUtf8();
}

// A file that the user names is never set aside or filled: it is a catalog already, or an error.
engine::Result<void> checkNamedFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return engine::fail(
            ErrorKind::NotFound,
            QStringLiteral("There is no catalog %1 that can be read.").arg(path).toStdString(),
            file.errorString().toStdString());
    if (file.read(16) != QByteArrayLiteral("SQLite format 3\0"))
        return engine::fail(
            ErrorKind::BadInput,
            QStringLiteral("%1 is not a catalog database.").arg(path).toStdString());
    return {};
}

} // namespace

QString priceText(MicroPerMillion price)
{
    QString text = QStringLiteral("%1.%2")
                       .arg(price / 1'000'000)
                       .arg(price % 1'000'000, 6, 10, QLatin1Char('0'));
    while (text.endsWith(u'0'))
        text.chop(1);
    if (text.endsWith(u'.'))
        text.chop(1);
    return text;
}

engine::Result<QByteArray> listOffers(const Catalog &catalog, const CatalogListRequest &request)
{
    std::vector<const Offer *> offers;
    for (const Offer &offer : catalog.offers) {
        const bool model = request.model.isEmpty() || offer.model == request.model ||
                           offer.family == request.model;
        const bool provider = request.provider.isEmpty() || offer.provider == request.provider ||
                              offer.providerName == request.provider;
        if (model && provider)
            offers.push_back(&offer);
    }
    const QDate asOf = dayOf(catalog.asOf);
    if (offers.empty())
        return engine::fail(
            ErrorKind::NotFound,
            QStringLiteral("No offer fits on %1; \"catalog list\" alone shows every "
                           "model and provider of that day.")
                .arg(asOf.toString(Qt::ISODate))
                .toStdString());
    if (!request.json)
        return table(offers, asOf);
    QJsonArray list;
    for (const Offer *offer : offers)
        list.append(json(*offer));
    const QJsonObject document{{QStringLiteral("schema"), QStringLiteral("paretoscope.offers/1")},
                               {QStringLiteral("as_of"), instant(catalog.asOf)},
                               {QStringLiteral("offers"), list}};
    return QJsonDocument(document).toJson();
}

engine::Result<void> runCatalogList(const CatalogListRequest &request, const QString &usualFile)
{
    if (!request.file.isEmpty()) {
        if (auto named = checkNamedFile(request.file); !named)
            return named;
    }
    auto store = request.file.isEmpty() ? CatalogStore::openOrInMemory(usualFile)
                                        : CatalogStore::open(request.file);
    if (!store)
        return tl::make_unexpected(store.error());
    if (!(*store)->notice().isEmpty())
        std::fprintf(stderr, "%s\n", qPrintable((*store)->notice()));
    const auto catalog = (*store)->snapshot(
        request.asOf.isValid() ? endOfDay(request.asOf) : QDateTime::currentSecsSinceEpoch());
    if (!catalog)
        return tl::make_unexpected(catalog.error());
    const auto list = listOffers(**catalog, request);
    if (!list)
        return tl::make_unexpected(list.error());
    std::fwrite(list->constData(), 1, static_cast<std::size_t>(list->size()), stdout);
    return {};
}

} // namespace app
