// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/gates.h"

#include <algorithm>

#include <QStringList>

#include "app/catalog/price_text.h"

namespace app {
namespace {

__extension__ using Wide = __int128;

constexpr Pico kDearest = 1'000'000'000; // $1,000 per million
constexpr Pico kCheapest = 500;          // $0.0005 per million
constexpr std::int64_t kJump = 8;
constexpr std::int64_t kOutlier = 50;
constexpr std::size_t kFewestToCompare = 4; // a median of fewer says nothing
constexpr double kLeastShare = 0.70;        // of the offers of the last list
constexpr double kMostLost = 0.20;          // of the records that had a figure
constexpr int kFewestThatHadIt = 5;
constexpr double kMostHeld = 0.05;
constexpr int kFewestHeld = 3;

bool farApart(Pico a, Pico b, std::int64_t factor)
{
    return Wide(a) >= Wide(b) * factor || Wide(b) >= Wide(a) * factor;
}

} // namespace

BaseFigures baseOf(const FilePrice &price)
{
    BaseFigures figures;
    for (const FileComponent &component : price.components) {
        if (component.aboveInputTokens != 0 || !component.schedule.isEmpty())
            continue;
        if (component.component == QLatin1String("input"))
            figures.input = component.amount;
        else if (component.component == QLatin1String("output"))
            figures.output = component.amount;
        else if (component.component == QLatin1String("cache_read"))
            figures.cacheRead = component.amount;
    }
    return figures;
}

QString figuresText(const BaseFigures &figures)
{
    QStringList parts;
    const auto add = [&parts](const std::optional<Pico> &amount, const char *word) {
        if (amount)
            parts.append(priceText(*amount) + QLatin1Char(' ') + QLatin1String(word));
    };
    add(figures.input, "in");
    add(figures.output, "out");
    add(figures.cacheRead, "cached");
    return parts.join(QStringLiteral(", "));
}

const FilePrice *priceAt(const ForeignOffer &offer, UnixSeconds at)
{
    const FilePrice *holding = nullptr;
    for (const FilePrice &price : offer.offer.prices) {
        const bool began = !price.from || *price.from <= at;
        if (began && price.status != QLatin1String("cancelled") &&
            (!holding || price.from >= holding->from))
            holding = &price;
    }
    return holding;
}

Gates::Gates(const ForeignFile &file, const KnownState &known, UnixSeconds at)
    : m_file(file), m_known(known), m_at(at)
{
    m_inputs = known.inputsByModel;
    for (const ForeignOffer &offer : file.offers) {
        const FilePrice *price = priceAt(offer, at);
        if (!price || price->currency != QLatin1String("USD"))
            continue;
        if (const auto input = baseOf(*price).input)
            m_inputs[looseKey(offer.modelKey)].push_back(*input);
    }
    for (auto &[model, inputs] : m_inputs)
        std::sort(inputs.begin(), inputs.end());
}

std::optional<Refusal> Gates::outOfRange(const BaseFigures &now) const
{
    for (const auto &amount : {now.input, now.output, now.cacheRead}) {
        if (!amount)
            continue;
        if (*amount > kDearest)
            return Refusal{QStringLiteral("a price above 1,000 per million"), {}, {}};
        if (*amount < kCheapest)
            return Refusal{QStringLiteral("a price below 0.0005 per million"), {}, {}};
    }
    if (now.input && now.cacheRead && *now.cacheRead > *now.input)
        return Refusal{QStringLiteral("a cached token dearer than a plain one"), {}, {}};
    return std::nullopt;
}

std::optional<Refusal> Gates::jumps(const BaseFigures &before, const BaseFigures &now) const
{
    const std::pair<std::optional<Pico>, std::optional<Pico>> pairs[] = {
        {before.input, now.input}, {before.output, now.output}};
    for (const auto &[was, is] : pairs) {
        if (was && is && farApart(*was, *is, kJump))
            return Refusal{QStringLiteral("a change of 8 times or more"), {}, {}};
        if (was && !is)
            return Refusal{QStringLiteral("a price that fell to nothing"), {}, {}};
    }
    return std::nullopt;
}

std::optional<Refusal> Gates::outlier(const ForeignOffer &offer, const BaseFigures &now) const
{
    const auto inputs = m_inputs.find(looseKey(offer.modelKey));
    if (!now.input || inputs == m_inputs.end() || inputs->second.size() < kFewestToCompare)
        return std::nullopt;
    const Pico median = inputs->second[inputs->second.size() / 2];
    if (!farApart(*now.input, median, kOutlier + 1))
        return std::nullopt;
    return Refusal{QStringLiteral("over 50 times away from what others ask for this model"),
                   priceText(median) + QStringLiteral(" in at the median"),
                   {}};
}

bool Gates::agreed(const ForeignOffer &offer, const FilePrice &price, const BaseFigures &now) const
{
    const QString key = offerKey(offer.offer);
    // Hashing every card of a list would cost more than all other gates.
    if (!m_known.reviewed.empty()) {
        const auto review = m_known.reviewed.find({key, cardHash(price)});
        if (review != m_known.reviewed.end() && review->second.accepted)
            return true;
    }
    const auto others = m_known.others.find(key);
    return others != m_known.others.end() &&
           std::any_of(others->second.begin(), others->second.end(), [&](const OtherPrice &other) {
               return now.input && other.figures.input == now.input &&
                      other.figures.output == now.output;
           });
}

std::optional<Refusal> Gates::judge(const ForeignOffer &offer, const KnownOffer *known) const
{
    const bool priced = known && (known->current.input || known->current.output);
    const auto withFigures = [&](Refusal refusal, const QString &after) {
        if (refusal.before.isEmpty() && priced)
            refusal.before = figuresText(known->current);
        if (refusal.after.isEmpty())
            refusal.after = after;
        return refusal;
    };
    const FilePrice *held = priceAt(offer, m_at);
    if (!held) {
        const bool given = offer.offer.tier == QLatin1String("free") ||
                           offer.offer.tier == QLatin1String("subscription");
        if (priced && !given)
            return withFigures({QStringLiteral("a price that fell to nothing"), {}, {}},
                               QStringLiteral("none"));
        return std::nullopt;
    }
    const FilePrice &price = *held;
    const BaseFigures now = baseOf(price);
    const QString after = figuresText(now);
    for (const FilePrice &each : offer.offer.prices) {
        if (auto refusal = outOfRange(baseOf(each)); refusal && !agreed(offer, each, baseOf(each)))
            return withFigures(*refusal, figuresText(baseOf(each)));
    }
    if (agreed(offer, price, now))
        return std::nullopt;
    if (known && known->limits && known->limits->contextWindow && !offer.offer.limits.empty() &&
        offer.offer.limits.front().contextWindow &&
        *offer.offer.limits.front().contextWindow * 2 < *known->limits->contextWindow)
        return withFigures({QStringLiteral("a context window cut by more than half"),
                            QString::number(*known->limits->contextWindow),
                            QString::number(*offer.offer.limits.front().contextWindow)},
                           after);
    if (auto refusal = priced ? jumps(known->current, now) : std::nullopt)
        return withFigures(*refusal, after);
    if (auto refusal = outlier(offer, now))
        return withFigures(*refusal, after);
    return std::nullopt;
}

std::optional<QString> Gates::shrinks() const
{
    if (!m_file.complete || !m_known.lastCount ||
        double(m_file.offers.size()) >= kLeastShare * *m_known.lastCount)
        return std::nullopt;
    return QStringLiteral("It lists %1 offers where the last one had %2, fewer than 70%; if that "
                          "is right, import it with --force.")
        .arg(m_file.offers.size())
        .arg(*m_known.lastCount);
}

std::optional<QString> Gates::changesShape() const
{
    struct Figure
    {
        const char *name;
        int had = 0;
        int lost = 0;
    };
    Figure figures[] = {{"input price"}, {"output price"}, {"cached price"}, {"context window"}};
    const auto count = [](Figure &figure, bool had, bool has) {
        figure.had += had ? 1 : 0;
        figure.lost += had && !has ? 1 : 0;
    };
    for (const ForeignOffer &offer : m_file.offers) {
        const auto known = m_known.bySource.find({m_file.source, offerKey(offer.offer)});
        if (known == m_known.bySource.end())
            continue;
        const BaseFigures &was = known->second.current;
        const FilePrice *price = priceAt(offer, m_at);
        const BaseFigures is = price ? baseOf(*price) : BaseFigures{};
        count(figures[0], was.input.has_value(), is.input.has_value());
        count(figures[1], was.output.has_value(), is.output.has_value());
        count(figures[2], was.cacheRead.has_value(), is.cacheRead.has_value());
        const bool hadWindow = known->second.limits && known->second.limits->contextWindow;
        count(figures[3], hadWindow,
              !offer.offer.limits.empty() && offer.offer.limits.front().contextWindow.has_value());
    }
    for (const Figure &figure : figures) {
        if (figure.had >= kFewestThatHadIt && figure.lost > kMostLost * figure.had)
            return QStringLiteral("The format seems to have changed: the %1 is gone from %2 of %3 "
                                  "records that had it.")
                .arg(QLatin1String(figure.name))
                .arg(figure.lost)
                .arg(figure.had);
    }
    return std::nullopt;
}

std::optional<QString> Gates::holdsTooMany(int held) const
{
    if (held < kFewestHeld || held <= kMostHeld * double(m_file.offers.size()))
        return std::nullopt;
    return QStringLiteral("%1 of its %2 records look wrong, over 5%; that is an error of unit or "
                          "format, not a change of prices.")
        .arg(held)
        .arg(m_file.offers.size());
}

} // namespace app
