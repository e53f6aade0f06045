// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "app/explore/explorer.h"
#include "app/measure/measurement_log.h"
#include "tests/app/explore/samples.h"

namespace {

using app::Edit;

class ExplorerTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_inventory = *app::loadInventory(); }

    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".")));
        m_log = std::make_unique<app::MeasurementLog>();
        m_explorer = std::make_unique<app::Explorer>(
            std::make_shared<app::Catalog>(samples::catalog()), m_inventory, *m_log);
    }

    void findingsAreThereFromTheStart()
    {
        QVERIFY(m_explorer->findings() != nullptr);
        QVERIFY(m_explorer->findings()->scenario == m_explorer->scenario());
        QCOMPARE(m_explorer->evaluationCount(), std::uint64_t(1));
    }

    void sixtyFourEditsInAFrameAreOneEvaluationOfTheLast()
    {
        QSignalSpy findings(m_explorer.get(), &app::Explorer::findingsChanged);
        QSignalSpy scenarios(m_explorer.get(), &app::Explorer::scenarioChanged);
        for (std::int64_t batch = 101; batch <= 164; ++batch)
            edit(batch, Edit::Preview);
        QCOMPARE(findings.count(), 0);
        QCOMPARE(scenarios.count(), 64);
        QTRY_COMPARE(findings.count(), 1);
        QTest::qWait(50); // nothing more may come
        QCOMPARE(findings.count(), 1);
        QCOMPARE(m_explorer->evaluationCount(), std::uint64_t(2));
        QCOMPARE(m_explorer->findings()->scenario.workload.batch, std::int64_t(164));
    }

    void anEqualScenarioIsNoChange()
    {
        QSignalSpy scenarios(m_explorer.get(), &app::Explorer::scenarioChanged);
        m_explorer->setScenario(m_explorer->scenario());
        QCOMPARE(scenarios.count(), 0);
        QVERIFY(!m_explorer->canUndo());
    }

    void aDragIsOneUndoStep()
    {
        const app::Scenario before = m_explorer->scenario();
        for (const std::int64_t batch : {9, 10, 11, 12})
            edit(batch, Edit::Preview);
        QVERIFY(!m_explorer->canUndo());
        edit(12, Edit::Settle);
        edit(40, Edit::Settle);
        m_explorer->undo();
        QCOMPARE(m_explorer->scenario().workload.batch, std::int64_t(12));
        m_explorer->undo();
        QVERIFY(m_explorer->scenario() == before);
        QVERIFY(!m_explorer->canUndo());
        m_explorer->redo();
        m_explorer->redo();
        QCOMPARE(m_explorer->scenario().workload.batch, std::int64_t(40));
        QVERIFY(!m_explorer->canRedo());
        m_explorer->undo();
        edit(77, Edit::Settle);
        QVERIFY(!m_explorer->canRedo());
    }

    void aDragThatComesBackIsNoUndoStep()
    {
        const std::int64_t batch = m_explorer->scenario().workload.batch;
        edit(batch + 1, Edit::Preview);
        edit(batch, Edit::Settle);
        QVERIFY(!m_explorer->canUndo());
    }

    void valuesOutOfRangeAreClamped()
    {
        edit(1'000'000'000, Edit::Settle);
        QCOMPARE(m_explorer->scenario().workload.batch, std::int64_t(1024));
    }

    void newPointsReachTheFindingsInOneEvaluation()
    {
        m_explorer->setScenario(samples::onCpu());
        m_explorer->evaluateNow();
        const std::uint64_t before = m_explorer->evaluationCount();
        m_log->putRun(
            samples::run(QStringLiteral("a"), QStringLiteral("qwen3-0.6b"), QStringLiteral("1")));
        for (std::int64_t batch = 1; batch <= 32; ++batch)
            m_log->append(QStringLiteral("a"), {samples::point(batch, 512, 100, 10)});
        QTRY_COMPARE(m_explorer->findings()->curve(app::Metric::Tpot).dots.size(), std::size_t(32));
        QCOMPARE(m_explorer->evaluationCount(), before + 1);
    }

    void inASweepPointsAreShownFourTimesASecondAndEditsAtOnce()
    {
        m_explorer->setScenario(samples::onCpu());
        m_explorer->evaluateNow();
        m_log->putRun(
            samples::run(QStringLiteral("a"), QStringLiteral("qwen3-0.6b"), QStringLiteral("1")));
        m_explorer->evaluateNow();
        m_explorer->setPointInterval(250);
        const std::uint64_t before = m_explorer->evaluationCount();
        QElapsedTimer timer;
        timer.start();
        for (std::int64_t batch = 1; timer.elapsed() < 1000; batch = batch % 64 + 1) {
            m_log->append(QStringLiteral("a"), {samples::point(batch, 512, 100, 10)});
            QTest::qWait(10);
        }
        const std::uint64_t shown = m_explorer->evaluationCount() - before;
        QVERIFY2(shown >= 1 && shown <= 4, qPrintable(QString::number(shown)));
        edit(7, Edit::Settle);
        QSignalSpy findings(m_explorer.get(), &app::Explorer::findingsChanged);
        QVERIFY(findings.wait(100));
        QCOMPARE(m_explorer->findings()->scenario.workload.batch, std::int64_t(7));
    }

    void aPinKeepsItsFiguresWhileTheScenarioMoves()
    {
        QSignalSpy pins(m_explorer.get(), &app::Explorer::pinsChanged);
        QVERIFY(m_explorer->pin());
        QVERIFY(!m_explorer->pin()); // it is there already
        const auto kept = m_explorer->pins().front().findings;
        QVERIFY(kept->curve(app::Metric::Cost).estimate ==
                m_explorer->findings()->curve(app::Metric::Cost).estimate);
        app::Scenario other = m_explorer->scenario();
        other.workload.contextTokens *= 4;
        m_explorer->setScenario(other);
        m_explorer->evaluateNow();
        QVERIFY(m_explorer->pins().front().findings == kept); // not evaluated again
        QVERIFY(kept->curve(app::Metric::Cost).estimate !=
                m_explorer->findings()->curve(app::Metric::Cost).estimate);
        QCOMPARE(pins.count(), 1);
    }

    void aPinFollowsTheAxisInViewAndGoesWhenAsked()
    {
        m_explorer->pin();
        app::Scenario scenario = m_explorer->scenario();
        scenario.axis = app::CurveAxis::Context;
        m_explorer->setScenario(scenario);
        m_explorer->evaluateNow();
        const app::Pinned &pinned = m_explorer->pins().front();
        QCOMPARE(pinned.findings->scenario.axis, app::CurveAxis::Context);
        QVERIFY(pinned.findings->curve(app::Metric::Ttft).estimate ==
                m_explorer->findings()->curve(app::Metric::Ttft).estimate);
        QVERIFY(!m_explorer->pin()); // the axis alone makes no other scenario
        m_explorer->unpin(0);
        m_explorer->unpin(0);
        QVERIFY(m_explorer->pins().empty());
    }

    void newPointsReachAPinToo()
    {
        m_explorer->setScenario(samples::onCpu());
        m_explorer->pin();
        m_explorer->setScenario(app::defaultScenario(m_inventory));
        m_log->putRun(
            samples::run(QStringLiteral("a"), QStringLiteral("qwen3-0.6b"), QStringLiteral("1")));
        m_log->append(QStringLiteral("a"), {samples::point(4, 512, 100, 10)});
        m_explorer->evaluateNow();
        QCOMPARE(m_explorer->pins().front().findings->curve(app::Metric::Tpot).dots.size(),
                 std::size_t(1));
    }

    void noMorePinsThanColours()
    {
        for (std::int64_t batch = 1; batch <= 9; ++batch) {
            edit(batch, Edit::Settle);
            m_explorer->pin();
        }
        QCOMPARE(m_explorer->pins().size(), app::Explorer::kMostPins);
    }

    void aFolderThatIsNoModelChangesNothing()
    {
        const app::Scenario before = m_explorer->scenario();
        QVERIFY(!m_explorer->openModel(QStringLiteral("/nowhere")).has_value());
        QVERIFY(m_explorer->scenario() == before);
        QVERIFY(m_explorer->inventory() == m_inventory);
    }

private:
    void edit(std::int64_t batch, Edit kind)
    {
        app::Scenario scenario = m_explorer->scenario();
        scenario.workload.batch = batch;
        m_explorer->setScenario(scenario, kind);
    }

    app::Inventory m_inventory;
    std::unique_ptr<app::MeasurementLog> m_log;
    std::unique_ptr<app::Explorer> m_explorer;
};

} // namespace

QTEST_GUILESS_MAIN(ExplorerTest)
#include "explorer_test.moc"
