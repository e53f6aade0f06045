// SPDX-License-Identifier: Apache-2.0
// `paretoscope-engine simulate` and `plan` as a program.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/engine/worker/child_process.h"

namespace {

using engine::testing::Finished;
using engine::testing::runEngine;
using Json = nlohmann::json;

Json jsonOf(std::vector<std::string> arguments)
{
    arguments.push_back("--json");
    const Finished run = runEngine(arguments);
    EXPECT_EQ(run.exitCode, 0) << run.errors;
    return Json::parse(run.output, nullptr, false);
}

void expectRefused(const std::vector<std::string> &arguments, int exitCode, const char *words)
{
    const Finished run = runEngine(arguments);
    EXPECT_EQ(run.exitCode, exitCode) << run.output;
    EXPECT_NE(run.errors.find(words), std::string::npos) << run.errors;
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    EXPECT_TRUE(run.output.empty());
}

TEST(SimulateCommand, PrintsOnePointARate)
{
    const Json document =
        jsonOf({"simulate", "--model", "llama-3.1-8b", "--device", "h100-sxm", "--rate", "1,4",
                "--requests", "400", "--ttft-ms", "1000", "--usd-per-hour", "2"});
    EXPECT_EQ(document["schema"], "paretoscope-simulation/1");
    ASSERT_EQ(document["points"].size(), 2u);
    for (const Json &point : document["points"]) {
        EXPECT_EQ(point["requests"], 400);
        EXPECT_LT(point["ttft_ms"]["p50"], point["ttft_ms"]["p99"]);
        EXPECT_GT(point["goodput_ratio"], 0.5);
        // $2 an hour over the tokens of it.
        EXPECT_NEAR(point["usd_per_m_total"].get<double>(),
                    2e6 / (3600 * point["total_tps"].get<double>()), 1e-5);
    }
    EXPECT_LT(document["points"][0]["tpot_ms"]["mean"], document["points"][1]["tpot_ms"]["mean"]);
    EXPECT_LT(document["points"][0]["output_tps"], document["points"][1]["output_tps"]);
}

TEST(SimulateCommand, IsTheSameTwiceAndAnotherWithAnotherSeed)
{
    const std::vector<std::string> arguments{
        "simulate", "--model",    "llama-3.1-8b", "--device", "h100-sxm", "--rate",
        "2",        "--requests", "200",          "--seed",   "3"};
    const Json first = jsonOf(arguments);
    EXPECT_EQ(first, jsonOf(arguments));
    std::vector<std::string> other = arguments;
    other.back() = "4";
    EXPECT_NE(first["points"], jsonOf(other)["points"]);
}

TEST(SimulateCommand, AClosedLoopHasNoMoreInFlightThanUsers)
{
    const Json document = jsonOf({"simulate", "--model", "llama-3.1-8b", "--device", "h100-sxm",
                                  "--concurrency", "1,16", "--requests", "200"});
    EXPECT_NEAR(document["points"][0]["in_flight_mean"].get<double>(), 1, 1e-6);
    EXPECT_NEAR(document["points"][1]["in_flight_mean"].get<double>(), 16, 1e-4);
    EXPECT_EQ(document["points"][1]["goodput_ratio"], nullptr);
    EXPECT_EQ(document["points"][1]["why"]["goodput_ratio"], "no_limit");
}

TEST(SimulateCommand, ReplaysATraceBesideItsRecord)
{
    const std::string path = ::testing::TempDir() + "paretoscope_trace.csv";
    std::ofstream(path) << "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n"
                           "10,500,50,10.1,11\n11,300,20,11.1,11.5\n";
    const Json document =
        jsonOf({"simulate", "--model", "llama-3.1-8b", "--device", "h100-sxm", "--trace", path});
    EXPECT_EQ(document["points"][0]["requests"], 2);
    EXPECT_NEAR(document["recorded"]["ttft_ms"]["mean"].get<double>(), 100, 1e-6);
    EXPECT_EQ(document["points"][0]["ttft_ms"]["p99"], nullptr);
    EXPECT_EQ(document["points"][0]["why"]["ttft_ms.p99"], "too_few");
}

TEST(SimulateCommand, RefusesInOneSentence)
{
    const std::vector<std::string> base{"simulate", "--model", "llama-3.1-8b", "--device",
                                        "h100-sxm"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), base.begin(), base.end());
        return more;
    };
    expectRefused(with({"--rate", "0"}), 2, "--rate");
    expectRefused(with({"--rate", "1,x"}), 2, "--rate");
    expectRefused(with({"--concurrency", "0"}), 2, "--concurrency");
    expectRefused(with({"--trace", "/nowhere/trace.csv"}), 1, "/nowhere/trace.csv");
    expectRefused(with({"--kv-tokens", "512"}), 1, "KV cache");
    expectRefused(with({"--prefill-replicas", "2"}), 2, "--decode-replicas");
    expectRefused({"simulate", "--model", "llama-3.1-70b", "--device", "rtx-4090"}, 1,
                  "Does not fit");
}

