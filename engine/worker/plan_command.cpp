// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/plan_command.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/model/devices/device_file.h"
#include "engine/model/resolve_model.h"
#include "engine/worker/command.h"
#include "engine/worker/plan_output.h"
#include "engine/worker/predictor_options.h"

namespace engine {
namespace {

struct PlanOptions
{
    std::string model = "llama-3.1-8b";
    std::string devices;
    std::string dtypes = "bf16,fp8";
    std::string kvDType = "bf16";
    double prompt = 1024;
    double output = 256;
    double ttftMs = 2000;
    double tpotMs = 50;
    double tokensPerDay = 0;
    double load = 0.7;
    std::int64_t maxBatch = 1024;
    std::string usdPerMInput;
    std::string usdPerMOutput;
    std::int64_t checkRequests = 1000;
    bool json = false;
};

std::vector<std::string> splitAtCommas(const std::string &text)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

Result<PlanRequest> requestOf(const PlanOptions &options, const std::string &resources)
{
    Result<ResolvedModel> model = resolveModel(options.model, resources);
    if (!model)
        return tl::make_unexpected(model.error());
    PlanRequest request;
    request.model = std::move(model->spec);
    request.promptTokens = options.prompt;
    request.outputTokens = options.output;
    if (options.ttftMs > 0)
        request.limits.ttft = Seconds(options.ttftMs / 1e3);
    if (options.tpotMs > 0)
        request.limits.tpot = Seconds(options.tpotMs / 1e3);
    request.tokensPerDay = options.tokensPerDay;
    request.load = options.load;
    request.mostBatch = options.maxBatch;
    request.dtypes.clear();
    for (const std::string &name : splitAtCommas(options.dtypes)) {
        const Result<DType> type = readType(name, "--dtype");
        if (!type)
            return tl::make_unexpected(type.error());
        request.dtypes.push_back(*type);
    }
    const Result<DType> kv = readType(options.kvDType, "--kv-dtype");
    if (!kv)
        return tl::make_unexpected(kv.error());
    request.kvDType = *kv;
    if (options.usdPerMInput.empty() != options.usdPerMOutput.empty()) {
        return fail(ErrorKind::BadInput,
                    "--usd-per-m-input and --usd-per-m-output need each other to give a margin.");
    }
    if (!options.usdPerMInput.empty()) {
        const Result<MicroUsd> input = readDollars(options.usdPerMInput, "--usd-per-m-input");
        if (!input)
            return tl::make_unexpected(input.error());
        const Result<MicroUsd> output = readDollars(options.usdPerMOutput, "--usd-per-m-output");
        if (!output)
            return tl::make_unexpected(output.error());
        request.listPrices = TokenPrices{*input, *input, *output};
    }
    return request;
}

Result<std::vector<DeviceSpec>> devicesOf(const PlanOptions &options, const std::string &resources)
{
    if (options.devices.empty())
        return devicePresets(resources);
    std::vector<DeviceSpec> devices;
    for (const std::string &name : splitAtCommas(options.devices)) {
        Result<DeviceSpec> device = findDevice(name, resources);
        if (!device)
            return tl::make_unexpected(device.error());
        devices.push_back(std::move(*device));
    }
    return devices;
}

Result<std::string> runPlan(const PlanOptions &options, const std::string &resources)
{
    const Result<PlanRequest> request = requestOf(options, resources);
    if (!request)
        return tl::make_unexpected(request.error());
    const Result<std::vector<DeviceSpec>> devices = devicesOf(options, resources);
    if (!devices)
        return tl::make_unexpected(devices.error());
    const Result<EstimateConstants> constants = loadEstimateConstants(resources);
    if (!constants)
        return tl::make_unexpected(constants.error());
    Result<Plan> plan = makePlan(*request, *devices, *constants);
    if (!plan)
        return tl::make_unexpected(plan.error());
    PlanReport report;
    report.request = *request;
    report.plan = std::move(*plan);
    if (!report.plan.options.empty() && options.checkRequests > 0) {
        const Result<ServingSummary> check = simulateOption(*request, report.plan.options.front(),
                                                            *constants, options.checkRequests, 1);
        if (!check)
            return tl::make_unexpected(check.error());
        report.check = *check;
    }
    return options.json ? toJson(report) + "\n" : toTable(report);
}

void addOptions(CLI::App &command, PlanOptions &options)
{
    addText(command, "--model", options.model, "Preset, Hugging Face folder or config.json")
        ->type_name("NAME|DIR|config.json");
    addText(command, "--device", options.devices,
            "Devices to choose from (all known ones with a price by default)")
        ->type_name("NAME[,NAME]");
    addText(command, "--dtype", options.dtypes, "Types of the weights to choose from")
        ->type_name("TYPE[,TYPE]");
    addText(command, "--kv-dtype", options.kvDType, "Type of the KV cache")->type_name("TYPE");
    addNumber(command, "--prompt", options.prompt, 1, 1e7, "Mean prompt in tokens");
    addNumber(command, "--output", options.output, 1, 1e7, "Mean answer in tokens");
    addNumber(command, "--ttft-ms", options.ttftMs, 0, 1e9,
              "Limit on the mean wait for the first token (0 = none)");
    addNumber(command, "--tpot-ms", options.tpotMs, 0, 1e9,
              "Limit on the mean time of each further token (0 = none)");
    addNumber(command, "--tokens-per-day", options.tokensPerDay, 0, 1e18,
              "Prompt and answer tokens of a day that the fleet must make (0 = one replica)");
    addNumber(command, "--load", options.load, 0.01, 0.99,
              "Share of a replica's throughput that is planned with");
    addCount(command, "--max-batch", options.maxBatch, {1, 1'000'000},
             "Largest batch of a replica");
    addText(command, "--usd-per-m-input", options.usdPerMInput,
            "List price of a million prompt tokens, for the margin")
        ->type_name("USD");
    addText(command, "--usd-per-m-output", options.usdPerMOutput,
            "List price of a million answer tokens")
        ->type_name("USD");
    addCount(command, "--check", options.checkRequests, {0, 1'000'000},
             "Requests to simulate for the cheapest option (0 = no simulation)");
    command.add_flag("--json", options.json, "Print one JSON object");
}

} // namespace

void addPlanCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command = app.add_subcommand(
        "plan", "The cheapest devices that serve a model within limits on its waits");
    auto options = std::make_shared<PlanOptions>();
    addOptions(*command, *options);
    command->footer(
        "Every device with a known rent is tried with every type, one device a replica; the "
        "largest\n"
        "batch that keeps both limits is the cheapest of each. Costs are at the planned load.\n"
        "Examples:\n"
        "  paretoscope-engine plan --model llama-3.1-8b --ttft-ms 500 --tpot-ms 25\n"
        "  paretoscope-engine plan --model qwen3-32b --tokens-per-day 1e9 --usd-per-m-input "
        "0.5 "
        "--usd-per-m-output 0.8\n"
        "  paretoscope-engine plan --model qwen3-32b --device h100-sxm,h200-sxm --json\n");
    command->callback([options, &context] {
        const Result<std::string> text = runPlan(*options, context.resourcesDirectory);
        if (!text) {
            reportError(context, text.error());
            return;
        }
        printResult(context, *text);
    });
}

} // namespace engine
