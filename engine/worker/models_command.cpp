// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/models_command.h"

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
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

std::string lineOf(const std::string &name, const std::string &parameters, const std::string &bytes,
                   const std::string &kv, const std::string &context,
                   const std::string &architecture)
{
    char text[400];
    std::snprintf(text, sizeof text, "%-20.100s %10s %10s %12s %8s  %.100s\n", name.c_str(),
                  parameters.c_str(), bytes.c_str(), kv.c_str(), context.c_str(),
                  architecture.c_str());
    return text;
}

std::string rowOf(const ModelSpec &model)
{
    const auto bytes = std::int64_t(weightBytes(model, DType::Bf16).value);
    const auto perToken = std::int64_t(kvBytesPerToken(model, DType::Bf16).value);
    return lineOf(model.name, countText(parameterCount(model)), byteText(bytes), byteText(perToken),
                  std::to_string(model.maxPositions), model.architecture);
}

std::string headOfTable()
{
    return lineOf("name", "parameters", "bf16", "KV a token", "context", "architecture");
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
        printResult(context, (json ? *json : "{}") + "\n");
        return;
    }
    printResult(context, headOfTable() + rowOf(model->spec));
}

void list(const Options &options, CommandContext &context)
{
    const Result<std::vector<ModelPreset>> presets = modelPresets(context.resourcesDirectory);
    if (!presets) {
        reportError(context, presets.error());
        return;
    }
    if (options.json) {
        printResult(context, modelsJson(*presets) + "\n");
        return;
    }
    std::string text = headOfTable();
    for (const ModelPreset &preset : *presets)
        text += rowOf(preset.spec);
    printResult(context, text);
}

} // namespace

void addModelsCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command =
        app.add_subcommand("models", "List the shapes that are known by name, or inspect one");
    const auto options = std::make_shared<Options>();
    addText(*command, "model", options->model,
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
