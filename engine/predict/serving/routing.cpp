// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/routing.h"

#include <algorithm>
#include <cmath>

namespace engine {
namespace {

// Integral of x^-skew from a to b.
double popularity(double a, double b, double skew)
{
    if (std::abs(skew - 1) < 1e-9)
        return std::log(b / a);
    return (std::pow(b, 1 - skew) - std::pow(a, 1 - skew)) / (1 - skew);
}

} // namespace

Routing::Routing(int experts, int perToken, double skew) : m_experts(experts), m_perToken(perToken)
{
    if (experts < 1 || perToken < 1)
        return;
    if (perToken >= experts || skew <= 1e-6) {
        m_bins = 1;
        m_count[0] = experts;
        m_logMiss[0] = std::log1p(-std::min(double(perToken) / experts, 1 - 1e-12));
        return;
    }
    // Bins whose edges grow geometrically; the first ones hold one expert each.
    std::array<double, kBins> weight{};
    double from = 0;
    while (from < experts && m_bins < kBins) {
        const double left = kBins - m_bins;
        const double ratio = std::pow(double(experts) / std::max(from, 1.0), 1 / left);
        double to = std::clamp(std::round(std::max(from, 1.0) * ratio), from + 1, double(experts));
        if (m_bins == kBins - 1)
            to = experts;
        m_count[std::size_t(m_bins)] = to - from;
        weight[std::size_t(m_bins)] = popularity(from + 0.5, to + 0.5, skew) / (to - from);
        ++m_bins;
        from = to;
    }
    // p = 1 - exp(-c w): the c for which the p add up to perToken, in logarithms.
    double low = -30;
    double high = 30;
    for (int i = 0; i < 60; ++i) {
        const double c = std::exp((low + high) / 2);
        double sum = 0;
        for (int b = 0; b < m_bins; ++b)
            sum -= m_count[std::size_t(b)] * std::expm1(-c * weight[std::size_t(b)]);
        (sum > perToken ? high : low) = (low + high) / 2;
    }
    for (int b = 0; b < m_bins; ++b)
        m_logMiss[std::size_t(b)] = -std::exp((low + high) / 2) * weight[std::size_t(b)];
}

double Routing::expertsTouched(double tokens) const
{
    double sum = 0;
    for (int b = 0; b < m_bins; ++b)
        sum -= m_count[std::size_t(b)] * std::expm1(tokens * m_logMiss[std::size_t(b)]);
    return sum;
}

} // namespace engine
