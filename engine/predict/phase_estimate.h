// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/predict/calibration.h"
#include "engine/predict/step_time.h"
#include "engine/spec/units.h"

namespace engine {

// A phase's time with what measured cells say: the median and the sd of its logarithm.
struct PhaseEstimate
{
    Seconds time;
    double logSpread = 0;
    Seconds correction; // time less the sum of operators and overheads
};

// Similarity of two cells beyond the constants: 1 for the same cell, falling with the distance in
// log batch and log context.
double cellSimilarity(double logBatchA, double logContextA, double logBatchB, double logContextB);

// `run` is the index of the very model and types in the calibration, -1 if it was not measured.
PhaseEstimate estimatePhase(const PhaseFit &fit, int run, double batch, double context,
                            const StepTime &step);

// Whether (batch, context) lies more than a factor of two outside the box of the measured cells
// (those of `run` if there are any). False when nothing was measured.
bool isExtrapolating(const PhaseFit &fit, int run, double batch, double context);

// Whether a cell of `run` was fitted.
bool hasRun(const PhaseFit &fit, int run);

} // namespace engine
