// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/providers_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/views/words.h"

namespace ui {
namespace {

constexpr std::array kMixes{1.0, 3.0, 10.0};
constexpr int kColumnWidth = 400;
constexpr double kMicro = 1e6;
constexpr double kSameWindow = 1.1; // 128,000 and 131,072 are one entry of the key

// One offer may stand twice: at its plain price and at its off-peak one.
QString offerKey(const app::OfferMark &offer)
{
    return offer.variant.isEmpty() ? offer.id : offer.id + QLatin1Char('|') + offer.variant;
}

const app::OfferMark *findOffer(const app::Findings &findings, const QString &key)
{
    for (const app::OfferMark &offer : findings.offers) {
        if (offerKey(offer) == key)
            return &offer;
    }
    return nullptr;
}

double dollars(engine::MicroUsd amount)
{
    return static_cast<double>(amount) / kMicro;
}

Bubble bubbleOf(const app::OfferMark &offer, const QString &selected)
{
    Bubble bubble;
    bubble.id = offerKey(offer);
    bubble.name = offer.label;
    if (offer.blended) {
        bubble.x = dollars(*offer.blended);
        bubble.note = formatPrice(offer.blended).text();
    } else {
        bubble.xRange = Range{dollars(*offer.blendedLow), dollars(*offer.blendedHigh)};
        bubble.x = std::sqrt(bubble.xRange->lo * bubble.xRange->hi);
    }
    if (offer.wait != app::WaitKind::NotPublished)
        bubble.y = offer.ttftMs;
    bubble.open = offer.wait == app::WaitKind::AtMost    ? OpenSide::Down
                  : offer.wait == app::WaitKind::AtLeast ? OpenSide::Up
                                                         : OpenSide::None;
    bubble.weight = static_cast<double>(offer.contextWindow.value_or(32'000));
    const app::Evidence evidence =
        offer.wait == app::WaitKind::NotPublished ? offer.priceEvidence : offer.waitEvidence;
    bubble.kind = provenanceOf(evidence).value_or(Provenance::Observed);
    bubble.selected = bubble.id == selected;
    return bubble;
}

// At most four windows for the key, from the smallest that is offered to the largest, in thousands.
QList<double> windowKey(const app::Findings &findings)
{
    QList<double> sizes;
    for (const app::OfferMark &offer : findings.offers) {
        if (offer.contextWindow && (offer.blended || offer.blendedLow))
            sizes.append(std::round(static_cast<double>(*offer.contextWindow) / 1e3) * 1e3);
    }
    std::sort(sizes.begin(), sizes.end(), std::greater<>());
    sizes.erase(std::unique(sizes.begin(), sizes.end(),
                            [](double a, double b) { return a < b * kSameWindow; }),
                sizes.end());
    std::reverse(sizes.begin(), sizes.end());
    constexpr qsizetype kMostEntries = 4;
    if (sizes.size() <= kMostEntries)
        return sizes;
    QList<double> key;
    for (qsizetype i = 0; i < kMostEntries; ++i)
        key.append(sizes[i * (sizes.size() - 1) / (kMostEntries - 1)]);
    return key;
}

} // namespace

ProvidersView::ProvidersView(app::Explorer *explorer, QWidget *parent)
    : QWidget(parent), m_explorer(explorer)
{
    m_plotCard = buildPlotCard();
    m_column = buildColumn();
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plotCard, 1);
    layout->addWidget(m_column);
    setLayoutFor(true, 12);
}

QWidget *ProvidersView::buildPlotCard()
{
    auto *card = new QWidget(this);
    auto *title = new TextLabel(Type::Title, Tone::Text1, card);
    title->setText(tr("Providers"));
    m_asOf = new TextLabel(Type::Axis, Tone::Text3, card);
    m_day = new SegmentedSwitch({tr("July 2025"), tr("Today")}, card);
    m_day->setObjectName(QStringLiteral("providersDay"));
    m_day->setAccessibleName(tr("Prices of"));
    auto *mixLabel = new TextLabel(Type::Axis, Tone::Text3, card);
    mixLabel->setText(tr("Mix in : out"));
    m_mix = new SegmentedSwitch({tr("1 : 1"), tr("3 : 1"), tr("10 : 1")}, card);
    m_mix->setObjectName(QStringLiteral("providersMix"));
    m_mix->setAccessibleName(tr("Mix in : out"));
    m_page = new SegmentedSwitch({tr("Chart"), tr("Offers")}, card);
    m_page->setObjectName(QStringLiteral("providersPage"));
    auto *head = new QHBoxLayout;
    head->setSpacing(12);
    head->addWidget(title);
    head->addWidget(m_page);
    head->addWidget(m_asOf);
    head->addStretch(1);
    head->addWidget(m_day);
    head->addWidget(mixLabel);
    head->addWidget(m_mix);

    m_sentence = new VerdictBanner(card);
    m_ownNote = new VerdictBanner(card);
    m_ownNote->setObjectName(QStringLiteral("ownNote"));
    m_setPrice = m_ownNote->addLink(tr("Set the price"));
    m_setPrice->setObjectName(QStringLiteral("providersSetPrice"));
    connect(m_setPrice, &QAbstractButton::clicked, this, &ProvidersView::priceEditRequested);

    m_plot = new ScatterPlot(card);
    m_plot->setObjectName(QStringLiteral("providersPlot"));
    m_plot->setAccessibleName(tr("Offers by price and wait"));
    m_plot->setHeading({tr("Time to first token"), tr("against the price of a million tokens")});
    m_plot->setLaneTitle(tr("Wait not published: price only"));
    Axis x;
    x.labels = LabelKind::Dollars;
    x.title = tr("Blended price, $ per million tokens");
    m_plot->setXAxis(x);
    Axis y;
    y.labels = LabelKind::Milliseconds;
    y.valueText = [](double ms) { return formatDuration(ms / 1e3).text(); };
    m_plot->setYAxis(y);

    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(head);
    layout->addWidget(m_sentence);
    layout->addWidget(m_ownNote);
    layout->addWidget(m_plot, 1);

    connect(m_mix, &SegmentedSwitch::chosen, this, [this](int index) {
        app::Scenario scenario = m_explorer->scenario();
        scenario.inputPerOutput = kMixes.at(static_cast<std::size_t>(index));
        m_explorer->setScenario(scenario);
    });
    connect(m_day, &SegmentedSwitch::chosen, this, [this](int index) {
        m_explorer->setScenario(
            app::onDay(m_explorer->scenario(), index == 0 ? app::summerDay() : QDate()));
    });
    connect(m_page, &SegmentedSwitch::chosen, this, [this](int index) {
        m_plot->setVisible(index == 0);
        m_column->setVisible(index == 1);
        setLayoutFor(m_large, m_column->layout()->spacing());
    });
    connect(m_plot, &ScatterPlot::bubbleHovered, this,
            [this](const QString &id) { showOffer(id.isEmpty() ? m_selected : id); });
    connect(m_plot, &ScatterPlot::bubbleClicked, this, &ProvidersView::pick);
    connect(m_plot, &Plot::dotActivated, this, [this](const QString &id) {
        app::Scenario scenario = m_explorer->scenario();
        scenario.workload.batch = std::max(1LL, id.toLongLong());
        m_explorer->setScenario(scenario);
    });
    return card;
}

QWidget *ProvidersView::buildColumn()
{
    auto *column = new QWidget(this);
    m_card = new OfferCard(column);
    auto *tableCard = new Card(column);
    auto *title = new TextLabel(Type::Heading, Tone::Text1, tableCard);
    title->setText(tr("Offers, by price"));
    m_table = new RowTable({tr("offer"), tr("blended"), tr("context")}, tableCard);
    m_table->setObjectName(QStringLiteral("offersTable"));
    m_table->setAccessibleName(title->text());
    auto *scroll = new QScrollArea(tableCard);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_table);
    auto *tableLayout = new QVBoxLayout(tableCard);
    tableLayout->setContentsMargins(12, 12, 8, 8);
    tableLayout->addWidget(title);
    tableLayout->addWidget(scroll, 1);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_card);
    layout->addWidget(tableCard, 1);
    connect(m_table, &RowTable::hovered, this,
            [this](const QString &id) { showOffer(id.isEmpty() ? m_selected : id); });
    connect(m_table, &RowTable::chosen, this, &ProvidersView::pick);
    return column;
}

