// SPDX-License-Identifier: Apache-2.0
#include "engine/protocol/point_json.h"

#include "engine/protocol/message_fields.h"
#include "engine/protocol/point_json_fields.h"

namespace engine {
namespace {

constexpr std::size_t kMaxRunBytes = 64 * 1024 * 1024;
constexpr std::size_t kMaxPointBytes = 1024 * 1024;
constexpr std::int64_t kMaxCount = std::int64_t(1) << 40; // of tokens, sequences, samples

struct StatusName
{
    PointStatus status;
    const char *name;
};
constexpr StatusName kStatusNames[] = {{PointStatus::Ok, "ok"},
                                       {PointStatus::DoesNotFit, "does_not_fit"},
                                       {PointStatus::Cancelled, "cancelled"},
                                       {PointStatus::Failed, "failed"}};

template <class T>
OrderedJson orNull(const std::optional<T> &value)
{
    return value ? OrderedJson(*value) : OrderedJson();
}

OrderedJson toJsonValue(const MedianInterval &median)
{
    return {{"p50", orNull(median.p50)},
            {"lo", orNull(median.lo)},
            {"hi", orNull(median.hi)},
            {"n", median.n}};
}

OrderedJson toJsonValue(const Percentiles &percentiles)
{
    return {{"p50", orNull(percentiles.p50)},
            {"p95", orNull(percentiles.p95)},
            {"p99", orNull(percentiles.p99)},
            {"n", percentiles.n}};
}

MedianInterval medianFrom(MessageFields &fields, const char *key)
{
    MedianInterval median;
    const Json *value = fields.object(key);
    if (!value)
        return median;
    MessageFields inner(*value, fields.path(key));
    median.p50 = inner.optionalNumber("p50");
    median.lo = inner.optionalNumber("lo");
    median.hi = inner.optionalNumber("hi");
    median.n = inner.integer("n", 0, 0, kMaxCount);
    fields.adopt(inner);
    return median;
}

Percentiles percentilesFrom(MessageFields &fields, const char *key)
{
    Percentiles percentiles;
    const Json *value = fields.object(key);
    if (!value)
        return percentiles;
    MessageFields inner(*value, fields.path(key));
    percentiles.p50 = inner.optionalNumber("p50");
    percentiles.p95 = inner.optionalNumber("p95");
    percentiles.p99 = inner.optionalNumber("p99");
    percentiles.n = inner.integer("n", 0, 0, kMaxCount);
    fields.adopt(inner);
    return percentiles;
}

PointStatus statusFrom(MessageFields &fields)
{
    fields.require("status");
    const std::string name = fields.text("status", "ok");
    for (const StatusName &entry : kStatusNames) {
        if (name == entry.name)
            return entry.status;
    }
    fields.fault("status", "must be ok, does_not_fit, cancelled or failed");
    return PointStatus::Failed;
}

std::map<std::string, std::string> reasonsFrom(MessageFields &fields)
{
    std::map<std::string, std::string> reasons;
    if (const Json *why = fields.object("why")) {
        for (const auto &[key, value] : why->items()) {
            if (!value.is_string()) {
                fields.fault("why", "must hold strings");
                return {};
            }
            reasons[key] = value.get<std::string>();
        }
    }
    return reasons;
}

} // namespace

OrderedJson environmentToJson(const Environment &environment)
{
    OrderedJson result = OrderedJson::object();
    for (const auto &[key, value] : environment) {
        OrderedJson &place = result[key];
        std::visit(
            [&place](const auto &held) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(held)>, std::monostate>)
                    place = held;
            },
            value);
    }
    return result;
}

Result<Environment> environmentFromJson(const Json &value, const std::string &where)
{
    if (!value.is_object())
        return fail(ErrorKind::BadInput, where + " must be an object.");
    Environment environment;
    for (const auto &[key, item] : value.items()) {
        EnvironmentValue &place = environment[key];
        const std::optional<std::int64_t> integer = asInteger(item);
        if (item.is_boolean())
            place = item.get<bool>();
        else if (integer)
            place = *integer;
        else if (item.is_number())
            place = item.get<double>();
        else if (item.is_string())
            place = item.get<std::string>();
        else if (!item.is_null())
            return fail(ErrorKind::BadInput,
                        where + "." + key + " must be a string, a number, true, false or null.");
    }
    return environment;
}

OrderedJson pointToJson(const Point &point)
{
    OrderedJson result;
    result["batch"] = point.workload.batch;
    result["context_tokens"] = point.workload.contextTokens;
    result["output_tokens"] = point.workload.outputTokens;
    for (const StatusName &entry : kStatusNames) {
        if (entry.status == point.status)
            result["status"] = entry.name;
    }
    result["ttft_ms"] = toJsonValue(point.ttftMs);
    result["ttft_idle_ms"] = toJsonValue(point.ttftIdleMs);
    result["tpot_ms"] = toJsonValue(point.tpotMs);
    result["step_wall_ms"] = toJsonValue(point.stepWallMs);
    result["e2e_ms"] = toJsonValue(point.e2eMs);
    result["itl_ms"] = toJsonValue(point.itlMs);
    result["output_tps"] = orNull(point.outputTps);
    result["prefill_tps"] = orNull(point.prefillTps);
    result["bw_pct"] = orNull(point.bwPct);
    result["flop_pct"] = orNull(point.flopPct);
    result["prefill_flop_pct"] = orNull(point.prefillFlopPct);
    result["mem_peak_bytes"] = orNull(point.memPeakBytes);
    result["mem_needed_bytes"] = orNull(point.memNeededBytes);
    result["mem_available_bytes"] = orNull(point.memAvailableBytes);
    result["bytes_step"] = orNull(point.bytesStep);
    result["flops_step"] = orNull(point.flopsStep);
    result["flops_prefill"] = orNull(point.flopsPrefill);
    result["rounds"] = point.rounds;
    result["flags"] = point.flags;
    result["why"] = OrderedJson::object();
    for (const auto &[key, reason] : point.why)
        result["why"][key] = reason;
    result["env"] = environmentToJson(point.environment);
    result["message"] = point.message;
    return result;
}

