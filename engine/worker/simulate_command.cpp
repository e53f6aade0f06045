// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/simulate_command.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/model/read_text_file.h"
#include "engine/simulate/predicted_steps.h"
#include "engine/worker/command.h"
#include "engine/worker/predictor_options.h"
#include "engine/worker/simulate_output.h"

namespace engine {
namespace {

constexpr std::size_t kMostTraceBytes = 256 << 20;
constexpr std::size_t kUsualPoints = 12;
constexpr std::size_t kMostPoints = 1000;
constexpr double kMostRate = 1e6;
constexpr std::int64_t kMostUsers = 1'000'000;
constexpr std::int64_t kMostTokens = 10'000'000;

struct SimulateOptions
{
    PredictorOptions predictor;
    std::string rates;
    std::vector<std::int64_t> users;
    std::string trace;
    std::int64_t requests = 1000;
    double prompt = 1024;
    double output = 256;
    std::string lengths = "lognormal";
    double variation = 0.5;
    std::string arrivals = "poisson";
    double burstiness = 3;
    double prefixShare = 0;
    std::int64_t prefixTokens = 0;
    int prefixes = 1;
    std::int64_t maxBatch = 256;
    std::int64_t stepTokens = 0;
    bool wholePrompts = false;
    std::int64_t kvTokens = 0;
    int replicas = 1;
    std::string routing = "round_robin";
    int prefillReplicas = 0;
    int decodeReplicas = 0;
    double transferGbs = 50;
    double ttftMs = 0;
    double tpotMs = 0;
    std::int64_t seed = 1;
    bool json = false;
};

Result<std::vector<double>> readRates(const std::string &text)
{
    std::vector<double> rates;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const Result<double> rate =
            parseNumber(text.substr(begin, end - begin), "--rate", 1e-6, kMostRate);
        if (!rate)
            return tl::make_unexpected(rate.error());
        rates.push_back(*rate);
        begin = end + 1;
    }
    return rates;
}

LengthDistribution lengthsOf(const SimulateOptions &options, double mean)
{
    LengthDistribution lengths;
    for (const auto kind :
         {LengthDistribution::Kind::Fixed, LengthDistribution::Kind::Uniform,
          LengthDistribution::Kind::Exponential, LengthDistribution::Kind::LogNormal}) {
        if (lengthsName(kind) == options.lengths)
            lengths.kind = kind;
    }
    lengths.mean = mean;
    lengths.variation = options.variation;
    return lengths;
}

Traffic trafficOf(const SimulateOptions &options)
{
    Traffic traffic;
    for (const auto kind :
         {Arrivals::Kind::Even, Arrivals::Kind::Poisson, Arrivals::Kind::Bursty}) {
        if (arrivalsName(kind) == options.arrivals)
            traffic.arrivals.kind = kind;
    }
    traffic.arrivals.variation = options.burstiness;
    traffic.prompt = lengthsOf(options, options.prompt);
    traffic.output = lengthsOf(options, options.output);
    traffic.prefixShare = options.prefixShare;
    traffic.prefixTokens = options.prefixTokens;
    traffic.prefixes = options.prefixes;
    return traffic;
}

Result<Serving> servingOf(const SimulateOptions &options, const Predictor &predictor, double each)
{
    Serving serving;
    serving.maxSequences = options.maxBatch;
    serving.stepTokens = options.stepTokens;
    if (serving.stepTokens == 0) {
        serving.stepTokens =
            std::max(chunkTokensOf(predictor.device(), predictor.deployment()), options.maxBatch);
    }
    serving.chunkedPrefill = !options.wholePrompts;
    serving.prefixCache = options.prefixShare > 0;
    serving.kvTokens = options.kvTokens;
    if (serving.kvTokens == 0)
        serving.kvTokens = cacheTokens(predictor, std::max<std::int64_t>(2, std::int64_t(each)));
    if (serving.kvTokens == 0) {
        return fail(ErrorKind::DoesNotFit,
                    doesNotFitSentence(predictor.model(), predictor.device(),
                                       predictor.deployment(), {1, std::int64_t(each), 1}));
    }
    serving.replicas = options.replicas;
    for (const auto kind :
         {ReplicaChoice::RoundRobin, ReplicaChoice::LeastLoaded, ReplicaChoice::PrefixAffinity}) {
        if (replicaChoiceName(kind) == options.routing)
            serving.routing = kind;
    }
    if ((options.prefillReplicas > 0) != (options.decodeReplicas > 0)) {
        return fail(ErrorKind::BadInput,
                    "--prefill-replicas and --decode-replicas need each other: prompts are read by "
                    "the one pool and answered by the other.");
    }
    if (options.prefillReplicas > 0) {
        const MemoryNeed need =
            memoryNeed(predictor.model(), predictor.device(), predictor.deployment(), {1, 1023, 1});
        Disaggregation split;
        split.prefillReplicas = options.prefillReplicas;
        split.decodeReplicas = options.decodeReplicas;
        split.transferPerToken = Seconds(need.kv.value / 1024 / (options.transferGbs * 1e9));
        serving.disaggregation = split;
    }
    return serving;
}

Result<SimulateReport> simulateTrace(const SimulateOptions &options, const Predictor &predictor,
                                     SimulateReport report)
{
    const Result<std::string> text = readTextFile(options.trace, kMostTraceBytes);
    if (!text)
        return tl::make_unexpected(text.error());
    const Result<Trace> trace = parseTrace(*text);
    if (!trace)
        return fail(trace.error().kind, options.trace + ": " + trace.error().message);
    double tokens = 0;
    for (const UserRequest &request : trace->requests)
        tokens += double(request.promptTokens + request.outputTokens);
    const Result<Serving> serving =
        servingOf(options, predictor, tokens / double(trace->requests.size()));
    if (!serving)
        return tl::make_unexpected(serving.error());
    report.spec.serving = *serving;
    report.kvTokens = serving->kvTokens;
    const Result<StepTables> steps = predictedSteps(predictor, *serving);
    if (!steps)
        return tl::make_unexpected(steps.error());
    const std::int64_t users = options.users.empty() ? 0 : options.users.front();
    const Result<Simulation> simulation = simulate(*steps, *serving, trace->requests, users);
    if (!simulation)
        return tl::make_unexpected(simulation.error());
    SummaryOptions summary;
    summary.limits = report.spec.limits;
    summary.whole = true;
    summary.closedLoop = users > 0;
    report.fromTrace = true;
    report.points.push_back(
        {double(users), std::int64_t(trace->requests.size()), summarise(*simulation, summary)});
    if (users == 0)
        report.recorded = recordedSummary(*trace, report.spec.limits);
    return report;
}

Result<SimulateReport> simulateLoads(const SimulateOptions &options, const Predictor &predictor,
                                     SimulateReport report)
{
    const Result<Serving> serving = servingOf(options, predictor, options.prompt + options.output);
    if (!serving)
        return tl::make_unexpected(serving.error());
    LoadCurveSpec &spec = report.spec;
    spec.serving = *serving;
    spec.traffic = trafficOf(options);
    spec.stages = {options.requests};
    spec.seed = std::uint64_t(options.seed);
    if (Result<void> cut = cutLengthsToCache(spec.traffic, spec.serving); !cut)
        return tl::make_unexpected(cut.error());
    report.kvTokens = serving->kvTokens;
    const Result<StepTables> steps = predictedSteps(predictor, *serving);
    if (!steps)
        return tl::make_unexpected(steps.error());
    if (!options.users.empty()) {
        spec.loads.assign(options.users.begin(), options.users.end());
    } else if (!options.rates.empty()) {
        const Result<std::vector<double>> rates = readRates(options.rates);
        if (!rates)
            return tl::make_unexpected(rates.error());
        spec.loads = *rates;
    } else {
        spec.loads = usualLoads(*steps, spec, kUsualPoints);
    }
    if (spec.loads.size() > kMostPoints)
        return fail(ErrorKind::BadInput, "More than a thousand loads were asked for.");
    Result<std::vector<LoadPoint>> points = loadCurve(*steps, spec, {});
    if (!points)
        return tl::make_unexpected(points.error());
    report.points = std::move(*points);
    return report;
}

Result<std::string> runSimulate(const SimulateOptions &options, const std::string &resources)
{
    const Result<Predictor> predictor = makePredictor(options.predictor, resources);
    if (!predictor)
        return tl::make_unexpected(predictor.error());
    SimulateReport report;
    report.predictor = &*predictor;
    if (!options.users.empty())
        report.spec.axis = LoadCurveSpec::Axis::Concurrency;
    if (options.ttftMs > 0)
        report.spec.limits.ttft = Seconds(options.ttftMs / 1e3);
    if (options.tpotMs > 0)
        report.spec.limits.tpot = Seconds(options.tpotMs / 1e3);
    const Result<SimulateReport> done = options.trace.empty()
                                            ? simulateLoads(options, *predictor, report)
                                            : simulateTrace(options, *predictor, report);
    if (!done)
        return tl::make_unexpected(done.error());
    return options.json ? toJson(*done) + "\n" : toTable(*done);
}

void addTrafficOptions(CLI::App &command, SimulateOptions &options)
{
    auto *rate = addText(command, "--rate", options.rates,
                         "Requests a second, one point each: 0.5,1,2 (twelve up to the capacity "
                         "by default)")
                     ->type_name("X[,X]");
    addCounts(command, "--concurrency", options.users, {1, kMostUsers},
              "Users of a closed loop instead: each asks anew when answered")
        ->excludes(rate);
    addText(command, "--trace", options.trace,
            "CSV of requests to replay: arrival_s, input_tokens, output_tokens; with "
            "first_token_s and last_token_s the recorded waits are printed beside")
        ->type_name("FILE")
        ->excludes(rate);
    addCount(command, "--requests", options.requests, {1, 1'000'000},
             "Requests a point, the warm-up not counted");
    addNumber(command, "--prompt", options.prompt, 1, 1e7, "Mean prompt in tokens");
    addNumber(command, "--output", options.output, 1, 1e7, "Mean answer in tokens");
    addChoice(command, "--lengths", options.lengths,
              {"fixed", "uniform", "exponential", "lognormal"}, "How lengths are spread");
    addNumber(command, "--variation", options.variation, 0, 100,
              "Standard deviation of lengths over their mean");
    addChoice(command, "--arrivals", options.arrivals, {"poisson", "bursty", "even"},
              "How requests come");
    addNumber(command, "--burstiness", options.burstiness, 0.01, 100,
              "Standard deviation of the gaps over their mean, for bursty");
    addNumber(command, "--prefix-share", options.prefixShare, 0, 1,
              "Share of the requests that begin with a common prefix, kept in a cache");
    addCount(command, "--prefix-tokens", options.prefixTokens, {0, kMostTokens},
             "Length of such a prefix");
    addCount(command, "--prefixes", options.prefixes, {1, 1'000'000}, "How many there are");
    addCount(command, "--seed", options.seed, {0, std::int64_t(1) << 62}, "Seed of all draws");
}

void addServingOptions(CLI::App &command, SimulateOptions &options)
{
    addCount(command, "--max-batch", options.maxBatch, {1, 1'000'000},
             "Sequences that a replica runs at once");
    addCount(command, "--step-tokens", options.stepTokens, {0, kMostTokens},
             "Prompt and decode tokens of a step (0 = the device's habit)");
    command.add_flag("--whole-prompts", options.wholePrompts,
                     "Steps hold whole prompts or decode, instead of chunks that ride along");
    addCount(command, "--kv-tokens", options.kvTokens, {0, std::int64_t(1) << 50},
             "KV cache of a replica in tokens (0 = what the memory leaves)");
    addCount(command, "--replicas", options.replicas, {1, 4096}, "Copies of the model");
    addChoice(command, "--routing", options.routing,
              {"round_robin", "least_loaded", "prefix_affinity"}, "Which replica a request gets");
    addCount(command, "--prefill-replicas", options.prefillReplicas, {0, 4096},
             "Replicas that only read prompts (with --decode-replicas)");
    addCount(command, "--decode-replicas", options.decodeReplicas, {0, 4096},
             "Replicas that only answer");
    addNumber(command, "--transfer-gbs", options.transferGbs, 0.001, 1e6,
              "GB/s at which a prompt's cache moves between them");
    addNumber(command, "--ttft-ms", options.ttftMs, 0, 1e9,
              "Limit on the wait for the first token, for goodput (0 = none)");
    addNumber(command, "--tpot-ms", options.tpotMs, 0, 1e9,
              "Limit on the time of each further token (0 = none)");
}

} // namespace

void addSimulateCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command = app.add_subcommand(
        "simulate", "How long users wait when many ask at once, by simulated batching");
    auto options = std::make_shared<SimulateOptions>();
    addPredictorOptions(*command, options->predictor);
    addTrafficOptions(*command, *options);
    addServingOptions(*command, *options);
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer(
        "Waits rise with the load: first because a batch's steps are longer, then because "
        "requests\n"
        "queue. The column \"good\" is the share of requests within --ttft-ms and --tpot-ms.\n"
        "Examples:\n"
        "  paretoscope-engine simulate --model llama-3.1-8b --device h100-sxm --ttft-ms 500\n"
        "  paretoscope-engine simulate --model llama-3.1-8b --device h100-sxm --rate 2,8,16 "
        "--arrivals bursty\n"
        "  paretoscope-engine simulate --model llama-3.1-8b --device h100-sxm --concurrency "
        "1,8,64\n"
        "  paretoscope-engine simulate --model llama-3.1-8b --device rtx-4090 --trace requests.csv "
        "--json\n");
    command->callback([options, &context] {
        const Result<std::string> text = runSimulate(*options, context.resourcesDirectory);
        if (!text) {
            reportError(context, text.error());
            return;
        }
        printResult(context, *text);
    });
}

} // namespace engine