void ProvidersView::setLayoutFor(bool large, int gap)
{
    m_large = large;
    layout()->setSpacing(gap);
    m_plotCard->layout()->setSpacing(gap);
    m_column->layout()->setSpacing(gap);
    m_column->setFixedWidth(large ? kColumnWidth : kColumnWidth - 60);
    m_page->setVisible(!large);
    const bool chart = large || m_page->current() == 0;
    m_plot->setVisible(chart);
    m_column->setVisible(large || !chart);
    m_asOf->setVisible(large);
}

void ProvidersView::setFindings(std::shared_ptr<const app::Findings> findings)
{
    m_findings = std::move(findings);
    if (isVisible())
        show(*m_findings);
    else
        m_stale = true;
}

void ProvidersView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_stale && m_findings)
        show(*m_findings);
}

void ProvidersView::setHeld(bool held)
{
    m_plot->setRangesHeld(held);
}

QString ProvidersView::mixText() const
{
    const double mix = m_findings ? m_findings->scenario.inputPerOutput : 3;
    return tr("%1 : 1").arg(QString::number(mix, 'g', 3));
}

void ProvidersView::show(const app::Findings &findings)
{
    m_stale = false;
    int mix = -1;
    for (std::size_t i = 0; i < kMixes.size(); ++i) {
        if (kMixes[i] == findings.scenario.inputPerOutput)
            mix = static_cast<int>(i);
    }
    m_mix->setCurrent(mix);
    const QDate day = findings.scenario.offersAsOf;
    m_day->setCurrent(!day.isValid() ? 1 : day == app::summerDay() ? 0 : -1);
    m_asOf->setText(findings.offersAsOf.isValid()
                        ? tr("as of %1").arg(findings.offersAsOf.toString(Qt::ISODate))
                        : QString());
    QStringList sentences;
    for (const app::Note &note : findings.notes) {
        if (note.kind == app::NoteKind::OffersSpread)
            sentences.append(noteText(note));
    }
    for (const app::OfferRelation &relation : findings.relations) {
        if (!relation.priceRatio || sentences.size() > 1)
            continue;
        // What the claim ties are the offers at their plain hours: an offer's key without a
        // variant.
        const app::OfferMark *offer = findOffer(findings, relation.offer);
        const app::OfferMark *versus = findOffer(findings, relation.versus);
        if (!offer || !versus)
            continue;
        sentences.append(
            tr("%1 asks %2 of %3's price and is said to begin %4 earlier (claimed).")
                .arg(offer->label, strong(formatRatio(relation.priceRatio).text()), versus->label,
                     strong(formatDuration(std::abs(relation.differenceMs) / 1e3).text())));
    }
    m_sentence->tell(Verdict::Note, sentences.join(QLatin1Char(' ')));
    m_sentence->setVisible(!sentences.isEmpty());
    if (m_selected.isEmpty() || !findOffer(findings, m_selected))
        m_selected = findings.offers.empty() ? QString() : offerKey(findings.offers.front());
    showBubbles(findings);
    showOwn(findings);
    showTable(findings);
    showOffer(m_selected);
}

