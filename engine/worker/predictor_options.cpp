// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/predictor_options.h"

#include <optional>
#include <span>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/model/devices/cpu_device.h"
#include "engine/model/devices/device_file.h"
#include "engine/model/read_text_file.h"
#include "engine/model/resolve_model.h"
#include "engine/predict/constants.h"
#include "engine/protocol/point_json.h"

namespace engine {
namespace {

constexpr std::size_t kMaxRunBytes = 64 << 20;

std::string textOf(const Environment &environment, const char *key, const std::string &fallback)
{
    const auto found = environment.find(key);
    if (found == environment.end())
        return fallback;
    const std::string *text = std::get_if<std::string>(&found->second);
    return text && !text->empty() ? *text : fallback;
}

Result<RunDocument> readRun(const std::string &path)
{
    const Result<std::string> text = readTextFile(path, kMaxRunBytes);
    if (!text)
        return tl::make_unexpected(text.error());
    Result<RunDocument> run = parseRun(*text);
    if (!run)
        return fail(run.error().kind, path + ": " + run.error().message, run.error().detail);
    return run;
}

// The model and types that a run was measured with; the estimate's own where the run is silent.
Result<MeasuredRun> measuredRunOf(const RunDocument &run, const Predictor &own,
                                  const std::string &resources)
{
    MeasuredRun measured;
    measured.model = own.model();
    measured.deployment = own.deployment();
    measured.points = run.points;
    const std::string name = textOf(run.model, "name", own.model().name);
    if (name != own.model().name) {
        Result<ResolvedModel> model = resolveModel(name, resources);
        if (!model)
            return tl::make_unexpected(model.error());
        measured.model = std::move(model->spec);
    }
    const auto type = [&run](const char *key, DType fallback) {
        const std::string text = textOf(run.model, key, textOf(run.environment, key, ""));
        return dtypeFromName(text).value_or(fallback);
    };
    measured.deployment.dtype = type("weight_type", measured.deployment.dtype);
    measured.deployment.kvDType = type("kv_type", measured.deployment.kvDType);
    return measured;
}

Result<Deployment> readDeployment(const PredictorOptions &options, const DeviceSpec &device)
{
    Deployment deployment;
    const Result<DType> dtype = readType(options.dtype, "--dtype");
    if (!dtype)
        return tl::make_unexpected(dtype.error());
    deployment.dtype = *dtype;
    deployment.kvDType = *dtype == DType::Fp32 ? DType::Fp32 : DType::Bf16;
    if (!options.kvDType.empty()) {
        const Result<DType> kv = readType(options.kvDType, "--kv-dtype");
        if (!kv)
            return tl::make_unexpected(kv.error());
        deployment.kvDType = *kv;
    }
    deployment.layout = options.layout;
    if (options.gpus > 0 && options.layout.devices() == 1) {
        deployment.layout.tensor = options.gpus;
    } else if (options.gpus > 0 && options.gpus != options.layout.devices()) {
        return fail(ErrorKind::BadInput, "--gpus " + std::to_string(options.gpus) +
                                             " is not --tp x --dp x --pp x --cp = " +
                                             std::to_string(options.layout.devices()) + ".");
    }
    deployment.servingEngine = options.engine == "any" ? "" : options.engine;
    deployment.engineVersion = options.engineVersion;
    deployment.utilisation = options.utilisation;
    if (!device.prices.empty())
        deployment.pricePerHour = device.prices.front().perHour;
    if (!options.usdPerHour.empty()) {
        const Result<MicroUsd> price = readDollars(options.usdPerHour, "--usd-per-hour");
        if (!price)
            return tl::make_unexpected(price.error());
        deployment.pricePerHour = *price;
    }
    return deployment;
}

} // namespace

Result<DType> readType(const std::string &name, const std::string &option)
{
    if (const auto type = dtypeFromName(name))
        return *type;
    return fail(ErrorKind::BadInput, option + " knows no type " + name +
                                         "; it takes fp32, bf16, fp16, fp8, int8, fp4 or int4.");
}

Result<MicroUsd> readDollars(const std::string &text, const std::string &option)
{
    const std::size_t point = text.find('.');
    std::string whole = text.substr(0, point);
    std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
    const std::string digits = whole + fraction;
    if (digits.empty() || whole.size() > 6 || fraction.size() > 6 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
        return fail(ErrorKind::BadInput, option +
                                             " takes dollars below a million with at "
                                             "most six decimals, not " +
                                             text.substr(0, 40) + ".");
    }
    fraction.resize(6, '0');
    return MicroUsd(std::stoll("0" + whole) * 1'000'000 + std::stoll(fraction));
}

Result<Predictor> makePredictor(const PredictorOptions &options, const std::string &resources)
{
    Result<ResolvedModel> model = resolveModel(options.model, resources);
    if (!model)
        return tl::make_unexpected(model.error());
    Result<DeviceSpec> device = findDevice(options.device, resources);
    if (!device)
        return tl::make_unexpected(device.error());
    const Result<Deployment> deployment = readDeployment(options, *device);
    if (!deployment)
        return tl::make_unexpected(deployment.error());
    std::optional<RunDocument> run;
    if (!options.pointsFile.empty()) {
        Result<RunDocument> read = readRun(options.pointsFile);
        if (!read)
            return tl::make_unexpected(read.error());
        run = std::move(*read);
        if (device->kind == DeviceKind::Cpu) {
            if (const auto measured = cpuDeviceOf(run->environment))
                *device = *measured;
        }
    }
    const Result<EstimateConstants> constants = loadEstimateConstants(resources);
    if (!constants)
        return tl::make_unexpected(constants.error());
    Result<Predictor> plain =
        Predictor::create(model->spec, *device, *deployment, priorCalibration(*device, *constants));
    if (!plain || !run)
        return plain;
    Result<MeasuredRun> measured = measuredRunOf(*run, *plain, resources);
    if (!measured)
        return tl::make_unexpected(measured.error());
    return Predictor::create(model->spec, *device, *deployment,
                             calibrate(*device, std::span(&*measured, 1), *constants));
}

void addPredictorOptions(CLI::App &command, PredictorOptions &options)
{
    addText(command, "--model", options.model, "Preset, Hugging Face folder or config.json")
        ->type_name("NAME|DIR|config.json");
    addText(command, "--device", options.device,
            "cpu, a known accelerator (h100-sxm, rtx-4090 ...) or a device file")
        ->type_name("NAME|FILE");
    addText(command, "--dtype", options.dtype, "Type of the weights")->type_name("TYPE");
    addText(command, "--kv-dtype", options.kvDType, "Type of the KV cache (bf16 by default)")
        ->type_name("TYPE");
    const CountRange ways{1, 4096};
    addCount(command, "--gpus", options.gpus, {0, 4096},
             "Devices of a replica, by tensor parallelism unless more is said (0 = one)");
    addCount(command, "--tp", options.layout.tensor, ways, "Tensor parallelism");
    addCount(command, "--ep", options.layout.expert, ways, "Expert parallelism");
    addCount(command, "--dp", options.layout.dataAttention, ways,
             "Groups that attend for their own sequences");
    addCount(command, "--pp", options.layout.pipeline, ways, "Pipeline stages");
    addCount(command, "--cp", options.layout.context, ways, "Context parallelism of prompts");
    addChoice(command, "--engine", options.engine, {"any", "vllm", "sglang", "trtllm"},
              "Serving engine whose public measurements count (any = what they have in common)");
    addText(command, "--engine-version", options.engineVersion, "Its version")->type_name("X.Y.Z");
    addText(command, "--usd-per-hour", options.usdPerHour,
            "Price of the device (its newest known rent by default)")
        ->type_name("USD");
    addNumber(command, "--utilisation", options.utilisation, 0.0001, 1,
              "Share of the paid hours in use, above 0 to 1");
    addText(command, "--points", options.pointsFile, "run.json of a bench to calibrate on")
        ->type_name("FILE");
}

} // namespace engine
