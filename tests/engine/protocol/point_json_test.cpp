// SPDX-License-Identifier: Apache-2.0
#include "engine/protocol/point_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "samples.h"

namespace {

using namespace engine;
using nlohmann::json;

TEST(PointJson, APointComesBackAsItWas)
{
    const Point point = samples::fullPoint();
    const Result<Point> back = parsePoint(toJson(point));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, point);
}

TEST(PointJson, HasTheKeysThatUsersOfTheFileReadByName)
{
    const json value = json::parse(toJson(samples::fullPoint()));
    EXPECT_EQ(value.at("batch"), 8);
    EXPECT_EQ(value.at("context_tokens"), 512);
    EXPECT_EQ(value.at("output_tokens"), 32);
    EXPECT_EQ(value.at("status"), "ok");
    for (const char *key : {"ttft_ms", "ttft_idle_ms", "tpot_ms", "step_wall_ms", "e2e_ms"}) {
        for (const char *part : {"p50", "lo", "hi", "n"})
            EXPECT_TRUE(value.at(key).at(part).is_number()) << key << "." << part;
    }
    for (const char *part : {"p50", "p95", "p99", "n"})
        EXPECT_TRUE(value.at("itl_ms").at(part).is_number()) << part;
    for (const char *key :
         {"output_tps", "prefill_tps", "bw_pct", "flop_pct", "prefill_flop_pct", "mem_peak_bytes"})
        EXPECT_TRUE(value.at(key).is_number()) << key;
    EXPECT_EQ(value.at("flags"), json({"ttft_composed", "noisy"}));
    EXPECT_EQ(value.at("why").at("bw_pct"), "not_applicable");
}

TEST(PointJson, WhatWasNotMeasuredIsNullNeverZero)
{
    Point point;
    point.status = PointStatus::DoesNotFit;
    point.memNeededBytes = 5;
    const json value = json::parse(toJson(point));
    EXPECT_EQ(value.at("status"), "does_not_fit");
    EXPECT_TRUE(value.at("ttft_ms").at("p50").is_null());
    EXPECT_TRUE(value.at("output_tps").is_null());
    EXPECT_TRUE(value.at("mem_peak_bytes").is_null());
    EXPECT_EQ(value.at("mem_needed_bytes"), 5);
    EXPECT_EQ(*parsePoint(toJson(point)), point);
}

TEST(PointJson, NumbersThatJsonCannotWriteBecomeNull)
{
    Point point;
    point.outputTps = std::numeric_limits<double>::infinity();
    point.bwPct = std::numeric_limits<double>::quiet_NaN();
    const Result<Point> back = parsePoint(toJson(point));
    ASSERT_TRUE(back);
    EXPECT_FALSE(back->outputTps);
    EXPECT_FALSE(back->bwPct);
}

TEST(PointJson, AMissingFigureIsAbsentAndAMissingBatchIsRefused)
{
    const Result<Point> bare = parsePoint(R"({"batch":2,"context_tokens":16,"status":"ok"})");
    ASSERT_TRUE(bare) << bare.error().message;
    EXPECT_FALSE(bare->ttftMs.p50);
    EXPECT_EQ(bare->workload.outputTokens, 1);
    const Result<Point> refused = parsePoint(R"({"context_tokens":16,"status":"ok"})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "point.batch is missing.");
}

TEST(PointJson, AWrongTypeIsNamedByItsPath)
{
    const Result<Point> refused =
        parsePoint(R"({"batch":2,"context_tokens":16,"status":"ok","ttft_ms":{"p50":"fast"}})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::BadInput);
    EXPECT_EQ(refused.error().message, "point.ttft_ms.p50 must be a number.");
}

TEST(PointJson, ARunComesBackAsItWas)
{
    RunDocument run;
    run.environment = {{"ceiling_read_gbs", 52.5}, {"git_commit", EnvironmentValue()}};
    run.model = {{"name", std::string("qwen3-0.6b")}, {"param_count", std::int64_t(596049920)}};
    run.points = {samples::fullPoint(), Point()};
    const std::string text = toJson(run);
    const json value = json::parse(text);
    EXPECT_EQ(value.at("schema"), "paretoscope-run/1");
    EXPECT_EQ(value.at("env").at("ceiling_read_gbs"), 52.5);
    EXPECT_TRUE(value.at("env").at("git_commit").is_null());
    const Result<RunDocument> back = parseRun(text);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, run);
}

TEST(PointJson, ARunOfAnotherSchemaIsRefusedByName)
{
    const Result<RunDocument> refused = parseRun(R"({"schema":"other/9","points":[]})");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("other/9"), std::string::npos);
}

TEST(PointCsv, HasARowAPointAndEmptyCellsForWhatIsAbsent)
{
    Point bare;
    bare.workload = {.batch = 1, .contextTokens = 128, .outputTokens = 32};
    bare.status = PointStatus::Cancelled;
    const std::string csv = toCsv({samples::fullPoint(), bare});
    const std::size_t headerEnd = csv.find('\n');
    const std::string header = csv.substr(0, headerEnd);
    EXPECT_EQ(header.substr(0, 76),
              "batch,context_tokens,output_tokens,status,ttft_ms_p50,ttft_ms_lo,ttft_ms_hi,");
    const std::size_t rowEnd = csv.find('\n', headerEnd + 1);
    const std::string full = csv.substr(headerEnd + 1, rowEnd - headerEnd - 1);
    EXPECT_EQ(full.substr(0, 33), "8,512,32,ok,900.25,200.5,1600.125");
    EXPECT_NE(full.find(R"(ttft_composed noisy,"a ""quoted"" sentence, with a comma")"),
              std::string::npos);
    const std::string empty = csv.substr(rowEnd + 1);
    EXPECT_EQ(empty.substr(0, 29), "1,128,32,cancelled,,,,0,,,,0,");
    EXPECT_EQ(std::count(header.begin(), header.end(), ','),
              std::count(empty.begin(), empty.end(), ','));
}

} // namespace
