// SPDX-License-Identifier: Apache-2.0
// Runs the real program on a tiny model.
#include <csignal>
#include <cstdlib>
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
        EXPECT_EQ(point.at("why").at("bw_pct"), "cache_resident");
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
    for (const json &point : printed.at("points")) {
        cancelled += point.at("status") == "cancelled";
        if (point.at("status") == "cancelled") {
            EXPECT_TRUE(point.at("bytes_step").is_null());
            EXPECT_EQ(point.at("why").at("bytes_step"), "cancelled");
            EXPECT_EQ(point.at("why").at("tpot_ms"), "cancelled");
        }
    }
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
        {"bench", "--batch", "1,,2"},
        {"bench", "--batch"},
        {"bench", "--batch", "1", "--batch", "2"},
        {"bench", "--batch", "70000"},
        {"bench", "--output", "1e9"},
        {"bench", "--seed", "-1"},
        {"bench", "--cell-seconds", "soon"},
        {"bench", "--quick=maybe"},
        {"bench", "--table", "--json"},
        {"bench", "--out", "/dev/full", "--model", kTiny},
        {"bench", "--out", "", "--model", kTiny},
        {"bench", "extra"},
        {"bench", "models"},
        {"devices", "--threads", "x"},
        {"devices", "extra"},
        {"worker", "extra"},
        {"worker", "--nonsense"},
        {"models", ""},
        {"models", "/proc/self/mem"},
        {"logits"},
        {"logits", "--model", kTiny},
        {"logits", "--model", kTiny, "--tokens", "/no/such/file"},
        {"logits", "--model", kTiny, "--tokens", "/"},
        {"logits", "--model", kTiny, "--tokens", kTiny, "--chunk", "0"},
        {"logits", "--model", kTiny, "--tokens", kTiny, "--isa", "mmx"},
        {"logits", "--model", kTiny, "--tokens", kTiny, "--dtype", "int4"},
        {"estimate", "--batch", "1,,2"},
        {"estimate", "--batch", "0"},
        {"estimate", "--utilisation", "0"},
        {"estimate", "--utilisation", "nan"},
        {"estimate", "--usd-per-hour", "-1"},
        {"estimate", "--usd-per-hour", ""},
        {"estimate", "--device", "abacus"},
        {"estimate", "--dtype", "bf17"},
        {"estimate", "--points", "/no/such/run.json"},
        {"estimate", "--points", kTiny},
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
        {"models", "--resources", "/dev"},
        {"--nonsense"},
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
        for (const char *foreign :
             {"json.exception", "required but", "Could not convert", "terminate"})
            EXPECT_EQ(done.errors.find(foreign), std::string::npos) << text << done.errors;
    }
}

TEST_F(Bench, ATruncatedRunFileIsRefusedAndLeftAlone)
{
    const std::vector<std::string> command{"bench",     "--model", kTiny,     "--batch", "1",
                                           "--context", "8",       "--quick", "--out",   m_out};
    ASSERT_EQ(runEngine(command).exitCode, 0);
    fs::resize_file(m_out, fs::file_size(m_out) / 2);
    const Finished cut = runEngine(command);
    EXPECT_EQ(cut.exitCode, 2);
    EXPECT_NE(cut.errors.find("run.json"), std::string::npos);
    EXPECT_NE(cut.errors.find("byte"), std::string::npos);
    EXPECT_EQ(std::count(cut.errors.begin(), cut.errors.end(), '\n'), 1) << cut.errors;
    EXPECT_FALSE(runFile());
}

TEST_F(Bench, AFullDiskBehindTheOutputIsAnError)
{
    for (const std::string &command :
         {"bench --quick --batch 1 --context 8 --json --model " + kTiny, std::string("models"),
          std::string("models --json"), std::string("devices --quick"), std::string("estimate")}) {
        const std::string line = std::string(PARETOSCOPE_BIN) + "/paretoscope-engine " + command +
                                 " > /dev/full 2> " + m_out.string();
        EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 1) << command;
        std::ifstream stream(m_out);
        const std::string said(std::istreambuf_iterator<char>(stream), {});
        EXPECT_NE(said.find("No space left"), std::string::npos) << command << said;
    }
}

TEST_F(Bench, ResourcesMayStandBehindTheCommandAndOverrideAPart)
{
    fs::create_directories(m_folder / "models");
    fs::copy_file(kTiny, m_folder / "models" / "own-tiny.json");
    const Finished models = runEngine({"models", "--resources", m_folder});
    EXPECT_EQ(models.exitCode, 0) << models.errors;
    EXPECT_NE(models.output.find("own-tiny"), std::string::npos);
    EXPECT_EQ(models.output.find("qwen3-0.6b"), std::string::npos);
    // There is no devices/: those compiled in are still known.
    const Finished estimate = runEngine({"estimate", "--resources", m_folder, "--model", "own-tiny",
                                         "--device", "h100-sxm", "--context", "64"});
    EXPECT_EQ(estimate.exitCode, 0) << estimate.errors;
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
    EXPECT_NE(version.output.find("(commit "), std::string::npos);
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
    EXPECT_FALSE(devices.at(0).at("isa").get<std::string>().empty());
    EXPECT_EQ(devices.at(1).at("usable"), false);
    EXPECT_FALSE(devices.at(1).at("reason").get<std::string>().empty());
}

} // namespace
