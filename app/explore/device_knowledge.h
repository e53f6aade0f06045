// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <vector>

#include <QString>

#include "app/explore/inventory.h"
#include "app/measure/measurement_log.h"
#include "engine/predict/calibration.h"

namespace app {

// What is known of a device's speed by now: its description, with the rates that a run on it
// measured where there is one, and the constants of the estimate bent to its points.
struct DeviceKnowledge
{
    engine::DeviceSpec spec;
    engine::Calibration calibration;
};

// Absent when the inventory has no such device. Costs far more than an evaluation where much was
// measured: make it when points arrive, not when a slider moves.
std::optional<DeviceKnowledge> knowDevice(const Inventory &inventory, const QString &device,
                                          std::span<const Measurement> measurements);

// The points of one model in one number format on one device, the newest of each cell.
std::vector<const Measurement *> pointsOf(std::span<const Measurement> measurements,
                                          const QString &model, const QString &device,
                                          engine::DType dtype);

} // namespace app
