// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/device_knowledge.h"

#include <map>
#include <utility>

#include "engine/model/devices/cpu_device.h"

namespace app {

namespace {

// The fit's cost grows with the square of its points and more; the newest say enough.
constexpr std::size_t kFittedPoints = 256;

bool isOn(const Measurement &measurement, const QString &device)
{
    return QString::fromStdString(measurement.run->request.device) == device;
}

// The newest run's own description of the CPU: a worker may run on another machine than the window.
engine::DeviceSpec describe(const engine::DeviceSpec &known,
                            std::span<const Measurement> measurements, const QString &device)
{
    if (known.kind != engine::DeviceKind::Cpu)
        return known;
    const Measurement *newest = nullptr;
    for (const Measurement &measurement : measurements) {
        if (isOn(measurement, device) &&
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

std::vector<engine::MeasuredRun> runsOn(const Inventory &inventory, const QString &device,
                                        std::span<const Measurement> measurements)
{
    std::vector<engine::MeasuredRun> runs;
    std::size_t count = 0;
    for (const ModelEntry &model : inventory.models) {
        for (engine::DType dtype : engine::kAllDTypes) {
            const auto points = pointsOf(measurements, model.id, device, dtype);
            if (points.empty())
                continue;
            engine::MeasuredRun run;
            run.model = model.spec;
            run.deployment.dtype = dtype;
            run.deployment.kvDType = dtype;
            for (const Measurement *point : points) {
                if (count < kFittedPoints) {
                    run.points.push_back(point->point);
                    ++count;
                }
            }
            runs.push_back(std::move(run));
        }
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
    knowledge.spec = describe(entry->spec, measurements, device);
    const std::vector<engine::MeasuredRun> runs = runsOn(inventory, device, measurements);
    knowledge.calibration = runs.empty() ? engine::priorCalibration(knowledge.spec)
                                         : engine::calibrate(knowledge.spec, runs);
    return knowledge;
}

std::vector<const Measurement *> pointsOf(std::span<const Measurement> measurements,
                                          const QString &model, const QString &device,
                                          engine::DType dtype)
{
    std::map<std::pair<std::int64_t, std::int64_t>, const Measurement *> newest;
    const std::string modelName = model.toStdString();
    const std::string deviceName = device.toStdString();
    for (const Measurement &measurement : measurements) {
        const engine::SweepRequest &request = measurement.run->request;
        if (request.dtype != dtype || request.model != modelName || request.device != deviceName ||
            measurement.point.status != engine::PointStatus::Ok)
            continue;
        const engine::Workload &cell = measurement.point.workload;
        const Measurement *&place = newest[{cell.batch, cell.contextTokens}];
        if (!place || measurement.run->startedUtc >= place->run->startedUtc)
            place = &measurement;
    }
    std::vector<const Measurement *> points;
    points.reserve(newest.size());
    for (const auto &entry : newest)
        points.push_back(entry.second);
    return points;
}

} // namespace app
