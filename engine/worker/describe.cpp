// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/describe.h"

#include <algorithm>
#include <thread>

#include <nlohmann/json.hpp>

#include "engine/infer/cpu/ceilings.h"
#include "engine/infer/cpu/kernels/isa.h"
#include "engine/infer/memory.h"
#include "engine/measure/machine.h"
#include "engine/protocol/point_json.h"
#include "engine/spec/build_info.h"
#include "engine/spec/work.h"
#include "engine/worker/sweep_job.h"

namespace engine {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
std::optional<T> valueOf(const Environment &environment, const char *key)
{
    const auto found = environment.find(key);
    if (found == environment.end() || !std::holds_alternative<T>(found->second))
        return std::nullopt;
    return std::get<T>(found->second);
}

template <class T>
Json orNull(const std::optional<T> &value)
{
    return value ? Json(*value) : Json();
}

std::string dump(const Json &json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json modelJson(const ModelSpec &model, const WeightSource &weights)
{
    Json json = Json::parse(toJson(describeModel(model, weights, DType::Bf16, DType::Bf16)));
    json["weights_bytes_fp32"] = std::int64_t(weightBytes(model, DType::Fp32).value);
    return json;
}

} // namespace

CpuReport describeCpu()
{
    const Environment machine = machineEnvironment();
    CpuReport report;
    report.name = valueOf<std::string>(machine, "cpu_model").value_or("");
    report.threads = std::max(1, int(std::thread::hardware_concurrency()));
    for (cpu::Isa isa : cpu::availableIsas())
        report.isas.emplace_back(cpu::isaName(isa));
    if (!report.isas.empty())
        report.isa = report.isas.front(); // the fastest
    report.memoryBytes = valueOf<std::int64_t>(machine, "mem_bytes");
    report.availableBytes = availableMemoryBytes();
    report.l2Bytes = valueOf<std::int64_t>(machine, "l2_bytes");
    report.l3Bytes = valueOf<std::int64_t>(machine, "l3_bytes");
    return report;
}

Result<CpuReport> measureCpu(int threads, std::stop_token stop)
{
    const Result<cpu::Ceilings> ceilings =
        cpu::measureCeilings(threads, cpu::CeilingEffort::Full, std::move(stop));
    if (!ceilings)
        return tl::unexpected(ceilings.error());
    CpuReport report = describeCpu();
    report.threads = ceilings->threads;
    report.readGbs = ceilings->readGbs;
    report.denseTflops = ceilings->denseBf16Tflops;
    report.denseFp32Tflops = ceilings->denseFp32Tflops;
    return report;
}

std::string gpuReason()
{
    return "This engine has no CUDA module, so it measures on the CPU only.";
}

std::string describeDevicesJson(const CpuReport &cpu)
{
    Json device;
    device["id"] = "cpu";
    device["kind"] = "cpu";
    device["usable"] = true;
    device["name"] = cpu.name.empty() ? Json() : Json(cpu.name);
    device["threads"] = cpu.threads;
    device["isa"] = cpu.isa;
    device["isa_available"] = cpu.isas;
    device["mem_bytes"] = orNull(cpu.memoryBytes);
    device["mem_available_bytes"] = orNull(cpu.availableBytes);
    device["l2_bytes"] = orNull(cpu.l2Bytes);
    device["l3_bytes"] = orNull(cpu.l3Bytes);
    device["ceiling_read_gbs"] = orNull(cpu.readGbs);
    device["ceiling_dense_tflops"] = orNull(cpu.denseTflops);
    device["ceiling_dense_fp32_tflops"] = orNull(cpu.denseFp32Tflops);
    Json gpu;
    gpu["id"] = "cuda";
    gpu["kind"] = "gpu";
    gpu["usable"] = false;
    gpu["reason"] = gpuReason();
    const std::string commit = gitCommit();
    Json json;
    json["engine"] = {{"version", appVersion()},
                      {"git_commit", commit.empty() ? Json() : Json(commit)}};
    json["devices"] = Json::array({device, gpu});
    return dump(json);
}

Result<std::string> inspectModelJson(const std::string &nameOrPath, const std::string &resources)
{
    const Result<ResolvedModel> model = resolveModel(nameOrPath, resources);
    if (!model)
        return tl::unexpected(model.error());
    return dump(modelJson(model->spec, model->weights));
}

std::string modelsJson(const std::vector<ModelPreset> &presets)
{
    Json list = Json::array();
    for (const ModelPreset &preset : presets) {
        Json model = modelJson(preset.spec, {});
        model["date"] = preset.date;
        list.push_back(std::move(model));
    }
    Json json;
    json["models"] = std::move(list);
    return dump(json);
}

} // namespace engine
