// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/estimate_command.h"

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/predict/predictor.h"
#include "engine/protocol/messages.h"
#include "engine/worker/command.h"
#include "engine/worker/estimate_output.h"
#include "engine/worker/predictor_options.h"

namespace engine {
namespace {

constexpr std::size_t kMaxCells = 100'000;

struct EstimateOptions
{
    PredictorOptions predictor;
    std::vector<std::int64_t> batches{1, 2, 4, 8, 16};
    std::vector<std::int64_t> contexts{512, 2048};
    std::int64_t outputTokens = 128;
    bool json = false;
    bool table = false;
    bool explain = false;
};

Result<std::string> runEstimate(const EstimateOptions &options, const std::string &resources)
{
    const Result<Predictor> predictor = makePredictor(options.predictor, resources);
    if (!predictor)
        return tl::make_unexpected(predictor.error());
    if (options.batches.size() * options.contexts.size() > kMaxCells) {
        return fail(ErrorKind::BadInput, "More than " + std::to_string(kMaxCells) +
                                             " cells of batch and context were asked for.");
    }
    std::vector<Workload> workloads;
    for (std::int64_t context : options.contexts) {
        for (std::int64_t batch : options.batches)
            workloads.push_back({batch, context, options.outputTokens});
    }
    EstimateReport report;
    report.predictor = &*predictor;
    report.explain = options.explain;
    if (Result<void> estimated = predictor->at(workloads, report.estimates); !estimated)
        return tl::make_unexpected(estimated.error());
    return options.json ? toJson(report) + "\n" : toTable(report);
}

} // namespace

void addEstimateCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command =
        app.add_subcommand("estimate", "What a model would do on a device, without running it");
    auto options = std::make_shared<EstimateOptions>();
    addPredictorOptions(*command, options->predictor);
    addCounts(*command, "--batch", options->batches, {1, kMaxBatch}, "Batches");
    addCounts(*command, "--context", options->contexts, {1, kMaxTokens}, "Contexts in tokens");
    addCount(*command, "--output", options->outputTokens, {1, kMaxTokens}, "Output tokens");
    auto *json = command->add_flag("--json", options->json, "Print one JSON object");
    command->add_flag("--table", options->table, "Print a table (the default)")->excludes(json);
    command->add_flag("--explain", options->explain, "Add the time of each operator");
    command->footer(
        "Examples:\n"
        "  paretoscope-engine estimate --model llama-3.1-8b --device h100-sxm --batch 1,8,64\n"
        "  paretoscope-engine estimate --points run.json --explain\n");
    command->callback([options, &context] {
        const Result<std::string> text = runEstimate(*options, context.resourcesDirectory);
        if (!text) {
            reportError(context, text.error());
            return;
        }
        printResult(context, *text);
    });
}

} // namespace engine
