// SPDX-License-Identifier: Apache-2.0
// Speaks with the real worker process.
#include <csignal>
#include <functional>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child_process.h"
#include "engine/protocol/messages.h"

namespace {

using namespace engine;
using engine::testing::ChildProcess;

const std::string kTiny = std::string(PARETOSCOPE_TEST_DATA) + "/tiny/config.json";

SweepRequest tinySweep()
{
    SweepRequest sweep;
    sweep.model = kTiny;
    sweep.batches = {1, 2};
    sweep.contexts = {8, 16};
    sweep.outputTokens = 4;
    sweep.quick = true;
    return sweep;
}

// Grows for hours unless it is stopped.
SweepRequest endlessSweep()
{
    SweepRequest sweep = tinySweep();
    sweep.quick = false;
    sweep.batches = {1, 2, 3, 4, 5, 6, 7, 8};
    sweep.contexts = {8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96};
    return sweep;
}

class WorkerProcess : public ::testing::Test
{
protected:
    void SetUp() override { EXPECT_TRUE(std::holds_alternative<Hello>(nextEvent())); }

    void send(std::int64_t id, RequestBody body)
    {
        m_child.writeLine(toLine(Request{id, std::move(body)}));
    }

    // The next message that is no heartbeat.
    WorkerMessage next()
    {
        while (const std::optional<std::string> line = m_child.readLine()) {
            Result<WorkerMessage> message = parseWorkerMessage(*line);
            if (!message) {
                ADD_FAILURE() << message.error().message << ": " << *line;
                continue;
            }
            const auto *event = std::get_if<EventBody>(&*message);
            if (!event || !std::holds_alternative<Heartbeat>(*event))
                return std::move(*message);
        }
        ADD_FAILURE() << "the worker said nothing more";
        return Response{};
    }
    EventBody nextEvent()
    {
        const WorkerMessage message = next();
        const auto *event = std::get_if<EventBody>(&message);
        return event ? *event : EventBody(Heartbeat{});
    }

    // The answer with that id; events before it go to `onEvent`.
    Response answerTo(std::int64_t id, const std::function<void(const EventBody &)> &onEvent = {})
    {
        while (!HasFailure()) {
            const WorkerMessage message = next();
            if (const auto *response = std::get_if<Response>(&message)) {
                if (response->id == id)
                    return *response;
            } else if (onEvent) {
                onEvent(std::get<EventBody>(message));
            }
        }
        return {};
    }

    // Events until the sweep ends.
    std::vector<EventBody> untilFinished()
    {
        std::vector<EventBody> events;
        while (!HasFailure()) {
            events.push_back(nextEvent());
            if (std::holds_alternative<SweepFinished>(events.back()))
                break;
        }
        return events;
    }

    static std::vector<Point> pointsOf(const std::vector<EventBody> &events)
    {
        std::vector<Point> points;
        for (const EventBody &event : events) {
            if (const auto *measured = std::get_if<PointMeasured>(&event))
                points.push_back(measured->point);
        }
        return points;
    }

