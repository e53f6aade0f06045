// SPDX-License-Identifier: Apache-2.0
#include "engine/arguments/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "engine/spec/build_info.h"

namespace engine {
namespace {

constexpr std::size_t kShown = 40;

std::string rangeText(CountRange range)
{
    return "from " + std::to_string(range.least) + " to " + std::to_string(range.most);
}

std::optional<std::int64_t> countOf(const std::string &text, CountRange range)
{
    std::int64_t value = 0;
    const char *end = text.data() + text.size();
    const auto [rest, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc() || rest != end || value < range.least || value > range.most)
        return std::nullopt;
    return value;
}

std::string plain(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

// What a callback of CLI11 throws to say that a value is refused.
template <class T>
T valueOrThrow(Result<T> result)
{
    if (!result)
        throw CLI::ValidationError(result.error().message);
    return std::move(*result);
}

template <class T>
CLI::Option *addCountOf(CLI::App &command, const std::string &name, T &value, CountRange range,
                        const std::string &help)
{
    return command
        .add_option_function<std::string>(
            name,
            [&value, name, range](const std::string &text) {
                value = T(valueOrThrow(parseCount(text, name, range)));
            },
            help)
        ->type_name("N")
        ->default_str(std::to_string(value));
}

// Of "The following arguments were not expected: 5 --depth"; an option's name comes first.
std::vector<std::string> wordsAfterColon(const std::string &text)
{
    std::istringstream stream(text.substr(std::min(text.size(), text.find(": ") + 2)));
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.insert(word[0] == '-' ? words.begin() : words.end(), word);
    return words;
}

std::string commandOf(const CLI::App &program)
{
    std::string name = program.get_name();
    const CLI::App *app = &program;
    while (!app->get_subcommands().empty()) {
        app = app->get_subcommands().front();
        name += " " + app->get_name();
    }
    return name;
}

std::string commandsOf(const CLI::App &program)
{
    const CLI::App *app = &program;
    while (!app->get_subcommands().empty())
        app = app->get_subcommands().front();
    std::string names;
    for (const CLI::App *command : app->get_subcommands([](const CLI::App *) { return true; }))
        names += (names.empty() ? "" : ", ") + command->get_name();
    return names;
}

} // namespace

std::string quoted(const std::string &text)
{
    std::string shown = text.size() > kShown ? text.substr(0, kShown - 3) + "..." : text;
    for (char &c : shown) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = '?';
    }
    return "\"" + shown + "\"";
}

Result<std::int64_t> parseCount(const std::string &text, const std::string &option,
                                CountRange range)
{
    if (const std::optional<std::int64_t> value = countOf(text, range))
        return *value;
    return fail(ErrorKind::BadInput, option + " takes a whole number " + rangeText(range) +
                                         ", not " + quoted(text) + ".");
}

Result<std::vector<std::int64_t>> parseCounts(const std::string &text, const std::string &option,
                                              CountRange range)
{
    std::vector<std::int64_t> values;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::optional<std::int64_t> value = countOf(text.substr(begin, end - begin), range);
        if (!value) {
            return fail(ErrorKind::BadInput, option + " takes whole numbers " + rangeText(range) +
                                                 " with commas between, such as 1,2,4, not " +
                                                 quoted(text) + ".");
        }
        values.push_back(*value);
        begin = end + 1;
    }
    return values;
}

Result<double> parseNumber(const std::string &text, const std::string &option, double least,
                           double most)
{
    double value = 0;
    const char *end = text.data() + text.size();
    const auto [rest, fault] = std::from_chars(text.data(), end, value);
    if (fault == std::errc() && rest == end && value >= least && value <= most)
        return value;
    return fail(ErrorKind::BadInput, option + " takes a number from " + plain(least) + " to " +
                                         plain(most) + ", not " + quoted(text) + ".");
}

CLI::Option *addCount(CLI::App &command, const std::string &name, int &value, CountRange range,
                      const std::string &help)
{
    return addCountOf(command, name, value, range, help);
}

CLI::Option *addCount(CLI::App &command, const std::string &name, std::int64_t &value,
                      CountRange range, const std::string &help)
{
    return addCountOf(command, name, value, range, help);
}

CLI::Option *addCounts(CLI::App &command, const std::string &name,
                       std::vector<std::int64_t> &values, CountRange range, const std::string &help)
{
    std::string usual;
    for (std::int64_t value : values)
        usual += (usual.empty() ? "" : ",") + std::to_string(value);
    return command
        .add_option_function<std::string>(
            name,
            [&values, name, range](const std::string &text) {
                values = valueOrThrow(parseCounts(text, name, range));
            },
            help)
        ->type_name("N[,N]")
        ->default_str(usual);
}

