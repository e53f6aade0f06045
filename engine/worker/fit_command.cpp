// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fstream>
#include <memory>
#include <numeric>

#include <CLI/CLI.hpp>

#include "engine/predict/constants.h"
#include "engine/predict/serving/validation.h"
#include "engine/worker/command.h"
#include "engine/worker/serving_commands.h"
#include "engine/worker/serving_input.h"

namespace engine {
namespace {

struct FitOptions
{
    std::string pointsFile;
    std::string out;
    bool bands = true;
};

Result<std::string> runFit(const FitOptions &options, const std::string &resources)
{
    Result<ServingInput> input = readServingInput(options.pointsFile, resources);
    if (!input)
        return tl::make_unexpected(input.error());
    std::fprintf(stderr, "%zu of %zu rows are used.\n%s", input->cases.size(), input->table.rows,
                 unusedText(input->table).c_str());
    std::vector<std::size_t> all(input->cases.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const ServingTree tree = fitServing(input->cases, all, {});
    ServingBands bands;
    for (LeaveOut leaveOut : {LeaveOut::Curve, LeaveOut::Model, LeaveOut::Device}) {
        if (!options.bands)
            break;
        std::fprintf(stderr, "Bands: fitting without each %s in turn.\n",
                     leaveOut == LeaveOut::Curve   ? "half of the curves"
                     : leaveOut == LeaveOut::Model ? "model"
                                                   : "device");
        const Validation left = validate(input->cases, tree, {}, leaveOut, 0);
        bands.bands.insert(left.bands.bands.begin(), left.bands.bands.end());
    }
    const std::string name = options.pointsFile.substr(options.pointsFile.find_last_of('/') + 1);
    return withServing(embeddedEstimateFiles().front().content, "constants.json", tree, bands,
                       "paretoscope-engine fit --points " + name + ": " +
                           std::to_string(input->cases.size()) + " rows of " +
                           std::to_string(input->table.rows) +
                           "; shifts are logarithms, added from the whole down to the layout.");
}

} // namespace

void addFitCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command =
        app.add_subcommand("fit", "Fit the constants of serving engines to a table of points");
    auto options = std::make_shared<FitOptions>();
    command->add_option("--points", options->pointsFile, "CSV of measured points")
        ->type_name("FILE")
        ->required();
    command->add_option("--out", options->out, "Where the constants go (standard output else)")
        ->type_name("FILE");
    command->add_flag("!--no-bands", options->bands, "Leave out the fits that the bands come from");
    command->footer("Examples:\n  paretoscope-engine fit --points silicon.csv --out "
                    "my/estimate/constants.json\n"
                    "  paretoscope-engine --resources my estimate --model deepseek-r1 --device "
                    "h200-sxm --gpus 8\n");
    command->callback([options, &context] {
        const Result<std::string> text = runFit(*options, context.resourcesDirectory);
        if (!text) {
            reportError(context, text.error());
            return;
        }
        if (options->out.empty()) {
            printResult(context, *text);
            return;
        }
        std::ofstream file(options->out, std::ios::binary);
        file << *text;
        file.close();
        if (!file)
            reportError(context, {ErrorKind::Io, options->out + " cannot be written.", {}});
    });
}

} // namespace engine
