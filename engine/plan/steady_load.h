// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/spec/units.h"

namespace engine {

// Times of one replica at one batch, from the performance model.
struct ReplicaTimes
{
    Seconds prefill; // T_pre of a lone prompt
    Seconds decode;  // T_dec of a step of `batch` sequences at their mean context
    std::int64_t batch = 1;
    double promptTokens = 1;
    double outputTokens = 1;
    double overlap = 0.7; // of the shorter of the two that a mixed step saves
};

// What a replica does in the long run, in closed form (no percentiles: those need the simulator).
struct SteadyLoad
{
    Seconds ttft;                 // mean, at the load below
    Seconds tpot;                 // at the full batch: an upper bound of what the load meets
    double requestsPerSecond = 0; // at full load
    double prefillShare = 0;      // of the time in steps
};

// Every output token of a full batch admits batch / output prompts, each of which takes its prefill
// less what rides on decode steps:
//     TPOT = T_dec + batch / (O - 1) x (T_pre - overlap x min(T_dec, T_pre))
//     X = batch / (T_pre + (O - 1) TPOT)
// and a prompt that comes at `load` of X waits for the rest of a step and for other prompts as in
// M/D/1:  TTFT = T_pre + T_dec / 2 + rho T_pre / (2 (1 - rho)), rho = load x X x T_pre, at most 1.
SteadyLoad steadyLoad(const ReplicaTimes &times, double load);

} // namespace engine
