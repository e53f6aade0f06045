// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "app/catalog/catalog_store.h"
#include "app/command_line.h"
#include "app/explore/inventory.h"
#include "app/measure/measurement_log.h"
#include "app/storage/run_store.h"
#include "app/storage/settings.h"
#include "engine/spec/result.h"

namespace app {

// What every task stands on, read from the user's application data folder and from the data that is
// compiled in.
struct Parts
{
    Settings settings;
    Inventory inventory;
    std::unique_ptr<CatalogStore> store;
    CatalogPtr catalog;
    MeasurementLog log;
    std::unique_ptr<RunStore> runs;     // null when runs cannot be kept: `notices` says why
    std::vector<engine::Error> notices; // what the user must be told of these files
};

// Fails only without models, devices or Qt's SQLite driver.
engine::Result<std::unique_ptr<Parts>> makeParts(const CommandLine &wanted);

// The catalog as it stood on the scenario's day; the one at hand where that cannot be read.
CatalogPtr catalogOf(const Parts &parts, const Scenario &scenario);

// The scenario to begin with: that of the command line, else of the last session, else the default.
// A file that cannot be read is an error.
engine::Result<Scenario> firstScenario(const CommandLine &wanted, const Inventory &inventory);

} // namespace app
