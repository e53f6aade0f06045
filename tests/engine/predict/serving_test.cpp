// SPDX-License-Identifier: Apache-2.0
// The estimate of serving engines against public measurements, and the fit that it rests on.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/model/devices/device_file.h"
#include "engine/model/resolve_model.h"
#include "engine/predict/constants.h"
#include "engine/predict/serving/validation.h"

namespace {

using namespace engine;

const std::vector<ModelSpec> &models()
{
    static const std::vector<ModelSpec> all = [] {
        std::vector<ModelSpec> specs;
        const std::vector<ModelPreset> presets = modelPresets().value();
        for (const ModelPreset &preset : presets)
            specs.push_back(preset.spec);
        return specs;
    }();
    return all;
}

const std::vector<DeviceSpec> &devices()
{
    static const std::vector<DeviceSpec> all = devicePresets().value();
    return all;
}

std::string textOf(const std::string &path)
{
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

ServingTable tableOf(const std::string &csv)
{
    return parseServingTable(csv, "points.csv", models(), devices()).value();
}

const std::string kColumns = "model,hw,engine,precision,parallelism,isl,osl,concurrency_or_batch,"
                             "ttft_ms,tpot_ms,n_gpu,note,date\n";

TEST(ServingTable, ReadsWhatARowSays)
{
    const ServingTable table = tableOf(
        kColumns +
        "deepseek-ai/DeepSeek-R1,b200_sxm,sglang 0.5.9,fp4 gemm=nvfp4 moe=nvfp4,"
        "tp4/pp1/adp1/mtp1/ep4,8192,1024,16,500,12.5,4,\"agg; random_range_ratio 0.8\",2026-03-25\n"
        "meta-llama/Llama-3.1-70B,h200_sxm,vllm 0.18.0,fp8 gemm=fp8 moe=fp8,"
        "tp2/pp1/adp1/mtp2/ep1,1024,1024,4,100,11,2,agg,2026-03-25\n");
    ASSERT_EQ(table.points.size(), 2u);
    const ServingPoint &first = table.points[0];
    EXPECT_EQ(first.model, "deepseek-r1");
    EXPECT_EQ(first.device, "b200-sxm");
    EXPECT_EQ(first.engine, "sglang");
    EXPECT_EQ(first.version, "0.5.9");
    EXPECT_EQ(first.weights, DType::Fp4);
    EXPECT_EQ(first.layout, (Layout{.tensor = 4, .expert = 4}));
    EXPECT_EQ(first.mode(), "tp+ep");
    EXPECT_DOUBLE_EQ(first.loop.inputTokens, 0.9 * 8192);
    EXPECT_EQ(table.points[1].loop.inputTokens, 1024);
    EXPECT_EQ(table.points[1].family, "dense");
}

TEST(ServingTable, SaysWhyARowIsNotUsed)
{
    const std::string good = "Qwen/Qwen3-32B,h100_sxm,vllm 0.18.0,fp8,tp2,1024,1024,4,100,11,2,,\n";
    const ServingTable table =
        tableOf(kColumns + good + good + // the second is listed again
                "Nobody/Knows,h100_sxm,vllm,fp8,tp1,1024,1024,4,100,11,1,,\n"
                "Qwen/Qwen3-32B,abacus,vllm,fp8,tp1,1024,1024,4,100,11,1,,\n"
                "Qwen/Qwen3-32B,h100_sxm,vllm,fp8,disagg P:1x,1024,1024,4,100,11,1,,\n"
                "Qwen/Qwen3-32B,h100_sxm,vllm,fp8,tp2,1024,1024,4,,,2,,\n"
                "Qwen/Qwen3-32B,h100_sxm,vllm,fp8,tp2,nan,1024,4,1,1,2,,\n"
                "Qwen/Qwen3-32B,h100_sxm,vllm,bf16,tp64,1024,1024,4,1,1,64,,\n"
                "short\n");
    EXPECT_EQ(table.points.size(), 1u);
    EXPECT_EQ(table.unused.at("listed again"), std::vector<std::size_t>{3});
    EXPECT_EQ(table.unused.at("model not known").size(), 2u);
    EXPECT_EQ(table.unused.at("device not known").size(), 1u);
    EXPECT_EQ(table.unused.at("no measured time").size(), 1u);
    EXPECT_EQ(table.unused.at("lengths or concurrency missing").size(), 1u);
    EXPECT_FALSE(parseServingTable("a,b\n1,2\n", "x.csv", models(), devices()));
    EXPECT_FALSE(parseServingTable("", "x.csv", models(), devices()));
}

// The times of an engine whose constants are known, found again from its points alone.
TEST(ServingFit, FindsTheConstantsOfASyntheticEngine)
{
    std::string csv = kColumns;
    for (int tensor : {1, 2, 4}) {
        for (int input : {512, 2048, 8192}) {
            for (int users : {1, 4, 16, 64}) {
                char row[200];
                std::snprintf(row, sizeof row,
                              "Qwen/Qwen3-32B,h100_sxm,vllm 1,fp8,tp%d,%d,1024,%d,1,1,%d,,\n",
                              tensor, input, users, tensor);
                csv += row;
            }
        }
    }
    ServingTable table = tableOf(csv);
    std::vector<ServingCase> cases = casesOf(table, models(), devices()).value();
    PhysicalVector real = ServingTree{}.resolve({});
    real[at(Physical::PerLayer)] *= 1.6;
    real[at(Physical::WeightBandwidth)] *= 0.8;
    real[at(Physical::FirstToken)] *= 2.5;
    for (ServingCase &own : cases) {
        const LoopTimes times = closedLoop(own.step.with(real), own.point.loop);
        own.point.tpotMs = 1e3 * times.tpot.value;
        own.point.ttftMs = 1e3 * times.ttft.value;
    }
    std::vector<std::size_t> used;
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < cases.size(); ++i)
        (cases[i].point.layout.tensor == 2 ? left : used).push_back(i);
    const ServingTree tree = fitServing(cases, used, {});
    double before = 0;
    double after = 0;
    for (std::size_t i : left) {
        before += std::abs(*errorOf(cases[i], {}).tpot) / double(left.size());
        after += std::abs(*errorOf(cases[i], tree).tpot) / double(left.size());
    }
    EXPECT_GT(before, 0.15);
    EXPECT_LT(after, 0.02);
}

ErrorSummary overall(const Validation &validation, const std::vector<ServingCase> &cases,
                     ServingFigure figure)
{
    return summarise(validation, cases, figure,
                     [](const ServingPoint &) { return std::string("all"); })
        .front();
}

// These rows were among those that the shipped constants were fitted to.
TEST(ServingPoints, AreMetByTheShippedConstants)
{
    const ServingTable table = tableOf(textOf(PARETOSCOPE_TEST_DATA "/public_points.csv"));
    ASSERT_GT(table.points.size(), 80u);
    const std::vector<ServingCase> cases = casesOf(table, models(), devices()).value();
    const ServingKnowledge &known = *shippedConstants().serving;
    const Validation validation = validate(cases, known.tree, known.bands, LeaveOut::None, 0);
    const ErrorSummary tpot = overall(validation, cases, ServingFigure::Tpot);
    const ErrorSummary ttft = overall(validation, cases, ServingFigure::Ttft);
    std::printf("TPOT %.1f %% (p90 %.1f), TTFT %.1f %% (p90 %.1f), in band %.0f and %.0f %%\n",
                100 * tpot.median, 100 * tpot.p90, 100 * ttft.median, 100 * ttft.p90,
                100 * tpot.covered, 100 * ttft.covered);
    EXPECT_LT(tpot.median, 0.05);
    EXPECT_LT(ttft.median, 0.14);
    EXPECT_GT(tpot.covered, 0.75);
    EXPECT_GT(ttft.covered, 0.75);
}

TEST(ServingPoints, OfTheWholeFileAreMetWithoutHalfOfTheCurves)
{
    const char *folder = std::getenv("PARETOSCOPE_VALIDATION");
    if (!folder)
        GTEST_SKIP() << "PARETOSCOPE_VALIDATION does not name the folder of the whole tables.";
    const ServingTable table = tableOf(textOf(std::string(folder) + "/inferencex_aic_silicon.csv"));
    const std::vector<ServingCase> cases = casesOf(table, models(), devices()).value();
    const Validation validation = validate(cases, {}, {}, LeaveOut::Curve, 0);
    const ErrorSummary tpot = overall(validation, cases, ServingFigure::Tpot);
    const ErrorSummary ttft = overall(validation, cases, ServingFigure::Ttft);
    std::printf("TPOT %.1f %%, TTFT %.1f %%, in band %.0f and %.0f %%\n", 100 * tpot.median,
                100 * ttft.median, 100 * tpot.covered, 100 * ttft.covered);
    EXPECT_LT(tpot.median, 0.055);
    EXPECT_LT(ttft.median, 0.20);
    EXPECT_NEAR(tpot.covered, 0.8, 0.07);
    EXPECT_NEAR(ttft.covered, 0.8, 0.07);
}

} // namespace
