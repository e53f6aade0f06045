// SPDX-License-Identifier: Apache-2.0
// Runs the real program on a tiny model.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "child_process.h"
#include "engine/protocol/point_json.h"

namespace {

using namespace engine;
using engine::testing::ChildProcess;
using engine::testing::Finished;
using engine::testing::runEngine;
using nlohmann::json;
namespace fs = std::filesystem;

const std::string kTiny = std::string(PARETOSCOPE_TEST_DATA) + "/tiny/config.json";

class Bench : public ::testing::Test
{
protected:
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "bench-XXXXXX").string();
        m_folder = mkdtemp(name.data());
        m_out = m_folder / "run.json";
    }
    void TearDown() override { fs::remove_all(m_folder); }

    Result<RunDocument> runFile() const
    {
        std::ifstream stream(m_out);
        const std::string text(std::istreambuf_iterator<char>(stream), {});
        return parseRun(text);
    }

    fs::path m_folder;
    fs::path m_out;
};

TEST_F(Bench, PrintsOneObjectWhoseFiguresAgree)
{
    const Finished done = runEngine({"bench", "--model", kTiny, "--batch", "1,3", "--context",
                                     "16,64", "--output", "9", "--quick", "--json"});
    ASSERT_EQ(done.exitCode, 0) << done.errors;
    const json run = json::parse(done.output);
    EXPECT_EQ(run.at("schema"), "paretoscope-run/1");
    EXPECT_GT(run.at("env").at("ceiling_read_gbs"), 0);
    EXPECT_GT(run.at("env").at("ceiling_dense_tflops"), 0);
    EXPECT_EQ(run.at("env").at("synthetic_weights"), true);
    EXPECT_EQ(run.at("model").at("parameters"), 90432);
    ASSERT_EQ(run.at("points").size(), 4u);
    for (const json &point : run.at("points")) {
        EXPECT_EQ(point.at("status"), "ok");
        const double step = point.at("step_wall_ms").at("p50");
        EXPECT_GT(step, 0);
        EXPECT_NEAR(point.at("output_tps"), 1e3 * double(point.at("batch")) / step, 1e-6);
        EXPECT_EQ(point.at("tpot_ms"), point.at("step_wall_ms"));
        EXPECT_EQ(point.at("itl_ms").at("p50"), step);
        EXPECT_NEAR(point.at("e2e_ms").at("p50"), double(point.at("ttft_ms").at("p50")) + 8 * step,
                    1e-9);
        EXPECT_NEAR(point.at("prefill_tps"),
                    1e3 * double(point.at("context_tokens")) /
                        double(point.at("ttft_idle_ms").at("p50")),
                    1e-6);
        EXPECT_GE(point.at("ttft_ms").at("p50"), point.at("ttft_idle_ms").at("lo").is_null()
                                                     ? 0.0
                                                     : double(point.at("ttft_idle_ms").at("lo")));
        EXPECT_GT(point.at("mem_peak_bytes"), 90432 * 2);
        EXPECT_EQ(point.at("output_tokens"), 9);
        // 180 kB of weights lie in any cache: no share of the memory.
        EXPECT_TRUE(point.at("bw_pct").is_null());
        EXPECT_EQ(point.at("why").at("bw_pct"), "not_applicable");
        EXPECT_NEAR(point.at("flop_pct"),
                    100 * double(point.at("flops_step")) / (step / 1e3) /
                        (1e12 * double(run.at("env").at("ceiling_dense_tflops"))),
                    1e-6);
        EXPECT_TRUE(point.at("env").at("samples").is_number());
        const json flags = point.at("flags");
        EXPECT_NE(std::find(flags.begin(), flags.end(), "cache_resident"), flags.end());
        EXPECT_NE(std::find(flags.begin(), flags.end(), "provisional"), flags.end());
    }
}

