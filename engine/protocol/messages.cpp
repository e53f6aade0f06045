// SPDX-License-Identifier: Apache-2.0
#include "engine/protocol/messages.h"

#include <cmath>

#include "engine/protocol/message_fields.h"
#include "engine/protocol/point_json_fields.h"
#include "engine/protocol/rpc.h"

namespace engine {
namespace {

constexpr std::size_t kMaxCells = 4096;

OrderedJson sweepToJson(const SweepRequest &sweep)
{
    OrderedJson json;
    json["model"] = sweep.model;
    json["device"] = sweep.device;
    json["dtype"] = std::string(dtypeName(sweep.dtype));
    json["batches"] = sweep.batches;
    json["contexts"] = sweep.contexts;
    json["output_tokens"] = sweep.outputTokens;
    json["threads"] = sweep.threads;
    json["quick"] = sweep.quick;
    json["cell_seconds"] = sweep.cellSeconds;
    json["max_rounds"] = sweep.maxRounds;
    json["seed"] = sweep.seed;
    json["done"] = OrderedJson::array();
    for (const Point &point : sweep.done)
        json["done"].push_back(pointToJson(point));
    return json;
}

Result<SweepRequest> sweepFromJson(const Json &value)
{
    MessageFields fields(value, "params");
    SweepRequest sweep;
    sweep.model = fields.text("model", sweep.model);
    sweep.device = fields.text("device", sweep.device);
    const std::string dtype = fields.text("dtype", std::string(dtypeName(sweep.dtype)));
    if (const std::optional<DType> known = dtypeFromName(dtype))
        sweep.dtype = *known;
    else
        fields.fault("dtype", "is unknown: \"" + dtype.substr(0, 40) + "\"");
    sweep.batches = fields.integers("batches", sweep.batches);
    sweep.contexts = fields.integers("contexts", sweep.contexts);
    sweep.outputTokens = fields.integer("output_tokens", sweep.outputTokens);
    sweep.threads = int(fields.integer("threads", sweep.threads, 0, kMaxThreads));
    sweep.quick = fields.flag("quick", sweep.quick);
    sweep.cellSeconds = fields.number("cell_seconds", sweep.cellSeconds);
    sweep.maxRounds = fields.integer("max_rounds", sweep.maxRounds);
    sweep.seed = fields.unsignedInteger("seed", sweep.seed);
    if (const Json *done = fields.array("done")) {
        for (std::size_t i = 0; i < done->size(); ++i) {
            Result<Point> point = pointFromJson((*done)[i], "done[" + std::to_string(i) + "]");
            if (!point)
                return tl::unexpected(point.error());
            sweep.done.push_back(std::move(*point));
        }
    }
    if (fields.error())
        return tl::unexpected(*fields.error());
    if (const Result<void> sensible = validate(sweep); !sensible)
        return tl::unexpected(sensible.error());
    return sweep;
}

Result<void> validateList(const std::vector<std::int64_t> &values, std::int64_t most,
                          const std::string &what)
{
    if (values.empty())
        return fail(ErrorKind::BadInput, "A sweep needs at least one " + what + ".");
    for (std::int64_t value : values) {
        if (value < 1 || value > most) {
            return fail(ErrorKind::BadInput, "The " + what + " must be from 1 to " +
                                                 std::to_string(most) + ", not " +
                                                 std::to_string(value) + ".");
        }
    }
    return {};
}

const char *methodOf(const RequestBody &body)
{
    constexpr const char *kNames[] = {"describe_devices", "inspect_model", "start_sweep",
                                      "cancel_sweep",     "ping",          "shutdown",
                                      "window_busy"};
    static_assert(std::size(kNames) == std::variant_size_v<RequestBody>);
    return kNames[body.index()];
}

OrderedJson paramsOf(const RequestBody &body)
{
    if (const auto *describe = std::get_if<DescribeDevices>(&body))
        return {{"measure_ceilings", describe->measureCeilings}};
    if (const auto *inspect = std::get_if<InspectModel>(&body))
        return {{"model", inspect->model}};
    if (const auto *start = std::get_if<StartSweep>(&body))
        return sweepToJson(start->sweep);
    if (const auto *busy = std::get_if<WindowBusy>(&body))
        return {{"share_pct", busy->sharePct}, {"interval_ms", busy->intervalMs}};
    return OrderedJson::object();
}

Result<RequestBody> bodyFrom(const std::string &method, const Json &params)
{
    MessageFields fields(params, "params");
    std::optional<RequestBody> body;
    if (method == "describe_devices") {
        body = DescribeDevices{fields.flag("measure_ceilings", true)};
    } else if (method == "inspect_model") {
        fields.require("model");
        body = InspectModel{fields.text("model", {})};
    } else if (method == "start_sweep") {
        Result<SweepRequest> sweep = sweepFromJson(params);
        if (!sweep)
            return tl::unexpected(sweep.error());
        body = StartSweep{std::move(*sweep)};
    } else if (method == "cancel_sweep") {
        body = CancelSweep{};
    } else if (method == "ping") {
        body = Ping{};
    } else if (method == "shutdown") {
        body = Shutdown{};
    } else if (method == "window_busy") {
        body = WindowBusy{fields.number("share_pct", 0), fields.number("interval_ms", 250)};
    }
    if (fields.error())
        return tl::unexpected(*fields.error());
    if (!body)
        return fail(ErrorKind::Unsupported, "There is no method \"" + method.substr(0, 80) + "\".");
    return std::move(*body);
}

// A request, or all that is needed to refuse it.
struct Refusal
{
    std::optional<std::int64_t> id;
    int code = kRpcInvalidRequest;
    Error error;
};

tl::expected<Request, Refusal> readRequest(std::string_view line)
{
    const Result<Json> json = parseJson(line, kMaxLineBytes);
    if (!json)
        return tl::unexpected(Refusal{{}, kRpcParseError, json.error()});
    MessageFields fields(*json, "");
    Request request;
    request.id = json->is_object() ? fields.optionalInteger("id") : std::nullopt;
    fields.require("jsonrpc");
    fields.require("method");
    if (fields.text("jsonrpc", "2.0") != "2.0")
        fields.fault("jsonrpc", "must be \"2.0\"");
    const std::string method = fields.text("method", {});
    if (fields.error())
        return tl::unexpected(Refusal{request.id, kRpcInvalidRequest, *fields.error()});
    const Json none = Json::object();
    const Json *params = fields.object("params");
    if (fields.error())
        return tl::unexpected(Refusal{request.id, kRpcInvalidParams, *fields.error()});
    Result<RequestBody> body = bodyFrom(method, params ? *params : none);
    if (!body) {
        const bool unknown = body.error().kind == ErrorKind::Unsupported;
        return tl::unexpected(
            Refusal{request.id, unknown ? kRpcMethodNotFound : kRpcInvalidParams, body.error()});
    }
    request.body = std::move(*body);
    return request;
}

} // namespace

Result<void> validate(const SweepRequest &sweep)
{
    if (Result<void> batches = validateList(sweep.batches, kMaxBatch, "batch"); !batches)
        return batches;
    if (Result<void> contexts = validateList(sweep.contexts, kMaxTokens, "context"); !contexts)
        return contexts;
    if (sweep.batches.size() > kMaxCells || sweep.contexts.size() > kMaxCells ||
        sweep.batches.size() * sweep.contexts.size() > kMaxCells) {
        return fail(ErrorKind::BadInput, "A sweep has at most " + std::to_string(kMaxCells) +
                                             " cells; take fewer batches or contexts.");
    }
    if (sweep.outputTokens < 1 || sweep.outputTokens > kMaxTokens)
        return fail(ErrorKind::BadInput, "The output length must be from 1 to " +
                                             std::to_string(kMaxTokens) + " tokens.");
    if (sweep.threads < 0 || sweep.threads > kMaxThreads)
        return fail(ErrorKind::BadInput,
                    "The number of threads must be from 0 (every core) to 4096.");
    if (!(sweep.cellSeconds > 0 && sweep.cellSeconds <= kMaxCellSeconds))
        return fail(ErrorKind::BadInput,
                    "A cell's time must be above 0 and at most 86400 seconds.");
    if (sweep.maxRounds < 1 || sweep.maxRounds > 1000)
        return fail(ErrorKind::BadInput, "The number of rounds must be from 1 to 1000.");
    return {};
}

std::string toLine(const Request &request)
{
    OrderedJson json;
    json["jsonrpc"] = "2.0";
    if (request.id)
        json["id"] = *request.id;
    json["method"] = methodOf(request.body);
    json["params"] = paramsOf(request.body);
    return dumpJson(json);
}

Result<Request> parseRequest(std::string_view line)
{
    tl::expected<Request, Refusal> request = readRequest(line);
    if (!request)
        return tl::unexpected(request.error().error);
    return std::move(*request);
}

std::string answerToBadLine(std::string_view line)
{
    const tl::expected<Request, Refusal> request = readRequest(line);
    const Refusal refusal = request ? Refusal{} : request.error();
    return rpcErrorLine(refusal.id, refusal.code, refusal.error);
}

} // namespace engine
