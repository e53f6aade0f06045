// SPDX-License-Identifier: Apache-2.0
#include "engine/model/tensor_index.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/model/resolve_model.h"
#include "engine/model/safetensors.h"
#include "tests/engine/model/temporary_folder.h"

namespace {

using namespace engine;

std::string entry(const std::string &name, const std::string &type, const std::string &shape,
                  int begin, int end)
{
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
           ",\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
}

Result<std::vector<TensorEntry>> readHeader(const std::string &file)
{
    return readSafetensorsHeader(std::as_bytes(std::span(file)), "x.safetensors");
}

std::string refusal(const std::string &file)
{
    const auto entries = readHeader(file);
    EXPECT_FALSE(entries) << file.substr(8, 100);
    if (entries)
        return {};
    EXPECT_EQ(entries.error().kind, ErrorKind::BadInput);
    EXPECT_EQ(entries.error().message.rfind("x.safetensors", 0), 0u) << entries.error().message;
    return entries.error().message;
}

TEST(Safetensors, ReadsPaddedHeadersWithMetadata)
{
    const std::string header = "{\"__metadata__\":{\"format\":\"pt\"}," +
                               entry("a", "F32", "[2,1]", 0, 8) + "," +
                               entry("b", "BF16", "[]", 8, 10) + "}    ";
    const auto entries = readHeader(safetensors(header, std::string(10, 'x')));
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries->size(), 2u);
    EXPECT_EQ((*entries)[0].shape, (std::vector<std::int64_t>{2, 1}));
    EXPECT_EQ((*entries)[0].begin, 8 + header.size());
    EXPECT_EQ((*entries)[1].end, 18 + header.size());
}

TEST(Safetensors, HeaderLengthsThatLieAreRefused)
{
    refusal("");
    refusal("short");
    std::string huge(16, '\xff');
    EXPECT_NE(refusal(huge).find("100,000,000"), std::string::npos);
    std::string beyond = safetensors("{}", "");
    beyond[0] = 100;
    EXPECT_NE(refusal(beyond).find("truncated"), std::string::npos);
}

TEST(Safetensors, RangesOutsideTheFileAreRefused)
{
    const std::string data(8, 'x');
    EXPECT_NE(refusal(safetensors("{" + entry("a", "F32", "[4]", 0, 16) + "}", data))
                  .find("past the end"),
              std::string::npos);
    refusal(safetensors("{" + entry("a", "F32", "[2]", 8, 0) + "}", data));
    refusal(safetensors(
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551615]}})",
        data));
    refusal(safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", data));
}

TEST(Safetensors, ShapesThatDoNotMatchTheirBytesAreRefused)
{
    const std::string data(8, 'x');
    refusal(safetensors("{" + entry("a", "F32", "[3]", 0, 8) + "}", data));
    refusal(safetensors("{" + entry("a", "F32", "[4294967296,4294967296,4294967296]", 0, 8) + "}",
                        data));
    refusal(safetensors("{" + entry("a", "F32", "[9223372036854775808]", 0, 8) + "}", data));
    refusal(safetensors("{" + entry("a", "F32", "[-1]", 0, 8) + "}", data));
    refusal(safetensors("{" + entry("a", "F32", "[2.0]", 0, 8) + "}", data));
}

TEST(Safetensors, OverlapsAndRepeatedNamesAreRefused)
{
    const std::string data(12, 'x');
    EXPECT_NE(refusal(safetensors("{" + entry("a", "F32", "[2]", 0, 8) + "," +
                                      entry("b", "F32", "[2]", 4, 12) + "}",
                                  data))
                  .find("overlaps"),
              std::string::npos);
    EXPECT_NE(refusal(safetensors("{" + entry("a", "F32", "[2]", 0, 8) + "," +
                                      entry("a", "F32", "[1]", 8, 12) + "}",
                                  data))
                  .find("twice"),
              std::string::npos);
}

TEST(Safetensors, MalformedHeadersAreRefused)
{
    for (const char *header :
         {"", "[]", "7", "{", "{\"a\":1}", "{\"a\":{}}", "{\"a\":[]}", "{\"a\":{\"dtype\":7}}",
          "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
          "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
          "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}",
          "{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}}",
          "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
          "{\"a\":{\"other\":1,\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
          "{\"__metadata__\":{\"a\":{}}}", "{} {}", "\xff"})
        refusal(safetensors(header, "xxxx"));
    refusal(safetensors(std::string(1 << 20, '['), ""));
}

