// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/traffic.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/simulate/random_stream.h"

namespace engine {
namespace {

constexpr std::int64_t kMostRequests = 10'000'000;
constexpr double kMostTokens = 1e9;
constexpr double kMostUniformVariation = 0.5773502691896258; // a uniform over [0, 2 mean]

Result<void> checkLengths(const LengthDistribution &lengths, const std::string &what)
{
    if (!(lengths.mean >= 1) || lengths.mean > kMostTokens) {
        return fail(ErrorKind::BadInput,
                    "The mean " + what +
                        " length must be between 1 and a thousand million tokens.");
    }
    if (!(lengths.variation >= 0) || lengths.variation > 100) {
        return fail(ErrorKind::BadInput,
                    "The variation of the " + what + " length must be between 0 and 100.");
    }
    if (lengths.least < 1 || lengths.most < lengths.least) {
        return fail(ErrorKind::BadInput, "The shortest " + what +
                                             " must have at least one token and be no longer than "
                                             "the longest.");
    }
    return {};
}

std::int64_t drawLength(const LengthDistribution &lengths, RandomStream &random)
{
    double tokens = lengths.mean;
    switch (lengths.kind) {
    case LengthDistribution::Kind::Fixed:
        break;
    case LengthDistribution::Kind::Uniform: {
        const double half = std::min(lengths.variation, kMostUniformVariation) * std::sqrt(3.0);
        tokens *= 1 + half * (2 * random.uniform() - 1);
        break;
    }
    case LengthDistribution::Kind::Exponential:
        tokens = random.exponential(lengths.mean);
        break;
    case LengthDistribution::Kind::LogNormal: {
        const double variance = std::log1p(lengths.variation * lengths.variation);
        tokens *= std::exp(std::sqrt(variance) * random.normal() - variance / 2);
        break;
    }
    }
    const double bounded = std::clamp(tokens, double(lengths.least), double(lengths.most));
    return std::int64_t(std::llround(bounded));
}

double drawGap(const Arrivals &arrivals, RandomStream &random)
{
    const double mean = 1 / arrivals.perSecond;
    switch (arrivals.kind) {
    case Arrivals::Kind::Even:
        return mean;
    case Arrivals::Kind::Poisson:
        return random.exponential(mean);
    case Arrivals::Kind::Bursty: {
        const double shape = 1 / (arrivals.variation * arrivals.variation);
        return mean * random.gamma(shape) / shape;
    }
    case Arrivals::Kind::AtOnce:
        return 0;
    }
    return mean;
}

Result<void> checkTraffic(const Traffic &traffic, std::int64_t count)
{
    if (count < 1 || count > kMostRequests) {
        return fail(ErrorKind::BadInput, "The number of requests must be between 1 and " +
                                             std::to_string(kMostRequests) + ", not " +
                                             std::to_string(count) + ".");
    }
    const Arrivals &arrivals = traffic.arrivals;
    if (arrivals.kind != Arrivals::Kind::AtOnce &&
        !(arrivals.perSecond >= 1e-6 && arrivals.perSecond <= 1e6)) {
        return fail(
            ErrorKind::BadInput,
            "The arrival rate must be between a millionth and a million requests a second.");
    }
    if (arrivals.kind == Arrivals::Kind::Bursty &&
        !(arrivals.variation >= 0.01 && arrivals.variation <= 100))
        return fail(ErrorKind::BadInput, "The burstiness must be between 0.01 and 100.");
    if (Result<void> checked = checkLengths(traffic.prompt, "prompt"); !checked)
        return checked;
    if (Result<void> checked = checkLengths(traffic.output, "output"); !checked)
        return checked;
    if (!(traffic.prefixShare >= 0 && traffic.prefixShare <= 1))
        return fail(ErrorKind::BadInput, "The share with a common prefix must be between 0 and 1.");
    if (traffic.prefixTokens < 0 || double(traffic.prefixTokens) > kMostTokens ||
        traffic.prefixes < 1) {
        return fail(ErrorKind::BadInput, "Common prefixes need a length of 0 tokens or more and at "
                                         "least one of them.");
    }
    return {};
}

} // namespace

Result<std::vector<UserRequest>> makeRequests(const Traffic &traffic, std::int64_t count,
                                              std::uint64_t seed)
{
    if (Result<void> checked = checkTraffic(traffic, count); !checked)
        return tl::make_unexpected(checked.error());
    RandomStream gaps(seed, 1);
    RandomStream prompts(seed, 2);
    RandomStream outputs(seed, 3);
    RandomStream prefixes(seed, 4);
    std::vector<UserRequest> requests(static_cast<std::size_t>(count));
    double now = 0;
    for (UserRequest &request : requests) {
        now += drawGap(traffic.arrivals, gaps);
        request.arrival = Seconds(now);
        request.promptTokens = drawLength(traffic.prompt, prompts);
        request.outputTokens = drawLength(traffic.output, outputs);
        if (traffic.prefixTokens > 0 && prefixes.uniform() < traffic.prefixShare) {
            request.prefixId = 1 + prefixes.next() % std::uint64_t(traffic.prefixes);
            request.prefixTokens = traffic.prefixTokens;
            request.promptTokens = std::max(request.promptTokens, request.prefixTokens + 1);
        }
    }
    return requests;
}

std::string_view arrivalsName(Arrivals::Kind kind)
{
    switch (kind) {
    case Arrivals::Kind::Even:
        return "even";
    case Arrivals::Kind::Poisson:
        return "poisson";
    case Arrivals::Kind::Bursty:
        return "bursty";
    case Arrivals::Kind::AtOnce:
        return "at_once";
    }
    return "poisson";
}

std::string_view lengthsName(LengthDistribution::Kind kind)
{
    switch (kind) {
    case LengthDistribution::Kind::Fixed:
        return "fixed";
    case LengthDistribution::Kind::Uniform:
        return "uniform";
    case LengthDistribution::Kind::Exponential:
        return "exponential";
    case LengthDistribution::Kind::LogNormal:
        return "lognormal";
    }
    return "fixed";
}

} // namespace engine
