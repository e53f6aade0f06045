// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>

#include "ui/views/offer_card.h"
#include "ui/views/rail.h"
#include "ui/views/readout_strip.h"
#include "ui/views/sweep_plan.h"
#include "ui/views/words.h"
#include "ui/widgets/text_label.h"

using namespace ui;

namespace {

app::Findings handMade()
{
    app::Findings findings;
    findings.modelName = QStringLiteral("Test 1B");
    findings.deviceName = QStringLiteral("Test device");
    findings.scenario.workload = {8, 2048, 256};
    for (app::Metric metric : app::kAllMetrics)
        findings.readouts[static_cast<std::size_t>(metric)].metric = metric;
    app::Readout &wait = findings.readouts[static_cast<std::size_t>(app::Metric::Ttft)];
    wait.figure = {242, 178, 330, app::Evidence::Estimated, 0, app::Absence::None};
    app::Readout &speed = findings.readouts[static_cast<std::size_t>(app::Metric::Speed)];
    speed.figure = {12.34, 12.1, 12.6, app::Evidence::Measured, 40, app::Absence::None};
    speed.estimate = 13.0;
    app::Readout &cost = findings.readouts[static_cast<std::size_t>(app::Metric::Cost)];
    cost.figure.absence = app::Absence::NoPrice;
    app::Readout &memory = findings.readouts[static_cast<std::size_t>(app::Metric::Memory)];
    memory.figure = {50e9, {}, {}, app::Evidence::Estimated, 0, app::Absence::None};
    findings.memory = {30e9, 15e9, 5e9, 80e9, true};
    return findings;
}

app::DeviceEntry device(const char *id, double memory, bool here)
{
    app::DeviceEntry entry;
    entry.id = QString::fromLatin1(id);
    entry.name = entry.id;
    entry.spec.id = id;
    entry.spec.kind = here ? engine::DeviceKind::Cpu : engine::DeviceKind::Gpu;
    entry.spec.memory = engine::Bytes(memory);
    entry.spec.denseRate[engine::DType::Bf16] = engine::FlopsPerSecond(1e12);
    entry.thisMachine = here;
    return entry;
}

app::ModelEntry model(const char *id, int layers)
{
    app::ModelEntry entry;
    entry.id = QString::fromLatin1(id);
    entry.name = entry.id;
    entry.spec.hidden = 1024;
    entry.spec.vocabulary = 32'000;
    entry.spec.maxPositions = 32'768;
    engine::LayerSpec layer;
    layer.attention.heads = 16;
    layer.attention.kvHeads = 8;
    layer.attention.headDim = 64;
    layer.ffn.intermediate = 3072;
    entry.spec.layers.assign(static_cast<std::size_t>(layers), layer);
    entry.parameters = std::int64_t{layers} * 12'600'000;
    return entry;
}

} // namespace

class ViewsTest : public QObject
{
    Q_OBJECT

private slots:
    void TileSaysTheFigureItsKindAndItsInterval()
    {
        const TileContent tile = tileOf(handMade(), app::Metric::Ttft);
        QCOMPARE(tile.figure.text(), QStringLiteral("242 ms"));
        QCOMPARE(*tile.kind, Provenance::Estimated);
        QCOMPARE(tile.second, QStringLiteral("8 in 10: 178 to 330 ms"));
    }

    void MeasuredTileSaysWhatWasExpected()
    {
        const TileContent tile = tileOf(handMade(), app::Metric::Speed);
        QCOMPARE(*tile.kind, Provenance::Measured);
        QCOMPARE(tile.figure.text(), QStringLiteral("12.3 tok/s"));
        QCOMPARE(tile.second, QStringLiteral("estimated 13.0 tok/s"));
    }

    void AbsentFigureIsADashWithItsReasonAndNoBadge()
    {
        const TileContent tile = tileOf(handMade(), app::Metric::Cost);
        QCOMPARE(tile.figure.text(), absentText());
        QVERIFY(!tile.kind.has_value());
        QVERIFY(!tile.second.isEmpty());
    }

    void MemoryTileShowsItsPartsOfTheDevice()
    {
        const TileContent tile = tileOf(handMade(), app::Metric::Memory);
        QCOMPARE(tile.second, QStringLiteral("of 80.0 GB"));
        QCOMPARE(tile.bar, (QList<double>{0.375, 0.1875, 0.0625}));
        app::Findings tooLarge = handMade();
        tooLarge.memory.fits = false;
        QCOMPARE(*tileOf(tooLarge, app::Metric::Memory).verdict, Verdict::Bad);
    }

    void LimitReplacesTheIntervalAndSaysTheVerdict()
    {
        app::Findings findings = handMade();
        app::Readout &wait = findings.readouts[static_cast<std::size_t>(app::Metric::Ttft)];
        wait.limit = app::LimitState::Missed;
        wait.limitValue = 200;
        const TileContent tile = tileOf(findings, app::Metric::Ttft);
        QCOMPARE(*tile.verdict, Verdict::Bad);
        QCOMPARE(tile.second, QStringLiteral("limit 200 ms missed"));
    }

