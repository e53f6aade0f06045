// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/protocol/messages.h"
#include "engine/protocol/point_json.h"
#include "samples.h"

namespace {

using namespace engine;
using nlohmann::json;

// The code and id of the answer to a line that must be refused.
std::pair<int, json> answer(const std::string &line)
{
    EXPECT_FALSE(parseRequest(line)) << line.substr(0, 200);
    const json value = json::parse(answerToBadLine(line));
    EXPECT_EQ(value.at("jsonrpc"), "2.0");
    EXPECT_FALSE(value.at("error").at("message").get<std::string>().empty());
    return {value.at("error").at("code"), value.at("id")};
}

std::string start(const std::string &params)
{
    return R"({"jsonrpc":"2.0","id":5,"method":"start_sweep","params":)" + params + "}";
}

TEST(HostileLines, NoJsonIsAParseErrorWithoutId)
{
    for (const std::string line : {"", "hello", "{", "{\"jsonrpc\":\"2.0\",", "\x00\x01", "nul"})
        EXPECT_EQ(answer(line), std::pair(-32700, json()));
}

TEST(HostileLines, JsonThatIsNoRequestIsAnInvalidRequest)
{
    for (const std::string line :
         {"[]", "7", "\"ping\"", "null", "{}", R"({"method":"ping"})",
          R"({"jsonrpc":"1.0","method":"ping"})", R"({"jsonrpc":"2.0","method":7})"})
        EXPECT_EQ(answer(line).first, -32600) << line;
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":9})"), std::pair(-32600, json(9)));
}

TEST(HostileLines, AnUnknownMethodIsNamedWithItsId)
{
    const auto refused = answer(R"({"jsonrpc":"2.0","id":4,"method":"format_disk"})");
    EXPECT_EQ(refused, std::pair(-32601, json(4)));
}

TEST(HostileLines, DeepNestingIsRefusedBeforeAnythingRecurses)
{
    const std::string open(1000000, '[');
    EXPECT_EQ(answer(open).first, -32700);
    EXPECT_EQ(answer(start(std::string(100, '[') + std::string(100, ']'))).first, -32700);
    EXPECT_FALSE(parseWorkerMessage(open));
    EXPECT_FALSE(parseRun(open));
}

TEST(HostileLines, BracketsInsideStringsAreNoNesting)
{
    const std::string text(100, '[');
    EXPECT_TRUE(parseRequest(R"({"jsonrpc":"2.0","method":"inspect_model","params":{"model":")" +
                             text + R"(\""}})"));
}

TEST(HostileLines, ALineOverTheCapIsRefusedUnread)
{
    EXPECT_EQ(answer(std::string(kMaxLineBytes + 1, ' ')).first, -32700);
}

TEST(HostileLines, ManyKeysAreReadInReasonableTime)
{
    std::string line = R"({"jsonrpc":"2.0","method":"ping","params":{)";
    for (int i = 0; i < 200000; ++i)
        line += "\"k" + std::to_string(i) + "\":1,";
    line += R"("z":1}})";
    EXPECT_TRUE(parseRequest(line));
}

TEST(HostileLines, NumbersOutOfRangeAreRefused)
{
    for (const char *params : {R"({"batches":[1e400]})",
                               R"({"batches":[99999999999999999999]})",
                               R"({"batches":[0]})",
                               R"({"batches":[-4]})",
                               R"({"batches":[1.5]})",
                               R"({"batches":["1"]})",
                               R"({"batches":[]})",
                               R"({"batches":7})",
                               R"({"contexts":[9223372036854775807]})",
                               R"({"threads":-1})",
                               R"({"threads":99999999999})",
                               R"({"cell_seconds":-1})",
                               R"({"cell_seconds":"soon"})",
                               R"({"max_rounds":0})",
                               R"({"seed":-1})",
                               R"({"seed":1.5})",
                               R"({"output_tokens":0})",
                               R"({"dtype":"int3"})",
                               R"({"dtype":16})",
                               R"({"quick":"yes"})",
                               R"({"done":[7]})",
                               R"({"done":{}})",
                               R"([])",
                               R"("x")"}) {
        const auto refused = answer(start(params));
        EXPECT_TRUE(refused.first == -32602 || refused.first == -32700) << params;
    }
}

TEST(HostileLines, AGridOfTooManyCellsIsRefused)
{
    std::string list = "[1";
    for (int i = 0; i < 99; ++i)
        list += ",2";
    list += "]";
    EXPECT_EQ(answer(start(R"({"batches":)" + list + R"(,"contexts":)" + list + "}")).first,
              -32602);
}

TEST(HostileLines, BytesThatAreNoUtf8AreRefusedAndNeverWritten)
{
    EXPECT_EQ(answer("{\"jsonrpc\":\"2.0\",\"method\":\"\xff\xfe\"}").first, -32700);
    const std::string line = toLine(EventBody(SweepFinished{
        SweepFinished::How::Failed, Error{ErrorKind::NotFound, "no file \xff\xfe", {}}, {}}));
    EXPECT_TRUE(parseWorkerMessage(line));
}

TEST(HostileLines, WorkerMessagesAreCheckedTheSameWay)
{
    for (const char *line :
         {"", "{}", "[]", R"({"jsonrpc":"2.0"})", R"({"jsonrpc":"2.0","method":"explode"})",
          R"({"jsonrpc":"2.0","method":"point","params":{}})",
          R"({"jsonrpc":"2.0","method":"point","params":{"point":{"batch":0}}})",
          R"({"jsonrpc":"2.0","method":"hello","params":{}})",
          R"({"jsonrpc":"2.0","method":"sweep_finished","params":{"how":"badly"}})",
          R"({"jsonrpc":"2.0","method":"progress","params":{"round":-1}})",
          R"({"jsonrpc":"2.0","method":"sweep_started","params":{"env":{"a":[1]}}})",
          R"({"jsonrpc":"2.0","method":"progress","params":[1]})"}) {
        const Result<WorkerMessage> refused = parseWorkerMessage(line);
        ASSERT_FALSE(refused) << line;
        EXPECT_EQ(refused.error().kind, ErrorKind::BadInput);
        EXPECT_FALSE(refused.error().message.empty());
    }
}

TEST(HostileLines, CutAndFlippedLinesNeverCrashTheReader)
{
    SweepRequest sweep;
    sweep.done = {samples::fullPoint()};
    const std::string request = toLine(Request{1, StartSweep{sweep}});
    const std::string event = toLine(EventBody(PointMeasured{samples::fullPoint()}));
    std::mt19937 random(7);
    int refused = 0;
    for (int i = 0; i < 4000; ++i) {
        std::string line = i % 2 ? request : event;
        for (int flips = 0; flips < 3; ++flips)
            line[random() % line.size()] = char(random() % 256);
        line.resize(1 + random() % line.size());
        refused += !parseRequest(line);
        refused += !parseWorkerMessage(line);
        EXPECT_TRUE(json::accept(answerToBadLine(line)));
    }
    EXPECT_GT(refused, 4000);
}

} // namespace
