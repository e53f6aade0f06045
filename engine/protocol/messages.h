// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/spec/dtype.h"
#include "engine/spec/environment.h"
#include "engine/spec/point.h"
#include "engine/spec/result.h"

namespace engine {

// Messages between the window and the worker process: JSON-RPC 2.0, one object a line.
// PROTOCOL.md beside the worker documents them; this is their only definition in code.
inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kMaxLineBytes = 4 * 1024 * 1024;

// What a sweep may ask for.
inline constexpr std::int64_t kMaxBatch = std::int64_t(1) << 16;
inline constexpr std::int64_t kMaxTokens = std::int64_t(1) << 24; // of a context or an output
inline constexpr std::int64_t kMaxThreads = 4096;
inline constexpr double kMaxCellSeconds = 86400;

// A sweep: the grid of batches x contexts of one model on one device.
struct SweepRequest
{
    std::string model = "qwen3-0.6b"; // preset, folder, or config.json
    std::string device = "cpu";       // "cpu", "cuda:0"
    DType dtype = DType::Bf16;
    std::vector<std::int64_t> batches{1, 2, 4};
    std::vector<std::int64_t> contexts{128, 512};
    std::int64_t outputTokens = 32;
    int threads = 0;         // 0 = every core
    bool quick = false;      // stop after round 1
    double cellSeconds = 60; // cap of one cell
    std::int64_t maxRounds = 10;
    std::uint64_t seed = 1;
    std::vector<Point> done; // finished points of an earlier run: not measured again

    friend bool operator==(const SweepRequest &, const SweepRequest &) = default;
};

// Requests from the window.
struct DescribeDevices
{
    bool measureCeilings = true; // takes a few seconds of every core; never done during a sweep
    friend bool operator==(const DescribeDevices &, const DescribeDevices &) = default;
};
struct InspectModel
{
    std::string model;
    friend bool operator==(const InspectModel &, const InspectModel &) = default;
};
struct StartSweep
{
    SweepRequest sweep;
    friend bool operator==(const StartSweep &, const StartSweep &) = default;
};
struct CancelSweep
{
    friend bool operator==(const CancelSweep &, const CancelSweep &) = default;
};
struct Ping
{
    friend bool operator==(const Ping &, const Ping &) = default;
};
struct Shutdown
{
    friend bool operator==(const Shutdown &, const Shutdown &) = default;
};
// The window took `sharePct` of a core over the last `intervalMs`: above 5 %, steps in that span
// are marked and run again. Sent as a notification while it repaints during a CPU sweep.
struct WindowBusy
{
    double sharePct = 0;
    double intervalMs = 250; // of wall time that ends now
    friend bool operator==(const WindowBusy &, const WindowBusy &) = default;
};

using RequestBody = std::variant<DescribeDevices, InspectModel, StartSweep, CancelSweep, Ping,
                                 Shutdown, WindowBusy>;
struct Request
{
    std::optional<std::int64_t> id; // absent: a notification, no answer
    RequestBody body;
    friend bool operator==(const Request &, const Request &) = default;
};

// Events from the worker (notifications), in the order in which they happen.
struct Hello
{
    int protocolVersion = kProtocolVersion;
    std::string engineVersion;
    friend bool operator==(const Hello &, const Hello &) = default;
};
struct SweepProgress
{
    std::string phase; // "loading", "ceilings", "measuring"
    int cellsDone = 0;
    int cellsTotal = 0;
    int round = 0;
    std::int64_t batch = 0; // of the cell in hand; 0 = none
    std::int64_t contextTokens = 0;
    double fraction = 0; // of the whole sweep, 0..1
    std::optional<double> secondsLeft;
    std::optional<double> loaded; // share of the weights, while loading
    friend bool operator==(const SweepProgress &, const SweepProgress &) = default;
};
struct SweepStarted
{
    Environment environment; // with the ceiling_* keys
    Environment model;       // name, architecture, parameters, weights_bytes …
    friend bool operator==(const SweepStarted &, const SweepStarted &) = default;
};
struct PointMeasured
{
    Point point; // replaces an earlier one of the same workload
    friend bool operator==(const PointMeasured &, const PointMeasured &) = default;
};
struct SweepFinished
{
    enum class How { Complete, Cancelled, Failed };
    How how = How::Complete;
    std::optional<Error> error;
    Environment environment; // what is known by now only, over that of SweepStarted
    friend bool operator==(const SweepFinished &, const SweepFinished &) = default;
};
struct Heartbeat
{
    friend bool operator==(const Heartbeat &, const Heartbeat &) = default;
};

using EventBody =
    std::variant<Hello, SweepProgress, SweepStarted, PointMeasured, SweepFinished, Heartbeat>;

// The answer to a request: a JSON text (kept as text so that no JSON type is public) or an error.
struct Response
{
    std::optional<std::int64_t> id;
    std::string resultJson; // "{}" when there is nothing to say
    std::optional<Error> error;
    friend bool operator==(const Response &, const Response &) = default;
};

using WorkerMessage = std::variant<EventBody, Response>;

// One line each, without the line break.
std::string toLine(const Request &request);
std::string toLine(const EventBody &event);
std::string toLine(const Response &response);

// Refuses a sweep that makes no sense (an empty grid, a negative number, more than 4,096 cells)
// with one sentence.
Result<void> validate(const SweepRequest &sweep);

// What a line says; BadInput with the offending part when it is no message of ours.
Result<Request> parseRequest(std::string_view line);
// The JSON-RPC error that answers a line which parseRequest refuses, with the id where one can be
// read.
std::string answerToBadLine(std::string_view line);
Result<WorkerMessage> parseWorkerMessage(std::string_view line);

} // namespace engine
