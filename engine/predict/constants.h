// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/predict/calibration.h"
#include "engine/predict/serving/serving_tree.h"
#include "engine/spec/embedded_file.h"
#include "engine/spec/result.h"

namespace engine {

// What is believed of one constant: its median and the sd of its logarithm.
struct Belief
{
    double median = 1;
    double spread = 0.5;

    friend bool operator==(const Belief &, const Belief &) = default;
};

// What is believed of one phase of this engine on one kind of device before anything is measured.
struct PhasePrior
{
    std::array<Belief, kConstantCount> constants{}; // in the order of Constant
    double structure = 0.1;                         // sd of the logarithm that no constant explains
    double overlap = 4; // of computing and moving bytes: 1 = one after the other, large = both

    friend bool operator==(const PhasePrior &, const PhasePrior &) = default;
};
struct EnginePrior
{
    PhasePrior decode;
    PhasePrior prefill;
    EngineHabits habits;

    friend bool operator==(const EnginePrior &, const EnginePrior &) = default;
};

// What the performance model takes from data: resources/estimate/constants.json.
struct EstimateConstants
{
    std::string version; // a date
    EnginePrior gpu;     // shares are of the data sheet
    EnginePrior cpu;     // shares are of ceilings measured on the machine
    // The share of a CPU's dense rate that products reach falls as FLOPs per byte of bandwidth
    // rise: most / (1 + ridge / half).
    double cpuMostCompute = 1.1;
    double cpuHalfAtFlopsPerByte = 66;
    double unmeasuredCeilingSpread = 0.45; // of CPU rates that are defaults by instruction set
    std::shared_ptr<const ServingKnowledge> serving; // never null

    friend bool operator==(const EstimateConstants &a, const EstimateConstants &b)
    {
        return a.version == b.version && a.gpu == b.gpu && a.cpu == b.cpu &&
               a.cpuMostCompute == b.cpuMostCompute &&
               a.cpuHalfAtFlopsPerByte == b.cpuHalfAtFlopsPerByte &&
               a.unmeasuredCeilingSpread == b.unmeasuredCeilingSpread && *a.serving == *b.serving;
    }
};

// Reads the JSON; `where` names it. BadInput with the key that is missing or out of range.
Result<EstimateConstants> parseEstimateConstants(std::string_view json, const std::string &where);

// estimate/constants.json of --resources, or what is compiled in where `resources` is empty or has
// no such file.
Result<EstimateConstants> loadEstimateConstants(const std::string &resources);

// `json` with its part on serving engines replaced, as text to write: what `fit` makes.
Result<std::string> withServing(std::string_view json, const std::string &where,
                                const ServingTree &tree, const ServingBands &bands,
                                const std::string &provenance);

// What is compiled in. Any thread.
const EstimateConstants &shippedConstants();

// The file as compiled in.
std::span<const EmbeddedFile> embeddedEstimateFiles();

} // namespace engine
