// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include <QObject>
#include <QString>

#include "engine/protocol/messages.h"
#include "engine/spec/environment.h"
#include "engine/spec/point.h"

namespace app {

// What all points of one run have in common.
struct RunHead
{
    QString id;                      // unique, made when the run begins
    QString startedUtc;              // ISO 8601 with Z
    engine::SweepRequest request;    // what was asked, without finished points
    engine::Environment environment; // empty until the worker has described itself
    engine::Environment model;

    friend bool operator==(const RunHead &, const RunHead &) = default;
};
using RunPtr = std::shared_ptr<const RunHead>;

struct Measurement
{
    RunPtr run;
    engine::Point point;
};

// Every measured point since the program started and of the runs kept. Points come in bursts; one
// of the same run and workload replaces the earlier one.
class MeasurementLog : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    // A run begins, or its head has become known better (same id).
    void putRun(RunPtr run);
    // Unknown runs are ignored.
    void append(const QString &runId, const std::vector<engine::Point> &burst);
    // What was kept in an earlier session: in the log, but not announced as new.
    void restore(RunPtr run, const std::vector<engine::Point> &points);

    std::span<const Measurement> measurements() const { return m_measurements; }
    const std::vector<RunPtr> &runs() const { return m_runs; } // oldest first
    RunPtr run(const QString &id) const;
    std::vector<engine::Point> pointsOf(const QString &runId) const; // by workload

signals:
    void runChanged(app::RunPtr run);
    void appended(app::RunPtr run, const std::vector<engine::Point> &burst);
    // After any of these, once.
    void changed();

private:
    void insert(const RunPtr &run, const std::vector<engine::Point> &points);

    std::vector<RunPtr> m_runs;
    std::vector<Measurement> m_measurements;
    std::map<std::pair<QString, engine::Workload>, std::size_t> m_index;
};

} // namespace app
