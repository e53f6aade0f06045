// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/predict/serving/step_model.h"

namespace engine {

// A benchmark with a fixed number of users, each sending the next request when the last is
// answered. Lengths are means, in tokens.
struct ClosedLoop
{
    double users = 1;
    double inputTokens = 1024;
    double outputTokens = 1024;
    bool draftTokens = false; // multi-token prediction is on
    double mostSequences = 0; // that memory holds at once; 0 = all
};

// Mean figures of the loop in its steady state with the start burst that the benchmark's mean
// holds.
struct LoopTimes
{
    Seconds ttft;
    Seconds tpot;
    Seconds decodeStep; // alone
    Seconds prefill;    // of a lone prompt
    double sequences = 0;
};

// T = decode step of B sequences at the mean context, S = time a prompt takes of the engine in
// chunks of Q tokens; a prompt's chunk that rides on a decode step saves phi min(T, S_chunk):
//   TPOT = (T + B / (O / A - 1) max(S - phi saved, S / 20)) / A
//   TTFT = a0 + a1 users + S(I) + T / 2 + queue rho S / (2 (1 - rho))
//          + burst S ((B - 1) / 2 + (Q / I - 1) / 2) [+ wait for a slot where memory limits B]
// with A accepted tokens a step and rho = B S / (O TPOT).
LoopTimes closedLoop(const StepModel &model, const ClosedLoop &loop);

} // namespace engine
