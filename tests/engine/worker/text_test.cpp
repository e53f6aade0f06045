// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/worker/bench_output.h"
#include "engine/worker/line_reader.h"
#include "engine/worker/number_text.h"

namespace {

using namespace engine;

TEST(NumberText, HasThreeSignificantDigits)
{
    EXPECT_EQ(threeDigits(0), "0");
    EXPECT_EQ(threeDigits(0.01234), "0.0123");
    EXPECT_EQ(threeDigits(1.234), "1.23");
    EXPECT_EQ(threeDigits(9.9951), "10.0");
    EXPECT_EQ(threeDigits(12.34), "12.3");
    EXPECT_EQ(threeDigits(99.96), "100");
    EXPECT_EQ(threeDigits(123.4), "123");
    EXPECT_EQ(threeDigits(12345.6), "12346");
}

TEST(NumberText, TimesHaveTheUnitThatReadsBest)
{
    EXPECT_EQ(durationText(0.45), "450 us");
    EXPECT_EQ(durationText(12.3), "12.3 ms");
    EXPECT_EQ(durationText(9999), "9999 ms");
    EXPECT_EQ(durationText(12345), "12.3 s");
    EXPECT_EQ(clockText(62.1), "1:03");
    EXPECT_EQ(countText(596049920), "596 M");
    EXPECT_EQ(countText(8030261248), "8.03 B");
}

TEST(ProgressLine, NeverPassesTheWidthOfTheTerminal)
{
    SweepProgress progress{"measuring", 3, 15, 2, 16, 2048, 0.5, 3671.0, {}};
    EXPECT_EQ(progressLine(progress, 200),
              "[############............] 50% 3/15 cells, round 2, batch 16 at 2048, 61:11 left");
    EXPECT_EQ(progressLine(progress, 20).size(), 20u);
    EXPECT_EQ(progressLine(progress, 0), "");
}

struct Lines
{
    std::vector<std::string> lines;
    int tooLong = 0;
    LineReader reader{10, [this](std::string_view line) { lines.emplace_back(line); },
                      [this] { ++tooLong; }};
};

TEST(LineReader, PutsPiecesTogetherAndTakesLinesApart)
{
    Lines given;
    given.reader.feed("ab");
    EXPECT_TRUE(given.lines.empty());
    given.reader.feed("c\nde\r\n\n  \nf");
    EXPECT_EQ(given.lines, (std::vector<std::string>{"abc", "de"}));
    given.reader.finish();
    EXPECT_EQ(given.lines.back(), "f");
}

TEST(LineReader, ALineOverTheCapIsReportedOnceAndTheNextOneRead)
{
    Lines given;
    for (int i = 0; i < 100; ++i)
        given.reader.feed("xxxxx");
    given.reader.feed("\nok\n0123456789\n0123456789a\n");
    EXPECT_EQ(given.lines, (std::vector<std::string>{"ok", "0123456789"}));
    EXPECT_EQ(given.tooLong, 2);
}

} // namespace
