// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QDateTime>

#include "app/catalog/catalog_store.h"
#include "app/explore/explorer.h"
#include "app/measure/bench_runner.h"
#include "app/measure/measurement_log.h"

namespace tests {

// Everything behind a window, made as the program makes it: the shipped catalog as it stood at the
// end of July 2025, the shipped models and devices, an empty log.
class WindowFixture
{
public:
    WindowFixture()
        : m_store(app::CatalogStore::openInMemory().value()),
          explorer(m_store->snapshot(app::endOfDay(QDate(2025, 7, 31))).value(),
                   app::loadInventory().value(), log),
          runner(log)
    {
        explorer.setScenario(app::defaultScenario(explorer.inventory()));
        explorer.evaluateNow();
    }

    // Another day of the scenario brings that day's offers, as in the program.
    void followDay()
    {
        QObject::connect(&explorer, &app::Explorer::scenarioChanged, &explorer,
                         [this](const app::Scenario &scenario) {
                             const QDate day = scenario.offersAsOf;
                             explorer.setCatalog(
                                 m_store
                                     ->snapshot(day.isValid() ? app::endOfDay(day)
                                                              : QDateTime::currentSecsSinceEpoch())
                                     .value());
                         });
    }

    // A run on this machine with points at batch 1, 2, 4, 8 and the context in view.
    void addRun(const QString &id)
    {
        app::Scenario scenario =
            app::onDevice(explorer.scenario(), explorer.inventory(), QStringLiteral("cpu"));
        scenario = app::withModel(scenario, explorer.inventory(), QStringLiteral("qwen3-0.6b"));
        scenario.workload = {4, 512, 128};
        explorer.setScenario(scenario);
        auto head = std::make_shared<app::RunHead>();
        head->id = id;
        head->startedUtc = QStringLiteral("2026-11-24T20:00:00Z");
        head->request.model = "qwen3-0.6b";
        head->request.device = "cpu";
        head->environment["cpu_model"] = std::string("test CPU");
        head->environment["cpu_threads_used"] = std::int64_t{2};
        head->environment["ceiling_read_gbs"] = 20.0;
        log.putRun(head);
        std::vector<engine::Point> points;
        for (std::int64_t batch : {1, 2, 4, 8})
            points.push_back(point(batch));
        log.append(id, points);
        explorer.evaluateNow();
    }

    // Batch b waits 200 b ms and decodes a step in 50 + 5 b ms.
    static engine::Point point(std::int64_t batch)
    {
        const double ttft = 200.0 * static_cast<double>(batch);
        const double tpot = 50.0 + 5.0 * static_cast<double>(batch);
        engine::Point point;
        point.workload = {batch, 512, 128};
        point.ttftMs = {ttft, ttft * 0.98, ttft * 1.02, 12};
        point.tpotMs = {tpot, tpot * 0.99, tpot * 1.01, 40};
        point.stepWallMs = point.tpotMs;
        point.e2eMs = {ttft + 127 * tpot, {}, {}, 12};
        point.outputTps = static_cast<double>(batch) * 1e3 / tpot;
        point.memPeakBytes = 1'400'000'000;
        point.rounds = 3;
        return point;
    }

private:
    std::unique_ptr<app::CatalogStore> m_store;

public:
    app::MeasurementLog log;
    app::Explorer explorer;
    app::BenchRunner runner;
};

} // namespace tests
