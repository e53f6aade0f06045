// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "engine/predict/calibration.h"
#include "engine/predict/operators.h"

namespace engine {

// A measured time of one phase in one cell.
struct Observation
{
    FitSite site;
    double batch = 1; // 1 in prefill: a lone prompt's wait does not know the batch
    double context = 1;
    double logTime = 0; // of seconds
    double noise = 0;   // sd of logTime
};

// One observation a cell, figures of the same cell merged by their median. Points of status Ok
// without a usable figure are counted in `ignored`.
std::vector<Observation> observationsOf(std::span<const MeasuredRun> runs, Phase phase,
                                        int &ignored);

// Median of the values, which must not be empty; of their sizes.
double medianOf(std::vector<double> values);
double medianSize(std::vector<double> values);
inline constexpr double kMedianOfNormal = 0.6745; // median size of a standard normal

} // namespace engine
