// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace engine {

// Random numbers that a seed fixes on every machine and standard library (xoshiro256**, Blackman
// and Vigna 2018, seeded by splitmix64). `stream` gives independent sequences of one seed.
class RandomStream
{
public:
    explicit RandomStream(std::uint64_t seed, std::uint64_t stream = 0);

    std::uint64_t next();
    double uniform();                // over (0, 1)
    double exponential(double mean); // mean > 0
    double normal();                 // mean 0, sd 1
    double gamma(double shape);      // shape > 0, scale 1 (Marsaglia and Tsang 2000)

private:
    std::array<std::uint64_t, 4> m_state{};
};

} // namespace engine
