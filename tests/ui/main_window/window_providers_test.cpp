// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLineEdit>
#include <QSet>
#include <QTest>

#include "tests/ui/main_window/window_stage.h"
#include "ui/main_window/main_window.h"
#include "ui/plot/plot.h"
#include "ui/views/providers_view.h"
#include "ui/views/scenario_panel.h"

class WindowProvidersTest : public tests::WindowTest
{
    Q_OBJECT

private slots:
    void ProvidersShowTheCardOfTheChosenOffer();
    void DaySwitchBringsTheOffersOfTheDayAndIsUndone();
    void NoTwoOffersReadTheSame();
    void MissingOwnCurveIsExplained();
    void YuanAreListedButNotDrawn();
};

void WindowProvidersTest::ProvidersShowTheCardOfTheChosenOffer()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(QStringLiteral("providers"));
    tests::show(window, {1920, 1080});
    ui::RowTable *table = window.providers()->table();
    QVERIFY(table->rows().size() >= 3);
    QTest::mouseClick(table, Qt::LeftButton, {}, table->rowRect(2).center().toPoint());
    QCOMPARE(window.providers()->selectedOffer(), table->rows()[2].id);
    QStringList values;
    for (const ui::Fact &fact : window.providers()->card()->facts())
        values.append(fact.value);
    QVERIFY(values.contains(table->rows()[2].cells[1]));
    const QString before = table->rows()[0].cells[1];
    ui::SegmentedSwitch *mix = window.providers()->mixSwitch();
    QTest::mouseClick(mix, Qt::LeftButton, {}, QPoint(8, mix->height() / 2));
    fixture.explorer.evaluateNow();
    QCOMPARE(fixture.explorer.scenario().inputPerOutput, 1.0);
    QVERIFY(table->rows()[0].cells[1] != before);
}

void WindowProvidersTest::DaySwitchBringsTheOffersOfTheDayAndIsUndone()
{
    tests::WindowFixture fixture;
    fixture.followDay();
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(QStringLiteral("providers"));
    tests::show(window, {1280, 800});
    ui::SegmentedSwitch *day = window.providers()->daySwitch();
    QCOMPARE(day->current(), 0);
    const QString summer = window.providers()->sentence();
    QTest::mouseClick(day, Qt::LeftButton, {}, QPoint(day->width() - 8, day->height() / 2));
    fixture.explorer.evaluateNow();
    QCOMPARE(day->current(), 1);
    QVERIFY(!fixture.explorer.scenario().offersAsOf.isValid());
    QVERIFY(window.providers()->sentence() != summer);
    QStringList models;
    for (const app::OfferMark &offer : fixture.explorer.findings()->offers) {
        QVERIFY(!offer.modelName.contains(QLatin1String("R1")));
        models.append(offer.modelName);
    }
    QVERIFY(models.contains(QStringLiteral("DeepSeek V4-Pro")));
    fixture.explorer.undo();
    fixture.explorer.evaluateNow();
    QCOMPARE(day->current(), 0);
    QCOMPARE(window.providers()->sentence(), summer);
}

void WindowProvidersTest::NoTwoOffersReadTheSame()
{
    tests::WindowFixture fixture;
    fixture.followDay();
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(QStringLiteral("providers"));
    tests::show(window, {1920, 1080});
    for (const int day : {0, 1}) {
        emit window.providers()->daySwitch()->chosen(day);
        fixture.explorer.evaluateNow();
        QStringList labels;
        for (const ui::TableRow &row : window.providers()->table()->rows())
            labels.append(row.cells[0]);
        QVERIFY(labels.size() > 3);
        QCOMPARE(QSet<QString>(labels.begin(), labels.end()).size(), labels.size());
    }
    // Several models are sold today: every label names its own.
    for (const app::OfferMark &offer : fixture.explorer.findings()->offers)
        QVERIFY2(offer.label.contains(QStringLiteral("V4")), qPrintable(offer.label));
}

void WindowProvidersTest::MissingOwnCurveIsExplained()
{
    tests::WindowFixture fixture;
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(QStringLiteral("providers"));
    tests::show(window, {1280, 800});
    window.activateWindow();
    ui::VerdictBanner *note = window.providers()->ownNote();
    QVERIFY(!note->isVisible());
    QCOMPARE(window.providers()->plot()->lineCount(), 1);
    app::Scenario scenario = fixture.explorer.scenario();
    scenario.usdPerHour = 0;
    fixture.explorer.setScenario(scenario);
    fixture.explorer.evaluateNow();
    QCOMPARE(window.providers()->plot()->lineCount(), 0);
    QVERIFY(note->isVisible());
    QVERIFY(note->sentence().contains(QStringLiteral("no price per hour")));
    auto *set = window.findChild<QAbstractButton *>(QStringLiteral("providersSetPrice"));
    QVERIFY(set->isVisible());
    QTest::mouseClick(set, Qt::LeftButton);
    QVERIFY(window.panel()->price()->field()->hasFocus());
}

void WindowProvidersTest::YuanAreListedButNotDrawn()
{
    tests::WindowFixture fixture;
    fixture.followDay();
    ui::MainWindow window(&fixture.explorer, &fixture.runner);
    window.showView(QStringLiteral("providers"));
    tests::show(window, {1920, 1080});
    emit window.providers()->daySwitch()->chosen(1);
    fixture.explorer.evaluateNow();
    int yuan = 0;
    int drawn = 0;
    for (const app::OfferMark &offer : fixture.explorer.findings()->offers) {
        drawn += offer.blended || offer.blendedLow ? 1 : 0;
        if (offer.currency != QLatin1String("CNY"))
            continue;
        ++yuan;
        QVERIFY(!offer.blended);
        for (const ui::TableRow &row : window.providers()->table()->rows()) {
            if (row.cells[0] == offer.label)
                QVERIFY2(row.cells[1].startsWith(QChar(0xA5)), qPrintable(row.cells[1]));
        }
        window.providers()->table()->chosen(offer.id);
        QStringList facts;
        for (const ui::Fact &fact : window.providers()->card()->facts())
            facts.append(fact.value);
        QVERIFY(facts.join(QLatin1Char('|')).contains(QStringLiteral("no exchange rate is set")));
    }
    QVERIFY(yuan > 0);
    QCOMPARE(window.providers()->plot()->bubbleCount() + window.providers()->plot()->laneCount(),
             drawn);
}

QTEST_MAIN(WindowProvidersTest)
#include "window_providers_test.moc"
