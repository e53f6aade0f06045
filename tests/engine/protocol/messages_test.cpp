// SPDX-License-Identifier: Apache-2.0
#include "engine/protocol/messages.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "samples.h"

namespace {

using namespace engine;
using nlohmann::json;

SweepRequest sampleSweep()
{
    SweepRequest sweep;
    sweep.model = "/models/some \"odd\" folder";
    sweep.dtype = DType::Fp32;
    sweep.batches = {1, 8};
    sweep.contexts = {128, 4096};
    sweep.outputTokens = 64;
    sweep.threads = 3;
    sweep.quick = true;
    sweep.cellSeconds = 12.5;
    sweep.maxRounds = 5;
    sweep.seed = 18446744073709551615ull;
    sweep.done = {samples::fullPoint()};
    return sweep;
}

TEST(Messages, EveryRequestComesBackAsItWas)
{
    const std::vector<RequestBody> bodies{DescribeDevices{false},
                                          InspectModel{"qwen3-0.6b"},
                                          StartSweep{sampleSweep()},
                                          CancelSweep{},
                                          Ping{},
                                          Shutdown{},
                                          WindowBusy{12.5, 100}};
    ASSERT_EQ(bodies.size(), std::variant_size_v<RequestBody>);
    std::int64_t id = 1;
    for (const RequestBody &body : bodies) {
        const Request request{id++, body};
        const std::string line = toLine(request);
        EXPECT_EQ(line.find('\n'), std::string::npos);
        const Result<Request> back = parseRequest(line);
        ASSERT_TRUE(back) << line << back.error().message;
        EXPECT_EQ(*back, request) << line;
    }
    const Request notification{std::nullopt, WindowBusy{6, 250}};
    EXPECT_EQ(*parseRequest(toLine(notification)), notification);
}

TEST(Messages, EveryEventComesBackAsItWas)
{
    SweepProgress progress{"measuring", 3, 15, 2, 8, 2048, 0.25, 71.5, 0.5};
    const std::vector<EventBody> events{
        Hello{1, "0.1.0"},
        progress,
        SweepStarted{{{"ceiling_read_gbs", 50.5}}, {{"name", std::string("m")}}},
        PointMeasured{samples::fullPoint()},
        SweepFinished{SweepFinished::How::Failed,
                      Error{ErrorKind::DeviceFailed, "The device fell over.", "0x5"},
                      {{"ceiling_read_gbs_after", 49.0}}},
        Heartbeat{}};
    ASSERT_EQ(events.size(), std::variant_size_v<EventBody>);
    for (const EventBody &event : events) {
        const std::string line = toLine(event);
        EXPECT_EQ(line.find('\n'), std::string::npos);
        const Result<WorkerMessage> back = parseWorkerMessage(line);
        ASSERT_TRUE(back) << line << back.error().message;
        EXPECT_EQ(std::get<EventBody>(*back), event) << line;
    }
}

TEST(Messages, ResponsesComeBackAsTheyWere)
{
    const Response result{7, R"({"cells":6})", std::nullopt};
    const Response error{8, "{}", Error{ErrorKind::DoesNotFit, "Too large.", "x"}};
    for (const Response &response : {result, error}) {
        const Result<WorkerMessage> back = parseWorkerMessage(toLine(response));
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_EQ(std::get<Response>(*back), response);
    }
}

TEST(Messages, AnIndentedResultStillFitsOnOneLine)
{
    const std::string line = toLine(Response{1, "{\n  \"a\": \"b\\nc\"\n}", std::nullopt});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(json::parse(line).at("result").at("a"), "b\nc");
}

TEST(Messages, EveryErrorKindSurvivesTheWire)
{
    for (ErrorKind kind :
         {ErrorKind::BadInput, ErrorKind::Unsupported, ErrorKind::NotFound, ErrorKind::DoesNotFit,
          ErrorKind::Io, ErrorKind::DeviceFailed, ErrorKind::Cancelled, ErrorKind::Internal}) {
        const Response response{1, "{}", Error{kind, "m", {}}};
        EXPECT_EQ(std::get<Response>(*parseWorkerMessage(toLine(response))).error->kind, kind);
    }
}

TEST(Messages, LinesAreJsonRpcTwo)
{
    const json request = json::parse(toLine(Request{3, Ping{}}));
    EXPECT_EQ(request.at("jsonrpc"), "2.0");
    EXPECT_EQ(request.at("id"), 3);
    EXPECT_EQ(request.at("method"), "ping");
    const json event = json::parse(toLine(EventBody(Heartbeat{})));
    EXPECT_EQ(event.at("jsonrpc"), "2.0");
    EXPECT_EQ(event.at("method"), "heartbeat");
    EXPECT_FALSE(event.contains("id"));
    const json error = json::parse(toLine(Response{4, "", Error{ErrorKind::BadInput, "no", ""}}));
    EXPECT_EQ(error.at("error").at("code"), -32602);
    EXPECT_EQ(error.at("error").at("message"), "no");
}

TEST(Messages, ASweepWithDefaultsNeedsNoFields)
{
    const Result<Request> request =
        parseRequest(R"({"jsonrpc":"2.0","id":1,"method":"start_sweep"})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(std::get<StartSweep>(request->body).sweep, SweepRequest());
}

} // namespace
