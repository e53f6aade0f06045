// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/devices_command.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/infer/memory.h"
#include "engine/protocol/messages.h"
#include "engine/spec/build_info.h"
#include "engine/worker/describe.h"
#include "engine/worker/number_text.h"

namespace engine {
namespace {

struct Options
{
    bool json = false;
    bool quick = false;
    int threads = 0;
};

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string textOf(const CpuReport &cpu)
{
    std::string text = versionLine("paretoscope-engine") + "\n";
    const auto row = [&text](const std::string &name, const std::string &value) {
        text += "  " + name + std::string(23 - name.size(), ' ') + value + "\n";
    };
    const auto bytes = [](const std::optional<std::int64_t> &count) {
        return count ? byteText(*count) : std::string("unknown");
    };
    text += "cpu  " + (cpu.name.empty() ? "unknown model" : cpu.name) + "\n";
    row("threads", std::to_string(cpu.threads));
    row("kernels", cpu.isa + " (has " + joined(cpu.isas) + ")");
    row("memory", bytes(cpu.memoryBytes) + ", " + bytes(cpu.availableBytes) + " available");
    row("L2, L3 cache", bytes(cpu.l2Bytes) + ", " + bytes(cpu.l3Bytes));
    if (cpu.readGbs) {
        row("ceiling_read_gbs", threeDigits(*cpu.readGbs) + " GB/s read from memory");
        row("ceiling_dense_tflops", threeDigits(*cpu.denseTflops) + " TFLOP/s in bf16, " +
                                        threeDigits(*cpu.denseFp32Tflops) + " in fp32");
    }
    return text + "cuda not usable: " + gpuReason() + "\n";
}

void run(const Options &options, CommandContext &context)
{
    Result<CpuReport> report =
        options.quick ? Result<CpuReport>(describeCpu()) : measureCpu(options.threads, {});
    if (!report) {
        reportError(context, report.error());
        return;
    }
    printResult(context, options.json ? describeDevicesJson(*report) + "\n" : textOf(*report));
}

} // namespace

void addDevicesCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command =
        app.add_subcommand("devices", "Say what can be measured on here, and what it does at best");
    const auto options = std::make_shared<Options>();
    command->add_flag("--json", options->json, "Print one JSON object");
    command->add_flag("--quick", options->quick, "Measure no ceilings: answer at once");
    addCount(*command, "--threads", options->threads, {0, kMaxThreads},
             "Threads to measure with; 0 takes every core");
    command->footer("Examples:\n"
                    "  paretoscope-engine devices             read bandwidth and dense rates\n"
                    "  paretoscope-engine devices --threads 1 the same of one core\n"
                    "  paretoscope-engine devices --json  the same for a program\n");
    command->callback([options, &context] { run(*options, context); });
}

} // namespace engine
