// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/measure/bench_runner.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>
#include <variant>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QUuid>

#include "app/measure/worker_process.h"

namespace app {

namespace {

constexpr int kObeyMs = 150; // after a cancel; the rest of the 200 ms is for ending the process
constexpr int kLoadIntervalMs = 200;
constexpr double kBusySharePct = 5;

double ownCpuMs()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double wallMs()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double, std::milli>(now).count();
}

// A quick sweep never settles its points, so there they count as they are.
bool isFinished(const engine::Point &point, const engine::SweepRequest &request)
{
    if (point.status == engine::PointStatus::DoesNotFit)
        return true;
    return point.status == engine::PointStatus::Ok &&
           (request.quick || !point.hasFlag("provisional"));
}

bool isFinished(const std::vector<engine::Point> &points, const engine::SweepRequest &request)
{
    const auto done = std::ranges::count_if(
        points, [&request](const engine::Point &point) { return isFinished(point, request); });
    return static_cast<std::size_t>(done) >= request.batches.size() * request.contexts.size();
}

std::shared_ptr<RunHead> newRun(const engine::SweepRequest &request)
{
    auto run = std::make_shared<RunHead>();
    run->id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    run->startedUtc = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
    run->request = request;
    run->request.done.clear();
    return run;
}

} // namespace

BenchRunner::BenchRunner(MeasurementLog &log, QObject *parent) : QObject(parent), m_log(log)
{
    m_stopTimer.setSingleShot(true);
    m_stopTimer.setInterval(kObeyMs);
    m_stopTimer.setTimerType(Qt::PreciseTimer);
    m_loadTimer.setInterval(kLoadIntervalMs);
    connect(&m_inbox, &PointInbox::burst, this, &BenchRunner::onBurst);
    connect(&m_stopTimer, &QTimer::timeout, this,
            [this] { end(engine::SweepFinished::How::Cancelled, std::nullopt, Farewell::Abrupt); });
    connect(&m_loadTimer, &QTimer::timeout, this, &BenchRunner::sampleOwnLoad);
}

BenchRunner::~BenchRunner()
{
    // The worker's last words must not reach a runner that is half gone.
    if (m_worker)
        m_worker->disconnect(this);
}

void BenchRunner::setWorkerCommand(const QStringList &command)
{
    m_command = command;
}

QStringList BenchRunner::workerCommand() const
{
    return m_command.isEmpty() ? usualCommand() : m_command;
}

QStringList BenchRunner::usualCommand() const
{
    const QDir folder(QCoreApplication::applicationDirPath());
    QStringList command{folder.filePath(QStringLiteral("paretoscope-engine"))};
    if (!m_resources.isEmpty())
        command << QStringLiteral("--resources") << m_resources;
    return command << QStringLiteral("worker");
}

void BenchRunner::setResources(const QString &folder)
{
    m_resources = folder;
}

void BenchRunner::setPatience(int startMs, int silenceMs)
{
    m_startMs = startMs;
    m_silenceMs = silenceMs;
}

engine::Result<void> BenchRunner::start(const engine::SweepRequest &request)
{
    if (isBusy())
        return engine::fail(engine::ErrorKind::BadInput,
                            "A sweep is running already; stop it before starting another.");
    m_run = newRun(request);
    m_log.putRun(m_run);
    begin(request);
    return {};
}

engine::Result<void> BenchRunner::resume()
{
    if (!canResume())
        return engine::fail(engine::ErrorKind::BadInput, "There is no sweep to go on with.");
    engine::SweepRequest request = m_run->request;
    for (engine::Point &point : m_log.pointsOf(m_run->id)) {
        if (isFinished(point, request))
            request.done.push_back(std::move(point));
    }
    begin(request);
    return {};
}

void BenchRunner::adopt(const RunPtr &run)
{
    if (isBusy() || isFinished(m_log.pointsOf(run->id), run->request))
        return;
    m_run = run;
    m_outcome = BenchOutcome{engine::SweepFinished::How::Cancelled, std::nullopt, true};
}

bool BenchRunner::canResume() const
{
    return !isBusy() && m_run && m_outcome && m_outcome->resumable;
}

QStringList BenchRunner::logTail() const
{
    return m_worker ? m_worker->logTail() : m_lastLog;
}

std::int64_t BenchRunner::workerPid() const
{
    return m_worker ? m_worker->pid() : 0;
}

