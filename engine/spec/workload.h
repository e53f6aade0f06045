// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace engine {

// What a cell of a sweep, or a point of a curve, stands for. Batch B is B prompts of S = context
// tokens handed over at one instant to an idle engine; decode steps attend to S positions, held
// fixed; output length enters end-to-end time, cost and memory only.
struct Workload
{
    std::int64_t batch = 1; // sequences
    std::int64_t contextTokens = 512;
    std::int64_t outputTokens = 128;

    friend bool operator==(const Workload &, const Workload &) = default;
    friend auto operator<=>(const Workload &, const Workload &) = default;
};

} // namespace engine
