// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSet>
#include <QTest>

#include "app/explore/offer_marks.h"
#include "tests/app/explore/samples.h"

namespace {

using app::Evidence;
using app::WaitKind;

class OfferMarksTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".")));
        m_catalog = samples::catalog();
        m_scenario = {};
        m_scenario.offers = QStringLiteral("maker-r1");
    }

    void everyOfferAndEveryScheduleIsAMarkCheapestFirst()
    {
        const std::vector<app::OfferMark> marks = app::offerMarks(m_catalog, m_scenario);
        QCOMPARE(marks.size(), std::size_t(3));
        // 3 : 1 by hand: (3 x 0.135 + 0.55) / 4, (3 x 0.55 + 2.19) / 4, (3 x 1.35 + 5.4) / 4.
        QCOMPARE(*marks[0].blended, 238'750);
        QCOMPARE(marks[0].variant, QStringLiteral("off-peak"));
        QCOMPARE(*marks[1].blended, 960'000);
        QCOMPARE(marks[1].variant, QString());
        QCOMPARE(*marks[2].blended, 2'362'500);
        QCOMPARE(marks[2].label, QStringLiteral("Host"));
        QCOMPARE(marks[2].priceEvidence, Evidence::Observed);
    }

    void mixAndCachedShareReprice()
    {
        m_scenario.inputPerOutput = 1;
        m_scenario.cachedShare = 0.5;
        const std::vector<app::OfferMark> marks = app::offerMarks(m_catalog, m_scenario);
        // (0.5 x 0.55 + 0.5 x 0.14 + 2.19) / 2; the host has no cache price: plain input.
        QCOMPARE(*marks[1].blended, 1'267'500);
        QVERIFY(!marks[1].cachePriceUnknown);
        QCOMPARE(*marks[2].blended, 3'375'000);
        QVERIFY(marks[2].cachePriceUnknown);
    }

    void aWaitIsAFigureABoundOrNotPublished()
    {
        std::vector<app::OfferMark> marks = app::offerMarks(m_catalog, m_scenario);
        QCOMPARE(marks[1].wait, WaitKind::AtLeast);
        QCOMPARE(*marks[1].ttftMs, 25'000.0);
        QCOMPARE(marks[1].waitEvidence, Evidence::Claimed);
        QCOMPARE(marks[2].wait, WaitKind::Observed);
        QCOMPARE(*marks[2].ttftMs, 800.0);
        QCOMPARE(*marks[2].waitSamples, 120);
        m_catalog.offers[0].wait = {};
        marks = app::offerMarks(m_catalog, m_scenario);
        QCOMPARE(marks[2].wait, WaitKind::NotPublished);
        QVERIFY(!marks[2].ttftMs);
    }

    void aPriceThatIsNotPublishedIsNoZeroAndComesLast()
    {
        m_catalog.offers[0].card.base.output.reset();
        std::vector<app::OfferMark> marks = app::offerMarks(m_catalog, m_scenario);
        QVERIFY(!marks[2].blended);
        QCOMPARE(marks[2].priceEvidence, Evidence::None);
        app::BlendedRange range{2'000'000, 4'000'000, QStringLiteral("2 to 4"), {}};
        range.provenance.kind = app::FigureKind::Claimed;
        m_catalog.offers[0].blendedRange = range;
        marks = app::offerMarks(m_catalog, m_scenario);
        QVERIFY(!marks[2].blended);
        QCOMPARE(*marks[2].blendedLow, 2'000'000);
        QCOMPARE(*marks[2].blendedHigh, 4'000'000);
        QCOMPARE(marks[2].priceEvidence, Evidence::Claimed);
    }

    void anotherCurrencyIsNotTakenForDollars()
    {
        m_catalog.offers[1].card.currency = QStringLiteral("CNY");
        const std::vector<app::OfferMark> marks = app::offerMarks(m_catalog, m_scenario);
        QCOMPARE(marks[0].label, QStringLiteral("Host"));
        QVERIFY(!marks[1].blended);
        QCOMPARE(marks[1].currency, QStringLiteral("CNY"));
        QCOMPARE(*marks[1].input, 550'000);
        QCOMPARE(*marks[1].blendedForeign, 960'000); // (3 x 0.55 + 2.19) / 4, in yuan
    }

    void aLongPromptTakesThePriceOfItsTier()
    {
        app::PriceRule tier;
        tier.aboveInputTokens = 2048;
        tier.prices.input = 2'700'000;
        m_catalog.offers[0].card.rules.push_back(tier);
        m_scenario.workload.contextTokens = 2048;
        QCOMPARE(*app::offerMarks(m_catalog, m_scenario)[2].blended, 2'362'500);
        m_scenario.workload.contextTokens = 2049;
        QCOMPARE(*app::offerMarks(m_catalog, m_scenario)[2].blended, 3'375'000);
    }

    void windowsAreComparedWithTheMakersOwn()
    {
        const std::vector<app::OfferMark> marks = app::offerMarks(m_catalog, m_scenario);
        QCOMPARE(*marks[1].contextRatio, 1.0);
        QCOMPARE(*marks[2].contextRatio, 2.0);
    }

    void offersThatReadTheSameAreToldApart()
    {
        app::Offer fast = m_catalog.offers[0];
        fast.id = QStringLiteral("host/r1-fast");
        fast.serviceTier = QStringLiteral("fast");
        m_catalog.offers.push_back(fast);
        const QStringList labels = labelsShown();
        QVERIFY(labels.contains(QStringLiteral("Host fast")));
        QVERIFY(labels.contains(QStringLiteral("Host standard")));
        QVERIFY(labels.contains(QStringLiteral("Maker off-peak")));
    }

    void modelsAreToldApartByWhatDiffers()
    {
        app::Offer later = m_catalog.offers[0];
        later.id = QStringLiteral("host/r1-0528");
        later.modelName = QStringLiteral("Maker R1-0528");
        m_catalog.offers[0].modelName = QStringLiteral("Maker R1");
        m_catalog.offers[1].modelName = QStringLiteral("Maker R1");
        m_catalog.offers.push_back(later);
        const QStringList labels = labelsShown();
        QVERIFY(labels.contains(QStringLiteral("Host (R1)")));
        QVERIFY(labels.contains(QStringLiteral("Host (R1-0528)")));
    }

    void everyLabelNamesItsModelWhereSeveralAreShown()
    {
        app::Offer other = m_catalog.offers[0];
        other.id = QStringLiteral("host/v4-pro");
        other.provider = other.providerName = QStringLiteral("Third");
        other.modelName = QStringLiteral("Maker V4-Pro");
        m_catalog.offers[0].modelName = QStringLiteral("Maker V4-Flash");
        m_catalog.offers[1].modelName = QStringLiteral("Maker V4-Flash");
        m_catalog.offers.push_back(other);
        const QStringList labels = labelsShown();
        QVERIFY2(labels.contains(QStringLiteral("Third (V4-Pro)")), qPrintable(labels.join(u'|')));
        QVERIFY(labels.contains(QStringLiteral("Host (V4-Flash)")));
        QVERIFY(labels.contains(QStringLiteral("Maker (V4-Flash)")));
    }

    void theSellersOwnNameTellsApartWhatNothingElseDoes()
    {
        app::Offer alias = m_catalog.offers[0];
        alias.id = QStringLiteral("host/alias");
        alias.providerModelId = QStringLiteral("alias");
        m_catalog.offers[0].providerModelId = QStringLiteral("maker-r1");
        m_catalog.offers.push_back(alias);
        const QStringList labels = labelsShown();
        QVERIFY2(labels.contains(QStringLiteral("Host alias")), qPrintable(labels.join(u'|')));
        QVERIFY(labels.contains(QStringLiteral("Host maker-r1")));
        m_catalog.offers.back().providerModelId = QStringLiteral("maker-r1-turbo");
        const QStringList longer = labelsShown();
        QVERIFY2(longer.contains(QStringLiteral("Host turbo")), qPrintable(longer.join(u'|')));
        QVERIFY(longer.contains(QStringLiteral("Host")));
        QCOMPARE(QSet<QString>(labels.begin(), labels.end()).size(), labels.size());
    }

    void aClaimTiesTwoMarksByWaitAndPrice()
    {
        const std::vector<app::OfferMark> marks = app::offerMarks(m_catalog, m_scenario);
        const std::vector<app::OfferRelation> relations = app::offerRelations(m_catalog, marks);
        QCOMPARE(relations.size(), std::size_t(1));
        QCOMPARE(relations[0].differenceMs, -25'000.0);
        QCOMPARE(*relations[0].priceRatio, 2.4609375); // 2.3625 / 0.96
        QVERIFY(app::offerRelations(m_catalog, {marks[0], marks[2]}).empty());
    }

private:
    QStringList labelsShown() const
    {
        QStringList labels;
        for (const app::OfferMark &mark : app::offerMarks(m_catalog, m_scenario))
            labels.append(mark.label);
        return labels;
    }

    app::Catalog m_catalog;
    app::Scenario m_scenario;
};

} // namespace

QTEST_GUILESS_MAIN(OfferMarksTest)
#include "offer_marks_test.moc"
