// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/predict/constants.h"
#include "engine/predict/serving/validation.h"
#include "engine/worker/command.h"
#include "engine/worker/serving_commands.h"
#include "engine/worker/serving_input.h"

namespace engine {
namespace {

constexpr std::size_t kWorst = 10;

struct ValidateOptions
{
    std::string pointsFile;
    std::string leaveOut = "none";
    int known = 0;
    bool json = false;
};

struct NamedGrouping
{
    const char *name;
    Grouping of;
};

std::string crowdOf(const ServingPoint &point)
{
    return point.loop.users <= 16 ? "1 to 16" : point.loop.users <= 64 ? "17 to 64" : "over 64";
}

const std::vector<NamedGrouping> &groupings()
{
    static const std::vector<NamedGrouping> all{
        {"all", [](const ServingPoint &) { return std::string("all"); }},
        {"engine", [](const ServingPoint &p) { return p.engine; }},
        {"device", [](const ServingPoint &p) { return p.device; }},
        {"model", [](const ServingPoint &p) { return p.model; }},
        {"precision", [](const ServingPoint &p) { return p.precision(); }},
        {"parallelism",
         [](const ServingPoint &p) { return p.mode() + (p.loop.draftTokens ? ", drafting" : ""); }},
        {"users", crowdOf},
    };
    return all;
}

LeaveOut leaveOutOf(const std::string &word)
{
    return word == "curve"    ? LeaveOut::Curve
           : word == "model"  ? LeaveOut::Model
           : word == "device" ? LeaveOut::Device
                              : LeaveOut::None;
}

std::string labelOf(const ServingPoint &p)
{
    char text[240];
    std::snprintf(text, sizeof text, "line %zu: %s %s on %d x %s, %s %s, %s, %.0f/%.0f, %.0f users",
                  p.line, p.model.c_str(), std::string(dtypeName(p.weights)).c_str(),
                  p.layout.devices(), p.device.c_str(), p.engine.c_str(), p.version.c_str(),
                  p.mode().c_str(), p.loop.inputTokens, p.loop.outputTokens, p.loop.users);
    return text;
}

std::string tableOf(const ServingInput &input, const Validation &validation)
{
    std::string text;
    char line[320];
    std::snprintf(line, sizeof line, "%zu of %zu rows are used.\n", input.cases.size(),
                  input.table.rows);
    text += line + unusedText(input.table) + "\n";
    std::snprintf(line, sizeof line, "%-14s %-22s | %5s %7s %7s %7s %6s | %5s %7s %7s %7s %6s\n",
                  "", "", "TPOT", "median", "p90", "bias", "band", "TTFT", "median", "p90", "bias",
                  "band");
    text += line;
    for (const NamedGrouping &grouping : groupings()) {
        const auto tpot = summarise(validation, input.cases, ServingFigure::Tpot, grouping.of);
        const auto ttft = summarise(validation, input.cases, ServingFigure::Ttft, grouping.of);
        for (const ErrorSummary &each : tpot) {
            ErrorSummary wait;
            for (const ErrorSummary &other : ttft) {
                if (other.group == each.group)
                    wait = other;
            }
            std::snprintf(
                line, sizeof line,
                "%-14s %-22s | %5d %6.1f%% %6.1f%% %+6.1f%% %5.0f%% | %5d %6.1f%% %6.1f%% "
                "%+6.1f%% %5.0f%%\n",
                grouping.name, each.group.c_str(), each.points, 100 * each.median, 100 * each.p90,
                100 * each.bias, 100 * each.covered, wait.points, 100 * wait.median, 100 * wait.p90,
                100 * wait.bias, 100 * wait.covered);
            text += line;
        }
    }
    for (ServingFigure figure : {ServingFigure::Tpot, ServingFigure::Ttft}) {
        const bool tpot = figure == ServingFigure::Tpot;
        text += std::string("\nWorst of ") + (tpot ? "TPOT" : "TTFT") + ":\n";
        for (const JudgedRow &row : worstRows(validation, figure, kWorst)) {
            const ServingPoint &point = input.cases[row.row].point;
            const double measured = tpot ? *point.tpotMs : *point.ttftMs;
            const double error = tpot ? *row.error.tpot : *row.error.ttft;
            std::snprintf(line, sizeof line, "  %s: %.4g ms measured, %.4g ms computed\n",
                          labelOf(point).c_str(), measured, measured * std::exp(-error));
            text += line;
        }
    }
    return text;
}

std::string jsonOf(const ServingInput &input, const Validation &validation,
                   const ValidateOptions &options)
{
    using nlohmann::json;
    json document{{"schema", "paretoscope-validation/1"},
                  {"leave_out", options.leaveOut},
                  {"known", options.known},
                  {"rows", input.table.rows},
                  {"used", input.cases.size()}};
    json unused = json::object();
    for (const auto &[reason, lines] : input.table.unused)
        unused[reason] = lines;
    document["unused"] = unused;
    json groups = json::array();
    for (const NamedGrouping &grouping : groupings()) {
        for (ServingFigure figure : {ServingFigure::Tpot, ServingFigure::Ttft}) {
            for (const ErrorSummary &each :
                 summarise(validation, input.cases, figure, grouping.of)) {
                groups.push_back({{"by", grouping.name},
                                  {"group", each.group},
                                  {"figure", figure == ServingFigure::Tpot ? "tpot" : "ttft"},
                                  {"points", each.points},
                                  {"median_error", each.median},
                                  {"p90_error", each.p90},
                                  {"bias", each.bias},
                                  {"band_coverage", each.covered}});
            }
        }
    }
    document["groups"] = groups;
    json worst = json::array();
    for (ServingFigure figure : {ServingFigure::Tpot, ServingFigure::Ttft}) {
        const bool tpot = figure == ServingFigure::Tpot;
        for (const JudgedRow &row : worstRows(validation, figure, kWorst)) {
            const ServingPoint &point = input.cases[row.row].point;
            const double measured = tpot ? *point.tpotMs : *point.ttftMs;
            worst.push_back({{"line", point.line},
                             {"label", labelOf(point)},
                             {"figure", tpot ? "tpot" : "ttft"},
                             {"measured_ms", measured},
                             {"computed_ms",
                              measured * std::exp(-(tpot ? *row.error.tpot : *row.error.ttft))}});
        }
    }
    document["worst"] = worst;
    return document.dump(1) + "\n";
}

} // namespace

void addValidateCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command = app.add_subcommand(
        "validate", "How wrong the estimate is on a table of measured points, by group");
    auto options = std::make_shared<ValidateOptions>();
    command->add_option("--points", options->pointsFile, "CSV of measured points")
        ->type_name("FILE")
        ->required();
    command
        ->add_option(
            "--leave-out", options->leaveOut,
            "What a row's estimate is fitted without: none (the shipped constants), curve, "
            "model or device")
        ->check(CLI::IsMember({"none", "curve", "model", "device"}))
        ->capture_default_str();
    command
        ->add_option("--known", options->known,
                     "Points of what is left out that stay in the fit, unscored")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer(
        "Examples:\n"
        "  paretoscope-engine validate --points silicon.csv\n"
        "  paretoscope-engine validate --points silicon.csv --leave-out model --known 2\n");
    command->callback([options, &context] {
        const Result<ServingInput> input =
            readServingInput(options->pointsFile, context.resourcesDirectory);
        if (!input) {
            reportError(context, input.error());
            return;
        }
        const Result<EstimateConstants> constants =
            loadEstimateConstants(context.resourcesDirectory);
        if (!constants) {
            reportError(context, constants.error());
            return;
        }
        const Validation validation =
            validate(input->cases, constants->serving->tree, constants->serving->bands,
                     leaveOutOf(options->leaveOut), options->known);
        printResult(context, options->json ? jsonOf(*input, validation, *options)
                                           : tableOf(*input, validation));
    });
}

} // namespace engine