    ChildProcess m_child{{"worker"}};
};

TEST_F(WorkerProcess, MeasuresASweepFromRequestToLastPoint)
{
    send(1, StartSweep{tinySweep()});
    const Response response = answerTo(1);
    ASSERT_FALSE(response.error) << response.error->message;
    EXPECT_EQ(response.resultJson, R"({"cells":4,"refused":0})");
    const std::vector<EventBody> events = untilFinished();
    ASSERT_FALSE(events.empty());
    const auto &finished = std::get<SweepFinished>(events.back());
    EXPECT_EQ(finished.how, SweepFinished::How::Complete);
    const std::vector<Point> points = pointsOf(events);
    std::vector<Workload> seen;
    for (const Point &point : points) {
        EXPECT_EQ(point.status, PointStatus::Ok) << point.message;
        seen.push_back(point.workload);
    }
    for (std::int64_t batch : {1, 2}) {
        for (std::int64_t context : {8, 16})
            EXPECT_EQ(std::count(seen.begin(), seen.end(), Workload{batch, context, 4}) > 0, true);
    }
    const auto started = std::find_if(events.begin(), events.end(), [](const EventBody &event) {
        return std::holds_alternative<SweepStarted>(event);
    });
    ASSERT_NE(started, events.end());
    const auto &head = std::get<SweepStarted>(*started);
    EXPECT_TRUE(std::holds_alternative<double>(head.environment.at("ceiling_read_gbs")));
    EXPECT_TRUE(std::holds_alternative<double>(head.environment.at("ceiling_dense_tflops")));
    EXPECT_EQ(head.environment.at("weight_type"), EnvironmentValue(std::string("bf16")));
    EXPECT_EQ(head.model.at("parameters"), EnvironmentValue(std::int64_t(90432)));
}

TEST_F(WorkerProcess, AnswersMalformedLinesAndLivesOn)
{
    for (const std::string line : {"hello", "{", "[]", R"({"jsonrpc":"2.0","id":7,"method":"fly"})",
                                   "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"start_sweep\","
                                   "\"params\":{\"batches\":[-1]}}"}) {
        m_child.writeLine(line);
        const WorkerMessage message = next();
        const auto *response = std::get_if<Response>(&message);
        ASSERT_TRUE(response) << line;
        EXPECT_TRUE(response->error) << line;
    }
    send(9, Ping{});
    EXPECT_FALSE(answerTo(9).error);
}

TEST_F(WorkerProcess, DropsALineOverTheCapAndLivesOn)
{
    m_child.write(std::string(kMaxLineBytes + 10, 'x'));
    m_child.write("\n");
    const WorkerMessage message = next();
    ASSERT_TRUE(std::holds_alternative<Response>(message));
    EXPECT_TRUE(std::get<Response>(message).error);
    send(1, Ping{});
    EXPECT_FALSE(answerTo(1).error);
}

TEST_F(WorkerProcess, RefusesWhatItCannotMeasureWithAReason)
{
    SweepRequest sweep = tinySweep();
    sweep.model = "no-such-model";
    send(1, StartSweep{sweep});
    EXPECT_EQ(answerTo(1).error.value_or(Error{}).kind, ErrorKind::NotFound);
    sweep = tinySweep();
    sweep.device = "cuda:0";
    send(2, StartSweep{sweep});
    EXPECT_EQ(answerTo(2).error.value_or(Error{}).kind, ErrorKind::Unsupported);
    sweep = tinySweep();
    sweep.dtype = DType::Int4;
    send(3, StartSweep{sweep});
    EXPECT_EQ(answerTo(3).error.value_or(Error{}).kind, ErrorKind::Unsupported);
}

TEST_F(WorkerProcess, ACellThatDoesNotFitIsAPointWithItsBytes)
{
    SweepRequest sweep = tinySweep();
    sweep.batches = {1};
    sweep.contexts = {16, 600}; // the model takes 512 positions
    send(1, StartSweep{sweep});
    const std::vector<Point> points = pointsOf(untilFinished());
    ASSERT_FALSE(points.empty());
    EXPECT_EQ(points.front().workload.contextTokens, 600);
    EXPECT_EQ(points.front().status, PointStatus::DoesNotFit);
    EXPECT_GT(points.front().memNeededBytes.value_or(0), 0);
    EXPECT_NE(points.front().message.find("512"), std::string::npos);
    EXPECT_EQ(points.back().status, PointStatus::Ok);
}

TEST_F(WorkerProcess, FinishedPointsAreNotMeasuredAgain)
{
    send(1, StartSweep{tinySweep()});
    std::vector<Point> points = pointsOf(untilFinished());
    SweepRequest again = tinySweep();
    for (const Point &point : points) {
        if (point.workload.contextTokens == 8)
            again.done.push_back(point);
    }
    send(2, StartSweep{again});
    for (const Point &point : pointsOf(untilFinished()))
        EXPECT_EQ(point.workload.contextTokens, 16);
}

TEST_F(WorkerProcess, ASecondSweepIsRefusedWhileOneRunsAndTakenAfterwards)
{
    send(1, StartSweep{endlessSweep()});
    EXPECT_FALSE(answerTo(1).error);
    send(2, StartSweep{tinySweep()});
    EXPECT_TRUE(answerTo(2).error);
    send(3, CancelSweep{});
    EXPECT_EQ(std::get<SweepFinished>(untilFinished().back()).how, SweepFinished::How::Cancelled);
    send(4, StartSweep{tinySweep()});
    EXPECT_FALSE(answerTo(4).error);
    EXPECT_EQ(std::get<SweepFinished>(untilFinished().back()).how, SweepFinished::How::Complete);
}

TEST_F(WorkerProcess, ACancelEndsTheSweepInMidMeasurement)
{
    send(1, StartSweep{endlessSweep()});
    while (!HasFailure() && !std::holds_alternative<PointMeasured>(nextEvent())) {
    }
    const auto asked = std::chrono::steady_clock::now();
    send(2, CancelSweep{});
    const std::vector<EventBody> events = untilFinished();
    // 200 ms on an idle machine; this one may be full of other tests.
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(5));
    EXPECT_EQ(std::get<SweepFinished>(events.back()).how, SweepFinished::How::Cancelled);
}

