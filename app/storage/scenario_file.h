// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include "app/explore/inventory.h"
#include "app/explore/scenario.h"
#include "engine/spec/result.h"

namespace app {

// A scenario as versioned JSON (docs/scenario-file.md); files, the saved session and --scenario
// all go through these. Keys that this version does not know are kept and written back.
QByteArray toJson(const Scenario &scenario);
// A file without a price takes its device's rent from the inventory, as choosing the device does.
// BadInput with the key that is wrong; Unsupported for a file of a newer version.
engine::Result<Scenario> parseScenario(const QByteArray &json, const Inventory &inventory);

// NotFound, Io, or as parseScenario(), the file named. Writing replaces the file as a whole.
engine::Result<Scenario> readScenario(const QString &path, const Inventory &inventory);
engine::Result<void> writeScenario(const QString &path, const Scenario &scenario);

} // namespace app
