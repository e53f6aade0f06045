// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QString>

#include "app/measure/measurement_log.h"
#include "engine/spec/point.h"
#include "engine/spec/result.h"

namespace app {

// run.json and curves.csv of one run, the same as `paretoscope-engine bench` writes.
engine::Result<void> exportJson(const QString &path, const RunHead &run,
                                const std::vector<engine::Point> &points);
engine::Result<void> exportCsv(const QString &path, const std::vector<engine::Point> &points);

} // namespace app
