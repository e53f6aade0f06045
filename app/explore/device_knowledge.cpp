// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/device_knowledge.h"

#include <map>
#include <utility>

#include "engine/model/devices/cpu_device.h"

namespace app {

namespace {

// The fit's cost grows with the square of its points and more; the newest say enough.
constexpr std::size_t kFittedPoints = 256;

// The newest run's own description of the CPU: a worker may run on another machine than the window.
engine::DeviceSpec describe(const engine::DeviceSpec &known,
                            std::span<const Measurement> measurements, const std::string &device)
{
    if (known.kind != engine::DeviceKind::Cpu)
        return known;
    const Measurement *newest = nullptr;
    for (const Measurement &measurement : measurements) {
        if (measurement.run->request.device == device &&
            (!newest || measurement.run->startedUtc >= newest->run->startedUtc))
            newest = &measurement;
    }
    if (!newest)
        return known;
    std::optional<engine::DeviceSpec> measured = engine::cpuDeviceOf(newest->run->environment);
    if (!measured)
        return known;
    measured->prices = known.prices;
    return *measured;
}

using Cell = std::pair<std::int64_t, std::int64_t>;

// Keeps the newest point of each cell.
void keepNewest(std::map<Cell, const Measurement *> &cells, const Measurement &measurement)
{
    const engine::Workload &workload = measurement.point.workload;
    const Measurement *&place = cells[{workload.batch, workload.contextTokens}];
    if (!place || measurement.run->startedUtc >= place->run->startedUtc)
        place = &measurement;
}

std::vector<engine::MeasuredRun> runsOn(const Inventory &inventory, const std::string &device,
                                        std::span<const Measurement> measurements)
{
    std::map<std::pair<std::string, engine::DType>, std::map<Cell, const Measurement *>> groups;
    for (const Measurement &measurement : measurements) {
        const engine::SweepRequest &request = measurement.run->request;
        if (request.device == device && measurement.point.status == engine::PointStatus::Ok)
            keepNewest(groups[{request.model, request.dtype}], measurement);
    }
    std::vector<engine::MeasuredRun> runs;
    std::size_t count = 0;
    for (const auto &[key, cells] : groups) {
        const ModelEntry *model = inventory.model(QString::fromStdString(key.first));
        if (!model)
            continue;
        engine::MeasuredRun run;
        run.model = model->spec;
        run.deployment.dtype = key.second;
        run.deployment.kvDType = key.second;
        for (const auto &[cell, measurement] : cells) {
            if (count++ < kFittedPoints)
                run.points.push_back(measurement->point);
        }
        runs.push_back(std::move(run));
    }
    return runs;
}

} // namespace

std::optional<DeviceKnowledge> knowDevice(const Inventory &inventory, const QString &device,
                                          std::span<const Measurement> measurements)
{
    const DeviceEntry *entry = inventory.device(device);
    if (!entry)
        return std::nullopt;
    DeviceKnowledge knowledge;
    knowledge.spec = describe(entry->spec, measurements, device.toStdString());
    const std::vector<engine::MeasuredRun> runs =
        runsOn(inventory, device.toStdString(), measurements);
    knowledge.calibration = runs.empty()
                                ? engine::priorCalibration(knowledge.spec, inventory.constants)
                                : engine::calibrate(knowledge.spec, runs, inventory.constants);
    return knowledge;
}

std::vector<const Measurement *> pointsOf(std::span<const Measurement> measurements,
                                          const QString &model, const QString &device,
                                          engine::DType dtype)
{
    std::map<Cell, const Measurement *> newest;
    const std::string modelName = model.toStdString();
    const std::string deviceName = device.toStdString();
    for (const Measurement &measurement : measurements) {
        const engine::SweepRequest &request = measurement.run->request;
        if (request.dtype == dtype && request.model == modelName && request.device == deviceName &&
            measurement.point.status == engine::PointStatus::Ok)
            keepNewest(newest, measurement);
    }
    std::vector<const Measurement *> points;
    points.reserve(newest.size());
    for (const auto &entry : newest)
        points.push_back(entry.second);
    return points;
}

} // namespace app
