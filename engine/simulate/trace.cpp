// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/trace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace engine {
namespace {

constexpr std::size_t kMostLines = 2'000'000;
constexpr double kMostTokens = 1e9;
constexpr double kMostSeconds = 1e9;

enum Column { Arrival, Input, Output, PrefixId, PrefixTokens, FirstToken, LastToken, ColumnCount };
constexpr std::array<std::string_view, ColumnCount> kColumnNames{
    "arrival_s",     "input_tokens",  "output_tokens", "prefix_id",
    "prefix_tokens", "first_token_s", "last_token_s"};

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

// The next line of `rest`, which loses it.
std::string_view takeLine(std::string_view &rest)
{
    const std::size_t end = rest.find('\n');
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

std::vector<std::string_view> cellsOf(std::string_view line)
{
    std::vector<std::string_view> cells;
    while (true) {
        const std::size_t comma = line.find(',');
        cells.push_back(trimmed(line.substr(0, comma)));
        if (comma == std::string_view::npos)
            return cells;
        line.remove_prefix(comma + 1);
    }
}

struct Header
{
    std::array<std::size_t, ColumnCount> position{};
    std::array<bool, ColumnCount> present{};
};

Result<Header> readHeader(std::string_view line)
{
    Header header;
    const std::vector<std::string_view> names = cellsOf(line);
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t column = 0; column < ColumnCount; ++column) {
            if (names[i] == kColumnNames[column]) {
                header.position[column] = i;
                header.present[column] = true;
            }
        }
    }
    for (Column needed : {Arrival, Input, Output}) {
        if (!header.present[needed]) {
            return fail(ErrorKind::BadInput, "The trace's first line has no column " +
                                                 std::string(kColumnNames[needed]) +
                                                 "; it needs arrival_s, input_tokens and "
                                                 "output_tokens.");
        }
    }
    return header;
}

Result<double> readCell(const std::vector<std::string_view> &cells, const Header &header,
                        Column column, std::size_t line)
{
    const auto bad = [&](const std::string &why) {
        return fail(ErrorKind::BadInput, "Line " + std::to_string(line) + " of the trace, column " +
                                             std::string(kColumnNames[column]) + ": " + why + ".");
    };
    if (header.position[column] >= cells.size())
        return bad("the line is too short");
    const std::string_view text = cells[header.position[column]];
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return bad("\"" + std::string(text.substr(0, 40)) + "\" is not a number");
    const bool tokens = column == Input || column == Output;
    const bool whole = tokens || column == PrefixTokens || column == PrefixId;
    if (whole && (value < (tokens ? 1 : 0) || value > kMostTokens || value != std::floor(value)))
        return bad(tokens ? "a length must be a whole number of tokens, 1 or more"
                          : "this must be a whole number, 0 or more");
    if (!whole && std::abs(value) > kMostSeconds)
        return bad("this time is over a thousand million seconds");
    return value;
}

} // namespace

Result<Trace> parseTrace(std::string_view csv)
{
    if (csv.substr(0, 3) == "\xEF\xBB\xBF")
        csv.remove_prefix(3);
    const Result<Header> header = readHeader(takeLine(csv));
    if (!header)
        return tl::make_unexpected(header.error());
    const bool prefixed = header->present[PrefixId] && header->present[PrefixTokens];
    const bool timed = header->present[FirstToken] && header->present[LastToken];
    struct Row
    {
        UserRequest request;
        Trace::Times times;
    };
    std::vector<Row> rows;
    for (std::size_t number = 2; !csv.empty(); ++number) {
        const std::string_view line = takeLine(csv);
        if (line.empty())
            continue;
        if (rows.size() == kMostLines)
            return fail(ErrorKind::BadInput, "The trace has over two million requests.");
        const std::vector<std::string_view> cells = cellsOf(line);
        std::array<double, ColumnCount> value{};
        for (std::size_t column = 0; column < ColumnCount; ++column) {
            const bool wanted = column < PrefixId || (column < FirstToken ? prefixed : timed);
            if (!wanted)
                continue;
            const Result<double> cell = readCell(cells, *header, Column(column), number);
            if (!cell)
                return tl::make_unexpected(cell.error());
            value[column] = *cell;
        }
        Row row;
        row.request.arrival = Seconds(value[Arrival]);
        row.request.promptTokens = std::int64_t(value[Input]);
        row.request.outputTokens = std::int64_t(value[Output]);
        row.request.prefixId = std::uint64_t(value[PrefixId]);
        row.request.prefixTokens =
            std::min(std::int64_t(value[PrefixTokens]), row.request.promptTokens);
        row.times = {Seconds(value[FirstToken]), Seconds(value[LastToken])};
        rows.push_back(row);
    }
    if (rows.empty())
        return fail(ErrorKind::BadInput, "The trace has no requests below its first line.");
    std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) {
        return a.request.arrival < b.request.arrival;
    });
    const Seconds start = rows.front().request.arrival;
    Trace trace;
    for (Row &row : rows) {
        row.request.arrival = row.request.arrival - start;
        trace.requests.push_back(row.request);
        if (timed)
            trace.times.push_back({row.times.firstToken - start, row.times.lastToken - start});
    }
    return trace;
}

} // namespace engine
