// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <QDate>
#include <QString>

#include "engine/predict/constants.h"
#include "engine/spec/device_spec.h"
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
    engine::EstimateConstants constants = engine::shippedConstants(); // of the estimate

    const ModelEntry *model(const QString &id) const;
    const DeviceEntry *device(const QString &id) const;

    friend bool operator==(const Inventory &, const Inventory &) = default;
};

// The presets and device descriptions that are compiled in, or those of `resourcesDirectory` where
// it is not empty; this machine's CPU is the entry "cpu", its memory read from the system.
engine::Result<Inventory> loadInventory(const QString &resourcesDirectory = {});

// Reads a model folder or config.json; the entry's id is its absolute path.
engine::Result<ModelEntry> readModelEntry(const QString &path);

struct CountRange
{
    std::int64_t lowest = 1;
    std::int64_t highest = 1;
};
// What the sliders of a scenario may choose from: by the kind of device and the model's limit.
struct ScenarioRanges
{
    CountRange batch;
    CountRange context;
    CountRange output;
};
ScenarioRanges rangesOf(const Inventory &inventory, const Scenario &scenario);
// The scenario with every number moved into its range.
Scenario clamped(Scenario scenario, const Inventory &inventory);

// The device's newest rent an hour; 0 where it has none or is not known here.
engine::MicroUsd rentOf(const Inventory &inventory, const QString &device);

// The scenario moved to another device: its rent, and, on this
// machine, a number format that its engine runs. Or to another model, its lengths respected.
// Unknown ids change nothing.
Scenario onDevice(Scenario scenario, const Inventory &inventory, const QString &device);
Scenario withModel(Scenario scenario, const Inventory &inventory, const QString &model);

// The scenario moved to the prices of another day (invalid = today). Where it shows the model that
// everybody sold in the summer of 2025, or that model's successor, it changes to the one of the
// day.
Scenario onDay(Scenario scenario, QDate day);
// The summer in which one model's price and wait depended most on who served it.
QDate summerDay();

// What stands on the screen at the first start.
Scenario defaultScenario(const Inventory &inventory);

} // namespace app
