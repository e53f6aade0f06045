// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/spec/result.h"

namespace CLI {
class App;
class Option;
class ParseError;
} // namespace CLI

// What the command lines of both programs share, so that both refuse a bad argument with the same
// one sentence: what was given, to which option, and what it takes.
namespace engine {

// Whole numbers that an option takes.
struct CountRange
{
    std::int64_t least = 1;
    std::int64_t most = std::int64_t(1) << 24;
};

// A text that came from outside, in quotes: at most 40 characters, nothing that moves a cursor.
std::string quoted(const std::string &text);

// Decimal digits and nothing else; BadInput names the option, the range and what was given.
Result<std::int64_t> parseCount(const std::string &text, const std::string &option,
                                CountRange range);
// Counts with commas between, none of them empty: "1,2,4".
Result<std::vector<std::int64_t>> parseCounts(const std::string &text, const std::string &option,
                                              CountRange range);
// A finite decimal number within [least, most].
Result<double> parseNumber(const std::string &text, const std::string &option, double least,
                           double most);

// Options whose values are checked as they are read; `value` outlives the parsing and is also the
// default that --help shows.
CLI::Option *addCount(CLI::App &command, const std::string &name, int &value, CountRange range,
                      const std::string &help);
CLI::Option *addCount(CLI::App &command, const std::string &name, std::int64_t &value,
                      CountRange range, const std::string &help);
CLI::Option *addCounts(CLI::App &command, const std::string &name,
                       std::vector<std::int64_t> &values, CountRange range,
                       const std::string &help);
CLI::Option *addNumber(CLI::App &command, const std::string &name, double &value, double least,
                       double most, const std::string &help);
CLI::Option *addText(CLI::App &command, const std::string &name, std::string &value,
                     const std::string &help);
CLI::Option *addChoice(CLI::App &command, const std::string &name, std::string &value,
                       std::vector<std::string> choices, const std::string &help);
// --resources DIR: a folder with models/, devices/ or estimate/; what it lacks is as compiled in.
CLI::Option *addResources(CLI::App &program, std::string &folder);

// One sentence for arguments that do not parse.
std::string refusal(const CLI::ParseError &error, const CLI::App &program);

// "paretoscope 0.1.0 (commit 0123456789ab)"; an unknown commit says so.
std::string versionLine(const std::string &program);

} // namespace engine
