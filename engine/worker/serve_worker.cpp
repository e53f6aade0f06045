// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/serve_worker.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <limits>
#include <mutex>
#include <new>
#include <stop_token>
#include <thread>

#include <poll.h>
#include <unistd.h>

#include "engine/infer/memory.h"
#include "engine/measure/busy_spans.h"
#include "engine/protocol/messages.h"
#include "engine/spec/build_info.h"
#include "engine/worker/describe.h"
#include "engine/worker/line_reader.h"
#include "engine/worker/line_writer.h"
#include "engine/worker/sweep_job.h"

namespace engine {
namespace {

constexpr double kBusySharePct = 5; // of a core
constexpr double kMaxBusyMs = 10000;
constexpr auto kHeartbeat = std::chrono::seconds(1);

class Worker
{
public:
    Worker(int input, int output, std::string resources)
        : m_input(input), m_resources(std::move(resources)), m_writer(output)
    {
    }

    int serve();

private:
    void takeLine(std::string_view line);
    void handle(const Request &request);
    void answer(const Request &request, Result<std::string> result);
    void startSweep(const Request &request, const SweepRequest &sweep);
    SweepFinished runSweep(const SweepJob &job, std::stop_token stop);
    void describeDevices(const Request &request, const DescribeDevices &wanted);
    void noteBusyWindow(const WindowBusy &busy);
    void send(const EventBody &event) { m_writer.write(toLine(event)); }

    int m_input;
    std::string m_resources;
    LineWriter m_writer;
    bool m_isShutDown = false;
    BusySpans m_windowBusy;
    std::atomic<bool> m_isBusy{false}; // false again before the last word of a task is sent
    std::jthread m_task;               // a sweep, or the ceilings; last: it uses the members above
};

void Worker::answer(const Request &request, Result<std::string> result)
{
    if (!request.id) { // a notification has no answer; a fault of it goes to the log
        if (!result)
            std::fprintf(stderr, "%s\n", result.error().message.c_str());
        return;
    }
    Response response;
    response.id = request.id;
    if (result)
        response.resultJson = std::move(*result);
    else
        response.error = result.error();
    m_writer.write(toLine(response));
}

SweepFinished Worker::runSweep(const SweepJob &job, std::stop_token stop)
{
    try {
        return runSweepJob(
            job, &m_windowBusy, [this](const EventBody &event) { send(event); }, stop);
    } catch (const std::bad_alloc &) {
        return {SweepFinished::How::Failed,
                Error{ErrorKind::DoesNotFit,
                      "The memory ran out; measure a smaller model, batch or context.",
                      {}},
                {}};
    }
}

void Worker::startSweep(const Request &request, const SweepRequest &sweep)
{
    if (m_isBusy) {
        answer(request, fail(ErrorKind::BadInput,
                             "The worker is busy with a sweep; cancel it or wait for its end."));
        return;
    }
    const std::int64_t available =
        availableMemoryBytes().value_or(std::numeric_limits<std::int64_t>::max());
    Result<SweepJob> job = prepareSweep(sweep, m_resources, available);
    if (!job) {
        answer(request, tl::unexpected(job.error()));
        return;
    }
    answer(request, "{\"cells\":" + std::to_string(job->cells.size()) +
                        ",\"refused\":" + std::to_string(job->refused.size()) + "}");
    m_isBusy = true;
    m_task = std::jthread([this, job = std::move(*job)](std::stop_token stop) {
        const SweepFinished finished = runSweep(job, std::move(stop));
        if (finished.error)
            std::fprintf(stderr, "The sweep failed: %s\n", finished.error->message.c_str());
        m_isBusy = false;
        send(finished);
    });
}

void Worker::describeDevices(const Request &request, const DescribeDevices &wanted)
{
    // Never beside a sweep: both would be wrong.
    if (!wanted.measureCeilings || m_isBusy) {
        answer(request, describeDevicesJson(describeCpu()));
        return;
    }
    m_isBusy = true;
    m_task = std::jthread([this, request](std::stop_token stop) {
        const Result<CpuReport> report = measureCpu(0, std::move(stop));
        m_isBusy = false;
        if (report)
            answer(request, describeDevicesJson(*report));
        else
            answer(request, tl::unexpected(report.error()));
    });
}

void Worker::noteBusyWindow(const WindowBusy &busy)
{
    if (!(busy.sharePct > kBusySharePct) || !(busy.intervalMs > 0))
        return;
    using namespace std::chrono;
    const std::int64_t now =
        duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
    m_windowBusy.add(now - std::int64_t(std::min(busy.intervalMs, kMaxBusyMs) * 1e6), now);
}

void Worker::handle(const Request &request)
{
    const RequestBody &body = request.body;
    if (const auto *describe = std::get_if<DescribeDevices>(&body)) {
        describeDevices(request, *describe);
    } else if (const auto *inspect = std::get_if<InspectModel>(&body)) {
        answer(request, inspectModelJson(inspect->model, m_resources));
    } else if (const auto *start = std::get_if<StartSweep>(&body)) {
        startSweep(request, start->sweep);
    } else if (std::holds_alternative<CancelSweep>(body)) {
        m_task.request_stop();
        answer(request, std::string("{}"));
    } else if (const auto *busy = std::get_if<WindowBusy>(&body)) {
        noteBusyWindow(*busy);
        answer(request, std::string("{}"));
    } else {
        m_isShutDown = std::holds_alternative<Shutdown>(body);
        answer(request, std::string("{}")); // Ping, Shutdown
    }
}

void Worker::takeLine(std::string_view line)
{
    const Result<Request> request = parseRequest(line);
    if (request) {
        handle(*request);
        return;
    }
    std::fprintf(stderr, "A line was refused: %s\n", request.error().message.c_str());
    m_writer.write(answerToBadLine(line));
}

int Worker::serve()
{
    send(Hello{kProtocolVersion, appVersion()});
    std::jthread heartbeat([this](std::stop_token stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested() && !m_writer.isBroken()) {
            wake.wait_for(lock, stop, kHeartbeat, [] { return false; });
            if (!stop.stop_requested())
                send(Heartbeat{});
        }
    });
    LineReader reader(
        kMaxLineBytes, [this](std::string_view line) { takeLine(line); },
        [this] { m_writer.write(answerToBadLine(std::string(kMaxLineBytes + 1, ' '))); });
    char buffer[1 << 16];
    while (!m_isShutDown && !m_writer.isBroken()) {
        pollfd waiting{m_input, POLLIN, 0};
        // Wakes up now and then to see whether the reader of the output has gone.
        if (poll(&waiting, 1, 1000) <= 0)
            continue;
        const ssize_t count = ::read(m_input, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            reader.finish();
            break;
        }
        reader.feed({buffer, std::size_t(count)});
    }
    return 0; // the tasks are asked to stop and waited for
}

} // namespace

int serveWorker(int input, int output, const std::string &resources)
{
    std::signal(SIGPIPE, SIG_IGN); // a reader that is gone is an error of write
    return Worker(input, output, resources).serve();
}

} // namespace engine
