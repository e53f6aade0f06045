// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/offer_marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include <QStringList>

namespace app {

namespace {

constexpr double kMixParts = 1000; // a ratio is rounded to a thousandth

TokenMix mixOf(const Scenario &scenario)
{
    return {.inputParts = std::llround(scenario.inputPerOutput * kMixParts),
            .outputParts = static_cast<std::int64_t>(kMixParts),
            .cachedPpm = static_cast<int>(std::lround(scenario.cachedShare * 1e6))};
}

Evidence evidenceOf(FigureKind kind)
{
    switch (kind) {
    case FigureKind::Observed:
        return Evidence::Observed;
    case FigureKind::Claimed:
        return Evidence::Claimed;
    case FigureKind::Unknown:
        break;
    }
    return Evidence::None;
}

void setWait(OfferMark &mark, const Wait &wait)
{
    mark.waitText = wait.text;
    mark.waitSource = wait.provenance.sourceName;
    mark.waitDate = wait.provenance.date;
    mark.waitEvidence = evidenceOf(wait.kind);
    if (wait.kind == FigureKind::Observed && wait.p50Ms) {
        mark.wait = WaitKind::Observed;
        mark.ttftMs = wait.p50Ms;
        mark.ttftP99Ms = wait.p99Ms;
        mark.waitSamples = wait.n;
    } else if (wait.kind == FigureKind::Claimed && wait.upperMs) {
        mark.wait = WaitKind::AtMost;
        mark.ttftMs = wait.upperMs;
    } else if (wait.kind == FigureKind::Claimed && wait.lowerMs) {
        mark.wait = WaitKind::AtLeast;
        mark.ttftMs = wait.lowerMs;
    }
}

void setPace(OfferMark &mark, const Pace &pace)
{
    mark.tokensPerSecond = pace.p50TokensPerSecond     ? pace.p50TokensPerSecond
                           : pace.upperTokensPerSecond ? pace.upperTokensPerSecond
                                                       : pace.lowerTokensPerSecond;
    if (mark.tokensPerSecond)
        mark.paceEvidence = evidenceOf(pace.kind);
}

void setPrices(OfferMark &mark, const Offer &offer, const Prices &prices, const TokenMix &mix)
{
    mark.currency = offer.card.currency;
    mark.input = prices.input;
    mark.cachedInput = prices.cacheRead;
    mark.output = prices.output;
    if (const std::optional<Blended> price = blended(prices, mix)) {
        (mark.currency == QLatin1String("USD") ? mark.blended : mark.blendedForeign) =
            price->amount;
        mark.cachePriceUnknown = price->flags.cachePriceUnknown;
        mark.priceEvidence = evidenceOf(offer.provenance.kind);
    } else if (offer.blendedRange) {
        mark.blendedLow = offer.blendedRange->lower;
        mark.blendedHigh = offer.blendedRange->upper;
        mark.priceText = offer.blendedRange->text;
        mark.priceEvidence = evidenceOf(offer.blendedRange->provenance.kind);
    }
}

// The base prices, with those that a prompt of this length calls for laid over them.
Prices pricesOfLength(const PriceCard &card, std::int64_t inputTokens)
{
    Prices prices = card.base;
    for (const PriceRule &rule : card.rules) {
        if (!rule.schedule && inputTokens > rule.aboveInputTokens)
            prices = overlaid(prices, rule);
    }
    return prices;
}

OfferMark markOf(const Offer &offer, const Prices &prices, const Scenario &scenario)
{
    OfferMark mark;
    mark.id = offer.id;
    mark.provider = offer.providerName;
    mark.label = offer.viaName.isEmpty()
                     ? offer.providerName
                     : QStringLiteral("%1, %2").arg(offer.providerName, offer.viaName);
    mark.modelName = offer.modelName;
    setPrices(mark, offer, prices, mixOf(scenario));
    setWait(mark, offer.wait);
    setPace(mark, offer.pace);
    mark.contextWindow = offer.contextWindow;
    const Provenance &source =
        mark.blended || !offer.blendedRange ? offer.provenance : offer.blendedRange->provenance;
    mark.source = source.sourceName;
    mark.sourceAddress = source.address;
    mark.sourceDate = source.date;
    mark.datedAfterAsOf = offer.datedAfterAsOf || offer.wait.datedAfterAsOf;
    mark.sourcesDisagree = !offer.conflicts.empty();
    return mark;
}

// What is left of the names once the words that all begin with are gone: "R1", "R1-0528".
QStringList withoutCommonWords(const QStringList &names)
{
    QList<QStringList> words;
    for (const QString &name : names)
        words.append(name.split(QLatin1Char(' ')));
    const auto allBegin = [&words] {
        return std::ranges::all_of(words, [&words](const QStringList &name) {
            return name.size() > 1 && name.constFirst() == words.constFirst().constFirst();
        });
    };
    while (!words.isEmpty() && allBegin()) {
        for (QStringList &name : words)
            name.removeFirst();
    }
    QStringList result;
    for (const QStringList &name : words)
        result.append(name.join(QLatin1Char(' ')));
    return result;
}

// Dated releases of one model ("R1", "R1-0528") read as one; anything else is told by name.
bool isOneModel(const QStringList &names)
{
    const QString shortest = *std::ranges::min_element(names, {}, &QString::size);
    return std::ranges::all_of(
        names, [&shortest](const QString &name) { return name.startsWith(shortest); });
}

// Groups of marks, by label, that read the same.
std::vector<std::vector<std::size_t>> alike(const std::vector<OfferMark> &marks)
{
    std::map<QString, std::vector<std::size_t>> byLabel;
    for (std::size_t i = 0; i < marks.size(); ++i)
        byLabel[marks[i].label].push_back(i);
    std::vector<std::vector<std::size_t>> groups;
    for (const auto &[label, indices] : byLabel) {
        if (indices.size() > 1)
            groups.push_back(indices);
    }
    return groups;
}

// The sellers' own names of offers, as short as they still tell apart: what "R1-Turbo" has beyond
// "R1", else the name without its path.
QStringList sellersNames(const std::vector<std::size_t> &group,
                         const std::vector<const Offer *> &offers)
{
    QStringList ids;
    for (const std::size_t i : group)
        ids.append(offers[i]->providerModelId);
    const QString shortest = *std::ranges::min_element(ids, {}, &QString::size);
    const bool extended = std::ranges::all_of(
        ids, [&shortest](const QString &id) { return id.startsWith(shortest); });
    for (QString &id : ids) {
        if (!extended) {
            id = id.section(QLatin1Char('/'), -1);
            continue;
        }
        id.remove(0, shortest.size());
        while (!id.isEmpty() && !id.front().isLetterOrNumber())
            id.remove(0, 1);
    }
    return ids;
}

// Every label names its model where the offers are of several; those that read the same all the
// same get what tells them apart: model, tier, region, number format, the seller's own name.
void tellApart(std::vector<OfferMark> &marks, const std::vector<const Offer *> &offers)
{
    if (offers.empty())
        return;
    QStringList names;
    for (const Offer *offer : offers)
        names.append(offer->modelName);
    names = withoutCommonWords(names);
    const auto name = [&](std::size_t i) {
        marks[i].label += QStringLiteral(" (%1)").arg(names[static_cast<qsizetype>(i)]);
    };
    const bool oneModel = isOneModel(names);
    for (std::size_t i = 0; i < marks.size() && !oneModel; ++i)
        name(i);
    using Field = QString (*)(const Offer &);
    static constexpr std::array<Field, 3> kFields{
        [](const Offer &o) { return o.serviceTier; },
        [](const Offer &o) { return o.region; },
        [](const Offer &o) {
            return o.quantization == QLatin1String("unknown") ? QString() : o.quantization;
        },
    };
    const auto differ = [&](const std::vector<std::size_t> &group, auto field) {
        return std::ranges::any_of(group, [&](std::size_t i) {
            return field(*offers[i]) != field(*offers[group.front()]);
        });
    };
    for (const std::vector<std::size_t> &group : alike(marks)) {
        if (oneModel && differ(group, [](const Offer &o) { return o.modelName; }))
            std::ranges::for_each(group, name);
    }
    const auto add = [&](std::size_t i, const QString &word) {
        if (!word.isEmpty())
            marks[i].label += QLatin1Char(' ') + word;
    };
    for (const Field field : kFields) {
        for (const std::vector<std::size_t> &group : alike(marks)) {
            if (!differ(group, field))
                continue;
            for (const std::size_t i : group)
                add(i, field(*offers[i]));
        }
    }
    for (const std::vector<std::size_t> &group : alike(marks)) {
        const QStringList ids = sellersNames(group, offers);
        for (std::size_t k = 0; k < group.size(); ++k)
            add(group[k], ids[static_cast<qsizetype>(k)]);
    }
}

void addSchedules(std::vector<OfferMark> &marks, const Offer &offer, const OfferMark &usual,
                  const Prices &prices, const Scenario &scenario)
{
    for (const PriceRule &rule : offer.card.rules) {
        if (!rule.schedule || scenario.workload.contextTokens <= rule.aboveInputTokens)
            continue;
        OfferMark mark = markOf(offer, overlaid(prices, rule), scenario);
        mark.variant = rule.schedule->name;
        mark.label = usual.label + QLatin1Char(' ') + mark.variant;
        marks.push_back(std::move(mark));
    }
}

// Windows are compared with that of the seller who made the model, where he sells it himself.
void setContextRatios(std::vector<OfferMark> &marks, const std::vector<const Offer *> &offers)
{
    const auto own = std::ranges::find_if(offers, [](const Offer *offer) {
        return offer->contextWindow && offer->via.isEmpty() &&
               offer->family.startsWith(offer->provider);
    });
    if (own == offers.end() || *(*own)->contextWindow <= 0)
        return;
    for (OfferMark &mark : marks) {
        if (mark.contextWindow)
            mark.contextRatio = static_cast<double>(*mark.contextWindow) /
                                static_cast<double>(*(*own)->contextWindow);
    }
}

} // namespace

std::vector<OfferMark> offerMarks(const Catalog &catalog, const Scenario &scenario)
{
    const std::vector<const Offer *> offers = catalog.offersOf(scenario.offers);
    std::vector<OfferMark> marks;
    std::vector<Prices> prices;
    marks.reserve(offers.size());
    for (const Offer *offer : offers) {
        prices.push_back(pricesOfLength(offer->card, scenario.workload.contextTokens));
        marks.push_back(markOf(*offer, prices.back(), scenario));
    }
    tellApart(marks, offers);
    for (std::size_t i = 0; i < offers.size(); ++i)
        addSchedules(marks, *offers[i], OfferMark(marks[i]), prices[i], scenario);
    setContextRatios(marks, offers);
    const auto byPrice = [](const OfferMark &mark) {
        const std::optional<engine::MicroUsd> price = mark.blended ? mark.blended : mark.blendedLow;
        return std::tuple(!price.has_value(), price.value_or(0), mark.label, mark.variant);
    };
    std::ranges::stable_sort(marks, {}, byPrice);
    return marks;
}

std::vector<OfferRelation> offerRelations(const Catalog &catalog,
                                          const std::vector<OfferMark> &marks)
{
    const auto find = [&marks](const QString &id) {
        return std::ranges::find_if(marks, [&id](const OfferMark &mark) {
            return mark.id == id && mark.variant.isEmpty();
        });
    };
    std::vector<OfferRelation> relations;
    for (const WaitRelation &claim : catalog.relations) {
        const auto offer = find(claim.offer);
        const auto versus = find(claim.versus);
        if (offer == marks.end() || versus == marks.end())
            continue;
        OfferRelation relation{claim.offer, claim.versus, claim.differenceMs, std::nullopt,
                               claim.text};
        if (offer->blended && versus->blended && *versus->blended > 0)
            relation.priceRatio =
                static_cast<double>(*offer->blended) / static_cast<double>(*versus->blended);
        relations.push_back(std::move(relation));
    }
    return relations;
}

} // namespace app
