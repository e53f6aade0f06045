// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "app/catalog/catalog.h"
#include "app/explore/inventory.h"
#include "app/explore/scenario.h"
#include "app/measure/measurement_log.h"

namespace samples {

// A catalog of two rows: one seller's own offer with off-peak hours, one host with a claimed wait.
inline app::Catalog catalog()
{
    app::Catalog catalog;
    catalog.asOf = app::endOfDay(QDate(2025, 7, 31));
    app::Offer own;
    own.id = QStringLiteral("maker/r1");
    own.provider = QStringLiteral("maker");
    own.providerName = QStringLiteral("Maker");
    own.modelName = QStringLiteral("R1");
    own.model = QStringLiteral("maker-r1");
    own.family = QStringLiteral("maker-r1");
    own.card.base.input = 550'000;
    own.card.base.cacheRead = 140'000;
    own.card.base.output = 2'190'000;
    app::PriceRule night;
    night.schedule = app::Schedule{QStringLiteral("night"),
                                   QStringLiteral("off-peak"),
                                   QStringLiteral("UTC"),
                                   {{127, 16 * 60 + 30, 30}},
                                   {}};
    night.prices.input = 135'000;
    night.prices.cacheRead = 35'000;
    night.prices.output = 550'000;
    own.card.rules.push_back(night);
    own.contextWindow = 64'000;
    own.wait.kind = app::FigureKind::Claimed;
    own.wait.lowerMs = 25'000;
    own.provenance.kind = app::FigureKind::Observed;
    own.provenance.sourceName = QStringLiteral("price list");

    app::Offer host = own;
    host.id = QStringLiteral("host/r1");
    host.provider = QStringLiteral("host");
    host.providerName = QStringLiteral("Host");
    host.card = {};
    host.card.base.input = 1'350'000;
    host.card.base.output = 5'400'000;
    host.contextWindow = 128'000;
    host.wait = {};
    host.wait.kind = app::FigureKind::Observed;
    host.wait.p50Ms = 800;
    host.wait.n = 120;
    catalog.offers = {host, own};
    catalog.relations.push_back({host.id, own.id, -25'000, QStringLiteral("25 s earlier"), {}});
    return catalog;
}

inline engine::Point point(std::int64_t batch, std::int64_t context, double ttftMs, double tpotMs)
{
    engine::Point point;
    point.workload = {batch, context, 32};
    point.ttftMs = {ttftMs, ttftMs * 0.9, ttftMs * 1.1, 24};
    point.ttftIdleMs = {ttftMs / 2, ttftMs * 0.45, ttftMs * 0.55, 12};
    point.tpotMs = {tpotMs, tpotMs * 0.95, tpotMs * 1.05, 64};
    point.memPeakBytes = 1'500'000'000;
    return point;
}

inline app::RunPtr run(const QString &id, const QString &model, const QString &started)
{
    auto run = std::make_shared<app::RunHead>();
    run->id = id;
    run->startedUtc = started;
    run->request.model = model.toStdString();
    return run;
}

inline app::Scenario onCpu()
{
    app::Scenario scenario;
    scenario.model = QStringLiteral("qwen3-0.6b");
    scenario.device = QStringLiteral("cpu");
    scenario.workload = {4, 512, 100};
    return scenario;
}

} // namespace samples
