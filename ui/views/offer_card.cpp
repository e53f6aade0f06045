// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/offer_card.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/views/words.h"

namespace ui {
namespace {

// Percentiles are told from this many samples on (below it, "99 of 100" has no meaning).
constexpr std::int64_t kFewestForP99 = 100;

QString priceText(const std::optional<std::int64_t> &price, const QString &currency)
{
    return price ? formatAsked(price, currency).text() : OfferCard::tr("not published");
}

QString sourceText(const QString &source, const QDate &date)
{
    if (!date.isValid())
        return source;
    return source + QStringLiteral(", ") + date.toString(Qt::ISODate);
}

QString missingP99Text(std::int64_t samples)
{
    return OfferCard::tr("%1 (%n requests are too few)", nullptr, static_cast<int>(samples))
        .arg(absentText());
}

void addPrices(QList<Fact> &facts, const app::OfferMark &offer, const QString &mixText)
{
    const auto price = [&](const QString &name, const std::optional<std::int64_t> &amount) {
        facts.append({name, priceText(amount, offer.currency), std::nullopt, false});
    };
    price(OfferCard::tr("Input"), offer.input);
    price(OfferCard::tr("Input, cache hit"), offer.cachedInput);
    price(OfferCard::tr("Output"), offer.output);
    const QString blended = blendedText(offer);
    facts.append({OfferCard::tr("Blended %1").arg(mixText),
                  blended.isEmpty() ? OfferCard::tr("not published") : blended,
                  provenanceOf(offer.priceEvidence), true});
    if (offer.cachePriceUnknown)
        facts.append({OfferCard::tr("Cache"), OfferCard::tr("no price: taken as plain input"),
                      std::nullopt, false});
    if (offer.blendedForeign)
        facts.append({OfferCard::tr("Currency"),
                      OfferCard::tr("%1: no exchange rate is set, so it is not on the chart")
                          .arg(offer.currency),
                      std::nullopt, false});
    if (!offer.priceText.isEmpty())
        facts.append({OfferCard::tr("Price in words"), offer.priceText, std::nullopt, false});
}

void addService(QList<Fact> &facts, const app::OfferMark &offer)
{
    facts.append({OfferCard::tr("Context window"),
                  offer.contextWindow
                      ? OfferCard::tr("%1 tokens").arg(formatWindow(offer.contextWindow))
                      : OfferCard::tr("not published"),
                  std::nullopt, false});
    if (offer.contextRatio && *offer.contextRatio != 1)
        facts.append({OfferCard::tr("Against its maker's"),
                      OfferCard::tr("%1 the window").arg(formatRatio(offer.contextRatio).text()),
                      std::nullopt, false});
    facts.append(
        {OfferCard::tr("First token"), waitText(offer), provenanceOf(offer.waitEvidence), false});
    if (offer.ttftP99Ms) {
        const std::int64_t samples = offer.waitSamples.value_or(kFewestForP99);
        facts.append({OfferCard::tr("First token, p99"),
                      samples < kFewestForP99 ? missingP99Text(samples)
                                              : formatDuration(*offer.ttftP99Ms / 1e3).text(),
                      std::nullopt, false});
    }
    if (offer.waitSamples)
        facts.append({OfferCard::tr("Requests"), significant(double(*offer.waitSamples)),
                      std::nullopt, false});
    facts.append({OfferCard::tr("Speed"),
                  offer.tokensPerSecond ? formatRate(offer.tokensPerSecond).text()
                                        : OfferCard::tr("not published"),
                  provenanceOf(offer.paceEvidence), false});
    if (!offer.waitText.isEmpty())
        facts.append({OfferCard::tr("In words"), offer.waitText, std::nullopt, false});
}

void addSources(QList<Fact> &facts, const app::OfferMark &offer)
{
    facts.append({OfferCard::tr("Price from"), sourceText(offer.source, offer.sourceDate),
                  std::nullopt, false});
    if (!offer.waitSource.isEmpty())
        facts.append({OfferCard::tr("Wait from"), sourceText(offer.waitSource, offer.waitDate),
                      std::nullopt, false});
    if (offer.sourcesDisagree)
        facts.append({OfferCard::tr("Note"), OfferCard::tr("another source says otherwise"),
                      std::nullopt, false});
    if (offer.datedAfterAsOf)
        facts.append({OfferCard::tr("Date"), OfferCard::tr("first known only after this day"),
                      std::nullopt, false});
}

} // namespace

OfferCard::OfferCard(QWidget *parent)
    : Card(parent),
      m_title(new TextLabel(Type::Heading, Tone::Text1, this)),
      m_subtitle(new TextLabel(Type::Axis, Tone::Text3, this)),
      m_badge(new Badge(Provenance::Observed, BadgeForm::Word, this)),
      m_facts(new FactRows(this))
{
    auto *head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    head->addWidget(m_badge, 0, Qt::AlignVCenter);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 14);
    layout->setSpacing(2);
    layout->addLayout(head);
    layout->addWidget(m_subtitle);
    layout->addSpacing(10);
    layout->addWidget(m_facts);
    layout->addStretch();
}

void OfferCard::setOffer(const app::OfferMark &offer, const QString &mixText)
{
    m_title->setText(offer.label);
    m_subtitle->setText(offer.modelName + QStringLiteral(" · ") +
                        tr("%1 per million tokens").arg(offer.currency));
    const std::optional<Provenance> kind = provenanceOf(offer.priceEvidence);
    m_badge->setVisible(kind.has_value());
    if (kind)
        m_badge->setKind(*kind);
    QList<Fact> facts;
    addPrices(facts, offer, mixText);
    addService(facts, offer);
    addSources(facts, offer);
    m_facts->setFacts(facts);
}

void OfferCard::clear(const QString &sentence)
{
    m_title->setText(sentence);
    m_subtitle->setText({});
    m_badge->hide();
    m_facts->setFacts({});
}

} // namespace ui
