// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/bench_command.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <limits>
#include <memory>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/infer/memory.h"
#include "engine/measure/machine.h"
#include "engine/worker/bench_output.h"
#include "engine/worker/run_file.h"
#include "engine/worker/sweep_job.h"

namespace engine {
namespace {

struct Options
{
    SweepRequest request;
    std::string dtype = "bf16";
    bool json = false;
    bool csv = false;
    bool table = false;
    std::string out;
    std::int64_t seed = 1;
};

// Turns Ctrl-C and SIGTERM into a stop request while it lives; a second one ends the program.
// Made before any other thread, so that all of them leave the signals to its own.
class StopOnSignal
{
public:
    StopOnSignal()
    {
        sigemptyset(&m_signals);
        for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1})
            sigaddset(&m_signals, signal);
        pthread_sigmask(SIG_BLOCK, &m_signals, &m_before);
        m_thread = std::thread([this] { wait(); });
    }
    ~StopOnSignal()
    {
        pthread_kill(m_thread.native_handle(), SIGUSR1); // the word to end
        m_thread.join();
        pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }
    StopOnSignal(const StopOnSignal &) = delete;
    StopOnSignal &operator=(const StopOnSignal &) = delete;

    std::stop_token token() const { return m_stop.get_token(); }

private:
    void wait()
    {
        int signal = 0;
        while (sigwait(&m_signals, &signal) == 0 && signal != SIGUSR1) {
            if (!m_stop.request_stop())
                std::_Exit(130);
        }
    }

    sigset_t m_signals{};
    sigset_t m_before{};
    std::stop_source m_stop;
    std::thread m_thread;
};

class ProgressBar
{
public:
    ~ProgressBar() { clear(); }

    void show(const SweepProgress &progress)
    {
        if (!m_isTerminal)
            return;
        std::fprintf(stderr, "\r%s\x1b[K", progressLine(progress, width()).c_str());
        std::fflush(stderr);
        m_isShown = true;
    }
    void clear()
    {
        if (m_isShown)
            std::fprintf(stderr, "\r\x1b[K");
        m_isShown = false;
    }

private:
    static int width()
    {
        winsize size{};
        const bool isKnown = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
        return isKnown ? size.ws_col - 1 : 79;
    }

    bool m_isTerminal = isatty(STDERR_FILENO) == 1;
    bool m_isShown = false;
};

// One run of the command: what was measured and where it is kept.
struct Bench
{
    RunDocument run;
    std::string out;
    std::optional<Error> writeFault; // the first one
    ProgressBar bar;

    void keep()
    {
        if (out.empty() || writeFault)
            return;
        if (const Result<void> written = writeRunFile(out, run); !written)
            writeFault = written.error();
    }

    void take(const EventBody &event)
    {
        if (const auto *progress = std::get_if<SweepProgress>(&event)) {
            bar.show(*progress);
        } else if (const auto *started = std::get_if<SweepStarted>(&event)) {
            run.environment = started->environment;
            run.model = started->model;
            keep();
        } else if (const auto *measured = std::get_if<PointMeasured>(&event)) {
            putPoint(run, measured->point);
            keep();
        }
    }

    // Cells without a point say why they have none.
    void complete(const SweepJob &job, const SweepFinished &finished)
    {
        if (run.environment.empty()) { // nothing was loaded
            run.environment = machineEnvironment();
            run.environment["model_name"] = job.model.spec.name;
            run.environment["weight_type"] = std::string(dtypeName(job.request.dtype));
        }
        for (const auto &[key, value] : finished.environment)
            run.environment[key] = value;
        if (run.model.empty())
            run.model = describeModel(job.model.spec, job.model.weights, job.options.weightType,
                                      job.options.kvType);
        for (const Workload &cell : job.cells) {
            const bool isThere =
                std::any_of(run.points.begin(), run.points.end(),
                            [&](const Point &point) { return point.workload == cell; });
            if (isThere)
                continue;
            if (finished.how == SweepFinished::How::Failed && finished.error)
                putPoint(run, unmeasuredPoint(cell, PointStatus::Failed, finished.error->message));
            else
                putPoint(run, unmeasuredPoint(cell, PointStatus::Cancelled,
                                              "Stopped before it was measured."));
        }
        keep();
    }
};

Result<std::vector<Point>> takeUp(Bench &bench, const SweepJob &job)
{
    std::vector<Point> done;
    if (bench.out.empty())
        return done;
    Result<std::optional<RunDocument>> earlier = readRunFile(bench.out);
    if (!earlier)
        return tl::unexpected(earlier.error());
    if (*earlier) {
        const Result<void> same =
            checkResumable(**earlier, job.request, job.model.spec.name, bench.out);
        if (!same)
            return tl::unexpected(same.error());
        bench.run = std::move(**earlier);
        // What was stopped or failed is measured now; a point of it would only be in the way.
        std::erase_if(bench.run.points,
                      [](const Point &point) { return point.status != PointStatus::Ok; });
        done = bench.run.points;
    }
    // A folder that cannot be written to is found out now, not after minutes.
    if (const Result<void> written = writeRunFile(bench.out, bench.run); !written)
        return tl::unexpected(written.error());
    return done;
}

std::string textOf(const Options &options, const RunDocument &run)
{
    return options.json ? toJson(run) + "\n" : options.csv ? toCsv(run.points) : runTable(run);
}

