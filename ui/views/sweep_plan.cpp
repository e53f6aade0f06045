// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/sweep_plan.h"

#include <algorithm>
#include <set>

#include "engine/spec/work.h"

namespace ui {
namespace {

// Weights may take this share of memory; the rest is for KV cache, workspace and everybody else.
constexpr double kWeightShare = 0.6;
constexpr std::int64_t kLargestBatch = 64;
constexpr std::int64_t kLargestContext = 8192;

std::vector<std::int64_t> ladder(std::initializer_list<std::int64_t> steps, std::int64_t extra)
{
    std::set<std::int64_t> values(steps);
    values.insert(extra);
    return {values.begin(), values.end()};
}

} // namespace

std::optional<app::Scenario> measurable(const app::Scenario &scenario,
                                        const app::Inventory &inventory)
{
    const auto here =
        std::find_if(inventory.devices.begin(), inventory.devices.end(),
                     [](const app::DeviceEntry &device) { return device.thisMachine; });
    if (here == inventory.devices.end())
        return std::nullopt;
    const app::DeviceEntry *current = inventory.device(scenario.device);
    app::Scenario moved = scenario;
    if (!current || !current->thisMachine)
        moved = app::onDevice(scenario, inventory, here->id);
    const app::DeviceEntry *device = inventory.device(moved.device);
    const app::ModelEntry *model = inventory.model(moved.model);
    const double room = device ? device->spec.memory.value * kWeightShare : 0;
    if (model && engine::weightBytes(model->spec, moved.dtype).value <= room)
        return moved;
    const auto smallest = std::min_element(inventory.models.begin(), inventory.models.end(),
                                           [](const app::ModelEntry &a, const app::ModelEntry &b) {
                                               return a.parameters < b.parameters;
                                           });
    const app::ModelEntry *preferred = inventory.model(QStringLiteral("qwen3-0.6b"));
    if (preferred)
        return app::withModel(moved, inventory, preferred->id);
    if (smallest != inventory.models.end())
        return app::withModel(moved, inventory, smallest->id);
    return moved;
}

engine::SweepRequest sweepOf(const app::Scenario &scenario, bool quick)
{
    const std::int64_t batch = std::clamp<std::int64_t>(scenario.workload.batch, 1, kLargestBatch);
    const std::int64_t context =
        std::clamp<std::int64_t>(scenario.workload.contextTokens, 1, kLargestContext);
    engine::SweepRequest request;
    request.model = scenario.model.toStdString();
    request.device = scenario.device.toStdString();
    request.dtype = scenario.dtype;
    request.outputTokens = scenario.workload.outputTokens;
    request.quick = quick;
    if (scenario.axis == app::CurveAxis::Batch) {
        request.batches = ladder({1, 2, 4, 8, 16}, batch);
        request.contexts = {context};
    } else {
        request.batches = {batch};
        request.contexts = ladder({128, 256, 512, 1024, 2048}, context);
    }
    return request;
}

} // namespace ui
