// SPDX-License-Identifier: Apache-2.0
#include "engine/model/devices/device_file.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "engine/model/devices/cpu_device.h"

namespace {

using namespace engine;

DeviceSpec preset(const std::string &id)
{
    const Result<DeviceSpec> device = findDevice(id);
    EXPECT_TRUE(device) << id;
    return device.value_or(DeviceSpec{});
}

TEST(DevicePresets, AreTheFifteenWithSourceAndRates)
{
    const auto presets = devicePresets();
    ASSERT_TRUE(presets) << presets.error().message;
    std::set<std::string> ids;
    for (const DeviceSpec &device : *presets) {
        ids.insert(device.id);
        EXPECT_EQ(device.kind, DeviceKind::Gpu);
        EXPECT_NE(device.source.find("http"), std::string::npos) << device.id;
        EXPECT_TRUE(device.denseRate.count(DType::Bf16)) << device.id;
        // A rate at half the width is about twice the rate (the pages round).
        if (device.denseRate.count(DType::Fp8)) {
            const double ratio =
                device.denseRate.at(DType::Fp8).value / device.denseRate.at(DType::Bf16).value;
            EXPECT_NEAR(ratio, 2, 0.03) << device.id;
        }
        for (std::size_t i = 0; i < device.prices.size(); ++i) {
            EXPECT_GT(device.prices[i].perHour, 100'000) << device.id;
            EXPECT_LT(device.prices[i].perHour, 20'000'000) << device.id;
            EXPECT_NE(device.prices[i].source.find("http"), std::string::npos) << device.id;
            EXPECT_FALSE(device.prices[i].date.empty()) << device.id;
            if (i > 0) {
                EXPECT_LE(device.prices[i].date, device.prices[i - 1].date) << device.id;
            }
        }
    }
    const std::set<std::string> expected{"a100-sxm-80gb", "b200-sxm", "b300-sxm",    "gb200-nvl72",
                                         "h100-sxm",      "h20",      "h200-sxm",    "h800-sxm",
                                         "l40s",          "mi300x",   "mi325x",      "mi355x",
                                         "rtx-4090",      "rtx-5090", "rtx-pro-6000"};
    EXPECT_EQ(ids, expected);
}

TEST(DevicePresets, HoldTheDataSheetsFigures)
{
    const DeviceSpec h100 = preset("h100-sxm");
    EXPECT_EQ(h100.memory.value, 80e9);
    EXPECT_EQ(h100.bandwidth.value, 3350e9);
    EXPECT_EQ(h100.denseRate.at(DType::Bf16).value, 989e12);
    EXPECT_EQ(h100.denseRate.at(DType::Fp8).value, 1979e12);
    EXPECT_EQ(h100.linkBandwidth.value, 450e9);
    EXPECT_EQ(h100.watts, 700);
    ASSERT_FALSE(h100.prices.empty());
    EXPECT_EQ(h100.prices.front().perHour, 3'290'000);
    EXPECT_EQ(h100.prices.front().date, "2026-08-08");
    EXPECT_EQ(preset("mi355x").denseRate.at(DType::Fp4).value, 10066e12);
    EXPECT_FALSE(preset("a100-sxm-80gb").denseRate.count(DType::Fp8));
    EXPECT_TRUE(preset("h20").prices.empty()); // no rent was found: absent, not zero
    EXPECT_NE(preset("h800-sxm").source.find("assumption"), std::string::npos);
}

const char *const kWhole = R"({"id": "my-card", "name": "My card", "memory_gb": 24,
    "bandwidth_gbs": 936, "dense_tflops": {"bf16": 71, "int8": null},
    "prices": [{"micro_usd_per_hour": 200000, "date": "2026-01"},
               {"micro_usd_per_hour": 220000, "date": "2026-02-03", "term": "spot"}]})";

