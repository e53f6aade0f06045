// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QTest>

#include "app/explore/evaluate.h"
#include "app/explore/own_cost.h"
#include "tests/app/explore/samples.h"

namespace {

using app::Absence;
using app::Evidence;
using app::Metric;

#define QCLOSE(actual, expected, relative)                                                         \
    QVERIFY2(                                                                                      \
        std::abs((actual) - (expected)) <= (relative)*std::abs(expected),                          \
        qPrintable(                                                                                \
            QStringLiteral("%1 against %2").arg(actual, 0, 'g', 12).arg(expected, 0, 'g', 12)))

class EvaluateTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        auto inventory = app::loadInventory();
        QVERIFY2(inventory.has_value(), inventory ? "" : inventory.error().message.c_str());
        m_inventory = std::move(*inventory);
    }

    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void thisMachineAndTheWellKnownModelsAreAtHand()
    {
        QCOMPARE(m_inventory.devices.front().id, QStringLiteral("cpu"));
        QVERIFY(m_inventory.devices.front().thisMachine);
        QVERIFY(m_inventory.devices.front().spec.memory.value > 1e8);
        // 8,030,261,248 parameters by the model's card.
        QCOMPARE(m_inventory.model(QStringLiteral("llama-3.1-8b"))->parameters, 8'030'261'248);
        QCOMPARE(m_inventory.model(QStringLiteral("llama-3.1-8b"))->name,
                 QStringLiteral("Llama 3.1 8B"));
        QVERIFY(!m_inventory.model(QStringLiteral("nothing")));
    }

    void theFirstScreenHasCurvesCostsAndOffers()
    {
        const app::Scenario scenario = app::defaultScenario(m_inventory);
        QVERIFY(scenario.usdPerHour > 0);
        const app::Findings findings = evaluated(scenario);
        for (const Metric metric : app::kAllMetrics) {
            QVERIFY(findings.curve(metric).estimate.size() > 10);
            QCOMPARE(findings.curve(metric).status, app::CurveStatus::Estimated);
            QCOMPARE(findings.readout(metric).figure.evidence, Evidence::Estimated);
        }
    }

    void memoryIsWeightsAndTheCacheOfEveryToken()
    {
        const app::Findings findings = evaluated(h100(8, 2048, 256));
        // Llama-3.1-8B: 8,030,261,248 parameters of 2 bytes; 32 layers x 2 x 8 heads x 128 x 2
        // bytes = 131,072 bytes a token, kept for 8 x (2048 + 256) tokens.
        QCOMPARE(findings.memory.weightBytes, 16'060'522'496.0);
        QCOMPARE(findings.memory.kvBytes, 2'415'919'104.0);
        QCOMPARE(*findings.readout(Metric::Memory).figure.value,
                 findings.memory.weightBytes + findings.memory.kvBytes +
                     findings.memory.workspaceBytes);
        QVERIFY(findings.memory.availableBytes > 60e9 && findings.memory.availableBytes <= 80e9);
    }

    void curvesPassThroughTheReadouts()
    {
        for (const app::CurveAxis axis : {app::CurveAxis::Batch, app::CurveAxis::Context}) {
            app::Scenario scenario = h100(12, 3000, 100);
            scenario.axis = axis;
            const app::Findings findings = evaluated(scenario);
            const double x = axis == app::CurveAxis::Batch ? 12 : 3000;
            for (const Metric metric : app::kAllMetrics) {
                const auto &line = findings.curve(metric).estimate;
                const auto here = std::ranges::find(line, x, &app::CurvePoint::x);
                QVERIFY(here != line.end());
                QCOMPARE(here->mid, *findings.readout(metric).figure.value);
                QVERIFY(std::ranges::is_sorted(line, {}, &app::CurvePoint::x));
                QVERIFY(line.size() <= 128);
                for (const app::CurvePoint &point : line)
                    QVERIFY(point.low <= point.mid && point.mid <= point.high && point.low > 0);
            }
        }
    }

    void figuresOfOneCellAgreeWithEachOther()
    {
        const app::Findings findings = evaluated(h100(16, 4096, 500));
        const auto value = [&findings](Metric metric) {
            return *findings.readout(metric).figure.value;
        };
        QCLOSE(value(Metric::Speed), 1000 / value(Metric::Tpot), 1e-9);
        QCLOSE(value(Metric::Throughput), 16 * 1000 / value(Metric::Tpot), 1e-9);
        QCLOSE(value(Metric::EndToEnd), value(Metric::Ttft) + 499 * value(Metric::Tpot), 1e-9);
    }

    void costIsRentOverTheTimeOfATokenAtTheMix()
    {
        app::Scenario scenario = h100(1, 4096, 500);
        scenario.usdPerHour = 3'600'000;
        scenario.utilisation = 0.5;
        scenario.inputPerOutput = 3;
        scenario.cachedShare = 0.25;
        const app::Findings findings = evaluated(scenario);
        // At batch 1 the wait is one prefill. 3.60 USD an hour at 50 % is 0.002 USD a second of
        // work.
        const double ttft = *findings.readout(Metric::Ttft).figure.value;
        const double tpot = *findings.readout(Metric::Tpot).figure.value;
        const double input = 0.002 * ttft / 1000 / 4096 * 1e6;
        const double output = 0.002 * tpot / 1000 * 1e6;
        QCLOSE(*findings.readout(Metric::Cost).figure.value, (3 * 0.75 * input + output) / 4, 1e-9);
        QCLOSE(*findings.readout(Metric::RequestCost).figure.value,
               (4096 * 0.75 * input + 500 * output) / 1e6, 1e-9);
        QCLOSE(static_cast<double>(*findings.usdPerMillionInput), input * 1e6, 1e-4);
        QCLOSE(static_cast<double>(*findings.usdPerMillionOutput), output * 1e6, 1e-4);
    }

    void ownPricesAreSplitByDeviceTime()
    {
        // 1 GPU at 3.60 USD/h: T_prefill(1000) 0.1 s, T_step(32) 0.016 s: 0.10 and 0.50 USD.
        app::Scenario scenario;
        scenario.usdPerHour = 3'600'000;
        const auto prices = app::ownPrices(scenario, 0.1 / 1000, 0.016 / 32);
        QCLOSE(prices->input, 0.10, 1e-12);
        QCLOSE(prices->output, 0.50, 1e-12);
        scenario.usdPerHour = 0;
        QVERIFY(!app::ownPrices(scenario, 1, 1).has_value());
    }

    void withoutAPriceThereIsNoCostAndNoZero()
    {
        app::Scenario scenario = h100(8, 2048, 256);
        scenario.usdPerHour = 0;
        const app::Findings findings = evaluated(scenario);
        QVERIFY(!findings.readout(Metric::Cost).figure.value);
        QCOMPARE(findings.readout(Metric::Cost).figure.absence, Absence::NoPrice);
        QVERIFY(findings.curve(Metric::Cost).estimate.empty());
        QVERIFY(findings.own.empty());
        QVERIFY(hasNote(findings, app::NoteKind::NoPrice));
        QVERIFY(!findings.curve(Metric::Ttft).estimate.empty());
    }

    void theEstimateEndsWhereMemoryEnds()
    {
        const app::Findings findings = evaluated(h100(8, 8192, 256));
        // By hand: what is left beside the weights, over the cache of 8192 + 256 tokens; workspace
        // grows by fp32 logits of 128,256 a sequence.
        const double perSequence = 8448.0 * 131'072 + 128'256.0 * 4;
        const double left = findings.memory.availableBytes - 16'060'522'496.0 -
                            (findings.memory.workspaceBytes - 8 * 128'256.0 * 4);
        const double last = std::floor(left / perSequence);
        QCOMPARE(static_cast<double>(findings.fitEnd.last), last);
        QCOMPARE(findings.fitEnd.reason, Absence::DoesNotFit);
        QVERIFY(findings.fitEnd.neededBytes > findings.fitEnd.availableBytes);
        QCOMPARE(*findings.batch.lastFitting, findings.fitEnd.last);
        QCOMPARE(findings.curve(Metric::Ttft).estimate.back().x, last);
        QCOMPARE(findings.own.back().batch, std::int64_t(std::exp2(std::floor(std::log2(last)))));
    }

    void aCellThatDoesNotFitIsAGapWithItsBytes()
    {
        const app::Findings findings = evaluated(h100(1024, 65'536, 256));
        for (const Metric metric : app::kAllMetrics) {
            QVERIFY(!findings.readout(metric).figure.value);
            QCOMPARE(findings.readout(metric).figure.absence, Absence::DoesNotFit);
        }
        QVERIFY(!findings.memory.fits);
        QCOMPARE(findings.notes.front().kind, app::NoteKind::DoesNotFit);
        QCOMPARE(findings.notes.front().numbers[0], findings.memory.weightBytes +
                                                        findings.memory.kvBytes +
                                                        findings.memory.workspaceBytes);
        QVERIFY(findings.notes.front().numbers[0] > findings.notes.front().numbers[1]);
    }

    void unknownNamesAreNotesAndTheOffersStay()
    {
        app::Scenario scenario = h100(8, 2048, 256);
        scenario.model = QStringLiteral("gpt-9");
        scenario.offers = QStringLiteral("maker-r1");
        app::Findings findings = evaluated(scenario);
        QCOMPARE(findings.notes.front().kind, app::NoteKind::UnknownModel);
        QCOMPARE(findings.notes.front().subject, QStringLiteral("gpt-9"));
        QCOMPARE(findings.offers.size(), std::size_t(3));
        scenario = h100(8, 2048, 256);
        scenario.device = QStringLiteral("abacus");
        findings = evaluated(scenario);
        QCOMPARE(findings.notes.front().kind, app::NoteKind::UnknownDevice);
        QCOMPARE(findings.curve(Metric::Ttft).status, app::CurveStatus::Nothing);
    }

    void measuredPointsStandWhereTheirConditionsHold()
    {
        const app::RunPtr run =
            samples::run(QStringLiteral("a"), QStringLiteral("qwen3-0.6b"), QStringLiteral("1"));
        engine::Point round1 = samples::point(8, 512, 900, 50);
        round1.flags = {"provisional"};
        engine::Point few = samples::point(2, 512, 300, 42);
        few.tpotMs = {42, {}, {}, 5};
        engine::Point failed = samples::point(16, 512, 1, 1);
        failed.status = engine::PointStatus::Failed;
        const std::vector<app::Measurement> measurements{
            {run, samples::point(1, 512, 200, 40)},  {run, few},
            {run, samples::point(4, 512, 500, 44)},  {run, round1},
            {run, samples::point(1, 2048, 800, 60)}, {run, failed},
        };
        app::Scenario scenario = samples::onCpu();
        scenario.usdPerHour = 360'000;
        const app::Findings findings = evaluated(scenario, measurements);
        const std::vector<app::CurveDot> &dots = findings.curve(Metric::Tpot).dots;
        QCOMPARE(dots.size(), std::size_t(4));
        QCOMPARE(findings.curve(Metric::Tpot).status, app::CurveStatus::Both);
        QCOMPARE(dots[0].x, 1.0);
        QVERIFY(!dots[0].hollow && *dots[0].figure.low == 38 && *dots[0].figure.high == 42);
        QVERIFY(dots[1].hollow && !dots[1].figure.low && !dots[1].provisional);
        QVERIFY(dots[3].hollow && !dots[3].figure.low && dots[3].provisional);
        QCOMPARE(findings.batch.measured, (std::vector<std::int64_t>{1, 2, 4, 8}));
        QCOMPARE(findings.context.measured, (std::vector<std::int64_t>{512, 2048}));

        // The other axis shows the other cells.
        scenario.axis = app::CurveAxis::Context;
        scenario.workload.batch = 1;
        const app::Findings across = evaluated(scenario, measurements);
        QCOMPARE(across.curve(Metric::Ttft).dots.size(), std::size_t(2));
        QCOMPARE(across.curve(Metric::Ttft).dots[1].x, 2048.0);
        // Another number format was not measured.
        scenario.dtype = engine::DType::Fp32;
        QVERIFY(evaluated(scenario, measurements).curve(Metric::Ttft).dots.empty());
    }

    void aMeasuredCellIsReadOutAsMeasuredBesideItsEstimate()
    {
        const app::RunPtr run =
            samples::run(QStringLiteral("a"), QStringLiteral("qwen3-0.6b"), QStringLiteral("1"));
        app::Scenario scenario = samples::onCpu();
        scenario.usdPerHour = 360'000; // 1e-4 USD a second
        const app::Findings findings = evaluated(
            scenario, std::vector<app::Measurement>{{run, samples::point(4, 512, 500, 44)}});
        const auto value = [&findings](Metric metric) {
            return *findings.readout(metric).figure.value;
        };
        for (const Metric metric : app::kAllMetrics)
            QCOMPARE(findings.readout(metric).figure.evidence, Evidence::Measured);
        QCOMPARE(value(Metric::Ttft), 500.0);
        QCLOSE(value(Metric::Speed), 1000.0 / 44, 1e-12);
        QCLOSE(value(Metric::Throughput), 4000.0 / 44, 1e-12);
        QCLOSE(value(Metric::EndToEnd), 500 + 99 * 44.0, 1e-12);
        QCOMPARE(value(Metric::Memory), 1.5e9);
        const double input = 1e-4 * 0.250 / 512 * 1e6;
        const double output = 1e-4 * 0.044 / 4 * 1e6;
        QCLOSE(value(Metric::Cost), (3 * input + output) / 4, 1e-12);
        QCLOSE(value(Metric::RequestCost), (512 * input + 100 * output) / 1e6, 1e-12);
        // A slow step is few tokens a second: the interval turns round.
        QCLOSE(*findings.readout(Metric::Speed).figure.low, 1000.0 / (44 * 1.05), 1e-12);
        QCLOSE(*findings.readout(Metric::Speed).figure.high, 1000.0 / (44 * 0.95), 1e-12);
        QVERIFY(findings.readout(Metric::Tpot).estimate.has_value());
        QCOMPARE(findings.own[2].evidence, Evidence::Measured);
        QCOMPARE(findings.own[2].ttftMs, 500.0);
        QVERIFY(findings.own[2].atCursor);
        QCOMPARE(findings.own[0].evidence, Evidence::Estimated);
    }

    void theNewestRunOfACellCounts()
    {
        const QString model = QStringLiteral("qwen3-0.6b");
        const app::RunPtr newer = samples::run(QStringLiteral("n"), model, QStringLiteral("2"));
        const app::RunPtr older = samples::run(QStringLiteral("o"), model, QStringLiteral("1"));
        const app::Findings findings =
            evaluated(samples::onCpu(),
                      std::vector<app::Measurement>{{newer, samples::point(4, 512, 500, 44)},
                                                    {older, samples::point(4, 512, 900, 99)}});
        QCOMPARE(findings.curve(Metric::Tpot).dots.size(), std::size_t(1));
        QCOMPARE(findings.curve(Metric::Tpot).dots[0].run, QStringLiteral("n"));
    }

    void theEstimateFollowsWhatWasMeasured()
    {
        const app::RunPtr run =
            samples::run(QStringLiteral("a"), QStringLiteral("qwen3-0.6b"), QStringLiteral("1"));
        app::Scenario scenario = samples::onCpu();
        scenario.workload = {2, 512, 100};
        const double before = *evaluated(scenario).readout(Metric::Tpot).figure.value;
        // Cells around the one in hand, all at three times the time that was expected.
        std::vector<app::Measurement> measurements;
        for (const std::int64_t batch : {1, 4, 8}) {
            app::Scenario cell = scenario;
            cell.workload.batch = batch;
            const double expected = *evaluated(cell).readout(Metric::Tpot).figure.value;
            measurements.push_back({run, samples::point(batch, 512, 1000, 3 * expected)});
        }
        const app::Findings findings = evaluated(scenario, measurements);
        const double after = *findings.readout(Metric::Tpot).figure.value;
        QVERIFY2(std::abs(after / (3 * before) - 1) < 0.25,
                 qPrintable(QString::number(after / before)));
        QCOMPARE(findings.decodeBasis.points, 3);
        QVERIFY(findings.decodeBasis.sameModel);
    }

    void limitsAreJudgedByTheFigureThatIsShown()
    {
        app::Scenario scenario = h100(1, 2048, 256);
        const app::Findings plain = evaluated(scenario);
        QCOMPARE(plain.readout(Metric::Ttft).limit, app::LimitState::Off);
        const double ttft = *plain.readout(Metric::Ttft).figure.value;
        const double speed = *plain.readout(Metric::Speed).figure.value;
        scenario.limits.ttftMs = {true, ttft * 0.99};
        scenario.limits.tokensPerSecond = {true, speed * 0.99};
        scenario.limits.usdPerMillion = {true, 1e6};
        const app::Findings judged = evaluated(scenario);
        QCOMPARE(judged.readout(Metric::Ttft).limit, app::LimitState::Missed);
        QCOMPARE(judged.readout(Metric::Speed).limit, app::LimitState::Met);
        QCOMPARE(judged.readout(Metric::Cost).limit, app::LimitState::Met);
        // Batch 1 waits least; where it misses the limit, every batch does.
        QVERIFY(hasNote(judged, app::NoteKind::LimitNeverMet));
        scenario.limits.ttftMs.value = ttft * 1.01;
        QVERIFY(!hasNote(evaluated(scenario), app::NoteKind::LimitNeverMet));
    }

    void aLargerBatchIsCheaperAndWaitsLonger()
    {
        const app::Findings findings = evaluated(h100(8, 2048, 256));
        QVERIFY(findings.own.size() > 4);
        for (std::size_t i = 1; i < findings.own.size(); ++i) {
            QVERIFY(findings.own[i].usdPerMillion < findings.own[i - 1].usdPerMillion);
            QVERIFY(findings.own[i].ttftMs > findings.own[i - 1].ttftMs);
        }
    }

    void everyNumberIsBroughtIntoItsRange()
    {
        app::Scenario wild = h100(1'000'000, 1'000'000, 1'000'000);
        wild.utilisation = 7;
        wild.cachedShare = -1;
        wild.usdPerHour = -5;
        const app::Scenario tame = app::clamped(wild, m_inventory);
        QVERIFY((tame.workload == engine::Workload{1024, 131'072, 32'768}));
        QCOMPARE(tame.utilisation, 1.0);
        QCOMPARE(tame.cachedShare, 0.0);
        QCOMPARE(tame.usdPerHour, engine::MicroUsd(0));
        // Qwen3-0.6B was made for 40,960 positions, a CPU's slider ends at 32,768.
        const app::Scenario onCpu =
            app::withModel(app::onDevice(tame, m_inventory, QStringLiteral("cpu")), m_inventory,
                           QStringLiteral("qwen3-0.6b"));
        QVERIFY((onCpu.workload == engine::Workload{64, 32'768, 32'768}));
        QCOMPARE(app::onDevice(onCpu, m_inventory, QStringLiteral("none")).device,
                 QStringLiteral("cpu"));
    }

    void aModelFolderBecomesAnEntryAndWhatIsNoneIsRefused()
    {
        const auto nothing = app::readModelEntry(QStringLiteral("/nowhere/model"));
        QCOMPARE(nothing.error().kind, engine::ErrorKind::NotFound);
        const auto wrong = app::readModelEntry(QStringLiteral("/proc/self/status"));
        QVERIFY(!wrong.has_value());
        QVERIFY(!wrong.error().message.empty());
    }

private:
    app::Scenario h100(std::int64_t batch, std::int64_t context, std::int64_t output) const
    {
        app::Scenario scenario = app::defaultScenario(m_inventory);
        scenario.workload = {batch, context, output};
        return scenario;
    }

    app::Findings evaluated(const app::Scenario &scenario,
                            std::span<const app::Measurement> measurements = {}) const
    {
        const auto device = app::knowDevice(m_inventory, scenario.device, measurements);
        return app::evaluate({m_catalog, m_inventory, device ? &*device : nullptr, measurements},
                             scenario);
    }

    static bool hasNote(const app::Findings &findings, app::NoteKind kind)
    {
        return std::ranges::count(findings.notes, kind, &app::Note::kind) > 0;
    }

    app::Inventory m_inventory;
    app::Catalog m_catalog = samples::catalog();
};

} // namespace

QTEST_GUILESS_MAIN(EvaluateTest)
#include "evaluate_test.moc"
