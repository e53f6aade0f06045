// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/protocol/message_fields.h"
#include "engine/protocol/messages.h"
#include "engine/protocol/point_json_fields.h"
#include "engine/protocol/rpc.h"

namespace engine {
namespace {

struct KindName
{
    ErrorKind kind;
    const char *name;
    int code;
};
constexpr KindName kKinds[] = {
    {ErrorKind::BadInput, "bad_input", kRpcInvalidParams},
    {ErrorKind::Unsupported, "unsupported", -32001},
    {ErrorKind::NotFound, "not_found", -32002},
    {ErrorKind::DoesNotFit, "does_not_fit", -32003},
    {ErrorKind::Io, "io", -32004},
    {ErrorKind::DeviceFailed, "device_failed", -32005},
    {ErrorKind::Cancelled, "cancelled", -32006},
    {ErrorKind::Internal, "internal", -32603},
};

OrderedJson errorToJson(const Error &error)
{
    return {
        {"kind", errorKindName(error.kind)}, {"message", error.message}, {"detail", error.detail}};
}

ErrorKind kindFrom(MessageFields &fields)
{
    return errorKindFromName(fields.text("kind", "internal")).value_or(ErrorKind::Internal);
}

const char *howName(SweepFinished::How how)
{
    switch (how) {
    case SweepFinished::How::Complete:
        return "complete";
    case SweepFinished::How::Cancelled:
        return "cancelled";
    case SweepFinished::How::Failed:
        return "failed";
    }
    return "failed";
}

struct Writer
{
    const char *method = "";
    OrderedJson params = OrderedJson::object();