    void EveryNoteIsASentenceWithItsNumbers()
    {
        for (int kind = 0; kind <= static_cast<int>(app::NoteKind::LimitNeverMet); ++kind) {
            app::Note note;
            note.kind = static_cast<app::NoteKind>(kind);
            note.subject = QStringLiteral("subject");
            note.numbers = {171e9, 141e9, 192, 400};
            const QString text = plainText(noteText(note));
            QVERIFY2(text.endsWith(QLatin1Char('.')), qPrintable(text));
            QVERIFY2(!text.contains(QLatin1Char('%')), qPrintable(text));
        }
        app::Note note{app::NoteKind::DoesNotFit, app::NoteLevel::Bad, {171e9, 141e9, 192, 0}, {}};
        const QString text = plainText(noteText(note));
        for (const char *part : {"171 GB", "141 GB", "192"})
            QVERIFY2(text.contains(QString::fromLatin1(part)), qPrintable(text));
    }

    void StripTellsEveryTileByWordOrEveryTileByLetter()
    {
        ReadoutStrip strip;
        strip.setFindings(handMade());
        strip.setLayoutFor(6, 84, 12, false);
        strip.resize(1600, 84);
        strip.show();
        QCOMPARE(strip.tile(app::Metric::Ttft)->content().label,
                 QStringLiteral("Time to first token"));
        QVERIFY(strip.tile(app::Metric::RequestCost)->isVisible());
        strip.setLayoutFor(4, 60, 8, true);
        QVERIFY(!strip.tile(app::Metric::RequestCost)->isVisible());
        QVERIFY(strip.tile(app::Metric::Cost)->isVisible());
    }

    void OfferCardNeverShowsAMissingPriceAsZero()
    {
        app::OfferMark offer;
        offer.label = QStringLiteral("Somebody");
        offer.input = 0;
        offer.output = 2'190'000;
        offer.wait = app::WaitKind::AtLeast;
        offer.ttftMs = 25'000;
        offer.waitEvidence = app::Evidence::Claimed;
        OfferCard card;
        card.setOffer(offer, QStringLiteral("3 : 1"));
        QStringList values;
        std::optional<Provenance> waitKind;
        for (const Fact &fact : card.facts()) {
            values.append(fact.value);
            if (fact.value == QLatin1String("at least 25.0 s"))
                waitKind = fact.kind;
        }
        QVERIFY(values.contains(QStringLiteral("$0"))); // free is free
        QVERIFY(values.contains(QStringLiteral("$2.19")));
        QVERIFY(values.contains(QStringLiteral("not published"))); // the cached price
        QCOMPARE(*waitKind, Provenance::Claimed);
    }

    void SweepFollowsTheAxisInView()
    {
        app::Scenario scenario;
        scenario.model = QStringLiteral("small");
        scenario.device = QStringLiteral("cpu");
        scenario.workload = {3, 700, 32};
        const engine::SweepRequest batches = sweepOf(scenario, true);
        QCOMPARE(batches.batches, (std::vector<std::int64_t>{1, 2, 3, 4, 8, 16}));
        QCOMPARE(batches.contexts, (std::vector<std::int64_t>{700}));
        QVERIFY(batches.quick);
        scenario.axis = app::CurveAxis::Context;
        const engine::SweepRequest contexts = sweepOf(scenario, false);
        QCOMPARE(contexts.batches, (std::vector<std::int64_t>{3}));
        QCOMPARE(contexts.contexts.size(), std::size_t(6));
        QCOMPARE(contexts.model, std::string("small"));
    }

    void MeasuringMovesToThisMachineAndToAModelThatFits()
    {
        app::Inventory inventory;
        inventory.models = {model("small", 4), model("large", 4000)};
        inventory.devices = {device("cpu", 8e9, true), device("gpu", 80e9, false)};
        app::Scenario scenario;
        scenario.model = QStringLiteral("large");
        scenario.device = QStringLiteral("gpu");
        const std::optional<app::Scenario> here = measurable(scenario, inventory);
        QVERIFY(here.has_value());
        QCOMPARE(here->device, QStringLiteral("cpu"));
        QCOMPARE(here->model, QStringLiteral("small"));
        scenario.device = QStringLiteral("cpu");
        scenario.model = QStringLiteral("small");
        QCOMPARE(measurable(scenario, inventory)->model, QStringLiteral("small"));
        inventory.devices.erase(inventory.devices.begin());
        QVERIFY(!measurable(scenario, inventory).has_value());
    }

    void RailAnnouncesTheUsersChoiceOnly()
    {
        Rail rail;
        rail.addView(QStringLiteral("curves"), Icon::Curves, QStringLiteral("Curves"));
        rail.addView(QStringLiteral("providers"), Icon::Providers, QStringLiteral("Providers"));
        rail.resize(84, 400);
        rail.show();
        QSignalSpy chosen(&rail, &Rail::chosen);
        rail.setCurrent(QStringLiteral("providers"));
        QCOMPARE(chosen.size(), 0);
        QTest::mouseClick(rail.button(QStringLiteral("curves")), Qt::LeftButton);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen.first().first().toString(), QStringLiteral("curves"));
    }
};

QTEST_MAIN(ViewsTest)
#include "views_test.moc"
