// SPDX-License-Identifier: Apache-2.0
// `paretoscope-engine estimate` as a program.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/protocol/point_json.h"
#include "tests/engine/worker/child_process.h"

namespace {

using namespace engine;
using engine::testing::Finished;
using engine::testing::runEngine;
using Json = nlohmann::json;

Finished estimate(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "estimate");
    return runEngine(arguments);
}

Json estimateJson(std::vector<std::string> arguments)
{
    arguments.push_back("--json");
    const Finished run = estimate(std::move(arguments));
    EXPECT_EQ(run.exitCode, 0) << run.errors;
    return Json::parse(run.output, nullptr, false);
}

TEST(EstimateCommand, PrintsEachPointWithItsBand)
{
    const Json document = estimateJson({"--model", "llama-3.1-8b", "--device", "h100-sxm",
                                        "--batch", "1,8", "--context", "512,1024,2048", "--output",
                                        "64", "--usd-per-hour", "2.50", "--utilisation", "0.5"});
    EXPECT_EQ(document["schema"], "paretoscope-estimate/1");
    EXPECT_EQ(document["model"]["parameters"], 8030261248);
    EXPECT_EQ(document["device"]["id"], "h100-sxm");
    EXPECT_EQ(document["deployment"]["usd_per_hour"], 2.5);
    ASSERT_EQ(document["points"].size(), 6u);
    for (const Json &point : document["points"]) {
        EXPECT_EQ(point["status"], "ok");
        for (const char *key : {"ttft_ms", "ttft_idle_ms", "tpot_ms", "e2e_ms", "output_tps",
                                "decode_tps", "usd_per_m_total", "usd_per_m_output"}) {
            EXPECT_LT(point[key]["p10"], point[key]["p50"]) << key;
            EXPECT_LT(point[key]["p50"], point[key]["p90"]) << key;
        }
        EXPECT_NEAR(point["e2e_ms"]["p50"].get<double>(),
                    point["ttft_ms"]["p50"].get<double>() +
                        63 * point["tpot_ms"]["p50"].get<double>(),
                    1e-6);
        EXPECT_EQ(point["decode_bound"], "memory");
    }
    EXPECT_EQ(document["points"][0]["context_tokens"], 512);
    EXPECT_EQ(document["points"][1]["batch"], 8);
}

TEST(EstimateCommand, WhatDoesNotFitIsNullWithBytesAndASentence)
{
    const Json point = estimateJson({"--model", "llama-3.1-70b", "--device", "rtx-4090", "--batch",
                                     "1", "--context", "512"})["points"][0];
    EXPECT_EQ(point["status"], "does_not_fit");
    EXPECT_TRUE(point["tpot_ms"].is_null());
    EXPECT_EQ(point["why"]["tpot_ms"], "does_not_fit");
    EXPECT_GT(point["mem_needed_bytes"].get<double>(), 141e9);
    EXPECT_LT(point["mem_available_bytes"].get<double>(), 24e9);
    EXPECT_NE(point["message"].get<std::string>().find("Does not fit"), std::string::npos);
}

TEST(EstimateCommand, WithoutAPriceTheCostIsNull)
{
    const Json point = estimateJson({"--device", "h20", "--batch", "1"})["points"][0];
    EXPECT_TRUE(point["usd_per_m_total"].is_null());
    EXPECT_EQ(point["why"]["usd_per_m_total"], "no_price");
}

TEST(EstimateCommand, ExplainsOperatorByOperator)
{
    const Json point = estimateJson({"--model", "llama-3.1-8b", "--device", "h100-sxm", "--batch",
                                     "8", "--context", "1000", "--explain"})["points"][0];
    double sum = point["decode"]["overhead_ms"].get<double>() +
                 point["decode"]["correction_ms"].get<double>();
    double flops = 0;
    for (const Json &entry : point["decode"]["operators"]) {
        sum += entry["ms"].get<double>();
        flops += entry["flops"].get<double>();
    }
    EXPECT_NEAR(sum, point["tpot_ms"]["p50"].get<double>(), 1e-9);
    EXPECT_EQ(flops,
              12884901888.0 + 4194304000 + 8589934592 + 60129542144 + 30064771072 + 8405385216);
    const Finished table = estimate({"--batch", "1", "--context", "128", "--explain"});
    EXPECT_EQ(table.exitCode, 0);
    EXPECT_NE(table.output.find("gate_up"), std::string::npos);
}

class Calibrated : public ::testing::Test
{
protected:
    void SetUp() override
    {
        m_file = std::filesystem::path(::testing::TempDir()) / "paretoscope-estimate-run.json";
        RunDocument run;
        run.environment["ceiling_read_gbs"] = 33.3;
        run.environment["ceiling_dense_tflops"] = 7.54;
        run.model["name"] = std::string("qwen3-0.6b");
        for (std::int64_t batch : {1, 4, 16}) {
            Point point;
            point.workload = {batch, 512, 32};
            point.tpotMs = {40.0 + double(batch), std::nullopt, std::nullopt, 30};
            point.ttftIdleMs = {300.0, std::nullopt, std::nullopt, 30};
            run.points.push_back(point);
        }
        std::ofstream(m_file) << toJson(run);
    }
    void TearDown() override { std::filesystem::remove(m_file); }

    std::filesystem::path m_file;
};

TEST_F(Calibrated, BendsToTheRunsPointsAndTakesItsCeilings)
{
    const Json document =
        estimateJson({"--points", m_file.string(), "--batch", "1,4,16", "--context", "512"});
    EXPECT_NEAR(document["device"]["bandwidth_gbs"].get<double>(), 33.3, 1e-9);
    EXPECT_EQ(document["calibration"]["decode"]["points"], 3);
    for (const Json &point : document["points"]) {
        const double batch = point["batch"].get<double>();
        EXPECT_NEAR(point["tpot_ms"]["p50"].get<double>(), 40 + batch, 3);
        EXPECT_NEAR(point["ttft_idle_ms"]["p50"].get<double>(), 300, 15);
        EXPECT_EQ(point["decode_basis"]["points"], 3);
        EXPECT_EQ(point["decode_basis"]["extrapolating"], false);
    }
}

TEST(EstimateCommand, BadArgumentsAreOneSentence)
{
    const std::vector<std::vector<std::string>> calls{{"--model", "no-such-model"},
                                                      {"--device", "no-such-device"},
                                                      {"--dtype", "fp7"},
                                                      {"--kv-dtype", "bf"},
                                                      {"--batch", "0"},
                                                      {"--context", "-3"},
                                                      {"--output", "0"},
                                                      {"--batch", "many"},
                                                      {"--utilisation", "0"},
                                                      {"--utilisation", "1.5"},
                                                      {"--usd-per-hour", "1,5"},
                                                      {"--usd-per-hour", "-1"},
                                                      {"--points", "/no/such"},
                                                      {"--json", "--table"},
                                                      {"--nonsense"}};
    for (const std::vector<std::string> &arguments : calls) {
        const Finished run = estimate(arguments);
        EXPECT_NE(run.exitCode, 0) << arguments.front();
        EXPECT_TRUE(run.output.empty()) << run.output;
        EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
    }
}

} // namespace