    void operator()(const Hello &hello)
    {
        method = "hello";
        params["protocol_version"] = hello.protocolVersion;
        params["engine_version"] = hello.engineVersion;
    }
    void operator()(const SweepProgress &progress)
    {
        method = "progress";
        params["phase"] = progress.phase;
        params["cells_done"] = progress.cellsDone;
        params["cells_total"] = progress.cellsTotal;
        params["round"] = progress.round;
        params["batch"] = progress.batch;
        params["context_tokens"] = progress.contextTokens;
        params["fraction"] = progress.fraction;
        params["seconds_left"] =
            progress.secondsLeft ? OrderedJson(*progress.secondsLeft) : OrderedJson();
        params["loaded"] = progress.loaded ? OrderedJson(*progress.loaded) : OrderedJson();
    }
    void operator()(const SweepStarted &started)
    {
        method = "sweep_started";
        params["env"] = environmentToJson(started.environment);
        params["model"] = environmentToJson(started.model);
    }
    void operator()(const PointMeasured &measured)
    {
        method = "point";
        params["point"] = pointToJson(measured.point);
    }
    void operator()(const SweepFinished &finished)
    {
        method = "sweep_finished";
        params["how"] = howName(finished.how);
        params["error"] = finished.error ? errorToJson(*finished.error) : OrderedJson();
        params["env"] = environmentToJson(finished.environment);
    }
    void operator()(const Heartbeat &) { method = "heartbeat"; }
};

Hello helloFrom(MessageFields &fields)
{
    fields.require("protocol_version");
    Hello hello;
    hello.protocolVersion = int(fields.integer("protocol_version", 0, 0, 1 << 20));
    hello.engineVersion = fields.text("engine_version", {});
    return hello;
}

SweepProgress progressFrom(MessageFields &fields)
{
    constexpr std::int64_t kMost = 1 << 30;
    SweepProgress progress;
    progress.phase = fields.text("phase", {});
    progress.cellsDone = int(fields.integer("cells_done", 0, 0, kMost));
    progress.cellsTotal = int(fields.integer("cells_total", 0, 0, kMost));
    progress.round = int(fields.integer("round", 0, 0, kMost));
    progress.batch = fields.integer("batch", 0, 0, kMost);
    progress.contextTokens = fields.integer("context_tokens", 0, 0, kMost);
    progress.fraction = std::clamp(fields.number("fraction", 0), 0.0, 1.0);
    progress.secondsLeft = fields.optionalNumber("seconds_left");
    progress.loaded = fields.optionalNumber("loaded");
    return progress;
}

Environment environmentFrom(MessageFields &fields, const char *key)
{
    const Json *object = fields.object(key);
    if (!object)
        return {};
    Result<Environment> environment = environmentFromJson(*object, fields.path(key));
    if (!environment) {
        fields.fault(key, "holds what no environment holds");
        return {};
    }
    return std::move(*environment);
}

SweepFinished finishedFrom(MessageFields &fields)
{
    SweepFinished finished;
    fields.require("how");
    const std::string how = fields.text("how", "failed");
    finished.how = how == "complete"    ? SweepFinished::How::Complete
                   : how == "cancelled" ? SweepFinished::How::Cancelled
                                        : SweepFinished::How::Failed;
    if (how != howName(finished.how))
        fields.fault("how", "must be complete, cancelled or failed");
    if (const Json *object = fields.object("error")) {
        MessageFields inner(*object, fields.path("error"));
        finished.error =
            Error{kindFrom(inner), inner.text("message", {}), inner.text("detail", {})};
        fields.adopt(inner);
    }
    finished.environment = environmentFrom(fields, "env");
    return finished;
}

Result<EventBody> eventFrom(const std::string &method, const Json &params)
{
    MessageFields fields(params, "params");
    std::optional<EventBody> event;
    if (method == "hello") {
        event = helloFrom(fields);
    } else if (method == "progress") {
        event = progressFrom(fields);
    } else if (method == "sweep_started") {
        event = SweepStarted{environmentFrom(fields, "env"), environmentFrom(fields, "model")};
    } else if (method == "point") {
        fields.require("point");
        if (const Json *object = fields.object("point")) {
            Result<Point> point = pointFromJson(*object, fields.path("point"));
            if (!point)
                return tl::unexpected(point.error());
            event = PointMeasured{std::move(*point)};
        }
    } else if (method == "sweep_finished") {
        event = finishedFrom(fields);
    } else if (method == "heartbeat") {
        event = Heartbeat{};
    }
    if (fields.error())
        return tl::unexpected(*fields.error());
    if (!event)
        return fail(ErrorKind::BadInput, "There is no event \"" + method.substr(0, 80) + "\".");
    return std::move(*event);
}

Result<Response> responseFrom(const Json &json, MessageFields &fields)
{
    Response response;
    response.id = fields.optionalInteger("id");
    if (const Json *object = fields.object("error")) {
        MessageFields inner(*object, "error");
        Error error{ErrorKind::Internal, inner.text("message", {}), {}};
        if (const Json *data = inner.object("data")) {
            MessageFields extra(*data, "error.data");
            error.kind = kindFrom(extra);
            error.detail = extra.text("detail", {});
            inner.adopt(extra);
        }
        fields.adopt(inner);
        response.error = std::move(error);
        response.resultJson = "{}";
    } else if (json.contains("result")) {
        response.resultJson =
            json.at("result").dump(-1, ' ', false, Json::error_handler_t::replace);
    } else {
        fields.fault("method", "is missing, and so are result and error");
    }
    if (fields.error())
        return tl::unexpected(*fields.error());
    return response;
}

} // namespace

int rpcCode(ErrorKind kind)
{
    for (const KindName &entry : kKinds) {
        if (entry.kind == kind)
            return entry.code;
    }
    return -32603;
}

const char *errorKindName(ErrorKind kind)
{
    for (const KindName &entry : kKinds) {
        if (entry.kind == kind)
            return entry.name;
    }
    return "internal";
}

std::optional<ErrorKind> errorKindFromName(const std::string &name)
{
    for (const KindName &entry : kKinds) {
        if (name == entry.name)
            return entry.kind;
    }
    return std::nullopt;
}

std::string rpcErrorLine(const std::optional<std::int64_t> &id, int code, const Error &error)
{
    OrderedJson json;
    json["jsonrpc"] = "2.0";
    json["id"] = id ? OrderedJson(*id) : OrderedJson();
    json["error"]["code"] = code;
    json["error"]["message"] = error.message;
    json["error"]["data"]["kind"] = errorKindName(error.kind);
    json["error"]["data"]["detail"] = error.detail;
    return dumpJson(json);
}

std::string toLine(const EventBody &event)
{
    Writer writer;
    std::visit(writer, event);
    OrderedJson json;
    json["jsonrpc"] = "2.0";
    json["method"] = writer.method;
    json["params"] = std::move(writer.params);
    return dumpJson(json);
}

std::string toLine(const Response &response)
{
    if (response.error)
        return rpcErrorLine(response.id, rpcCode(response.error->kind), *response.error);
    std::string result = response.resultJson.empty() ? "{}" : response.resultJson;
    // Between the tokens of a JSON text a line break is white space; inside one it cannot stand.
    std::replace(result.begin(), result.end(), '\n', ' ');
    const std::string id = response.id ? std::to_string(*response.id) : "null";
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + result + "}";
}

Result<WorkerMessage> parseWorkerMessage(std::string_view line)
{
    const Result<Json> json = parseJson(line, kMaxLineBytes);
    if (!json)
        return tl::unexpected(json.error());
    MessageFields fields(*json, "");
    fields.require("jsonrpc");
    const std::string method = fields.text("method", {});
    if (fields.error())
        return tl::unexpected(*fields.error());
    if (method.empty()) {
        Result<Response> response = responseFrom(*json, fields);
        if (!response)
            return tl::unexpected(response.error());
        return WorkerMessage(std::move(*response));
    }
    const Json none = Json::object();
    const Json *params = fields.object("params");
    if (fields.error())
        return tl::unexpected(*fields.error());
    Result<EventBody> event = eventFrom(method, params ? *params : none);
    if (!event)
        return tl::unexpected(event.error());
    return WorkerMessage(std::move(*event));
}

} // namespace engine
