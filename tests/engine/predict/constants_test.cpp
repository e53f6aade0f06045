// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/constants.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;

std::string shippedText()
{
    return std::string(embeddedEstimateFiles().front().content);
}

std::string with(const std::string &from, const std::string &to)
{
    std::string text = shippedText();
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(EstimateConstants, ThoseCompiledInAreWhole)
{
    const auto read = parseEstimateConstants(shippedText(), "constants.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, shippedConstants());
    EXPECT_FALSE(read->version.empty());
    EXPECT_EQ(read->gpu.habits.ofBf16Share.size(), kAllDTypes.size());
}

TEST(EstimateConstants, TheFileIsWhatThePriorSays)
{
    const auto read = parseEstimateConstants(
        with("\"weight_bandwidth\": [0.90, 0.12]", "\"weight_bandwidth\": [0.61, 0.33]"), "file");
    ASSERT_TRUE(read) << read.error().message;
    const PhaseFit decode = priorCalibration(shapes::h100(), *read).decode;
    const auto at = std::size_t(Constant::WeightBandwidth);
    EXPECT_NEAR(decode.value(Constant::WeightBandwidth), 0.61, 1e-12);
    EXPECT_NEAR(std::sqrt(decode.covariance[at][at]), 0.33, 1e-12);
}

TEST(EstimateConstants, AFolderOfResourcesReplacesThem)
{
    const auto folder = std::filesystem::temp_directory_path() / "paretoscope_constants_test";
    std::filesystem::create_directories(folder / "estimate");
    std::ofstream(folder / "estimate" / "constants.json")
        << with("\"padding_rows\": 32", "\"padding_rows\": 7");
    const auto read = loadEstimateConstants(folder.string());
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->gpu.habits.paddingRows, 7);
    EXPECT_EQ(loadEstimateConstants("")->gpu.habits.paddingRows, 32);
}

TEST(EstimateConstants, AFaultIsNamed)
{
    const auto message = [](const std::string &text) {
        const auto read = parseEstimateConstants(text, "mine.json");
        return read ? std::string() : read.error().message;
    };
    EXPECT_NE(message("{}").find("schema"), std::string::npos);
    EXPECT_NE(message("[").find("mine.json"), std::string::npos);
    EXPECT_NE(message(with("\"kv_bandwidth\": [0.75, 0.25]", "\"kv_bandwidth\": [0.75]"))
                  .find("kv_bandwidth"),
              std::string::npos);
    EXPECT_NE(message(with("\"overlap\": 4", "\"overlap\": 0")).find("overlap"), std::string::npos);
    EXPECT_NE(message(with("\"unpacking\": 0.75,", "")).find("unpacking"), std::string::npos);
}

} // namespace
