// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/serving.h"

#include <string>

namespace engine {
namespace {

constexpr std::int64_t kMostCount = 1'000'000'000;
constexpr int kMostReplicas = 4096;

Result<void> checkRange(const char *what, std::int64_t value, std::int64_t least, std::int64_t most)
{
    if (value >= least && value <= most)
        return {};
    return fail(ErrorKind::BadInput, std::string("The ") + what + " must be between " +
                                         std::to_string(least) + " and " + std::to_string(most) +
                                         ", not " + std::to_string(value) + ".");
}

} // namespace

std::string_view replicaChoiceName(ReplicaChoice routing)
{
    switch (routing) {
    case ReplicaChoice::RoundRobin:
        return "round_robin";
    case ReplicaChoice::LeastLoaded:
        return "least_loaded";
    case ReplicaChoice::PrefixAffinity:
        return "prefix_affinity";
    }
    return "round_robin";
}

Result<void> checkServing(const Serving &serving)
{
    struct Range
    {
        const char *what;
        std::int64_t value;
        std::int64_t least;
        std::int64_t most;
    };
    const Disaggregation split = serving.disaggregation.value_or(Disaggregation{});
    for (const Range &range :
         {Range{"largest batch", serving.maxSequences, 1, 1'000'000},
          Range{"token budget of a step", serving.stepTokens, 1, kMostCount},
          Range{"KV cache in tokens", serving.kvTokens, 0, 1'000'000 * kMostCount},
          Range{"tokens of a KV block", serving.kvBlockTokens, 1, 1'000'000},
          Range{"number of replicas", serving.replicas, 1, kMostReplicas},
          Range{"number of prefill replicas", split.prefillReplicas, 1, kMostReplicas},
          Range{"number of decode replicas", split.decodeReplicas, 1, kMostReplicas}}) {
        if (Result<void> checked = checkRange(range.what, range.value, range.least, range.most);
            !checked)
            return checked;
    }
    if (serving.chunkedPrefill && serving.stepTokens < serving.maxSequences) {
        return fail(ErrorKind::BadInput, "The token budget of a step (" +
                                             std::to_string(serving.stepTokens) +
                                             ") must be at least the largest batch (" +
                                             std::to_string(serving.maxSequences) +
                                             "), or some sequences would never get a token.");
    }
    if (!(serving.kvReserve >= 0 && serving.kvReserve < 1))
        return fail(ErrorKind::BadInput, "The reserve of the KV cache must be a share below 1.");
    if (!(split.transferLatency.value >= 0) || !(split.transferPerToken.value >= 0))
        return fail(ErrorKind::BadInput, "The transfer of a KV cache must not take negative time.");
    return {};
}

} // namespace engine
