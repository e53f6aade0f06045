// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <QFileInfo>

#include "app/catalog_arguments.h"
#include "engine/arguments/arguments.h"

namespace app {

namespace {

constexpr int kBadArgument = 2;
constexpr int kSmallestPicture = 320;
constexpr int kLargestPicture = 16'384;

// What CLI11 fills; checked and turned into a CommandLine afterwards.
struct Arguments
{
    std::string path;
    std::string scenario;
    std::string theme;
    std::string view;
    std::string resources;
    std::string picture;
    std::string size;
    std::string dtype = "bf16";
    std::string report;
    engine::SweepRequest sweep;
};

void addWindowOptions(CLI::App &program, Arguments &arguments)
{
    engine::addText(program, "path", arguments.path,
                    "Model folder, config.json or .paretoscope file to open");
    engine::addText(program, "--scenario", arguments.scenario, "Scenario file to show")
        ->type_name("FILE");
    engine::addChoice(program, "--theme", arguments.theme, {"dark", "light", "contrast"},
                      "dark, light or contrast");
    engine::addChoice(program, "--view", arguments.view, {"curves", "providers"},
                      "curves or providers");
    engine::addText(program, "--render", arguments.picture,
                    "Write the window into a picture and end; needs no display")
        ->type_name("OUT.png");
    engine::addText(program, "--size", arguments.size, "Size of that picture (default 1920x1080)")
        ->type_name("WxH");
    engine::addResources(program, arguments.resources);
    program.footer(
        "Examples:\n"
        "  paretoscope                                   open the explorer\n"
        "  paretoscope ~/models/Qwen3-0.6B               open it with a model of your own\n"
        "  paretoscope --render now.png --theme light    the same window as a picture\n"
        "  paretoscope measure --quick                   measure this machine, without a window\n"
        "\n"
        "Everything is shown as an estimate until it is measured; nothing leaves this machine.\n");
}

CLI::App *addMeasure(CLI::App &program, Arguments &arguments)
{
    engine::SweepRequest &sweep = arguments.sweep;
    sweep.batches = {1, 2, 4, 8};
    sweep.contexts = {128, 512};
    CLI::App *measure = program.add_subcommand(
        "measure", "Measure this machine without a window and write report.png, curves.csv and "
                   "run.json");
    engine::addText(*measure, "--model", sweep.model, "Preset, Hugging Face folder or config.json")
        ->type_name("NAME|DIR|config.json");
    engine::addText(*measure, "--device", sweep.device, "cpu, or cuda:N")->type_name("cpu|cuda:N");
    engine::addChoice(*measure, "--dtype", arguments.dtype, {"bf16", "fp32"}, "bf16 or fp32");
    engine::addCounts(*measure, "--batch", sweep.batches, {1, engine::kMaxBatch},
                      "Sequences served together, as 1,2,4");
    engine::addCounts(*measure, "--context", sweep.contexts, {1, engine::kMaxTokens},
                      "Prompt lengths in tokens, as 128,512");
    engine::addCount(*measure, "--output", sweep.outputTokens, {1, engine::kMaxTokens},
                     "Tokens of an answer");
    engine::addCount(*measure, "--threads", sweep.threads, {0, engine::kMaxThreads},
                     "Threads; 0 = every core");
    measure->add_flag("--quick", sweep.quick, "One round only: every point, coarsely");
    engine::addText(*measure, "--out", arguments.report,
                    "Folder of the report (default: paretoscope-report-DATE-TIME)")
        ->type_name("DIR");
    measure->footer("Examples:\n"
                    "  paretoscope measure --quick\n"
                    "  paretoscope measure --model llama-3.2-1b --batch 1,2,4,8,16 "
                    "--context 128,512,2048 --out report\n");
    return measure;
}

engine::Result<QSize> parseSize(const std::string &text)
{
    int width = 0;
    int height = 0;
    char rest = 0;
    if (std::sscanf(text.c_str(), "%5dx%5d%c", &width, &height, &rest) != 2 ||
        width < kSmallestPicture || height < kSmallestPicture || width > kLargestPicture ||
        height > kLargestPicture)
        return engine::fail(engine::ErrorKind::BadInput,
                            "--size must be WIDTHxHEIGHT with sides of 320 to 16384, such as "
                            "1920x1080, not \"" +
                                text + "\".");
    return QSize(width, height);
}

engine::Result<void> takeSweep(const Arguments &arguments, CommandLine &wanted)
{
    if (!arguments.path.empty())
        return engine::fail(engine::ErrorKind::BadInput,
                            "measure takes no \"" + arguments.path +
                                "\"; a model of your own is named by --model.");
    wanted.task = CommandLine::Task::Measure;
    wanted.sweep = arguments.sweep;
    wanted.reportFolder = QString::fromStdString(arguments.report);
    const auto dtype = engine::dtypeFromName(arguments.dtype);
    if (!dtype)
        return engine::fail(engine::ErrorKind::BadInput,
                            "--dtype must be bf16 or fp32, not \"" + arguments.dtype + "\".");
    wanted.sweep.dtype = *dtype;
    return engine::validate(wanted.sweep);
}

engine::Result<CommandLine> take(const Arguments &arguments, bool measure)
{
    CommandLine wanted;
    wanted.resources = QString::fromStdString(arguments.resources);
    wanted.theme = QString::fromStdString(arguments.theme);
    if (measure) {
        if (const auto taken = takeSweep(arguments, wanted); !taken)
            return tl::make_unexpected(taken.error());
        return wanted;
    }
    wanted.path = QString::fromStdString(arguments.path);
    wanted.scenario = QString::fromStdString(arguments.scenario);
    wanted.view = QString::fromStdString(arguments.view);
    wanted.picture = QString::fromStdString(arguments.picture);
    if (!wanted.picture.isEmpty())
        wanted.task = CommandLine::Task::Render;
    if (!arguments.size.empty()) {
        const auto size = parseSize(arguments.size);
        if (!size)
            return tl::make_unexpected(size.error());
        wanted.size = *size;
    }
    if (!wanted.path.isEmpty() && !QFileInfo::exists(wanted.path))
        return engine::fail(engine::ErrorKind::NotFound,
                            "There is no file or folder \"" + arguments.path +
                                "\"; paretoscope --help says what can be opened.");
    return wanted;
}

} // namespace

ParsedCommandLine parseCommandLine(int argc, char **argv)
{
    CLI::App program("What a token of a language model costs, and how long it makes you wait: an "
                     "explorer of batch, context, price and speed.",
                     "paretoscope");
    program.set_version_flag("--version", engine::versionLine("paretoscope"),
                             "Print the version and the commit it was built from, and exit");
    program.fallthrough(); // before the commands, which take it over
    Arguments arguments;
    addWindowOptions(program, arguments);
    const CLI::App *measure = addMeasure(program, arguments);
    CatalogArguments catalog(program);
    program.require_subcommand(0, 1);
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success &said) { // --help, --version
        return {std::nullopt, program.exit(said)};
    } catch (const CLI::ParseError &error) {
        std::fprintf(stderr, "paretoscope: %s\n", engine::refusal(error, program).c_str());
        return {std::nullopt, kBadArgument};
    }
    auto wanted = catalog.parsed() ? catalog.take() : take(arguments, measure->parsed());
    if (!wanted)
        return {std::nullopt, reportError(wanted.error())};
    return {std::move(*wanted), 0};
}

int reportError(const engine::Error &error)
{
    std::string line = "paretoscope: " + error.message;
    if (!error.detail.empty())
        line += " (" + error.detail + ")";
    std::fprintf(stderr, "%s\n", line.c_str());
    switch (error.kind) {
    case engine::ErrorKind::BadInput:
    case engine::ErrorKind::NotFound:
        return kBadArgument;
    case engine::ErrorKind::Cancelled:
        return 130;
    default:
        return 1;
    }
}

} // namespace app
