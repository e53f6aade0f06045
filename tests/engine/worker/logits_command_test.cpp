// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/logits_command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/engine/model/temporary_folder.h"

namespace {

using namespace engine;

struct ProgramRun
{
    int status = -1;
    std::string output; // stdout and stderr
};

// Runs the real program.
ProgramRun logits(const std::string &arguments)
{
    ProgramRun run;
    const std::string command =
        std::string(PARETOSCOPE_BIN) + "/paretoscope-engine logits " + arguments + " 2>&1";
    FILE *pipe = popen(command.c_str(), "r");
    if (!pipe)
        return run;
    std::array<char, 65536> buffer;
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        run.output.append(buffer.data(), count);
    run.status = WEXITSTATUS(pclose(pipe));
    return run;
}

const char *kTinyConfig =
    R"({"architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":96,)"
    R"("num_hidden_layers":2,"num_attention_heads":4,"vocab_size":100,"max_position_embeddings":32})";

TEST(TokenPrompts, AreReadWithTheirPrefill)
{
    const auto prompts = readTokenPrompts(
        R"({"prompts":[{"tokens":[1,2,3],"prefill":2},{"tokens":[99]}]})", "t.json", 100);
    ASSERT_TRUE(prompts) << prompts.error().message;
    ASSERT_EQ(prompts->size(), 2u);
    EXPECT_EQ((*prompts)[0].tokens, (std::vector<TokenId>{1, 2, 3}));
    EXPECT_EQ((*prompts)[0].prefill, 2u);
    EXPECT_EQ((*prompts)[1].prefill, 1u);
}

TEST(TokenPrompts, WhatIsMalformedIsRefusedWithItsPlace)
{
    for (const char *text :
         {"", "[]", "{}", R"({"prompts":7})", R"({"prompts":[]})", R"({"prompts":[7]})",
          R"({"prompts":[{}]})", R"({"prompts":[{"tokens":[]}]})",
          R"({"prompts":[{"tokens":[100]}]})", R"({"prompts":[{"tokens":[-1]}]})",
          R"({"prompts":[{"tokens":[1.5]}]})", R"({"prompts":[{"tokens":["1"]}]})",
          R"({"prompts":[{"tokens":[18446744073709551615]}]})",
          R"({"prompts":[{"tokens":[1,2],"prefill":0}]})",
          R"({"prompts":[{"tokens":[1,2],"prefill":3}]})",
          R"({"prompts":[{"tokens":[1,2],"prefill":"1"}]})"}) {
        const auto prompts = readTokenPrompts(text, "t.json", 100);
        ASSERT_FALSE(prompts) << text;
        EXPECT_EQ(prompts.error().kind, ErrorKind::BadInput);
        EXPECT_EQ(prompts.error().message.rfind("t.json", 0), 0u) << prompts.error().message;
    }
}

TEST(LogitsCommand, PrintsARowAPosition)
{
    TemporaryFolder folder;
    folder.write("config.json", kTinyConfig);
    folder.write("tokens.json", R"({"prompts":[{"tokens":[1,2,3,4],"prefill":2},{"tokens":[5]}]})");
    const std::string files =
        "--model " + folder.path("config.json") + " --tokens " + folder.path("tokens.json");
    const ProgramRun whole = logits(files + " --json");
    ASSERT_EQ(whole.status, 0) << whole.output;
    const auto json = nlohmann::json::parse(whole.output);
    ASSERT_EQ(json["prompts"].size(), 2u);
    ASSERT_EQ(json["prompts"][0]["logits"].size(), 4u);
    ASSERT_EQ(json["prompts"][0]["logits"][3].size(), 100u);
    EXPECT_EQ(json["prompts"][1]["logits"].size(), 1u);
    // The same prompt a token at a time, within the order of summation.
    const ProgramRun single = logits(files + " --json --chunk 1");
    const auto other = nlohmann::json::parse(single.output);
    for (std::size_t i = 0; i < 100; ++i)
        EXPECT_NEAR(json["prompts"][0]["logits"][1][i].get<double>(),
                    other["prompts"][0]["logits"][1][i].get<double>(), 1e-5);
    const ProgramRun text = logits(files);
    EXPECT_EQ(text.status, 0);
    EXPECT_NE(text.output.find("prompt 1 position 4: token "), std::string::npos);
}

TEST(LogitsCommand, FailsWithOneSentence)
{
    TemporaryFolder folder;
    folder.write("config.json", kTinyConfig);
    folder.write("good.json", R"({"prompts":[{"tokens":[1,2]}]})");
    folder.write("bad.json", R"({"prompts":[{"tokens":[1,100]}]})");
    std::string tooLong = "1";
    for (int i = 0; i < 32; ++i)
        tooLong += ",1";
    folder.write("long.json", "{\"prompts\":[{\"tokens\":[" + tooLong + "]}]}");
    const std::string model = "--model " + folder.path("config.json");
    for (const std::string &arguments :
         {model + " --tokens " + folder.path("bad.json"),
          model + " --tokens " + folder.path("long.json"),
          model + " --tokens " + folder.path("none.json"),
          model + " --tokens " + folder.path("good.json") + " --dtype int3",
          model + " --tokens " + folder.path("good.json") + " --dtype fp8",
          model + " --tokens " + folder.path("good.json") + " --device tpu",
          model + " --tokens " + folder.path("good.json") + " --threads -1",
          model + " --tokens " + folder.path("good.json") + " --isa mmx",
          "--model nosuch --tokens " + folder.path("good.json"), model, std::string()}) {
        const ProgramRun run = logits(arguments + " --json");
        EXPECT_NE(run.status, 0) << arguments;
        EXPECT_EQ(run.output.rfind("paretoscope-engine: ", 0), 0u) << run.output;
        EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1) << run.output;
    }
}

} // namespace
