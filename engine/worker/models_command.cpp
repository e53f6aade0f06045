// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/models_command.h"

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "engine/infer/memory.h"
#include "engine/spec/work.h"
#include "engine/worker/describe.h"
#include "engine/worker/number_text.h"

namespace engine {
namespace {

struct Options
{
    bool json = false;
    std::string model;
};

void printRow(const ModelSpec &model)
{
    const auto bytes = std::int64_t(weightBytes(model, DType::Bf16).value);
    const auto perToken = std::int64_t(kvBytesPerToken(model, DType::Bf16).value);
    std::printf("%-20s %10s %10s %12s %8lld  %s\n", model.name.c_str(),
                countText(parameterCount(model)).c_str(), byteText(bytes).c_str(),
                byteText(perToken).c_str(), static_cast<long long>(model.maxPositions),
                model.architecture.c_str());
}

void printHead()
{
    std::printf("%-20s %10s %10s %12s %8s  %s\n", "name", "parameters", "bf16", "KV a token",
                "context", "architecture");
}

void inspect(const Options &options, CommandContext &context)
{
    const Result<ResolvedModel> model = resolveModel(options.model, context.resourcesDirectory);
    if (!model) {
        reportError(context, model.error());
        return;
    }
    if (options.json) {
        const Result<std::string> json =
            inspectModelJson(options.model, context.resourcesDirectory);
        std::printf("%s\n", json ? json->c_str() : "{}");
        return;
    }
    printHead();
    printRow(model->spec);
}

void list(const Options &options, CommandContext &context)
{
    const Result<std::vector<ModelPreset>> presets = modelPresets(context.resourcesDirectory);
    if (!presets) {
        reportError(context, presets.error());
        return;
    }
    if (options.json) {
        std::printf("%s\n", modelsJson(*presets).c_str());
        return;
    }
    printHead();
    for (const ModelPreset &preset : *presets)
        printRow(preset.spec);
}

} // namespace

void addModelsCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command =
        app.add_subcommand("models", "List the shapes that are known by name, or inspect one");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("model", options->model,
                     "A name, a Hugging Face folder, or a config.json; none lists all names")
        ->type_name("NAME|DIR|config.json");
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer("Examples:\n"
                    "  paretoscope-engine models\n"
                    "  paretoscope-engine models qwen3-0.6b --json\n"
                    "  paretoscope-engine models ~/models/Llama-3.2-1B\n");
    command->callback([options, &context] {
        if (options->model.empty())
            list(*options, context);
        else
            inspect(*options, context);
    });
}

} // namespace engine
