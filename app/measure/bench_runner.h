// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>

#include "app/measure/measurement_log.h"
#include "app/measure/point_inbox.h"
#include "engine/protocol/messages.h"
#include "engine/spec/result.h"

namespace app {

class WorkerProcess;

enum class BenchState {
    Idle,
    Starting, // the worker's process is coming up
    Running,
    Stopping, // asked to stop, not yet gone quiet; at most 200 ms
};

// How the last sweep ended; its points stay in every case.
struct BenchOutcome
{
    engine::SweepFinished::How how = engine::SweepFinished::How::Complete;
    std::optional<engine::Error> error; // detail: the last lines of the worker's log
    bool resumable = false;

    friend bool operator==(const BenchOutcome &, const BenchOutcome &) = default;
};

// Owns the worker's process and brings its points to the log. A worker that crashes, hangs or
// speaks nonsense ends the sweep with a message and nothing else; resume() goes on from the points
// that are there.
class BenchRunner : public QObject
{
    Q_OBJECT

public:
    // The log is not owned and must outlive the runner.
    explicit BenchRunner(MeasurementLog &log, QObject *parent = nullptr);
    ~BenchRunner() override; // ends the worker

    // Program and arguments, "ssh", "box", "paretoscope-engine", "worker"; empty = the worker that
    // lies beside this program. Counts from the next start on.
    void setWorkerCommand(const QStringList &command);
    QStringList workerCommand() const;
    QStringList usualCommand() const; // of the worker beside this program
    // Folder that the worker beside this program takes its models and devices from (--resources);
    // empty = what is compiled in. A worker command of the user's own says that itself.
    void setResources(const QString &folder);

    // Starts a sweep; refused (BadInput) while one runs.
    engine::Result<void> start(const engine::SweepRequest &request);
    // Goes on with the run that ended early, its finished points not measured again.
    engine::Result<void> resume();
    // Takes up a run of an earlier session that has not come to its end, so that resume()
    // continues it; one that has is left alone.
    void adopt(const RunPtr &run);
    // No point arrives later than 200 ms after this; a worker that does not obey is ended.
    void stop();
    bool canResume() const;

    BenchState state() const { return m_state; }
    bool isBusy() const { return m_state != BenchState::Idle; }
    const engine::SweepProgress &progress() const { return m_progress; }
    const std::optional<BenchOutcome> &lastOutcome() const { return m_outcome; }
    RunPtr run() const { return m_run; } // of the current or last sweep; may be null
    QStringList logTail() const;         // last lines of the worker's stderr
    std::int64_t workerPid() const;      // 0 = none

    // How long a worker may take to come up, and how long it may then be silent.
    void setPatience(int startMs, int silenceMs);

signals:
    void stateChanged(app::BenchState state);
    void progressChanged(const engine::SweepProgress &progress);
    void finished(const app::BenchOutcome &outcome);
    // A line that is no message of ours; the sweep goes on.
    void lineRejected(const QString &reason);

private:
    void begin(const engine::SweepRequest &request);
    void onGreeted();
    void onMessage(const engine::WorkerMessage &message);
    void onEvent(const engine::EventBody &event);
    void onResponse(const engine::Response &response);
    void learn(const engine::Environment &environment, const engine::Environment &model);
    void onBurst(const std::vector<engine::Point> &points);
    enum class Farewell { Polite, Abrupt };
    void end(engine::SweepFinished::How how, std::optional<engine::Error> error,
             Farewell farewell = Farewell::Polite);
    void setState(BenchState state);
    void sampleOwnLoad();

    MeasurementLog &m_log;
    QStringList m_command;
    QString m_resources;
    int m_startMs = 30'000;
    int m_silenceMs = 15'000;
    BenchState m_state = BenchState::Idle;
    engine::SweepRequest m_request; // of the current or last sweep, with the points already there
    engine::SweepProgress m_progress;
    std::optional<BenchOutcome> m_outcome;
    RunPtr m_run;
    PointInbox m_inbox;
    WorkerProcess *m_worker = nullptr; // child; null while idle
    QStringList m_lastLog;
    std::int64_t m_startId = 0;
    QTimer m_stopTimer;
    QTimer m_loadTimer;
    double m_loadCpuMs = 0;
    double m_loadWallMs = 0;
};

} // namespace app
