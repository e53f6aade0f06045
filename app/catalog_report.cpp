// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog_report.h"

#include <map>

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "app/catalog/price_text.h"

namespace app {
namespace {

struct Part
{
    const char *name;
    std::int64_t tokens = 0;
    std::optional<std::int64_t> price;
    Pico cost = 0;
};

std::vector<Part> partsOf(const RequestTokens &tokens, const RequestCost &cost)
{
    const Prices &prices = cost.applied;
    const auto or_ = [](const std::optional<std::int64_t> &price,
                        const std::optional<std::int64_t> &otherwise) {
        return price ? price : otherwise;
    };
    std::vector<Part> parts{
        {"input", tokens.input - tokens.cacheRead - tokens.cacheWrite, prices.input, cost.input}};
    if (tokens.cacheRead > 0)
        parts.push_back(
            {"cache_read", tokens.cacheRead, or_(prices.cacheRead, prices.input), cost.cacheRead});
    if (tokens.cacheWrite > 0)
        parts.push_back({"cache_write", tokens.cacheWrite, or_(prices.cacheWrite, prices.input),
                         cost.cacheWrite});
    parts.push_back({"output", tokens.output, prices.output, cost.output});
    if (tokens.reasoning > 0)
        parts.push_back(
            {"reasoning", tokens.reasoning, or_(prices.reasoning, prices.output), cost.reasoning});
    if (cost.request > 0)
        parts.push_back({"request", 1, prices.request, cost.request});
    return parts;
}

std::vector<QString> assumptions(const Offer &offer, const RequestCost &cost, UnixSeconds at)
{
    std::vector<QString> lines;
    if (cost.flags.cachePriceUnknown)
        lines.push_back(QStringLiteral("the price of cached tokens is not known; they are counted "
                                       "as plain input"));
    if (cost.flags.reasoningPricedAsOutput)
        lines.push_back(
            QStringLiteral("thinking has no price of its own; it is counted as output"));
    if (cost.flags.holidayCoverageEnded)
        lines.push_back(QStringLiteral("the holiday calendar does not reach that day; it is taken "
                                       "for no holiday"));
    for (const QString &doubt : doubtsAbout(offer, at))
        lines.push_back(doubt);
    for (const AppliedOverride &over : offer.overrides)
        lines.push_back(QStringLiteral("%1 is a price of your own").arg(over.component));
    return lines;
}

QString instantText(UnixSeconds at)
{
    return QDateTime::fromSecsSinceEpoch(at, Qt::UTC).toString(Qt::ISODate);
}

QJsonArray texts(const std::vector<QString> &lines)
{
    QJsonArray array;
    for (const QString &line : lines)
        array.append(line);
    return array;
}

} // namespace

QByteArray costText(const Offer &offer, const RequestTokens &tokens, const RequestCost &cost,
                    UnixSeconds at)
{
    QString text = QStringLiteral("%1 at %2: %3 %4\n")
                       .arg(offer.id, instantText(at), picoText(cost.total), offer.card.currency);
    for (const Part &part : partsOf(tokens, cost))
        text += QStringLiteral("  %1  %2 x %3 per million = %4\n")
                    .arg(QLatin1String(part.name), -11)
                    .arg(part.tokens, 9)
                    .arg(part.price ? priceText(*part.price) : QStringLiteral("-"))
                    .arg(picoText(part.cost));
    text += QStringLiteral("  price of %1, %2\n")
                .arg(offer.provenance.date.toString(Qt::ISODate), offer.provenance.sourceName);
    for (const QString &line : assumptions(offer, cost, at))
        text += QStringLiteral("  note: ") + line + u'\n';
    return text.toUtf8();
}

QByteArray costJson(const Offer &offer, const RequestTokens &tokens, const RequestCost &cost,
                    UnixSeconds at)
{
    QJsonArray parts;
    for (const Part &part : partsOf(tokens, cost))
        parts.append(QJsonObject{
            {QStringLiteral("component"), QLatin1String(part.name)},
            {QStringLiteral("tokens"), static_cast<qint64>(part.tokens)},
            {QStringLiteral("price"), part.price ? QJsonValue(static_cast<qint64>(*part.price))
                                                 : QJsonValue(QJsonValue::Null)},
            {QStringLiteral("pico"), static_cast<qint64>(part.cost)},
            {QStringLiteral("cost"), picoText(part.cost)}});
    const QJsonObject object{
        {QStringLiteral("schema"), QStringLiteral("paretoscope.cost/1")},
        {QStringLiteral("offer"), offer.id},
        {QStringLiteral("at"), instantText(at)},
        {QStringLiteral("currency"), offer.card.currency},
        {QStringLiteral("total"), picoText(cost.total)},
        {QStringLiteral("total_pico"), static_cast<qint64>(cost.total)},
        {QStringLiteral("parts"), parts},
        {QStringLiteral("assumptions"), texts(assumptions(offer, cost, at))},
        {QStringLiteral("source"),
         QJsonObject{{QStringLiteral("name"), offer.provenance.sourceName},
                     {QStringLiteral("address"), offer.provenance.address},
                     {QStringLiteral("date"), offer.provenance.date.toString(Qt::ISODate)}}},
    };
    return QJsonDocument(object).toJson();
}

CheckReport checkReport(const Catalog &catalog, std::vector<ReviewItem> review,
                        std::vector<EditEntry> edits)
{
    CheckReport report;
    report.offers = catalog.offers.size();
    report.review = std::move(review);
    report.edits = std::move(edits);
    std::map<QString, Provenance> newest; // by source
    for (const Offer &offer : catalog.offers) {
        if (!offer.provenance.source.isEmpty()) {
            Provenance &known = newest[offer.provenance.source];
            if (!known.date.isValid() || known.date < offer.provenance.date)
                known = offer.provenance;
        }
        Offer ageless = offer;
        ageless.provenance.date = {};
        ageless.wait.provenance.date = {};
        ageless.unpriced.clear();
        if (auto doubts = doubtsAbout(ageless, catalog.asOf); !doubts.empty())
            report.doubts.emplace_back(offer.id, std::move(doubts));
    }
    for (const auto &[source, provenance] : newest) {
        const Age age = ageOfPrice(provenance, catalog.asOf);
        if (age.freshness != Freshness::Fresh)
            report.oldSources.emplace_back(provenance.sourceName, age);
    }
    return report;
}

QByteArray checkText(const CheckReport &report)
{
    QString text = QStringLiteral("The catalog is whole: %1 offers.\n").arg(report.offers);
    const auto title = [&text](const char *words, std::size_t count) {
        if (count > 0)
            text += QStringLiteral("\n%1: %2\n").arg(QLatin1String(words)).arg(count);
    };
    title("Held for review (--accept N or --reject N)", report.review.size());
    for (const ReviewItem &item : report.review)
        text += QStringLiteral("  %1  %2, %3: %4 (%5 -> %6)\n")
                    .arg(item.id)
                    .arg(item.key, item.sourceName, item.rule,
                         item.before.isEmpty() ? QStringLiteral("none") : item.before, item.after);
    title("Sources that have grown old", report.oldSources.size());
    for (const auto &[name, age] : report.oldSources)
        text += QStringLiteral("  %1\n").arg(age.reason);
    title("Offers in doubt", report.doubts.size());
    for (const auto &[offer, doubts] : report.doubts) {
        for (const QString &doubt : doubts)
            text += QStringLiteral("  %1: %2\n").arg(offer, doubt);
    }
    title("Edits, the newest first", report.edits.size());
    for (const EditEntry &edit : report.edits)
        text += QStringLiteral("  %1  %2%3\n")
                    .arg(instantText(edit.at), edit.words,
                         edit.undoneAt ? QStringLiteral(" (undone)") : QString());
    return text.toUtf8();
}

QByteArray checkJson(const CheckReport &report)
{
    QJsonArray review, old, doubts, edits;
    for (const ReviewItem &item : report.review)
        review.append(QJsonObject{{QStringLiteral("id"), item.id},
                                  {QStringLiteral("key"), item.key},
                                  {QStringLiteral("offer"), item.offer},
                                  {QStringLiteral("source"), item.sourceName},
                                  {QStringLiteral("rule"), item.rule},
                                  {QStringLiteral("before"), item.before},
                                  {QStringLiteral("after"), item.after},
                                  {QStringLiteral("date"), item.observed.toString(Qt::ISODate)}});
    for (const auto &[name, age] : report.oldSources)
        old.append(QJsonObject{{QStringLiteral("source"), name},
                               {QStringLiteral("date"), age.date.toString(Qt::ISODate)},
                               {QStringLiteral("dead"), age.freshness == Freshness::Dead},
                               {QStringLiteral("reason"), age.reason}});
    for (const auto &[offer, lines] : report.doubts)
        doubts.append(QJsonObject{{QStringLiteral("offer"), offer},
                                  {QStringLiteral("doubts"), texts(lines)}});
    for (const EditEntry &edit : report.edits)
        edits.append(QJsonObject{{QStringLiteral("at"), instantText(edit.at)},
                                 {QStringLiteral("action"), edit.action},
                                 {QStringLiteral("offer"), edit.offer},
                                 {QStringLiteral("words"), edit.words},
                                 {QStringLiteral("undone"), edit.undoneAt.has_value()}});
    return QJsonDocument(
               QJsonObject{{QStringLiteral("schema"), QStringLiteral("paretoscope.check/1")},
                           {QStringLiteral("integrity"), QStringLiteral("ok")},
                           {QStringLiteral("offers"), qint64(report.offers)},
                           {QStringLiteral("review"), review},
                           {QStringLiteral("old_sources"), old},
                           {QStringLiteral("doubts"), doubts},
                           {QStringLiteral("edits"), edits}})
        .toJson();
}

QByteArray sourcesText(const std::vector<RefreshSource> &sources)
{
    QString text = QStringLiteral("Nothing is fetched from a source that is off.\n");
    for (const RefreshSource &source : sources)
        text += QStringLiteral("  %1  %2  %3%4\n")
                    .arg(source.slug, -14)
                    .arg(source.enabled ? QStringLiteral("on ") : QStringLiteral("off"))
                    .arg(source.url, source.lastTriedAt ? QStringLiteral("  (%1: %2)")
                                                              .arg(instantText(*source.lastTriedAt),
                                                                   source.lastWords)
                                                        : QString());
    return text.toUtf8();
}

QByteArray sourcesJson(const std::vector<RefreshSource> &sources)
{
    QJsonArray array;
    for (const RefreshSource &source : sources)
        array.append(QJsonObject{{QStringLiteral("source"), source.slug},
                                 {QStringLiteral("url"), source.url},
                                 {QStringLiteral("enabled"), source.enabled},
                                 {QStringLiteral("last_tried_at"),
                                  source.lastTriedAt ? QJsonValue(instantText(*source.lastTriedAt))
                                                     : QJsonValue(QJsonValue::Null)},
                                 {QStringLiteral("last_words"), source.lastWords}});
    return QJsonDocument(
               QJsonObject{{QStringLiteral("schema"), QStringLiteral("paretoscope.refresh/1")},
                           {QStringLiteral("sources"), array}})
        .toJson();
}

} // namespace app
