// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/simulate/serving.h"
#include "engine/simulate/step_tables.h"
#include "engine/simulate/traffic.h"
#include "engine/spec/result.h"

namespace engine {

// What a request met, in seconds from the start. TTFT = firstToken - arrival, E2E = lastToken -
// arrival, TPOT = (lastToken - firstToken) / (outputTokens - 1).
struct Outcome
{
    UserRequest request;  // with its true arrival, in a closed loop too
    double scheduled = 0; // a step first takes it in
    double firstToken = 0;
    double lastToken = 0;
    std::int64_t cachedTokens = 0; // of the prompt, found in the prefix cache at first
    int preemptions = 0;

    friend bool operator==(const Outcome &, const Outcome &) = default;
};

struct Simulation
{
    std::vector<Outcome> outcomes; // in order of the requests
    double endSeconds = 0;         // the last token of all
    std::int64_t steps = 0;        // of all replicas
    std::int64_t promptTokens = 0; // computed, anew after a preemption included, cached ones not
    std::int64_t outputTokens = 0;
    std::int64_t preemptions = 0;
    double busySeconds = 0;     // of all replicas
    double sequenceSeconds = 0; // running sequences x time, of all replicas
    int replicas = 1;           // prefill and decode pools together

    friend bool operator==(const Simulation &, const Simulation &) = default;
};

// Serves the requests by a discrete-event simulation of continuous batching, from an empty engine
// until the last token. `concurrency` 0 is an open loop: every request comes at its arrival. Above
// 0 it is a closed loop: so many users send the next request the moment they have an answer.
// Deterministic. DoesNotFit when a request's tokens exceed a replica's cache, BadInput when serving
// or step times make no sense, Cancelled when asked to stop.
Result<Simulation> simulate(const StepTables &steps, const Serving &serving,
                            std::span<const UserRequest> requests, std::int64_t concurrency = 0,
                            std::stop_token stop = {});

} // namespace engine
