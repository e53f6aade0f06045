// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/inventory.h"

#include <algorithm>
#include <utility>

#include <QDate>
#include <QDir>
#include <QFileInfo>
#include <QStringList>

#include "app/explore/scenario.h"
#include "engine/model/devices/cpu_device.h"
#include "engine/model/devices/device_file.h"
#include "engine/model/resolve_model.h"
#include "engine/spec/work.h"

namespace app {

namespace {

constexpr std::int64_t kLargestBatchGpu = 1024;
constexpr std::int64_t kLargestBatchCpu = 64;
constexpr std::int64_t kLongestContextGpu = 131'072;
constexpr std::int64_t kLongestContextCpu = 32'768;
constexpr std::int64_t kShortestContext = 64;
constexpr std::int64_t kLongestOutput = 32'768;

// "qwen3-0.6b" -> "Qwen3 0.6B"
QString nameFor(const QString &preset)
{
    QStringList words = preset.split(QLatin1Char('-'), Qt::SkipEmptyParts);
    for (QString &word : words) {
        if (word == QLatin1String("smollm2"))
            word = QStringLiteral("SmolLM2");
        else if (word.front().isDigit())
            word = word.toUpper();
        else
            word.replace(0, 1, word.front().toUpper());
    }
    return words.join(QLatin1Char(' '));
}

DeviceEntry entryOf(const engine::DeviceSpec &spec)
{
    return {QString::fromStdString(spec.id), QString::fromStdString(spec.name), spec, false};
}

} // namespace

const ModelEntry *Inventory::model(const QString &id) const
{
    const auto found = std::ranges::find(models, id, &ModelEntry::id);
    return found == models.end() ? nullptr : &*found;
}

const DeviceEntry *Inventory::device(const QString &id) const
{
    const auto found = std::ranges::find(devices, id, &DeviceEntry::id);
    return found == devices.end() ? nullptr : &*found;
}

engine::Result<Inventory> loadInventory(const QString &resourcesDirectory)
{
    Inventory inventory;
    const auto presets = engine::modelPresets(resourcesDirectory.toStdString());
    if (!presets)
        return tl::make_unexpected(presets.error());
    for (const engine::ModelPreset &preset : *presets) {
        const QString id = QString::fromStdString(preset.spec.name);
        inventory.models.push_back(
            {id, nameFor(id), {}, preset.spec, engine::parameterCount(preset.spec)});
    }
    const auto devices = engine::devicePresets(resourcesDirectory.toStdString());
    if (!devices)
        return tl::make_unexpected(devices.error());
    DeviceEntry own = entryOf(engine::cpuDevice(engine::detectCpu()));
    own.thisMachine = true;
    inventory.devices.push_back(std::move(own));
    for (const engine::DeviceSpec &device : *devices)
        inventory.devices.push_back(entryOf(device));
    auto constants = engine::loadEstimateConstants(resourcesDirectory.toStdString());
    if (!constants)
        return tl::make_unexpected(constants.error());
    inventory.constants = std::move(*constants);
    return inventory;
}

engine::Result<ModelEntry> readModelEntry(const QString &path)
{
    const QFileInfo file(path);
    if (!file.exists())
        return engine::fail(engine::ErrorKind::NotFound,
                            "There is no model folder or config.json at this place.",
                            path.toStdString());
    QString absolute = file.absoluteFilePath();
    // A folder without weights is measured with synthetic ones, as its config.json alone would be.
    const QStringList weights{QStringLiteral("*.safetensors"),
                              QStringLiteral("*.safetensors.index.json")};
    if (file.isDir() && QDir(absolute).entryList(weights, QDir::Files).isEmpty())
        absolute += QStringLiteral("/config.json");
    auto model = engine::resolveModel(absolute.toStdString());
    if (!model)
        return tl::make_unexpected(model.error());
    ModelEntry entry;
    entry.id = absolute;
    entry.name = QString::fromStdString(model->spec.name);
    entry.path = absolute;
    entry.spec = std::move(model->spec);
    entry.parameters = engine::parameterCount(entry.spec);
    return entry;
}

ScenarioRanges rangesOf(const Inventory &inventory, const Scenario &scenario)
{
    const DeviceEntry *device = inventory.device(scenario.device);
    const ModelEntry *model = inventory.model(scenario.model);
    const bool cpu = device && device->spec.kind == engine::DeviceKind::Cpu;
    ScenarioRanges ranges;
    ranges.batch = {1, cpu ? kLargestBatchCpu : kLargestBatchGpu};
    std::int64_t longest = cpu ? kLongestContextCpu : kLongestContextGpu;
    if (model && model->spec.maxPositions > 0)
        longest = std::min(longest, model->spec.maxPositions);
    ranges.context = {std::min(kShortestContext, longest), longest};
    ranges.output = {1, kLongestOutput};
    return ranges;
}

Scenario clamped(Scenario scenario, const Inventory &inventory)
{
    const ScenarioRanges ranges = rangesOf(inventory, scenario);
    engine::Workload &cell = scenario.workload;
    cell.batch = std::clamp(cell.batch, ranges.batch.lowest, ranges.batch.highest);
    cell.contextTokens =
        std::clamp(cell.contextTokens, ranges.context.lowest, ranges.context.highest);
    cell.outputTokens = std::clamp(cell.outputTokens, ranges.output.lowest, ranges.output.highest);
    scenario.usdPerHour = std::max<engine::MicroUsd>(scenario.usdPerHour, 0);
    scenario.utilisation = std::clamp(scenario.utilisation, 0.01, 1.0);
    scenario.inputPerOutput = std::clamp(scenario.inputPerOutput, 0.0, 1000.0);
    scenario.cachedShare = std::clamp(scenario.cachedShare, 0.0, 1.0);
    return scenario;
}

engine::MicroUsd rentOf(const Inventory &inventory, const QString &device)
{
    const DeviceEntry *entry = inventory.device(device);
    return !entry || entry->spec.prices.empty() ? 0 : entry->spec.prices.front().perHour;
}

Scenario onDevice(Scenario scenario, const Inventory &inventory, const QString &device)
{
    const DeviceEntry *entry = inventory.device(device);
    if (!entry)
        return scenario;
    scenario.device = device;
    scenario.usdPerHour = rentOf(inventory, device);
    // What this machine's engine cannot run it could never measure.
    if (entry->thisMachine && !entry->spec.denseRate.contains(scenario.dtype)) {
        scenario.dtype = engine::DType::Bf16;
        scenario.kvDtype = engine::DType::Bf16;
    }
    return clamped(std::move(scenario), inventory);
}

Scenario withModel(Scenario scenario, const Inventory &inventory, const QString &model)
{
    if (!inventory.model(model))
        return scenario;
    scenario.model = model;
    return clamped(std::move(scenario), inventory);
}

QDate summerDay()
{
    return {2025, 7, 31};
}

Scenario onDay(Scenario scenario, QDate day)
{
    static const QString summerFamily = QStringLiteral("deepseek-r1");
    static const QString presentFamily = QStringLiteral("deepseek-v4");
    scenario.offersAsOf = day;
    if (day == summerDay() && scenario.offers == presentFamily)
        scenario.offers = summerFamily;
    else if (!day.isValid() && scenario.offers == summerFamily)
        scenario.offers = presentFamily;
    return scenario;
}

Scenario defaultScenario(const Inventory &inventory)
{
    Scenario scenario;
    if (!inventory.model(scenario.model) && !inventory.models.empty())
        scenario.model = inventory.models.front().id;
    if (!inventory.device(scenario.device) && !inventory.devices.empty())
        scenario.device = inventory.devices.front().id;
    scenario.offersAsOf = summerDay();
    return onDevice(scenario, inventory, scenario.device);
}

} // namespace app