void setExitCode(CommandContext &context, const Bench &bench, const SweepJob &job,
                 const SweepFinished &finished)
{
    if (finished.how == SweepFinished::How::Cancelled) {
        const std::string hint = bench.out.empty() ? "" : " The same command goes on from here.";
        reportError(context,
                    {ErrorKind::Cancelled, "Stopped; what was measured is kept." + hint, {}});
    } else if (finished.error) {
        reportError(context, *finished.error);
    } else if (bench.writeFault) {
        reportError(context, *bench.writeFault);
    } else if (job.cells.empty() && !job.refused.empty()) {
        reportError(context, {ErrorKind::DoesNotFit,
                              "Nothing of this sweep fits. " + job.refused.front().message,
                              {}});
    } else {
        const auto failed =
            std::find_if(bench.run.points.begin(), bench.run.points.end(),
                         [](const Point &point) { return point.status == PointStatus::Failed; });
        if (failed != bench.run.points.end())
            reportError(
                context,
                {ErrorKind::DeviceFailed, "A part of the sweep failed: " + failed->message, {}});
    }
}

void run(const Options &options, CommandContext &context)
{
    const StopOnSignal signals;
    const std::optional<DType> type = dtypeFromName(options.dtype);
    SweepRequest request = options.request;
    request.dtype = type.value_or(DType::Bf16);
    request.seed = std::uint64_t(options.seed);
    const std::int64_t available =
        availableMemoryBytes().value_or(std::numeric_limits<std::int64_t>::max());
    Result<SweepJob> job = prepareSweep(request, context.resourcesDirectory, available);
    if (!job) {
        reportError(context, job.error());
        return;
    }
    Bench bench;
    bench.out = options.out;
    Result<std::vector<Point>> done = takeUp(bench, *job);
    if (!done) {
        reportError(context, done.error());
        return;
    }
    job->request.done = std::move(*done);
    const SweepFinished finished = runSweepJob(
        *job, nullptr, [&bench](const EventBody &event) { bench.take(event); }, signals.token());
    bench.bar.clear();
    // A sweep that failed before its first figure has nothing to print but the reason.
    if (finished.how != SweepFinished::How::Failed || !bench.run.environment.empty()) {
        bench.complete(*job, finished);
        printResult(context, textOf(options, bench.run));
    }
    if (context.exitCode == 0)
        setExitCode(context, bench, *job, finished);
}

constexpr const char *kExamples =
    "Each cell (B, S) is B prompts of S tokens handed over at one instant: their waits until the\n"
    "first token (TTFT), then decode steps that attend to S positions (TPOT).\n\n"
    "Examples:\n"
    "  paretoscope-engine bench --quick\n"
    "      a first look at qwen3-0.6b on this CPU, in under a minute\n"
    "  paretoscope-engine bench --model llama-3.2-1b --batch 1,2,4,8,16 --context 128,512,2048\n"
    "      a grid, measured until every median is known within 3%\n"
    "  paretoscope-engine bench --model ~/models/Qwen3-0.6B --out run.json --json > /dev/null\n"
    "      real weights; stopped or not, the same command goes on from run.json\n"
    "  paretoscope-engine bench --batch 1 --context 4096 --csv > curves.csv\n"
    "      one row a point, for a spreadsheet\n";

} // namespace

void addBenchCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command = app.add_subcommand(
        "bench", "Measure a grid of batches and contexts of a model on this machine");
    const auto options = std::make_shared<Options>();
    SweepRequest &request = options->request;
    addText(*command, "--model", request.model, "What to measure; `models` lists the names")
        ->type_name("NAME|DIR|config.json");
    addText(*command, "--device", request.device, "Where to measure; `devices` lists them")
        ->type_name("cpu|cuda:N");
    addChoice(*command, "--dtype", options->dtype, {"bf16", "fp32"},
              "Type of weights and KV cache: bf16 or fp32");
    addCounts(*command, "--batch", request.batches, {1, kMaxBatch}, "Prompts at a time");
    addCounts(*command, "--context", request.contexts, {1, kMaxTokens}, "Tokens of each prompt");
    addCount(*command, "--output", request.outputTokens, {1, kMaxTokens},
             "Tokens that each answer would have");
    addCount(*command, "--threads", request.threads, {0, kMaxThreads},
             "Threads; 0 takes every core");
    command->add_flag("--quick", request.quick, "Stop after the first round: a first look");
    addNumber(*command, "--cell-seconds", request.cellSeconds, 0.001, kMaxCellSeconds,
              "Longest time for one cell");
    addCount(*command, "--seed", options->seed, {0, std::numeric_limits<std::int64_t>::max()},
             "Of synthetic weights and prompts");
    CLI::Option *json = command->add_flag("--json", options->json,
                                          "Print one JSON object: schema, env, model, points");
    CLI::Option *csv = command->add_flag("--csv", options->csv, "Print one row a point");
    command->add_flag("--table", options->table, "Print a table to read (the default)")
        ->excludes(json)
        ->excludes(csv);
    csv->excludes(json);
    addText(*command, "--out", options->out,
            "Keep the run in FILE (JSON) after every point, and go on from it")
        ->type_name("FILE");
    command->footer(kExamples);
    command->callback([options, &context] { run(*options, context); });
}

} // namespace engine