void ProvidersView::showBubbles(const app::Findings &findings)
{
    QList<Bubble> bubbles;
    for (const app::OfferMark &offer : findings.offers) {
        if (offer.blended || (offer.blendedLow && offer.blendedHigh))
            bubbles.append(bubbleOf(offer, m_selected));
    }
    const QList<double> key = windowKey(findings);
    m_plot->setWeightKey(key.size() > 1 ? key : QList<double>(), tr("context"), LabelKind::Count);
    m_plot->setBubbles(bubbles);
    m_plot->setEmptyText(bubbles.isEmpty() ? tr("No offer of this model is known") : QString());
}

void ProvidersView::showOwn(const app::Findings &findings)
{
    PlotLine line;
    line.id = QStringLiteral("own");
    line.name = tr("yours: %1 on %2").arg(findings.modelName, findings.deviceName);
    line.label = tr("%1 on %2, as batch grows").arg(findings.modelName, findings.deviceName);
    line.emphasis = LineEmphasis::Selected;
    QList<PlotDot> dots;
    std::int64_t labelled = 0;
    for (const app::OwnMark &mark : findings.own) {
        line.points.append({mark.usdPerMillion, mark.ttftMs});
        // Powers of two name the curve; the scenario's own batch always does.
        const bool named = (mark.batch & (mark.batch - 1)) == 0;
        if (!named && !mark.atCursor)
            continue;
        PlotDot dot;
        dot.id = QString::number(mark.batch);
        dot.lineId = line.id;
        dot.name = line.name;
        dot.at = {mark.usdPerMillion, mark.ttftMs};
        dot.kind = provenanceOf(mark.evidence).value_or(Provenance::Estimated);
        dot.hollow = mark.evidence != app::Evidence::Measured;
        if (mark.atCursor || mark.batch >= labelled * 4 || labelled == 0) {
            dot.label =
                mark.atCursor ? tr("batch %1").arg(mark.batch) : QString::number(mark.batch);
            labelled = mark.batch;
        }
        dots.append(dot);
    }
    showOwnNote(findings);
    m_plot->setLines(line.points.size() > 1 ? QList<PlotLine>{line} : QList<PlotLine>{});
    m_plot->setDots(dots);
}

