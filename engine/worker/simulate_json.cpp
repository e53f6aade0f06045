// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "engine/predict/cost.h"
#include "engine/worker/simulate_output.h"

namespace engine {
namespace {

using Json = nlohmann::ordered_json;

Json lengthsJson(const LengthDistribution &lengths)
{
    return {{"kind", lengthsName(lengths.kind)},
            {"mean_tokens", lengths.mean},
            {"variation", lengths.variation}};
}

Json trafficJson(const SimulateReport &report)
{
    const Traffic &traffic = report.spec.traffic;
    if (report.fromTrace)
        return {{"arrivals", "trace"}};
    Json json{{"prompt", lengthsJson(traffic.prompt)}, {"output", lengthsJson(traffic.output)}};
    if (report.spec.axis == LoadCurveSpec::Axis::Concurrency) {
        json["arrivals"] = "closed_loop";
    } else {
        json["arrivals"] = arrivalsName(traffic.arrivals.kind);
        if (traffic.arrivals.kind == Arrivals::Kind::Bursty)
            json["burstiness"] = traffic.arrivals.variation;
    }
    json["prefix_share"] = traffic.prefixShare;
    json["prefix_tokens"] = traffic.prefixTokens;
    json["prefixes"] = traffic.prefixes;
    json["seed"] = report.spec.seed;
    return json;
}

Json servingJson(const SimulateReport &report)
{
    const Serving &serving = report.spec.serving;
    Json json{{"max_sequences", serving.maxSequences},        {"step_tokens", serving.stepTokens},
              {"chunked_prefill", serving.chunkedPrefill},    {"kv_tokens", report.kvTokens},
              {"kv_block_tokens", serving.kvBlockTokens},     {"prefix_cache", serving.prefixCache},
              {"routing", replicaChoiceName(serving.routing)}};
    if (serving.disaggregation) {
        json["prefill_replicas"] = serving.disaggregation->prefillReplicas;
        json["decode_replicas"] = serving.disaggregation->decodeReplicas;
        json["transfer_ms"] = 1e3 * serving.disaggregation->transferLatency.value;
        json["transfer_us_per_token"] = 1e6 * serving.disaggregation->transferPerToken.value;
    } else {
        json["replicas"] = serving.replicas;
    }
    return json;
}

void addLatency(Json &json, const char *key, const LatencySummary &latency)
{
    const auto figure = [](const std::optional<double> &value) -> Json {
        return value ? Json(*value) : Json(nullptr);
    };
    json[key] = {{"mean", figure(latency.mean)},
                 {"p50", figure(latency.percentiles.p50)},
                 {"p95", figure(latency.percentiles.p95)},
                 {"p99", figure(latency.percentiles.p99)},
                 {"n", latency.percentiles.n}};
    if (!latency.mean)
        json["why"][key] = "one_token";
    else if (!latency.percentiles.p99)
        json["why"][std::string(key) + ".p99"] = "too_few";
}

Json summaryJson(const ServingSummary &summary)
{
    Json json{{"requests", summary.requests}, {"warm_up_requests", summary.warmUpRequests}};
    json["why"] = Json::object();
    addLatency(json, "ttft_ms", summary.ttft);
    addLatency(json, "tpot_ms", summary.tpot);
    addLatency(json, "e2e_ms", summary.e2e);
    json["window_s"] = summary.windowSeconds;
    json["rps"] = summary.requestsPerSecond;
    json["output_tps"] = summary.outputTps;
    json["total_tps"] = summary.totalTps;
    json["in_flight_mean"] = summary.inFlight;
    if (summary.goodput) {
        json["goodput_ratio"] = summary.goodput->ratio;
        json["goodput_ratio_interval"] = {summary.goodput->low, summary.goodput->high};
        json["goodput_rps"] = summary.goodput->perSecond;
    } else {
        json["goodput_ratio"] = nullptr;
        json["goodput_rps"] = nullptr;
        json["why"]["goodput_ratio"] = "no_limit";
        json["why"]["goodput_rps"] = "no_limit";
    }
    return json;
}

int devicesOf(const Serving &serving)
{
    return serving.disaggregation
               ? serving.disaggregation->prefillReplicas + serving.disaggregation->decodeReplicas
               : serving.replicas;
}

Json pointJson(const SimulateReport &report, const LoadPoint &point)
{
    const ServingSummary &summary = point.summary;
    const bool closed = report.spec.axis == LoadCurveSpec::Axis::Concurrency;
    Json json = Json::object();
    if (closed)
        json["concurrency"] = point.load;
    else
        json["offered_rps"] = report.fromTrace ? summary.offeredPerSecond : point.load;
    json.update(summaryJson(summary));
    json["utilisation"] = summary.utilisation;
    json["batch"] = summary.batch;
    json["cached_share"] = summary.cachedShare;
    json["preemptions"] = summary.preemptions;
    json["saturated"] = summary.saturated;
    const Deployment &deployment = report.predictor->deployment();
    const auto cost = [&](double tps) -> Json {
        const std::optional<MicroUsd> each =
            deployment.pricePerHour
                ? costPerMillion(devicesOf(report.spec.serving), *deployment.pricePerHour, tps,
                                 deployment.utilisation)
                : std::nullopt;
        return each ? Json(double(*each) / 1e6) : Json(nullptr);
    };
    json["usd_per_m_total"] = cost(summary.totalTps);
    json["usd_per_m_output_alone"] = cost(summary.outputTps);
    if (!deployment.pricePerHour) {
        json["why"]["usd_per_m_total"] = "no_price";
        json["why"]["usd_per_m_output_alone"] = "no_price";
    }
    return json;
}

} // namespace

std::string toJson(const SimulateReport &report)
{
    const Predictor &predictor = *report.predictor;
    Json points = Json::array();
    for (const LoadPoint &point : report.points)
        points.push_back(pointJson(report, point));
    Json json{{"schema", "paretoscope-simulation/1"},
              {"model", predictor.model().name},
              {"device", predictor.device().id},
              {"dtype", dtypeName(predictor.deployment().dtype)},
              {"kv_dtype", dtypeName(predictor.deployment().kvDType)},
              {"serving", servingJson(report)},
              {"traffic", trafficJson(report)},
              {"points", points}};
    if (report.recorded)
        json["recorded"] = summaryJson(*report.recorded);
    return json.dump(1);
}

} // namespace engine
