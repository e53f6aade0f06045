// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/spec/point.h"

namespace engine {

// How far a percentile of n samples may be trusted: a tail needs samples beyond it.
enum class Grade {
    Refused,    // not shown
    Indicative, // shown grey, with n
    Solid,
};

// Of the share p (0.5, 0.95 …): refused below n = 1/(1-p), solid from 10/(1-p), floors 5 and 30.
Grade gradeOf(std::int64_t n, double p);

// Type 7: linear between the order statistics around (n-1) p. `sorted` ascends and is not empty.
double percentile(std::span<const double> sorted, double p);

// The same of samples in any order; absent where the grade is Refused.
std::optional<double> gradedPercentile(std::vector<double> samples, double p);

// p50, p95 and p99, each absent where n is too small for it.
Percentiles percentilesOf(std::vector<double> samples);

} // namespace engine