Result<Point> pointFromJson(const Json &value, const std::string &where)
{
    MessageFields fields(value, where);
    Point point;
    fields.require("batch");
    fields.require("context_tokens");
    point.workload.batch = fields.integer("batch", 1, 1, kMaxCount);
    point.workload.contextTokens = fields.integer("context_tokens", 1, 1, kMaxCount);
    point.workload.outputTokens = fields.integer("output_tokens", 1, 1, kMaxCount);
    point.status = statusFrom(fields);
    point.ttftMs = medianFrom(fields, "ttft_ms");
    point.ttftIdleMs = medianFrom(fields, "ttft_idle_ms");
    point.tpotMs = medianFrom(fields, "tpot_ms");
    point.stepWallMs = medianFrom(fields, "step_wall_ms");
    point.e2eMs = medianFrom(fields, "e2e_ms");
    point.itlMs = percentilesFrom(fields, "itl_ms");
    point.outputTps = fields.optionalNumber("output_tps");
    point.prefillTps = fields.optionalNumber("prefill_tps");
    point.bwPct = fields.optionalNumber("bw_pct");
    point.flopPct = fields.optionalNumber("flop_pct");
    point.prefillFlopPct = fields.optionalNumber("prefill_flop_pct");
    point.memPeakBytes = fields.optionalInteger("mem_peak_bytes");
    point.memNeededBytes = fields.optionalInteger("mem_needed_bytes");
    point.memAvailableBytes = fields.optionalInteger("mem_available_bytes");
    point.bytesStep = fields.optionalInteger("bytes_step");
    point.flopsStep = fields.optionalInteger("flops_step");
    point.flopsPrefill = fields.optionalInteger("flops_prefill");
    point.rounds = int(fields.integer("rounds", 0, 0, 1000000));
    point.flags = fields.texts("flags");
    point.why = reasonsFrom(fields);
    if (const Json *environment = fields.object("env")) {
        Result<Environment> parsed = environmentFromJson(*environment, fields.path("env"));
        if (!parsed)
            return tl::unexpected(parsed.error());
        point.environment = std::move(*parsed);
    }
    point.message = fields.text("message", {});
    if (fields.error())
        return tl::unexpected(*fields.error());
    return point;
}

std::string toJson(const Point &point)
{
    return dumpJson(pointToJson(point));
}

Result<Point> parsePoint(std::string_view json)
{
    Result<Json> value = parseJson(json, kMaxPointBytes);
    if (!value)
        return tl::unexpected(value.error());
    return pointFromJson(*value, "point");
}

std::string toJson(const Environment &environment)
{
    return dumpJson(environmentToJson(environment));
}

Result<Environment> parseEnvironment(std::string_view json)
{
    Result<Json> value = parseJson(json, kMaxPointBytes);
    if (!value)
        return tl::unexpected(value.error());
    return environmentFromJson(*value, "environment");
}

std::string toJson(const RunDocument &run)
{
    OrderedJson result;
    result["schema"] = run.schema;
    result["env"] = environmentToJson(run.environment);
    result["model"] = environmentToJson(run.model);
    result["points"] = OrderedJson::array();
    for (const Point &point : run.points)
        result["points"].push_back(pointToJson(point));
    return dumpJson(result, 1);
}

Result<RunDocument> parseRun(std::string_view json)
{
    Result<Json> value = parseJson(json, kMaxRunBytes);
    if (!value)
        return tl::unexpected(value.error());
    MessageFields fields(*value, "run");
    RunDocument run;
    fields.require("schema");
    fields.require("points");
    run.schema = fields.text("schema", {});
    if (fields.has("schema") && run.schema != RunDocument().schema)
        fields.fault("schema", "is \"" + run.schema.substr(0, 80) + "\", this program reads \"" +
                                   RunDocument().schema + "\"");
    for (const auto &[key, place] :
         {std::pair{"env", &run.environment}, std::pair{"model", &run.model}}) {
        const Json *object = fields.object(key);
        if (!object)
            continue;
        Result<Environment> parsed = environmentFromJson(*object, fields.path(key));
        if (!parsed)
            return tl::unexpected(parsed.error());
        *place = std::move(*parsed);
    }
    if (const Json *points = fields.array("points")) {
        for (std::size_t i = 0; i < points->size(); ++i) {
            const std::string where = "points[" + std::to_string(i) + "]";
            Result<Point> point = pointFromJson((*points)[i], where);
            if (!point)
                return tl::unexpected(point.error());
            run.points.push_back(std::move(*point));
        }
    }
    if (fields.error())
        return tl::unexpected(*fields.error());
    return run;
}

} // namespace engine
