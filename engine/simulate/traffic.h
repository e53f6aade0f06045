// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/spec/result.h"
#include "engine/spec/units.h"

namespace engine {

// What one user asks: when, how long the prompt is and how many tokens come back. Requests with the
// same `prefixId` (not 0) begin with the same tokens, as far as the shorter `prefixTokens` goes.
struct UserRequest
{
    Seconds arrival; // from the start; not used in a closed loop
    std::int64_t promptTokens = 1;
    std::int64_t outputTokens = 1; // the first token included
    std::uint64_t prefixId = 0;
    std::int64_t prefixTokens = 0;

    friend bool operator==(const UserRequest &, const UserRequest &) = default;
};

// How long prompts or answers are. `variation` is the standard deviation over the mean.
struct LengthDistribution
{
    enum class Kind { Fixed, Uniform, Exponential, LogNormal };

    Kind kind = Kind::Fixed;
    double mean = 512;    // tokens
    double variation = 0; // Uniform (at most 0.577) and LogNormal
    std::int64_t least = 1;
    std::int64_t most = 1'000'000; // draws are cut to [least, most]

    friend bool operator==(const LengthDistribution &, const LengthDistribution &) = default;
};

// When requests come. Bursty arrivals have gamma gaps whose standard deviation over the mean is
// `variation`: 1 is Poisson, 3 comes in clumps.
struct Arrivals
{
    enum class Kind { Even, Poisson, Bursty, AtOnce };

    Kind kind = Kind::Poisson;
    double perSecond = 1; // mean rate; not used by AtOnce
    double variation = 3; // Bursty

    friend bool operator==(const Arrivals &, const Arrivals &) = default;
};

// A stream of requests. A share `prefixShare` of the users begin with one of `prefixes` common
// prefixes of `prefixTokens` tokens (a system prompt, a document), drawn evenly; such a prompt is
// at least one token longer than its prefix.
struct Traffic
{
    Arrivals arrivals;
    LengthDistribution prompt{LengthDistribution::Kind::Fixed, 1024};
    LengthDistribution output{LengthDistribution::Kind::Fixed, 256};
    double prefixShare = 0;
    std::int64_t prefixTokens = 0;
    int prefixes = 1;

    friend bool operator==(const Traffic &, const Traffic &) = default;
};

// `count` requests in order of arrival. The lengths of request i depend on the seed alone, not on
// the rate, so that the points of a curve differ in load and in nothing else. BadInput names the
// figure that makes no sense.
Result<std::vector<UserRequest>> makeRequests(const Traffic &traffic, std::int64_t count,
                                              std::uint64_t seed);

std::string_view arrivalsName(Arrivals::Kind kind);
std::string_view lengthsName(LengthDistribution::Kind kind);

} // namespace engine
