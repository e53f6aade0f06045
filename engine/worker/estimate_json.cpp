// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/spec/work.h"
#include "engine/worker/estimate_output.h"

namespace engine {
namespace {

using Json = nlohmann::ordered_json;

template <class T, class Unit>
Json banded(const Banded<T> &value, const Unit &unit)
{
    return {{"p10", unit(value.low)}, {"p50", unit(value.mid)}, {"p90", unit(value.high)}};
}

Json inMs(const Banded<Seconds> &value)
{
    return banded(value, [](Seconds time) { return milliseconds(time); });
}

Json rate(const Banded<double> &value)
{
    return banded(value, [](double each) { return each; });
}

Json usd(const std::optional<Banded<MicroUsd>> &value)
{
    if (!value)
        return nullptr;
    return banded(*value, [](MicroUsd amount) { return double(amount) / 1e6; });
}

Json basis(const Basis &value)
{
    return {{"points", value.points},
            {"same_model", value.sameModel},
            {"extrapolating", value.extrapolating},
            {"says", basisSentence(value)}};
}

Json breakdown(const Breakdown &value)
{
    Json operators = Json::array();
    for (const OperatorTime &entry : value.operators) {
        const OperatorWork &work = entry.work;
        operators.push_back({{"operator", operatorName(work.kind)},
                             {"layers", work.count},
                             {"flops", work.flops.value},
                             {"weight_bytes", work.weightBytes.value},
                             {"kv_read_bytes", work.kvReadBytes.value},
                             {"kv_write_bytes", work.kvWriteBytes.value},
                             {"activation_bytes", work.activationBytes.value},
                             {"sent_bytes", work.sentBytes.value},
                             {"ms", milliseconds(entry.time)},
                             {"bound", boundName(entry.bound)}});
    }
    return {{"operators", operators},
            {"overhead_ms", milliseconds(value.overhead)},
            {"correction_ms", milliseconds(value.correction)},
            {"total_ms", milliseconds(value.total())}};
}

void addFigures(Json &point, const Estimate &e, bool priced)
{
    point["ttft_ms"] = inMs(e.ttft);
    point["ttft_idle_ms"] = inMs(e.ttftIdle);
    point["tpot_ms"] = inMs(e.tpot);
    point["e2e_ms"] = inMs(e.e2e);
    point["output_tps"] = rate(e.outputTps);
    point["decode_tps"] = rate(e.userTps);
    point["prefill_tps"] = rate(e.prefillTps);
    point["total_tps"] = rate(e.totalTps);
    point["usd_per_m_total"] = usd(e.cost.total);
    point["usd_per_m_output_alone"] = usd(e.cost.outputAlone);
    point["usd_per_m_input"] = usd(e.cost.input);
    point["usd_per_m_output"] = usd(e.cost.output);
    point["prefill_bound"] = boundName(e.prefillBound);
    point["decode_bound"] = boundName(e.decodeBound);
    point["prefill_basis"] = basis(e.prefillBasis);
    point["decode_basis"] = basis(e.decodeBasis);
    if (!priced) {
        for (const char *key :
             {"usd_per_m_total", "usd_per_m_output_alone", "usd_per_m_input", "usd_per_m_output"})
            point["why"][key] = "no_price";
    }
}

void addAbsence(Json &point, const std::string &message)
{
    for (const char *key : {"ttft_ms", "ttft_idle_ms", "tpot_ms", "e2e_ms", "output_tps",
                            "decode_tps", "prefill_tps", "total_tps", "usd_per_m_total",
                            "usd_per_m_output_alone", "usd_per_m_input", "usd_per_m_output"}) {
        point[key] = nullptr;
        point["why"][key] = "does_not_fit";
    }
    point["message"] = message;
}

Json pointJson(const EstimateReport &report, const Estimate &e)
{
    const Predictor &predictor = *report.predictor;
    const bool fits = e.memory.fit == Fit::Fits;
    Json point{{"batch", e.workload.batch},
               {"context_tokens", e.workload.contextTokens},
               {"output_tokens", e.workload.outputTokens},
               {"status", fits ? "ok" : "does_not_fit"},
               {"mem_needed_bytes", std::llround(e.memory.needed().value)},
               {"mem_available_bytes", std::llround(e.memory.available.value)},
               {"mem_weights_bytes", std::llround(e.memory.weights.value)},
               {"mem_kv_bytes", std::llround(e.memory.kv.value)},
               {"mem_workspace_bytes", std::llround(e.memory.workspace.value)},
               {"why", Json::object()}};
    if (!fits) {
        addAbsence(point, doesNotFitSentence(predictor.model(), predictor.device(),
                                             predictor.deployment(), e.workload));
        return point;
    }
    addFigures(point, e, predictor.deployment().pricePerHour.has_value());
    if (report.explain) {
        for (Phase phase : {Phase::Prefill, Phase::Decode}) {
            if (const Result<Breakdown> why = predictor.explain(e.workload, phase))
                point[phase == Phase::Decode ? "decode" : "prefill"] = breakdown(*why);
        }
    }
    return point;
}

Json fitJson(const PhaseFit &fit)
{
    Json constants = Json::object();
    for (std::size_t c = 0; c < kConstantCount; ++c) {
        constants[std::string(constantName(Constant(c)))] = {
            {"value", fit.value(Constant(c))}, {"log_spread", std::sqrt(fit.covariance[c][c])}};
    }
    return {{"points", fit.points},
            {"ignored", fit.ignored},
            {"rejected", fit.rejected},
            {"constants", constants}};
}

Json deviceJson(const DeviceSpec &device)
{
    Json rates = Json::object();
    for (const auto &[type, rate] : device.denseRate)
        rates[std::string(dtypeName(type))] = rate.value / 1e12;
    return {{"id", device.id},
            {"name", device.name},
            {"memory_bytes", std::llround(device.memory.value)},
            {"bandwidth_gbs", device.bandwidth.value / 1e9},
            {"dense_tflops", rates},
            {"measured_here", device.measuredHere},
            {"source", device.source}};
}

Json deploymentJson(const Deployment &deployment)
{
    Json price;
    if (deployment.pricePerHour)
        price = double(*deployment.pricePerHour) / 1e6;
    return {{"dtype", dtypeName(deployment.dtype)},
            {"kv_dtype", dtypeName(deployment.kvDType)},
            {"usd_per_hour", price},
            {"utilisation", deployment.utilisation}};
}

} // namespace

std::string toJson(const EstimateReport &report)
{
    const Predictor &predictor = *report.predictor;
    const ModelSpec &model = predictor.model();
    Json points = Json::array();
    for (const Estimate &estimate : report.estimates)
        points.push_back(pointJson(report, estimate));
    const Json document{
        {"schema", "paretoscope-estimate/1"},
        {"model",
         {{"name", model.name},
          {"parameters", parameterCount(model)},
          {"weights_bytes", std::llround(weightBytes(model, predictor.deployment().dtype).value)}}},
        {"device", deviceJson(predictor.device())},
        {"deployment", deploymentJson(predictor.deployment())},
        {"calibration",
         {{"prefill", fitJson(predictor.calibration().prefill)},
          {"decode", fitJson(predictor.calibration().decode)}}},
        {"points", points}};
    // Names come from files: what is no UTF-8 is replaced, never thrown over.
    return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace engine