TEST(TensorIndex, ReadsEachTypeExactly)
{
    TemporaryFolder folder;
    // 1.5, -2 and the smallest subnormal half; bf16 3.0; fp32 0.1.
    const std::string data("\x00\x3e\x00\xc0\x01\x00\x40\x40\xcd\xcc\xcc\x3d", 12);
    folder.write("model.safetensors", safetensors("{" + entry("h", "F16", "[3]", 0, 6) + "," +
                                                      entry("b", "BF16", "[1]", 6, 8) + "," +
                                                      entry("f", "F32", "[1]", 8, 12) + "}",
                                                  data));
    const Result<TensorIndex> index = TensorIndex::open(folder.path());
    ASSERT_TRUE(index) << index.error().message;
    float values[3];
    const std::int64_t three[] = {3}, one[] = {1};
    readFloats(*index->tensor("h", three), 0, 3, values);
    EXPECT_EQ(values[0], 1.5f);
    EXPECT_EQ(values[1], -2.0f);
    EXPECT_EQ(values[2], 0x1p-24f);
    readFloats(*index->tensor("b", one), 0, 1, values);
    EXPECT_EQ(values[0], 3.0f);
    readFloats(*index->tensor("f", one), 0, 1, values);
    EXPECT_EQ(values[0], 0.1f);
    const std::int64_t wrong[] = {2};
    EXPECT_EQ(index->tensor("f", wrong).error().kind, ErrorKind::BadInput);
    EXPECT_EQ(index->tensor("none", wrong).error().kind, ErrorKind::BadInput);
}

TEST(TensorIndex, ATypeThatNothingReadsIsNamed)
{
    TemporaryFolder folder;
    folder.write("model.safetensors",
                 safetensors("{" + entry("w", "F8_E4M3", "[4]", 0, 4) + "}", "xxxx"));
    const Result<TensorIndex> index = TensorIndex::open(folder.path());
    ASSERT_TRUE(index);
    const std::int64_t four[] = {4};
    const auto tensor = index->tensor("w", four);
    ASSERT_FALSE(tensor);
    EXPECT_NE(tensor.error().message.find("F8_E4M3"), std::string::npos);
}

TEST(TensorIndex, FollowsAShardedIndexInItsOwnFolderOnly)
{
    TemporaryFolder folder;
    const std::string one = safetensors("{" + entry("a", "F32", "[1]", 0, 4) + "}", "xxxx");
    const std::string two = safetensors("{" + entry("b", "F32", "[1]", 0, 4) + "}", "yyyy");
    folder.write("s1.safetensors", one);
    folder.write("s2.safetensors", two);
    const auto open = [&folder](const std::string &map) {
        folder.write("model.safetensors.index.json", "{\"weight_map\":" + map + "}");
        return TensorIndex::open(folder.path());
    };
    const auto good = open(R"({"a":"s1.safetensors","b":"s2.safetensors"})");
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->names(), (std::vector<std::string>{"a", "b"}));
    for (const char *map :
         {R"({"a":"../s1.safetensors"})", R"({"a":"/etc/passwd"})", R"({"a":".."})", R"({"a":""})",
          R"({"a":7})", R"({"a":"s2.safetensors"})", R"({"a":"missing.safetensors"})",
          R"({"c":"s1.safetensors"})", "{}", "[]"})
        EXPECT_FALSE(open(map)) << map;
    folder.write("s2.safetensors", one);
    EXPECT_FALSE(open(R"({"a":"s1.safetensors","b":"s2.safetensors"})"));
}

TEST(TensorIndex, AFolderWithoutWeightsIsRefused)
{
    TemporaryFolder folder;
    EXPECT_EQ(TensorIndex::open(folder.path()).error().kind, ErrorKind::NotFound);
    folder.write("model.safetensors", "");
    EXPECT_EQ(TensorIndex::open(folder.path()).error().kind, ErrorKind::BadInput);
}

TEST(ResolveModel, AFolderBringsItsWeightsAndAConfigAloneDoesNot)
{
    TemporaryFolder folder;
    folder.write("config.json",
                 R"({"architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":96,)"
                 R"("num_hidden_layers":2,"num_attention_heads":4,"vocab_size":100})");
    const auto model = resolveModel(folder.path());
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->weights.kind, WeightSource::Kind::Directory);
    EXPECT_EQ(model->weights.directory, folder.path());
    const auto alone = resolveModel(folder.path("config.json"));
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->weights.kind, WeightSource::Kind::Synthetic);
    EXPECT_EQ(alone->spec.name, model->spec.name);
}

TEST(ModelPresets, AResourcesFolderStandsInForTheOnesCompiledIn)
{
    TemporaryFolder folder;
    std::filesystem::create_directory(folder.path("models"));
    folder.write(
        "models/mine.json",
        R"({"architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":96,)"
        R"("num_hidden_layers":2,"num_attention_heads":4,"vocab_size":100,"name":"mine"})");
    const auto presets = modelPresets(folder.path());
    ASSERT_TRUE(presets);
    ASSERT_EQ(presets->size(), 1u);
    EXPECT_TRUE(resolveModel("mine", folder.path()));
    folder.write("models/broken.json", "{");
    EXPECT_FALSE(modelPresets(folder.path()));
}

} // namespace