TEST(DeviceFile, OfOnesOwnNeedsFewKeys)
{
    const Result<DeviceSpec> device = parseDeviceFile(kWhole, "card.json");
    ASSERT_TRUE(device) << device.error().message;
    EXPECT_EQ(device->id, "my-card");
    EXPECT_EQ(device->memory.value, 24e9);
    EXPECT_EQ(device->denseRate.size(), 1u);
    EXPECT_EQ(device->linkBandwidth.value, 0);
    ASSERT_EQ(device->prices.size(), 2u);
    EXPECT_EQ(device->prices[0].perHour, 220000); // newest first
    EXPECT_EQ(device->prices[0].source, "spot");
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(DeviceFile, HostileFilesAreRefusedWithASentence)
{
    const std::vector<std::pair<std::string, std::string>> changes{
        {"\"my-card\"", "\"../../etc\""},
        {"\"my-card\"", "7"},
        {"\"My card\"", "\"two\\nlines\""},
        {"\"My card\"", "\"" + std::string(1000, 'x') + "\""},
        {"\"memory_gb\": 24", "\"memory_gb\": -24"},
        {"\"memory_gb\": 24", "\"memory_gb\": 1e300"},
        {"\"memory_gb\": 24", "\"memory_gb\": \"24\""},
        {"\"memory_gb\": 24", "\"memory\": 24"},
        {"\"bandwidth_gbs\": 936", "\"bandwidth_gbs\": 0"},
        {"\"bandwidth_gbs\": 936", "\"bandwidth_gbs\": null"},
        {"{\"bf16\": 71, \"int8\": null}", "{}"},
        {"{\"bf16\": 71, \"int8\": null}", "[71]"},
        {"{\"bf16\": 71, \"int8\": null}", "{\"bf17\": 71}"},
        {"{\"bf16\": 71, \"int8\": null}", "{\"bf16\": -1}"},
        {"200000", "0.2"},
        {"200000", "-1"},
        {"\"2026-01\"", "\"January\""},
        {"\"id\"", "\"schema\": \"paretoscope-device/9\", \"id\""},
        {"\"id\"", "\"kind\": \"tpu\", \"id\""},
        {"\"id\"", "\"id\": \"twice\", \"id\""},
    };
    for (const auto &[from, to] : changes) {
        const Result<DeviceSpec> device = parseDeviceFile(replaced(kWhole, from, to), "card.json");
        ASSERT_FALSE(device) << to;
        EXPECT_FALSE(device.error().message.empty());
        EXPECT_LT(device.error().message.size(), 300u);
    }
    for (const std::string &text :
         {std::string(), std::string("[]"), std::string("null"), std::string(kWhole, 80),
          std::string(100000, '['), std::string("\xff\xfe")}) {
        EXPECT_FALSE(parseDeviceFile(text, "card.json"));
    }
}

TEST(DeviceFile, IsFoundByPathAndByItsFolder)
{
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(testing::TempDir()) / "paretoscope-device-file";
    fs::create_directories(folder / "devices");
    std::ofstream(folder / "devices" / "card.json") << kWhole;
    const Result<DeviceSpec> byPath = findDevice((folder / "devices" / "card.json").string());
    ASSERT_TRUE(byPath) << byPath.error().message;
    EXPECT_EQ(byPath->id, "my-card");
    const auto presets = devicePresets(folder.string());
    ASSERT_TRUE(presets);
    EXPECT_EQ(presets->size(), 1u);
    EXPECT_TRUE(findDevice("my-card", folder.string()));
    EXPECT_FALSE(findDevice("h100-sxm", folder.string()));
    fs::remove_all(folder);
}

TEST(DeviceFile, AnUnknownDeviceIsToldTheKnownOnes)
{
    const Result<DeviceSpec> device = findDevice("h900");
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().kind, ErrorKind::NotFound);
    EXPECT_NE(device.error().message.find("h100-sxm"), std::string::npos);
    EXPECT_NE(device.error().message.find("cpu"), std::string::npos);
}

TEST(CpuDevice, DefaultsGrowWithCoresAndInstructionSet)
{
    CpuFacts facts{"A CPU", "avx2", 4, Bytes(16e9), Bytes(32e6)};
    const DeviceSpec four = cpuDevice(facts);
    facts.cores = 8;
    const DeviceSpec eight = cpuDevice(facts);
    EXPECT_EQ(eight.bandwidth.value, 2 * four.bandwidth.value);
    facts.isa = "amx";
    EXPECT_GT(cpuDevice(facts).denseRate.at(DType::Bf16), eight.denseRate.at(DType::Bf16));
    facts.cores = 1000;
    EXPECT_EQ(cpuDevice(facts).bandwidth.value, 200e9); // memory has an end
    EXPECT_FALSE(four.measuredHere);
    EXPECT_EQ(four.id, "cpu");
}

TEST(CpuDevice, OfThisMachineHasMemoryAndRates)
{
    const CpuFacts facts = detectCpu();
    EXPECT_GE(facts.cores, 1);
    EXPECT_GT(facts.memory.value, 1e8);
    const DeviceSpec device = preset("cpu");
    EXPECT_EQ(device.kind, DeviceKind::Cpu);
    EXPECT_GT(device.denseRate.at(DType::Bf16).value, 0);
}

TEST(CpuDevice, TakesTheCeilingsOfARun)
{
    Environment environment;
    EXPECT_FALSE(cpuDeviceOf(environment));
    environment["ceiling_read_gbs"] = 44.5;
    EXPECT_FALSE(cpuDeviceOf(environment));
    environment["ceiling_dense_tflops"] = std::monostate();
    EXPECT_FALSE(cpuDeviceOf(environment));
    environment["ceiling_dense_tflops"] = 1.12;
    environment["cpu_model"] = std::string("A CPU");
    environment["mem_bytes"] = std::int64_t(8'000'000'000);
    const std::optional<DeviceSpec> device = cpuDeviceOf(environment);
    ASSERT_TRUE(device);
    EXPECT_EQ(device->bandwidth.value, 44.5e9);
    EXPECT_EQ(device->denseRate.at(DType::Bf16).value, 1.12e12);
    EXPECT_EQ(device->memory.value, 8e9);
    EXPECT_EQ(device->name, "A CPU");
    EXPECT_TRUE(device->measuredHere);
    environment["ceiling_read_gbs"] = -1.0;
    EXPECT_FALSE(cpuDeviceOf(environment));
}

} // namespace