TEST_F(WorkerProcess, ACancelEndsTheLoading)
{
    SweepRequest sweep = tinySweep();
    sweep.model = "smollm2-360m";
    send(1, StartSweep{sweep});
    while (!HasFailure()) {
        const EventBody event = nextEvent();
        const auto *progress = std::get_if<SweepProgress>(&event);
        if (progress && progress->phase == "loading")
            break;
    }
    send(2, CancelSweep{});
    const std::vector<EventBody> events = untilFinished();
    EXPECT_EQ(std::get<SweepFinished>(events.back()).how, SweepFinished::How::Cancelled);
    EXPECT_TRUE(pointsOf(events).empty());
}

TEST_F(WorkerProcess, BeatsWhileItHasNothingToDo)
{
    while (const std::optional<std::string> line = m_child.readLine()) {
        const Result<WorkerMessage> message = parseWorkerMessage(*line);
        ASSERT_TRUE(message);
        if (std::holds_alternative<Heartbeat>(std::get<EventBody>(*message)))
            return;
    }
    FAIL() << "no heartbeat";
}

TEST_F(WorkerProcess, DescribesTheCpuAndWhyThereIsNoGpu)
{
    send(1, DescribeDevices{false});
    const std::string text = answerTo(1).resultJson;
    EXPECT_NE(text.find(R"("id":"cpu")"), std::string::npos);
    EXPECT_NE(text.find(R"("ceiling_read_gbs":null)"), std::string::npos);
    EXPECT_NE(text.find("no CUDA module"), std::string::npos);
}

TEST_F(WorkerProcess, InspectsAModel)
{
    send(1, InspectModel{kTiny});
    EXPECT_NE(answerTo(1).resultJson.find(R"("parameters":90432)"), std::string::npos);
    send(2, InspectModel{"/no/such/folder"});
    EXPECT_TRUE(answerTo(2).error);
}

TEST_F(WorkerProcess, ANotificationHasNoAnswer)
{
    m_child.writeLine(toLine(Request{std::nullopt, WindowBusy{50, 100}}));
    send(1, Ping{});
    const WorkerMessage message = next();
    ASSERT_TRUE(std::holds_alternative<Response>(message));
    EXPECT_EQ(std::get<Response>(message).id, 1);
}

TEST_F(WorkerProcess, EndsWhenItsInputIsClosedInMidSweep)
{
    send(1, StartSweep{endlessSweep()});
    EXPECT_FALSE(answerTo(1).error);
    m_child.closeInput();
    m_child.readAll();
    EXPECT_EQ(m_child.wait(), 0);
}

TEST_F(WorkerProcess, EndsWhenNobodyReadsItsOutput)
{
    m_child.closeOutput();
    EXPECT_EQ(m_child.wait(), 0);
}

TEST_F(WorkerProcess, EndsWhenAskedTo)
{
    send(1, Shutdown{});
    EXPECT_FALSE(answerTo(1).error);
    EXPECT_EQ(m_child.wait(), 0);
}

// A worker whose parent was killed while another process still holds its pipes open.
TEST(Worker, DiesWithItsParent)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int told[2];
    ASSERT_EQ(pipe(told), 0);
    const pid_t parent = fork();
    ASSERT_GE(parent, 0);
    if (parent == 0) {
        ChildProcess worker({"worker"});
        worker.readLine(); // hello: it is up
        const pid_t holder = fork();
        if (holder == 0) {
            pause();
            _exit(0);
        }
        const pid_t pids[2] = {worker.pid(), holder};
        if (::write(told[1], pids, sizeof pids) != sizeof pids)
            _exit(1);
        pause();
        _exit(0);
    }
    pid_t pids[2] = {};
    ASSERT_EQ(read(told[0], pids, sizeof pids), ssize_t(sizeof pids));
    kill(parent, SIGKILL);
    ASSERT_EQ(waitpid(parent, nullptr, 0), parent);
    int status = 0;
    ASSERT_EQ(waitpid(pids[0], &status, 0), pids[0]);
    EXPECT_TRUE(WIFSIGNALED(status));
    kill(pids[1], SIGKILL);
    waitpid(pids[1], nullptr, 0);
}

} // namespace
