// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/plan_output.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/worker/number_text.h"

namespace engine {
namespace {

using Json = nlohmann::ordered_json;

Json usd(const std::optional<MicroUsd> &amount)
{
    return amount ? Json(double(*amount) / 1e6) : Json(nullptr);
}

template <class T>
Json orNull(const std::optional<T> &value)
{
    return value ? Json(*value) : Json(nullptr);
}

Json limitMs(const std::optional<Seconds> &limit)
{
    return limit ? Json(milliseconds(*limit)) : Json(nullptr);
}

Json optionJson(const PlanOption &option)
{
    Json json{{"device", option.device.id},
              {"dtype", dtypeName(option.deployment.dtype)},
              {"kv_dtype", dtypeName(option.deployment.kvDType)},
              {"devices_per_replica", option.devicesPerReplica},
              {"batch", option.batch},
              {"ttft_ms", milliseconds(option.ttft)},
              {"tpot_ms", milliseconds(option.tpot)},
              {"rps_per_replica", option.requestsPerSecond},
              {"output_tps_per_replica", option.rates.outputTps},
              {"total_tps_per_replica", option.rates.inputTps + option.rates.outputTps},
              {"replicas", option.replicas},
              {"devices", option.devices},
              {"usd_per_hour", double(option.usdPerHour) / 1e6},
              {"usd_per_day", double(option.usdPerDay) / 1e6},
              {"usd_per_m_total", usd(option.cost.total)},
              {"usd_per_m_output_alone", usd(option.cost.outputAlone)},
              {"usd_per_m_input", usd(option.cost.input)},
              {"usd_per_m_output", usd(option.cost.output)},
              {"price_source", option.device.prices.front().source},
              {"price_date", option.device.prices.front().date}};
    json["watts_per_replica"] = option.energy ? Json(option.energy->watts) : Json(nullptr);
    json["energy_j_per_output_token"] =
        option.energy ? orNull(option.energy->joulesPerOutputToken) : Json(nullptr);
    json["energy_j_per_token"] =
        option.energy ? orNull(option.energy->joulesPerToken) : Json(nullptr);
    json["margin"] = orNull(option.margin);
    return json;
}

Json checkJson(const ServingSummary &check)
{
    Json json{{"requests", check.requests},
              {"ttft_ms_mean", orNull(check.ttft.mean)},
              {"ttft_ms_p95", orNull(check.ttft.percentiles.p95)},
              {"tpot_ms_mean", orNull(check.tpot.mean)},
              {"tpot_ms_p95", orNull(check.tpot.percentiles.p95)},
              {"rps", check.requestsPerSecond},
              {"utilisation", check.utilisation},
              {"saturated", check.saturated}};
    json["goodput_ratio"] = check.goodput ? Json(check.goodput->ratio) : Json(nullptr);
    return json;
}

constexpr std::size_t kColumn = 10;

std::string cell(const std::string &text)
{
    return (text.size() < kColumn ? std::string(kColumn - text.size(), ' ') : " ") + text;
}

std::string dollars(const std::optional<MicroUsd> &amount)
{
    return amount ? threeDigits(double(*amount) / 1e6) : "-";
}

std::string row(const PlanOption &option)
{
    std::string name = option.device.id;
    name.resize(std::max<std::size_t>(name.size(), 18), ' ');
    std::string text = name + " ";
    text += cell(std::to_string(option.devicesPerReplica) + " x " +
                 std::string(dtypeName(option.deployment.dtype)));
    text += cell(std::to_string(option.batch)) + cell(durationText(milliseconds(option.ttft))) +
            cell(durationText(milliseconds(option.tpot))) + cell(std::to_string(option.devices)) +
            cell(threeDigits(double(option.usdPerDay) / 1e6)) + cell(dollars(option.cost.total)) +
            cell(dollars(option.cost.input)) + cell(dollars(option.cost.output));
    const bool known = option.energy && option.energy->joulesPerToken;
    text += cell(known ? threeDigits(*option.energy->joulesPerToken) : "-");
    if (option.margin)
        text += cell(threeDigits(100 * *option.margin) + " %");
    return text + "\n";
}

std::string checkLine(const ServingSummary &check)
{
    const auto duration = [](const std::optional<double> &ms) {
        return ms ? durationText(*ms) : std::string("-");
    };
    return "\nThe first one under simulated load (Poisson, lengths spread by half, " +
           std::to_string(check.requests) + " requests to a replica): TTFT mean " +
           duration(check.ttft.mean) + ", p95 " + duration(check.ttft.percentiles.p95) +
           "; TPOT mean " + duration(check.tpot.mean) + ", p95 " +
           duration(check.tpot.percentiles.p95) +
           (check.goodput ? "; " + threeDigits(100 * check.goodput->ratio) + " % within the limits"
                          : "") +
           ".\n";
}

} // namespace

std::string toJson(const PlanReport &report)
{
    const PlanRequest &request = report.request;
    Json options = Json::array();
    for (const PlanOption &option : report.plan.options)
        options.push_back(optionJson(option));
    Json refusals = Json::array();
    for (const PlanRefusal &refusal : report.plan.refusals)
        refusals.push_back({{"device", refusal.deviceId}, {"reason", refusal.reason}});
    Json json{{"schema", "paretoscope-plan/1"},
              {"model", request.model.name},
              {"prompt_tokens", request.promptTokens},
              {"output_tokens", request.outputTokens},
              {"limit_ttft_ms", limitMs(request.limits.ttft)},
              {"limit_tpot_ms", limitMs(request.limits.tpot)},
              {"tokens_per_day", request.tokensPerDay},
              {"load", request.load},
              {"considered", report.plan.considered},
              {"options", options},
              {"refusals", refusals}};
    json["check"] = report.check ? checkJson(*report.check) : Json(nullptr);
    return json.dump(1);
}

std::string toTable(const PlanReport &report)
{
    const PlanRequest &request = report.request;
    std::string text = request.model.name + ", " + threeDigits(request.promptTokens) +
                       " tokens in and " + threeDigits(request.outputTokens) +
                       " out, replicas loaded to " + threeDigits(100 * request.load) +
                       " %: " + std::to_string(report.plan.considered) + " combinations.\n\n";
    if (report.plan.options.empty()) {
        text += "No device with a known price serves this model within the limits.\n";
    } else {
        text += "device             ";
        for (const char *name : {"replica", "batch", "TTFT", "TPOT", "devices", "$/day", "$/M all",
                                 "$/M in", "$/M out", "J/token"})
            text += cell(name);
        text += (request.listPrices ? cell("margin") : "") + "\n";
        for (std::size_t i = 0; i < std::min(report.shown, report.plan.options.size()); ++i)
            text += row(report.plan.options[i]);
    }
    if (report.check)
        text += checkLine(*report.check);
    if (!report.plan.refusals.empty())
        text += "\nNo option:\n";
    for (const PlanRefusal &refusal : report.plan.refusals)
        text += "  " + refusal.deviceId + ": " + refusal.reason + "\n";
    return text;
}

} // namespace engine