// Why the curve of our own hardware is missing.
void ProvidersView::showOwnNote(const app::Findings &findings)
{
    m_ownNote->setVisible(findings.own.empty());
    if (!findings.own.empty())
        return;
    const app::Absence absence = findings.readout(app::Metric::Cost).figure.absence;
    const bool noPrice = absence == app::Absence::NoPrice;
    m_setPrice->setVisible(noPrice);
    m_ownNote->tell(Verdict::Note,
                    noPrice ? tr("Your own curve is missing here: %1 has no price per hour.")
                                  .arg(strong(findings.deviceName))
                            : tr("Your own curve is missing here: %1 on %2, %3.")
                                  .arg(strong(findings.modelName), strong(findings.deviceName),
                                       absenceText(absence)));
}

void ProvidersView::showTable(const app::Findings &findings)
{
    QList<TableRow> rows;
    for (const app::OfferMark &offer : findings.offers) {
        const QString blended = blendedText(offer);
        rows.append({.id = offerKey(offer),
                     .kind = provenanceOf(offer.priceEvidence),
                     .cells = {offer.label, blended.isEmpty() ? absentText() : blended,
                               formatWindow(offer.contextWindow)}});
    }
    m_table->setRows(rows);
    m_table->setSelected(m_selected);
}

void ProvidersView::showOffer(const QString &id)
{
    if (!m_findings)
        return;
    if (const app::OfferMark *offer = findOffer(*m_findings, id))
        m_card->setOffer(*offer, mixText());
    else
        m_card->clear(tr("No offer of this model is known"));
}

void ProvidersView::pick(const QString &id)
{
    if (!m_findings || id.isEmpty())
        return;
    m_selected = id;
    m_table->setSelected(id);
    showBubbles(*m_findings);
    showOffer(id);
}

void ProvidersView::themeChanged()
{
    m_plot->setTheme(theme());
}

} // namespace ui
