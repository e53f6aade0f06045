// SPDX-License-Identifier: Apache-2.0
#include "engine/arguments/arguments.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace {

using namespace engine;

const std::string kCount = "--n takes a whole number from 1 to 100, not ";
const std::string kCounts =
    "--n takes whole numbers from 1 to 100 with commas between, such as 1,2,4, not ";

std::string refusalOfCount(const std::string &text)
{
    const Result<std::int64_t> value = parseCount(text, "--n", {1, 100});
    return value ? "taken" : value.error().message;
}

std::string refusalOfCounts(const std::string &text)
{
    const Result<std::vector<std::int64_t>> values = parseCounts(text, "--n", {1, 100});
    return values ? "taken" : values.error().message;
}

TEST(Counts, AreDigitsWithinTheRange)
{
    EXPECT_EQ(parseCount("1", "--n", {1, 100}).value(), 1);
    EXPECT_EQ(parseCount("100", "--n", {1, 100}).value(), 100);
    for (const char *text : {"", " 1", "1 ", "0", "101", "-5", "+5", "1.5", "1e2", "0x10", "ten",
                             "99999999999999999999", "nan"})
        EXPECT_EQ(refusalOfCount(text), kCount + "\"" + text + "\".");
}

TEST(Counts, OfAListAreAllThere)
{
    EXPECT_EQ(parseCounts("1,2,16", "--n", {1, 100}).value(),
              (std::vector<std::int64_t>{1, 2, 16}));
    EXPECT_EQ(parseCounts("7", "--n", {1, 100}).value(), (std::vector<std::int64_t>{7}));
    for (const char *text : {"", ",", "1,,2", "1,2,", ",1", "1;2", "1, 2", "1,x", "1,0", "1,101"})
        EXPECT_EQ(refusalOfCounts(text), kCounts + "\"" + text + "\".");
}

TEST(Numbers, AreFiniteAndWithinTheRange)
{
    EXPECT_EQ(parseNumber("0.5", "--x", 0, 1).value(), 0.5);
    for (const char *text : {"", "nan", "inf", "1.01", "-0.1", "1e999", "half", "0.5s"})
        EXPECT_FALSE(parseNumber(text, "--x", 0, 1)) << text;
}

TEST(Quoted, IsShortAndMovesNoCursor)
{
    EXPECT_EQ(quoted(std::string(1000, 'x')), "\"" + std::string(37, 'x') + "...\"");
    EXPECT_EQ(quoted("a\n\x1b[2Jb"), "\"a??[2Jb\"");
}

class Refusals : public ::testing::Test
{
protected:
    // What is said of a command line; empty when it is taken.
    std::string of(std::vector<std::string> arguments)
    {
        CLI::App program("", "tool");
        program.fallthrough();
        program.add_flag("--quiet", m_isQuiet)->excludes(program.add_flag("--loud", m_isLoud));
        CLI::App *run = program.add_subcommand("run");
        addCount(*run, "--n", m_count, {1, 100}, "");
        addText(*run, "--out", m_out, "")->required();
        addChoice(*run, "--type", m_type, {"a", "b", "c"}, "");
        program.add_subcommand("list");
        program.require_subcommand(1);
        std::reverse(arguments.begin(), arguments.end()); // as CLI11 takes them
        try {
            program.parse(arguments);
        } catch (const CLI::ParseError &error) {
            return refusal(error, program);
        }
        return {};
    }

    bool m_isLoud = false;
    bool m_isQuiet = false;
    std::int64_t m_count = 1;
    std::string m_out;
    std::string m_type = "a";
};

TEST_F(Refusals, NameWhatIsWrongAndWhere)
{
    EXPECT_EQ(of({"run", "--out", "x", "--n", "5", "--loud"}), "");
    EXPECT_TRUE(m_isLoud);
    EXPECT_EQ(of({}), "tool needs a command: run, list.");
    EXPECT_EQ(of({"--nonsense"}), "tool has no option \"--nonsense\"; tool --help says more.");
    EXPECT_EQ(of({"jump"}), "tool has no command \"jump\"; there are run, list.");
    EXPECT_EQ(of({"run", "--out", "x", "--nonsense"}),
              "tool run has no option \"--nonsense\"; tool run --help says more.");
    EXPECT_EQ(of({"run", "--out", "x", "more"}),
              "tool run has no use for \"more\"; tool run --help says more.");
    EXPECT_EQ(of({"run"}), "tool run needs --out; tool run --help says more.");
    EXPECT_EQ(of({"run", "--out"}), "--out needs a value; tool run --help says more.");
    EXPECT_EQ(of({"run", "--out", ""}), "--out is empty; leave it out or give a value.");
    EXPECT_EQ(of({"run", "--out", "x", "--n", "1", "--n", "2"}),
              "--n was given more than once; tool run --help says more.");
    EXPECT_EQ(of({"run", "--out", "x", "--n", "0"}),
              "--n takes a whole number from 1 to 100, not \"0\".");
    EXPECT_EQ(of({"run", "--out", "x", "--type", "d"}), "--type takes a, b or c, not \"d\".");
    EXPECT_EQ(of({"run", "--out", "x", "--loud", "--quiet"}),
              "--quiet and --loud exclude each other; tool run --help says more.");
    EXPECT_EQ(of({"run", "--out", "x", "--loud=maybe"}),
              "An option that takes no value was given one; tool run --help says more.");
}

TEST(Version, NamesTheCommit)
{
    const std::string line = versionLine("tool");
    EXPECT_EQ(line.find("tool "), 0u);
    EXPECT_NE(line.find(" (commit "), std::string::npos);
    EXPECT_EQ(line.back(), ')');
}

} // namespace
