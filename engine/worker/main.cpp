// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/worker/bench_command.h"
#include "engine/worker/command.h"
#include "engine/worker/devices_command.h"
#include "engine/worker/estimate_command.h"
#include "engine/worker/logits_command.h"
#include "engine/worker/models_command.h"
#include "engine/worker/plan_command.h"
#include "engine/worker/serving_commands.h"
#include "engine/worker/simulate_command.h"
#include "engine/worker/worker_command.h"

namespace {

int run(int argc, char **argv)
{
    CLI::App app("Measures what a token of a language model costs on this machine, and how long it "
                 "makes you wait.",
                 "paretoscope-engine");
    engine::CommandContext context;
    app.set_version_flag("--version", engine::versionLine("paretoscope-engine"),
                         "Print the version and the commit it was built from, and exit");
    app.fallthrough(); // before the commands, which take it over: --resources may stand behind one
    engine::addResources(app, context.resourcesDirectory);
    engine::addDevicesCommand(app, context);
    engine::addModelsCommand(app, context);
    engine::addBenchCommand(app, context);
    engine::addLogitsCommand(app, context);
    engine::addEstimateCommand(app, context);
    engine::addSimulateCommand(app, context);
    engine::addPlanCommand(app, context);
    engine::addFitCommand(app, context);
    engine::addValidateCommand(app, context);
    engine::addWorkerCommand(app, context);
    app.require_subcommand(1);
    app.footer("Each command explains itself: paretoscope-engine bench --help\n");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &wanted) { // --help, --version
        return app.exit(wanted);
    } catch (const CLI::ParseError &error) {
        std::fprintf(stderr, "paretoscope-engine: %s\n", engine::refusal(error, app).c_str());
        return 2;
    }
    return context.exitCode;
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "paretoscope-engine: an unexpected fault: %s\n", error.what());
        return 70;
    }
}
