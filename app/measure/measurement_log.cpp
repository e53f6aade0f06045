// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/measure/measurement_log.h"

#include <algorithm>
#include <utility>

namespace app {

void MeasurementLog::putRun(RunPtr run)
{
    const auto known = std::ranges::find(m_runs, run->id, [](const RunPtr &r) { return r->id; });
    if (known == m_runs.end()) {
        m_runs.push_back(run);
    } else {
        *known = run;
        for (Measurement &measurement : m_measurements) {
            if (measurement.run->id == run->id)
                measurement.run = run;
        }
    }
    emit runChanged(run);
    emit changed();
}

void MeasurementLog::append(const QString &runId, const std::vector<engine::Point> &burst)
{
    const RunPtr owner = run(runId);
    if (!owner || burst.empty())
        return;
    insert(owner, burst);
    emit appended(owner, burst);
    emit changed();
}

void MeasurementLog::restore(RunPtr run, const std::vector<engine::Point> &points)
{
    m_runs.push_back(run);
    insert(run, points);
    emit changed();
}

RunPtr MeasurementLog::run(const QString &id) const
{
    const auto found = std::ranges::find(m_runs, id, [](const RunPtr &r) { return r->id; });
    return found == m_runs.end() ? nullptr : *found;
}

std::vector<engine::Point> MeasurementLog::pointsOf(const QString &runId) const
{
    std::vector<engine::Point> points;
    for (const Measurement &measurement : m_measurements) {
        if (measurement.run->id == runId)
            points.push_back(measurement.point);
    }
    std::ranges::sort(points, {}, &engine::Point::workload);
    return points;
}

void MeasurementLog::insert(const RunPtr &run, const std::vector<engine::Point> &points)
{
    for (const engine::Point &point : points) {
        const auto [place, isNew] =
            m_index.try_emplace({run->id, point.workload}, m_measurements.size());
        if (isNew)
            m_measurements.push_back({run, point});
        else
            m_measurements[place->second].point = point;
    }
}

} // namespace app
