// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "engine/spec/result.h"
#include "engine/spec/units.h"
#include "engine/spec/workload.h"

namespace engine {

// What is measured, in the few actions that a sweep needs. Every function is called by one thread;
// all return ErrorKind::Cancelled soon after the stop token is triggered.
class SweepTarget
{
public:
    virtual ~SweepTarget() = default;

    // Hands `prompts` fresh prompts of `tokens` tokens to an idle engine at one instant and
    // prefills them in order of arrival. The wait of each, in that order, until its first token can
    // be seen.
    virtual Result<std::vector<Seconds>> prefill(std::int64_t prompts, std::int64_t tokens,
                                                 std::stop_token stop) = 0;

    // Gets `batch` sequences ready to decode at `context` positions, the new one included. Not
    // timed.
    virtual Result<void> prepare(std::int64_t batch, std::int64_t context,
                                 std::stop_token stop) = 0;

    // One decode step of the prepared sequences, sampling included, fed with the tokens sampled by
    // the step before; wall time until the new tokens can be seen. Lengths are then as before.
    virtual Result<Seconds> step(std::stop_token stop) = 0;

    // Weights, caches and workspace that this cell holds at its fullest, its output included.
    virtual std::int64_t memoryBytes(const Workload &workload) const = 0;
};

} // namespace engine
