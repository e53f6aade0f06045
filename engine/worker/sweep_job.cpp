// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/sweep_job.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

#include "engine/infer/cpu/ceilings.h"
#include "engine/infer/memory.h"
#include "engine/measure/machine.h"
#include "engine/measure/sweep.h"
#include "engine/spec/work.h"
#include "engine/worker/decoder_target.h"

namespace engine {
namespace {

constexpr std::int64_t kChunkTokens = 512; // of a prompt, in one step

DecoderOptions optionsFor(const SweepRequest &request, const Workload &cell)
{
    DecoderOptions options;
    options.weightType = request.dtype;
    options.kvType = request.dtype;
    options.threads = request.threads;
    options.maxSequences = cell.batch;
    options.maxPositions = cell.contextTokens + cell.outputTokens;
    options.maxStepTokens = std::max(kChunkTokens, cell.batch);
    options.sampling.seed = request.seed;
    return options;
}

// What one decoder needs to serve all of them one after another.
DecoderOptions optionsForAll(const SweepRequest &request, const std::vector<Workload> &cells)
{
    DecoderOptions all = optionsFor(request, cells.front());
    for (const Workload &cell : cells) {
        const DecoderOptions own = optionsFor(request, cell);
        all.maxSequences = std::max(all.maxSequences, own.maxSequences);
        all.maxPositions = std::max(all.maxPositions, own.maxPositions);
        all.kvPositions = std::max(all.kvPositions, own.maxSequences * own.maxPositions);
        all.maxStepTokens = std::max(all.maxStepTokens, own.maxStepTokens);
    }
    return all;
}

Point notFitting(const Workload &cell, std::int64_t needed, std::int64_t available,
                 std::string message)
{
    Point point = unmeasuredPoint(cell, PointStatus::DoesNotFit, std::move(message));
    point.memNeededBytes = needed;
    point.memAvailableBytes = available;
    return point;
}

Result<void> checkDevice(const std::string &device)
{
    if (device == "cpu")
        return {};
    if (device.rfind("cuda", 0) == 0) {
        return fail(ErrorKind::Unsupported, "The device " + device +
                                                " cannot be used, this engine has no CUDA module; "
                                                "take --device cpu.");
    }
    return fail(ErrorKind::BadInput,
                "There is no device \"" + device + "\"; it is cpu, or cuda:0 for the first GPU.");
}

Result<void> checkType(DType type)
{
    if (type == DType::Bf16 || type == DType::Fp32)
        return {};
    return fail(ErrorKind::Unsupported, "The CPU runs weights in bf16 or fp32, not in " +
                                            std::string(dtypeName(type)) + ".");
}

// Splits the grid into the cells that fit and the points of those that do not.
void place(SweepJob &job, std::int64_t available)
{
    const ModelSpec &model = job.model.spec;
    struct Sized
    {
        Workload cell;
        std::int64_t bytes;
    };
    std::vector<Sized> fitting;
    std::vector<Workload> grid;
    for (std::int64_t context : job.request.contexts) {
        for (std::int64_t batch : job.request.batches)
            grid.push_back({batch, context, job.request.outputTokens});
    }
    for (const Workload &cell : coarseToFine(grid)) {
        const DecoderOptions options = optionsFor(job.request, cell);
        const std::int64_t bytes = estimateMemory(model, options).totalBytes();
        const std::int64_t positions = cell.contextTokens + cell.outputTokens - 1;
        if (positions > model.maxPositions) {
            job.refused.push_back(
                notFitting(cell, bytes, available,
                           "A context of " + std::to_string(cell.contextTokens) + " with " +
                               std::to_string(cell.outputTokens) + " output tokens takes " +
                               std::to_string(positions) + " positions, " + model.name +
                               " has at most " + std::to_string(model.maxPositions) + "."));
        } else if (const Result<void> fits = checkMemory(model, options, available); !fits) {
            job.refused.push_back(notFitting(cell, bytes, available, fits.error().message));
        } else {
            fitting.push_back({cell, bytes});
        }
    }
    // One decoder that serves the largest batch and the longest context may need a little more
    // than either: then the largest cell goes.
    std::sort(fitting.begin(), fitting.end(),
              [](const Sized &a, const Sized &b) { return a.bytes < b.bytes; });
    while (!fitting.empty()) {
        job.cells.clear();
        for (const Sized &sized : fitting)
            job.cells.push_back(sized.cell);
        job.options = optionsForAll(job.request, job.cells);
        if (checkMemory(model, job.options, available))
            return;
        job.refused.push_back(notFitting(fitting.back().cell, fitting.back().bytes, available,
                                         "The memory does not hold this cell beside the others of "
                                         "the sweep; measure it alone."));
        fitting.pop_back();
    }
    job.cells.clear();
}

std::string utcNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

void addCeilings(Environment &environment, const Ceilings &ceilings, const std::string &suffix)
{
    if (ceilings.read)
        environment["ceiling_read_gbs" + suffix] = ceilings.read->value / 1e9;
    if (ceilings.dense)
        environment["ceiling_dense_tflops" + suffix] = ceilings.dense->value / 1e12;
}

Environment environmentOf(const SweepJob &job, const DecoderInfo &info, const Ceilings &ceilings)
{
    Environment environment = machineEnvironment();
    environment["backend"] = info.backend;
    environment["engine_isa"] = info.isa;
    environment["cpu_threads_used"] = std::int64_t(info.threads);
    environment["model_name"] = job.model.spec.name;
    environment["weight_type"] = std::string(dtypeName(job.options.weightType));
    environment["kv_type"] = std::string(dtypeName(job.options.kvType));
    environment["weights_bytes"] = info.weightBytes;
    environment["param_count"] = info.parameterCount;
    const bool isSynthetic = job.model.weights.kind == WeightSource::Kind::Synthetic;
    environment["synthetic_weights"] = isSynthetic;
    environment["format"] = std::string(isSynthetic ? "synthetic" : "safetensors");
    environment["mode"] = std::string("fixed");
    environment["sampling"] = std::string("greedy");
    environment["seed"] = std::to_string(job.request.seed); // above 2^53 a JSON number is not exact
    environment["prompt_source"] = std::string("random_tokens");
    environment["chunk_tokens"] = kChunkTokens;
    environment["quick"] = job.request.quick;
    environment["started_utc"] = utcNow();
    addCeilings(environment, ceilings, "");
    addCeilings(environment, ceilings, "_before");
    environment["ceiling_dense_type"] = std::string(dtypeName(job.options.weightType));
    return environment;
}

Result<Ceilings> ceilingsFor(const SweepJob &job, std::stop_token stop)
{
    const auto effort = job.request.quick ? cpu::CeilingEffort::Quick : cpu::CeilingEffort::Full;
    const Result<cpu::Ceilings> measured =
        cpu::measureCeilings(job.request.threads, effort, std::move(stop));
    if (!measured) {
        // Points without their share of a ceiling are better than none.
        if (measured.error().kind == ErrorKind::DoesNotFit)
            return Ceilings();
        return tl::unexpected(measured.error());
    }
    const double dense = job.options.weightType == DType::Fp32 ? measured->denseFp32Tflops
                                                               : measured->denseBf16Tflops;
    Ceilings ceilings;
    if (measured->readGbs > 0)
        ceilings.read = BytesPerSecond(measured->readGbs * 1e9);
    if (dense > 0)
        ceilings.dense = FlopsPerSecond(dense * 1e12);
    return ceilings;
}

SweepProgress progressOf(const SweepStatus &status)
{
    SweepProgress progress;
    progress.phase = status.phase == SweepStatus::Phase::Ceilings ? "ceilings" : "measuring";
    progress.cellsDone = status.cellsDone;
    progress.cellsTotal = status.cellsTotal;
    progress.round = status.round;
    if (status.phase == SweepStatus::Phase::Measuring) {
        progress.batch = status.cell.batch;
        progress.contextTokens = status.cell.contextTokens;
    }
    progress.fraction = status.fraction;
    progress.secondsLeft = status.secondsLeft;
    return progress;
}

// At most ten a second, and the last one.
LoadProgress loadProgress(const std::function<void(const EventBody &)> &onEvent, int cells)
{
    auto last = std::make_shared<std::chrono::steady_clock::time_point>();
    return [&onEvent, cells, last](std::int64_t done, std::int64_t total) {
        const auto now = std::chrono::steady_clock::now();
        if (done < total && now - *last < std::chrono::milliseconds(100))
            return;
        *last = now;
        SweepProgress progress;
        progress.phase = "loading";
        progress.cellsTotal = cells;
        progress.loaded = total > 0 ? double(done) / double(total) : 0;
        onEvent(progress);
    };
}

SweepFinished finishedBy(const Error &error)
{
    const auto how = error.kind == ErrorKind::Cancelled ? SweepFinished::How::Cancelled
                                                        : SweepFinished::How::Failed;
    return {how, how == SweepFinished::How::Failed ? std::optional(error) : std::nullopt, {}};
}

} // namespace

Result<SweepJob> prepareSweep(const SweepRequest &request, const std::string &resources,
                              std::int64_t availableBytes)
{
    if (const Result<void> sensible = validate(request); !sensible)
        return tl::unexpected(sensible.error());
    if (const Result<void> device = checkDevice(request.device); !device)
        return tl::unexpected(device.error());
    if (const Result<void> type = checkType(request.dtype); !type)
        return tl::unexpected(type.error());
    Result<ResolvedModel> model = resolveModel(request.model, resources);
    if (!model)
        return tl::unexpected(model.error());
    SweepJob job;
    job.request = request;
    job.model = std::move(*model);
    job.model.weights.seed = request.seed;
    place(job, availableBytes);
    return job;
}

Environment describeModel(const ModelSpec &model, const WeightSource &weights, DType weightType,
                          DType kvType)
{
    Environment environment;
    environment["name"] = model.name;
    environment["architecture"] = model.architecture;
    environment["source"] = model.source;
    environment["parameters"] = parameterCount(model);
    environment["weight_type"] = std::string(dtypeName(weightType));
    environment["kv_type"] = std::string(dtypeName(kvType));
    environment["weights_bytes"] = std::int64_t(weightBytes(model, weightType).value);
    environment["kv_bytes_per_token"] = std::int64_t(kvBytesPerToken(model, kvType).value);
    environment["max_positions"] = model.maxPositions;
    environment["layers"] = std::int64_t(model.layers.size());
    environment["hidden"] = std::int64_t(model.hidden);
    environment["vocabulary"] = std::int64_t(model.vocabulary);
    environment["tied_output"] = model.tiedOutput;
    if (!model.layers.empty()) {
        const LayerSpec &layer = model.layers.front();
        environment["heads"] = std::int64_t(layer.attention.heads);
        environment["kv_heads"] = std::int64_t(layer.attention.kvHeads);
        environment["head_dim"] = std::int64_t(layer.attention.headDim);
        environment["intermediate"] = std::int64_t(layer.ffn.intermediate);
    }
    const bool isSynthetic = weights.kind == WeightSource::Kind::Synthetic;
    environment["synthetic_weights"] = isSynthetic;
    if (!isSynthetic)
        environment["directory"] = weights.directory;
    return environment;
}

SweepFinished runSweepJob(const SweepJob &job, const BusySpans *windowBusy,
                          const std::function<void(const EventBody &)> &onEvent,
                          std::stop_token stop)
{
    for (const Point &point : job.refused)
        onEvent(PointMeasured{point});
    const bool isAllDone =
        std::all_of(job.cells.begin(), job.cells.end(), [&](const Workload &cell) {
            return std::any_of(
                job.request.done.begin(), job.request.done.end(), [&](const Point &point) {
                    return point.workload == cell && isFinished(point, job.request.quick);
                });
        });
    if (isAllDone) // of no cells, too
        return {};
    Result<std::unique_ptr<Decoder>> decoder =
        makeDecoder(DeviceKind::Cpu, job.model.spec, job.model.weights, job.options, stop,
                    loadProgress(onEvent, int(job.cells.size())));
    if (!decoder)
        return finishedBy(decoder.error());

    SweepPlan plan;
    plan.model = job.model.spec;
    plan.weightType = job.options.weightType;
    plan.kvType = job.options.kvType;
    plan.cells = job.cells;
    plan.done = job.request.done;
    plan.quick = job.request.quick;
    plan.cellCap = Seconds(job.request.cellSeconds);
    plan.maxRounds = job.request.maxRounds;
    plan.lastLevelCacheBytes = lastLevelCacheBytes();
    SweepHooks hooks;
    hooks.measureCeilings = [&job](std::stop_token token) { return ceilingsFor(job, token); };
    hooks.readLoad = [] { return readLoad(); };
    hooks.windowBusy = windowBusy;
    hooks.onProgress = [&](const SweepStatus &status) { onEvent(progressOf(status)); };
    hooks.onPoint = [&](const Point &point) { onEvent(PointMeasured{point}); };
    hooks.onCeilings = [&](const Ceilings &ceilings) {
        onEvent(SweepStarted{environmentOf(job, (*decoder)->describe(), ceilings),
                             describeModel(job.model.spec, job.model.weights,
                                           job.options.weightType, job.options.kvType)});
    };
    DecoderTarget target(**decoder, job.model.spec, kChunkTokens, job.request.seed);
    const SweepOutcome outcome = runSweep(target, plan, hooks, stop);
    SweepFinished finished = outcome.error ? finishedBy(*outcome.error) : SweepFinished();
    if (outcome.ceilingsAfter && outcome.ceilings) {
        addCeilings(finished.environment, *outcome.ceilings, "");
        addCeilings(finished.environment, *outcome.ceilingsAfter, "_after");
    }
    return finished;
}

} // namespace engine
