// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/load_curve.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace engine {
namespace {

constexpr double kMostUsers = 1e6;

Result<void> checkLoad(const LoadCurveSpec &spec, double load)
{
    if (spec.axis == LoadCurveSpec::Axis::Concurrency &&
        !(load >= 1 && load <= kMostUsers && load == std::floor(load)))
        return fail(ErrorKind::BadInput,
                    "A concurrency must be a whole number of users from 1 to a million.");
    return {};
}

} // namespace

double mostRunning(const Serving &serving, const Traffic &traffic)
{
    double sequences = double(serving.maxSequences);
    if (serving.kvTokens > 0) {
        const double held = traffic.prompt.mean + traffic.output.mean / 2;
        sequences = std::min(sequences, double(serving.kvTokens) / held);
    }
    return std::max(1.0, std::floor(sequences));
}

Result<void> cutLengthsToCache(Traffic &traffic, const Serving &serving)
{
    if (serving.kvTokens == 0)
        return {};
    const double each = traffic.prompt.mean + traffic.output.mean;
    const double room = double(serving.kvTokens - 2 * serving.kvBlockTokens);
    if (each > room) {
        return fail(ErrorKind::DoesNotFit,
                    "Requests of " + std::to_string(std::llround(each)) +
                        " tokens in the mean do not fit into a KV cache of " +
                        std::to_string(serving.kvTokens) +
                        " tokens; shorten prompt and answer or give it more memory.");
    }
    traffic.prompt.most = std::int64_t(room * traffic.prompt.mean / each);
    traffic.output.most = std::int64_t(room * traffic.output.mean / each);
    return {};
}

double capacityPerSecond(const StepTables &steps, const Serving &serving, const Traffic &traffic)
{
    const double prompt = traffic.prompt.mean;
    const double output = traffic.output.mean;
    const double batch = mostRunning(serving, traffic);
    const double decode = steps.decode(batch, prompt + output / 2) / batch * (output - 1);
    const double chunk = std::max(1.0, std::min(prompt, double(serving.stepTokens)));
    const double pairs = prompt * (prompt + 1) / 2;
    // Prompts of one step share it, so a short prompt costs its part of a full step.
    const double tokens = std::max(chunk, double(serving.stepTokens) - batch);
    const double prefill = steps.prefill(tokens, 0) * prompt / tokens + steps.pairSeconds * pairs;
    if (serving.disaggregation) {
        return std::min(double(serving.disaggregation->prefillReplicas) / prefill,
                        double(serving.disaggregation->decodeReplicas) / std::max(decode, 1e-12));
    }
    const double saved = steps.overlap * std::min(prefill, decode);
    const double each = prefill + decode - (serving.chunkedPrefill ? saved : 0);
    return double(serving.replicas) / std::max(each, 1e-12);
}

std::vector<double> usualLoads(const StepTables &steps, const LoadCurveSpec &spec,
                               std::size_t count)
{
    const bool rate = spec.axis == LoadCurveSpec::Axis::Rate;
    const Serving &serving = spec.serving;
    const int replicas =
        serving.disaggregation ? serving.disaggregation->decodeReplicas : serving.replicas;
    const double capacity = capacityPerSecond(steps, serving, spec.traffic);
    const double low = rate ? capacity / 20 : 1;
    const double high =
        rate ? capacity * 1.1
             : std::min(kMostUsers, 2 * double(replicas) * mostRunning(serving, spec.traffic));
    std::vector<double> loads;
    for (std::size_t i = 0; i < count; ++i) {
        const double share = count > 1 ? double(i) / double(count - 1) : 0;
        const double load = low * std::pow(high / low, share);
        loads.push_back(rate ? load : std::round(load));
    }
    loads.erase(std::unique(loads.begin(), loads.end()), loads.end());
    return loads;
}

Result<LoadPoint> loadPoint(const StepTables &steps, const LoadCurveSpec &spec, double load,
                            std::int64_t requests, std::stop_token stop)
{
    if (Result<void> checked = checkLoad(spec, load); !checked)
        return tl::make_unexpected(checked.error());
    const bool closed = spec.axis == LoadCurveSpec::Axis::Concurrency;
    Traffic traffic = spec.traffic;
    if (closed)
        traffic.arrivals.kind = Arrivals::Kind::AtOnce;
    else
        traffic.arrivals.perSecond = load;
    const auto users = closed ? std::int64_t(load) : 0;
    SummaryOptions options;
    options.limits = spec.limits;
    options.closedLoop = closed;
    options.warmUpRequests = closed ? users : requests / 10;
    const std::int64_t judged = closed ? std::max(requests, 3 * users) : requests;
    const std::int64_t count = options.warmUpRequests + judged;
    const Result<std::vector<UserRequest>> made = makeRequests(traffic, count, spec.seed);
    if (!made)
        return tl::make_unexpected(made.error());
    const Result<Simulation> simulation = simulate(steps, spec.serving, *made, users, stop);
    if (!simulation)
        return tl::make_unexpected(simulation.error());
    return LoadPoint{load, judged, summarise(*simulation, options)};
}

Result<std::vector<LoadPoint>> loadCurve(const StepTables &steps, const LoadCurveSpec &spec,
                                         const std::function<void(const LoadProgress &)> &progress,
                                         std::stop_token stop)
{
    if (spec.loads.empty() || spec.stages.empty())
        return fail(ErrorKind::BadInput, "A curve needs at least one load and one stage.");
    std::vector<LoadPoint> points(spec.loads.size());
    std::int64_t done = 0;
    const auto total = std::int64_t(spec.loads.size() * spec.stages.size());
    for (const std::int64_t requests : spec.stages) {
        for (std::size_t i = 0; i < points.size(); ++i) {
            Result<LoadPoint> point = loadPoint(steps, spec, spec.loads[i], requests, stop);
            if (!point)
                return tl::make_unexpected(point.error());
            points[i] = std::move(*point);
            if (progress)
                progress({points[i], i, ++done, total});
        }
    }
    return points;
}

} // namespace engine
