// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <QString>

#include "engine/spec/device_spec.h"
#include "engine/spec/environment.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"

namespace app {

struct Scenario;

// A model that can be chosen: a preset, or a folder or config.json that the user opened.
struct ModelEntry
{
    QString id;   // what Scenario::model holds: the preset's name, or the path
    QString name; // for people
    QString path; // empty for a preset
    engine::ModelSpec spec;
    std::int64_t parameters = 0;

    friend bool operator==(const ModelEntry &, const ModelEntry &) = default;
};

// Where it can run.
struct DeviceEntry
{
    QString id; // DeviceSpec::id
    QString name;
    engine::DeviceSpec spec;
    bool thisMachine = false; // can be measured by the worker

    friend bool operator==(const DeviceEntry &, const DeviceEntry &) = default;
};

// The models and devices at hand: a value, replaced as a whole.
struct Inventory
{
    std::vector<ModelEntry> models;   // presets by parameters, then what the user opened
    std::vector<DeviceEntry> devices; // this machine first, then by name

    const ModelEntry *model(const QString &id) const;
    const DeviceEntry *device(const QString &id) const;

    friend bool operator==(const Inventory &, const Inventory &) = default;
};

// The presets and device descriptions that are compiled in, or those of `resourcesDirectory` where
// it is not empty; this machine's CPU is the entry "cpu", its memory read from the system.
engine::Result<Inventory> loadInventory(const QString &resourcesDirectory = {});

// Reads a model folder or config.json; the entry's id is the absolute path of the folder.
engine::Result<ModelEntry> readModelEntry(const QString &path);

// A device's rates replaced by what a run on it measured (its ceiling_* keys).
engine::DeviceSpec withMeasuredCeilings(engine::DeviceSpec device,
                                        const engine::Environment &environment);

// The scenario moved to another device, model: price, number format and lengths follow where the
// old ones do not apply. Unknown ids leave it as it is.
Scenario onDevice(Scenario scenario, const Inventory &inventory, const QString &device);
Scenario withModel(Scenario scenario, const Inventory &inventory, const QString &model);

// What stands on the screen at the first start.
Scenario defaultScenario(const Inventory &inventory);

} // namespace app
