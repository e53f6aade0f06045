// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/measure/busy_spans.h"
#include "engine/measure/machine.h"
#include "engine/measure/statistics.h"
#include "engine/spec/dtype.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/point.h"
#include "engine/spec/result.h"
#include "engine/spec/units.h"
#include "engine/spec/workload.h"

namespace engine {

// What this machine does at best, measured in this process; absent = could not be measured.
struct Ceilings
{
    std::optional<BytesPerSecond> read;
    std::optional<FlopsPerSecond> dense; // of the weights' type

    friend bool operator==(const Ceilings &, const Ceilings &) = default;
};

struct Sample
{
    double ms = 0;
    std::int64_t begin = 0; // nanoseconds of the steady clock
    std::int64_t end = 0;
};
using SampleRounds = std::vector<std::vector<Sample>>;

// The samples that nobody disturbed. Where a sample was always disturbed, all of them: flagged
// numbers are better than none.
Rounds undisturbed(const SampleRounds &rounds, const BusySpans *busy);
std::int64_t disturbedCount(const SampleRounds &rounds, const BusySpans *busy);

// Lone prefills of one context length, shared by its batches.
struct ContextRecord
{
    std::int64_t tokens = 0;
    SampleRounds lone;
    Seconds spent;
    bool finished = false; // converged, or at its cap
};

// Everything measured of one cell so far.
struct CellRecord
{
    Workload workload;
    SampleRounds steps;
    SampleRounds waits; // of bursts that were really prefilled; a wait has the span of its burst
    Seconds burstSpent;
    bool isSteady = false;
    double warmUpMs = 0;
    Seconds spent;
    int rounds = 0;
    bool finished = false;
    std::optional<Error> failure;
    std::int64_t memoryBytes = 0;
    std::string startedUtc;
    LoadReading load; // differences over the time spent in this cell; frequencies as last seen
    bool hasLoad = false;
    Seconds watched; // wall time that `load` covers
    bool suspended = false;
};

// What a point is computed with besides its samples.
struct CellContext
{
    const ModelSpec *model = nullptr;
    DType weightType = DType::Bf16;
    DType kvType = DType::Bf16;
    Ceilings ceilings;
    bool ceilingsDrifted = false; // they differ by over 3 % before and after
    std::optional<std::int64_t> lastLevelCacheBytes;
    const BusySpans *busy = nullptr;
};

// Part of a ceiling in percent: amount of work / time / ceiling rate.
double shareOfCeiling(double work, Seconds time, double ceilingPerSecond);

// Whether the stopping rule holds for the steps of a cell, or for the lone prefills of a context.
bool isConverged(const SampleRounds &rounds, const BusySpans *busy);

// The point of what is known by now; provisional until the stopping rule holds for the steps and
// for the context's lone prefills, or a cap was reached.
Point makePoint(const CellRecord &cell, const ContextRecord &context, const CellContext &known);

} // namespace engine