TEST(PlanCommand, ListsTheCheapestFirstAndChecksIt)
{
    const Json document = jsonOf({"plan", "--model", "llama-3.1-8b", "--ttft-ms", "500",
                                  "--tpot-ms", "25", "--tokens-per-day", "1e9", "--usd-per-m-input",
                                  "0.1", "--usd-per-m-output", "0.3"});
    EXPECT_EQ(document["schema"], "paretoscope-plan/1");
    ASSERT_GE(document["options"].size(), 2u);
    double before = 0;
    for (const Json &option : document["options"]) {
        EXPECT_LE(option["ttft_ms"], 500);
        EXPECT_LE(option["tpot_ms"], 25);
        EXPECT_GE(option["usd_per_day"], before);
        EXPECT_FALSE(option["price_source"].get<std::string>().empty());
        EXPECT_TRUE(option["margin"].is_number());
        before = option["usd_per_day"];
    }
    EXPECT_EQ(document["check"]["saturated"], false);
    EXPECT_GT(document["check"]["goodput_ratio"], 0.8);
}

TEST(PlanCommand, SaysWhyNothingServes)
{
    const Json document = jsonOf(
        {"plan", "--model", "llama-3.1-8b", "--device", "h100-sxm,rtx-4090", "--tpot-ms", "0.1"});
    EXPECT_TRUE(document["options"].empty());
    ASSERT_EQ(document["refusals"].size(), 2u);
    EXPECT_EQ(document["check"], nullptr);
}

TEST(PlanCommand, RefusesInOneSentence)
{
    expectRefused({"plan", "--model", "no-such-model"}, 1, "no-such-model");
    expectRefused({"plan", "--device", "no-such-device"}, 1, "no-such-device");
    expectRefused({"plan", "--dtype", "fp7"}, 2, "fp7");
    expectRefused({"plan", "--usd-per-m-input", "1"}, 2, "--usd-per-m-output");
    expectRefused({"plan", "--usd-per-m-input", "1", "--usd-per-m-output", "x"}, 2,
                  "--usd-per-m-output takes dollars");
    expectRefused({"plan", "--tokens-per-day", "nan"}, 2, "--tokens-per-day");
}

TEST(ServingCommands, TablesSayWhatTheyShow)
{
    const Finished simulate = runEngine(
        {"simulate", "--model", "llama-3.1-8b", "--device", "h100-sxm", "--requests", "120"});
    EXPECT_NE(simulate.output.find("TTFT p50"), std::string::npos);
    EXPECT_NE(simulate.output.find("saturated"), std::string::npos); // the last rates
    const Finished plan = runEngine({"plan", "--model", "llama-3.1-8b"});
    EXPECT_NE(plan.output.find("$/day"), std::string::npos);
    EXPECT_NE(plan.output.find("under simulated load"), std::string::npos);
}

} // namespace