CLI::Option *addNumber(CLI::App &command, const std::string &name, double &value, double least,
                       double most, const std::string &help)
{
    return command
        .add_option_function<std::string>(
            name,
            [&value, name, least, most](const std::string &text) {
                value = valueOrThrow(parseNumber(text, name, least, most));
            },
            help)
        ->type_name("X")
        ->default_str(plain(value));
}

CLI::Option *addText(CLI::App &command, const std::string &name, std::string &value,
                     const std::string &help)
{
    return command
        .add_option_function<std::string>(
            name,
            [&value, name](const std::string &text) {
                if (text.empty())
                    throw CLI::ValidationError(name + " is empty; leave it out or give a value.");
                value = text;
            },
            help)
        ->default_str(value);
}

CLI::Option *addChoice(CLI::App &command, const std::string &name, std::string &value,
                       std::vector<std::string> choices, const std::string &help)
{
    return command
        .add_option_function<std::string>(
            name,
            [&value, name, choices = std::move(choices)](const std::string &text) {
                if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
                    std::string known;
                    for (const std::string &choice : choices)
                        known += (known.empty()                ? ""
                                  : &choice == &choices.back() ? " or "
                                                               : ", ") +
                                 choice;
                    throw CLI::ValidationError(name + " takes " + known + ", not " + quoted(text) +
                                               ".");
                }
                value = text;
            },
            help)
        ->type_name("NAME")
        ->default_str(value);
}

CLI::Option *addResources(CLI::App &program, std::string &folder)
{
    return program
        .add_option_function<std::string>(
            "--resources",
            [&folder](const std::string &text) {
                namespace fs = std::filesystem;
                std::error_code error;
                if (!fs::is_directory(text, error))
                    throw CLI::ValidationError("--resources takes a folder; " + quoted(text) +
                                               " is none.");
                const char *const parts[] = {"models", "devices", "estimate"};
                if (std::none_of(std::begin(parts), std::end(parts), [&](const char *part) {
                        return fs::is_directory(fs::path(text) / part, error);
                    }))
                    throw CLI::ValidationError("--resources takes a folder with models/, devices/ "
                                               "or estimate/; " +
                                               quoted(text) + " has none of them.");
                folder = text;
            },
            "Folder whose models/, devices/ and estimate/ stand in for the data compiled in")
        ->type_name("DIR");
}

std::string refusal(const CLI::ParseError &error, const CLI::App &program)
{
    const std::string command = commandOf(program);
    const std::string more = "; " + command + " --help says more.";
    // Errors about a command carry its name instead of their own.
    const bool isExtra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    const std::string kind = isExtra ? "ExtrasError" : error.get_name();
    const std::string said = error.what();
    if (kind == "ValidationError")
        return said; // a sentence of ours
    std::vector<std::string> left = program.remaining(true);
    if (left.empty() && kind == "ExtrasError") // those of a command are only in the text
        left = wordsAfterColon(said);
    // An argument that nothing knows says more than the command that is missing because of it.
    if (!left.empty() && (kind == "ExtrasError" || kind == "RequiredError")) {
        const std::string &first = left.front();
        if (first.size() > 1 && first[0] == '-')
            return command + " has no option " + quoted(first) + more;
        const std::string known = commandsOf(program);
        return known.empty()
                   ? command + " has no use for " + quoted(first) + more
                   : command + " has no command " + quoted(first) + "; there are " + known + ".";
    }
    const std::string option = said.substr(0, said.find_first_of(": "));
    if (kind == "RequiredError") {
        return option[0] == '-' ? command + " needs " + option + more
                                : command + " needs a command: " + commandsOf(program) + ".";
    }
    if (kind == "ArgumentMismatch") {
        return said.find("At Most") != std::string::npos
                   ? option + " was given more than once" + more
                   : option + " needs a value" + more;
    }
    if (kind == "ExcludesError") // "--a excludes --b"
        return option + " and " + said.substr(said.rfind(' ') + 1) + " exclude each other" + more;
    if (kind == "ConversionError" || kind == "InvalidError")
        return "An option that takes no value was given one" + more;
    return "The arguments cannot be read" + more;
}

std::string versionLine(const std::string &program)
{
    const std::string commit = gitCommit();
    return program + " " + appVersion() + " (commit " + (commit.empty() ? "unknown" : commit) + ")";
}

} // namespace engine
