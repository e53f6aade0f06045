// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/devices_command.h"

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "engine/infer/memory.h"
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

void print(const CpuReport &cpu)
{
    const auto row = [](const char *name, const std::string &value) {
        std::printf("  %-22s %s\n", name, value.c_str());
    };
    const auto bytes = [](const std::optional<std::int64_t> &count) {
        return count ? byteText(*count) : std::string("unknown");
    };
    std::printf("cpu  %s\n", cpu.name.empty() ? "unknown model" : cpu.name.c_str());
    row("threads", std::to_string(cpu.threads));
    row("kernels", cpu.isa + " (has " + joined(cpu.isas) + ")");
    row("memory", bytes(cpu.memoryBytes) + ", " + bytes(cpu.availableBytes) + " available");
    row("L2, L3 cache", bytes(cpu.l2Bytes) + ", " + bytes(cpu.l3Bytes));
    if (cpu.readGbs) {
        row("ceiling_read_gbs", threeDigits(*cpu.readGbs) + " GB/s read from memory");
        row("ceiling_dense_tflops", threeDigits(*cpu.denseTflops) + " TFLOP/s in bf16, " +
                                        threeDigits(*cpu.denseFp32Tflops) + " in fp32");
    }
    std::printf("cuda not usable: %s\n", gpuReason().c_str());
}

void run(const Options &options, CommandContext &context)
{
    Result<CpuReport> report =
        options.quick ? Result<CpuReport>(describeCpu()) : measureCpu(options.threads, {});
    if (!report) {
        reportError(context, report.error());
        return;
    }
    if (options.json)
        std::printf("%s\n", describeDevicesJson(*report).c_str());
    else
        print(*report);
}

} // namespace

void addDevicesCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command =
        app.add_subcommand("devices", "Say what can be measured on here, and what it does at best");
    const auto options = std::make_shared<Options>();
    command->add_flag("--json", options->json, "Print one JSON object");
    command->add_flag("--quick", options->quick, "Measure no ceilings: answer at once");
    command
        ->add_option("--threads", options->threads, "Threads to measure with; 0 takes every core")
        ->type_name("N")
        ->check(CLI::Range(0, 1024));
    command->footer("Examples:\n"
                    "  paretoscope-engine devices             read bandwidth and dense rates\n"
                    "  paretoscope-engine devices --threads 1 the same of one core\n"
                    "  paretoscope-engine devices --json | jq '.devices[0].ceiling_read_gbs'\n");
    command->callback([options, &context] { run(*options, context); });
}

} // namespace engine
