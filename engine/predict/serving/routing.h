// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace engine {

// How tokens choose experts: the popularity of expert i falls as i^-skew (0 = all alike), and each
// token takes `perToken` different ones. Experts are kept in bins of similar popularity.
class Routing
{
public:
    Routing() = default;
    Routing(int experts, int perToken, double skew);

    // Expected number of different experts that `tokens` independent tokens touch:
    // sum over experts of 1 - (1 - p_i)^tokens, the p_i adding up to perToken.
    double expertsTouched(double tokens) const;

    int experts() const { return m_experts; }
    int perToken() const { return m_perToken; }

private:
    static constexpr int kBins = 24;
    int m_experts = 0;
    int m_perToken = 0;
    int m_bins = 0;
    std::array<double, kBins> m_count{};
    std::array<double, kBins> m_logMiss{}; // ln(1 - p)
};

} // namespace engine
