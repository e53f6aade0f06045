// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/spec/result.h"
#include "engine/spec/units.h"

namespace engine {

// Which replica a request goes to. PrefixAffinity keeps requests of one prefix together and sends
// the others to the least loaded.
enum class ReplicaChoice { RoundRobin, LeastLoaded, PrefixAffinity };
std::string_view replicaChoiceName(ReplicaChoice routing); // "round_robin" …

// Prompts are read by some replicas and answered by others; the cache travels between them.
struct Disaggregation
{
    int prefillReplicas = 1;
    int decodeReplicas = 1;
    Seconds transferLatency;  // once a prompt
    Seconds transferPerToken; // of the cache, a prompt token
    friend bool operator==(const Disaggregation &, const Disaggregation &) = default;
};

// How an engine batches. One replica is one copy of the model on one or more devices.
struct Serving
{
    std::int64_t maxSequences = 256; // running at once, a replica
    std::int64_t stepTokens = 2048;  // prompt and decode tokens of one step
    // A prompt is cut to what a step has left and rides with decode steps; else a step holds whole
    // prompts or decodes, prompts first.
    bool chunkedPrefill = true;
    std::int64_t kvTokens = 0; // cache of a replica; 0 = no limit
    std::int64_t kvBlockTokens = 16;
    // Share of the cache that must stay free when a request joins others; its whole prompt must
    // have room, too.
    double kvReserve = 0.01;
    // Keep common prefixes, least recently used out first, and what is left of preempted requests.
    bool prefixCache = false;
    int replicas = 1; // not used where disaggregated
    ReplicaChoice routing = ReplicaChoice::RoundRobin;
    std::optional<Disaggregation> disaggregation;

    friend bool operator==(const Serving &, const Serving &) = default;
};

// BadInput names the figure that makes no sense.
Result<void> checkServing(const Serving &serving);

} // namespace engine
