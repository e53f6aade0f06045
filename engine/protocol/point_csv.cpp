// SPDX-License-Identifier: Apache-2.0
#include "engine/protocol/message_fields.h"
#include "engine/protocol/point_json.h"
#include "engine/protocol/point_json_fields.h"

namespace engine {
namespace {

// Quoted when a reader of CSV would else cut it.
std::string cell(const std::string &text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (char c : text) {
        quoted += c;
        if (c == '"')
            quoted += '"';
    }
    return quoted + '"';
}

std::string text(const OrderedJson &value)
{
    if (value.is_null())
        return {};
    if (value.is_string())
        return cell(value.get<std::string>());
    if (value.is_array()) { // flags
        std::string joined;
        for (const OrderedJson &item : value)
            joined += (joined.empty() ? "" : " ") + item.get<std::string>();
        return cell(joined);
    }
    return dumpJson(value);
}

struct Column
{
    std::string name;
    std::string key;
    std::string part; // of an object; empty = the value itself
};

std::vector<Column> columns()
{
    std::vector<Column> result;
    for (const char *key : {"batch", "context_tokens", "output_tokens", "status"})
        result.push_back({key, key, {}});
    for (const char *key : {"ttft_ms", "ttft_idle_ms", "tpot_ms", "step_wall_ms", "e2e_ms"}) {
        for (const char *part : {"p50", "lo", "hi", "n"})
            result.push_back({std::string(key) + "_" + part, key, part});
    }
    for (const char *part : {"p50", "p95", "p99", "n"})
        result.push_back({std::string("itl_ms_") + part, "itl_ms", part});
    for (const char *key :
         {"output_tps", "prefill_tps", "bw_pct", "flop_pct", "prefill_flop_pct", "mem_peak_bytes",
          "mem_needed_bytes", "mem_available_bytes", "bytes_step", "flops_step", "flops_prefill",
          "rounds", "flags", "message"})
        result.push_back({key, key, {}});
    return result;
}

} // namespace

std::string toCsv(const std::vector<Point> &points)
{
    const std::vector<Column> all = columns();
    std::string csv;
    for (const Column &column : all)
        csv += (csv.empty() ? "" : ",") + column.name;
    csv += '\n';
    for (const Point &point : points) {
        const OrderedJson json = pointToJson(point);
        std::string row;
        for (const Column &column : all) {
            const OrderedJson &value = json.at(column.key);
            row += &column == all.data() ? "" : ",";
            row += text(column.part.empty() ? value : value.at(column.part));
        }
        csv += row + '\n';
    }
    return csv;
}

} // namespace engine