TEST_F(Bench, GoesOnUntilMediansAreKnownOrTheTimeIsOver)
{
    const Finished done = runEngine({"bench", "--model", kTiny, "--batch", "2", "--context", "32",
                                     "--json", "--cell-seconds", "5"});
    ASSERT_EQ(done.exitCode, 0) << done.errors;
    const Result<RunDocument> run = parseRun(done.output);
    ASSERT_TRUE(run) << run.error().message;
    const Point &point = run->points.at(0);
    EXPECT_FALSE(point.hasFlag("provisional"));
    EXPECT_GE(point.rounds, 3);
    EXPECT_GE(point.stepWallMs.n, 30);
    EXPECT_TRUE(point.itlMs.p99);
}

TEST_F(Bench, PrintsARowAPointAsCsv)
{
    const Finished done = runEngine(
        {"bench", "--model", kTiny, "--batch", "1", "--context", "8,600", "--quick", "--csv"});
    ASSERT_EQ(done.exitCode, 0) << done.errors;
    EXPECT_EQ(std::count(done.output.begin(), done.output.end(), '\n'), 3);
    EXPECT_NE(done.output.find("\n1,8,32,ok,"), std::string::npos);
    EXPECT_NE(done.output.find("\n1,600,32,does_not_fit,"), std::string::npos);
}

TEST_F(Bench, ATableIsWhatOneReads)
{
    const Finished done =
        runEngine({"bench", "--model", kTiny, "--batch", "1", "--context", "8", "--quick"});
    ASSERT_EQ(done.exitCode, 0) << done.errors;
    EXPECT_NE(done.output.find("context"), std::string::npos);
    EXPECT_NE(done.output.find("cache_resident: "), std::string::npos);
}

TEST_F(Bench, WhereNothingFitsItSaysSoAndFails)
{
    const Finished done = runEngine(
        {"bench", "--model", kTiny, "--batch", "1", "--context", "600", "--quick", "--json"});
    EXPECT_EQ(done.exitCode, 1);
    EXPECT_EQ(json::parse(done.output).at("points").at(0).at("status"), "does_not_fit");
    EXPECT_NE(done.errors.find("512"), std::string::npos);
}

TEST_F(Bench, CtrlCKeepsWhatIsThereAndTheSameCommandGoesOn)
{
    const std::vector<std::string> command{
        "bench",      "--model", kTiny, "--batch", "1,2,3,4",        "--context",
        "8,16,24,32", "--out",   m_out, "--json",  "--cell-seconds", "5"};
    ChildProcess child(command);
    child.closeInput();
    Result<RunDocument> before = runFile();
    while (!before || before->points.size() < 2) {
        ASSERT_FALSE(child.wait(std::chrono::milliseconds(20))) << child.readErrors();
        before = runFile();
    }
    child.signal(SIGINT);
    const json printed = json::parse(child.readAll());
    EXPECT_EQ(child.wait(), 130);
    ASSERT_EQ(printed.at("points").size(), 16u);
    std::size_t cancelled = 0;
    for (const json &point : printed.at("points"))
        cancelled += point.at("status") == "cancelled";
    EXPECT_GT(cancelled, 0u);
    EXPECT_LT(cancelled, 15u);

    std::vector<std::string> quick = command;
    quick.push_back("--quick");
    const Finished done = runEngine(quick);
    EXPECT_EQ(done.exitCode, 0) << done.errors;
    const Result<RunDocument> after = runFile();
    ASSERT_TRUE(after) << after.error().message;
    ASSERT_EQ(after->points.size(), 16u);
    for (const Point &point : after->points) {
        EXPECT_EQ(point.status, PointStatus::Ok);
        // A point that was there has been kept, not measured again.
        for (const json &old : printed.at("points")) {
            if (old.at("batch") == point.workload.batch &&
                old.at("context_tokens") == point.workload.contextTokens &&
                old.at("status") == "ok") {
                EXPECT_EQ(point.stepWallMs.p50, double(old.at("step_wall_ms").at("p50")));
            }
        }
    }
}