void BenchRunner::begin(const engine::SweepRequest &request)
{
    m_request = request;
    m_progress = {};
    m_outcome.reset();
    m_startId = 0;
    m_worker = new WorkerProcess(this);
    connect(m_worker, &WorkerProcess::greeted, this, &BenchRunner::onGreeted);
    connect(m_worker, &WorkerProcess::received, this, &BenchRunner::onMessage);
    connect(m_worker, &WorkerProcess::rejected, this, &BenchRunner::lineRejected);
    connect(m_worker, &WorkerProcess::gone, this, [this](const engine::Error &error) {
        if (m_state == BenchState::Stopping)
            end(engine::SweepFinished::How::Cancelled, std::nullopt);
        else
            end(engine::SweepFinished::How::Failed, error);
    });
    setState(BenchState::Starting);
    m_worker->start(workerCommand(), m_startMs, m_silenceMs);
}

void BenchRunner::stop()
{
    if (m_state == BenchState::Starting) {
        end(engine::SweepFinished::How::Cancelled, std::nullopt, Farewell::Abrupt);
    } else if (m_state == BenchState::Running) {
        m_worker->send(engine::CancelSweep{});
        m_stopTimer.start();
        setState(BenchState::Stopping);
    }
}

void BenchRunner::onGreeted()
{
    m_startId = m_worker->send(engine::StartSweep{m_request});
    m_loadCpuMs = ownCpuMs();
    m_loadWallMs = wallMs();
    if (m_request.device == "cpu")
        m_loadTimer.start();
    setState(BenchState::Running);
}

void BenchRunner::onMessage(const engine::WorkerMessage &message)
{
    if (const auto *event = std::get_if<engine::EventBody>(&message))
        onEvent(*event);
    else
        onResponse(std::get<engine::Response>(message));
}

void BenchRunner::onEvent(const engine::EventBody &event)
{
    if (const auto *point = std::get_if<engine::PointMeasured>(&event)) {
        m_inbox.push(point->point);
    } else if (const auto *progress = std::get_if<engine::SweepProgress>(&event)) {
        m_progress = *progress;
        emit progressChanged(m_progress);
    } else if (const auto *started = std::get_if<engine::SweepStarted>(&event)) {
        learn(started->environment, started->model);
    } else if (const auto *finish = std::get_if<engine::SweepFinished>(&event)) {
        learn(finish->environment, {});
        end(finish->how, finish->error);
    }
}

void BenchRunner::learn(const engine::Environment &environment, const engine::Environment &model)
{
    if (environment.empty() && model.empty())
        return;
    auto run = std::make_shared<RunHead>(*m_run);
    for (const auto &[key, value] : environment)
        run->environment[key] = value;
    for (const auto &[key, value] : model)
        run->model[key] = value;
    m_run = run;
    m_log.putRun(m_run);
}

void BenchRunner::onResponse(const engine::Response &response)
{
    if (response.error && response.id == m_startId)
        end(engine::SweepFinished::How::Failed, response.error);
}

void BenchRunner::onBurst(const std::vector<engine::Point> &points)
{
    m_log.append(m_run->id, points);
}

void BenchRunner::end(engine::SweepFinished::How how, std::optional<engine::Error> error,
                      Farewell farewell)
{
    if (!isBusy())
        return;
    m_stopTimer.stop();
    m_loadTimer.stop();
    m_inbox.drain();
    m_lastLog = m_worker->logTail();
    m_worker->disconnect(this);
    if (farewell == Farewell::Abrupt)
        m_worker->endNow();
    else
        m_worker->retire();
    m_worker = nullptr;
    m_outcome = BenchOutcome{how, std::move(error), how != engine::SweepFinished::How::Complete};
    setState(BenchState::Idle);
    emit finished(*m_outcome);
}

void BenchRunner::setState(BenchState state)
{
    if (m_state == state)
        return;
    m_state = state;
    emit stateChanged(state);
}

void BenchRunner::sampleOwnLoad()
{
    const double cpu = ownCpuMs();
    const double wall = wallMs();
    const double intervalMs = wall - m_loadWallMs;
    const double sharePct = 100 * (cpu - m_loadCpuMs) / intervalMs;
    m_loadCpuMs = cpu;
    m_loadWallMs = wall;
    if (sharePct > kBusySharePct)
        m_worker->notify(engine::WindowBusy{sharePct, intervalMs});
}

} // namespace app
