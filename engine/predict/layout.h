// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace engine {

// How a model is spread over equal devices. A replica has tensor x dataAttention x pipeline x
// context devices; experts are spread over `expert` of them (1 = each expert is cut by tensor
// parallelism like any other matrix).
struct Layout
{
    int tensor = 1;
    int dataAttention = 1; // groups that each attend for their own sequences
    int expert = 1;
    int pipeline = 1;
    int context = 1;
    int devicesPerNode = 8; // beyond these, messages leave the fast links

    int devices() const { return tensor * dataAttention * pipeline * context; }
    friend bool operator==(const Layout &, const Layout &) = default;
};

// Empty when the layout can be built; else one sentence that says what to change.
inline std::string layoutFault(const Layout &layout)
{
    for (int ways : {layout.tensor, layout.dataAttention, layout.expert, layout.pipeline,
                     layout.context, layout.devicesPerNode}) {
        if (ways < 1 || ways > 4096)
            return "Each kind of parallelism takes 1 to 4096 ways.";
    }
    const int ranks = layout.tensor * layout.dataAttention;
    if (layout.expert > 1 && ranks % layout.expert != 0 && layout.expert % ranks != 0)
        return "Experts spread over " + std::to_string(layout.expert) +
               " devices do not divide the " + std::to_string(ranks) +
               " of tensor and data parallelism.";
    return {};
}

} // namespace engine