TEST_F(Bench, AFileOfAnotherRunIsLeftAlone)
{
    ASSERT_EQ(runEngine({"bench", "--model", kTiny, "--batch", "1", "--context", "8", "--quick",
                         "--out", m_out})
                  .exitCode,
              0);
    const Finished other = runEngine({"bench", "--model", kTiny, "--dtype", "fp32", "--batch", "1",
                                      "--context", "8", "--quick", "--out", m_out});
    EXPECT_EQ(other.exitCode, 2);
    EXPECT_NE(other.errors.find("weight type"), std::string::npos);
    std::ofstream(m_out) << "{\"hello\":1}";
    const Finished strange = runEngine(
        {"bench", "--model", kTiny, "--batch", "1", "--context", "8", "--quick", "--out", m_out});
    EXPECT_EQ(strange.exitCode, 2);
    std::ifstream stream(m_out);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "{\"hello\":1}");
}

TEST_F(Bench, BadArgumentsAreOneSentenceAndAnExitCode)
{
    const std::vector<std::vector<std::string>> commands{
        {"bench", "--batch", "1,x"},
        {"bench", "--batch", "0"},
        {"bench", "--batch", ""},
        {"bench", "--context", "-5"},
        {"bench", "--context", "99999999999999999999"},
        {"bench", "--output", "0"},
        {"bench", "--threads", "-1"},
        {"bench", "--dtype", "int3"},
        {"bench", "--dtype", "int4"},
        {"bench", "--device", "tpu"},
        {"bench", "--device", "cuda:0"},
        {"bench", "--model", "no-such-model"},
        {"bench", "--model", "/no/such/folder"},
        {"bench", "--json", "--csv"},
        {"bench", "--cell-seconds", "0"},
        {"bench", "--out", "/no/such/folder/run.json", "--model", kTiny},
        {"bench", "--out", "/", "--model", kTiny},
        {"bench", "--nonsense"},
        {"models", "no-such-model"},
        {"--resources", "/no/such/folder", "models"},
        {"frobnicate"},
        {}};
    for (const std::vector<std::string> &command : commands) {
        const Finished done = runEngine(command);
        std::string text;
        for (const std::string &word : command)
            text += word + " ";
        EXPECT_NE(done.exitCode, 0) << text;
        EXPECT_LT(done.exitCode, 70) << text;
        EXPECT_EQ(std::count(done.errors.begin(), done.errors.end(), '\n'), 1)
            << text << done.errors;
        EXPECT_TRUE(done.output.empty()) << text << done.output;
    }
}

TEST(Program, EveryCommandExplainsItself)
{
    for (const char *command : {"devices", "models", "bench", "logits", "estimate", "worker"}) {
        const Finished help = runEngine({command, "--help"});
        EXPECT_EQ(help.exitCode, 0) << command;
        EXPECT_NE(help.output.find("Usage: paretoscope-engine"), std::string::npos) << command;
        EXPECT_NE(help.output.find("paretoscope-engine " + std::string(command)), std::string::npos)
            << command;
    }
    const Finished version = runEngine({"--version"});
    EXPECT_EQ(version.exitCode, 0);
    EXPECT_EQ(version.output.find("paretoscope-engine "), 0u);
}

TEST(Program, ListsTheModelsItKnows)
{
    const Finished done = runEngine({"models", "--json"});
    ASSERT_EQ(done.exitCode, 0);
    bool isThere = false;
    const json known = json::parse(done.output);
    for (const json &model : known.at("models")) {
        if (model.at("name") == "qwen3-0.6b") {
            isThere = true;
            EXPECT_EQ(model.at("parameters"), 596049920);
            EXPECT_EQ(model.at("weights_bytes"), 2 * 596049920);
            EXPECT_EQ(model.at("kv_bytes_per_token"), 114688);
        }
    }
    EXPECT_TRUE(isThere);
}

TEST(Program, DevicesMeasuresItsCeilings)
{
    const Finished done = runEngine({"devices", "--json"});
    ASSERT_EQ(done.exitCode, 0) << done.errors;
    const json devices = json::parse(done.output).at("devices");
    EXPECT_EQ(devices.at(0).at("id"), "cpu");
    EXPECT_GT(devices.at(0).at("ceiling_read_gbs"), 0);
    EXPECT_GT(devices.at(0).at("ceiling_dense_tflops"), 0);
    EXPECT_EQ(devices.at(1).at("usable"), false);
    EXPECT_FALSE(devices.at(1).at("reason").get<std::string>().empty());
}

} // namespace
