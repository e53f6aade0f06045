// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/spec/result.h"
#include "engine/spec/units.h"

namespace engine {

// What one step of a serving engine works on: sequences that each get one more token, and chunks of
// prompts.
struct StepContents
{
    std::int64_t sequences = 0; // that decode
    double meanContext = 0;     // positions that each of them attends to, on average
    std::int64_t promptTokens = 0;
    double promptPairs = 0; // query and key positions of the chunks: q h + q (q + 1) / 2 each
};

// How long a step takes, as tables that interpolate linearly, so that the simulator needs nothing
// else of a model or a device. A plain value; beyond its last knot a table goes on along its last
// line.
struct StepTables
{
    std::vector<double> batches;       // knots, ascending, the first is 1
    std::vector<double> contexts;      // knots, ascending
    std::vector<double> decodeSeconds; // batches x contexts, row-major: T_dec(B, mean context)
    std::vector<double> chunkTokens;   // knots, ascending
    std::vector<double> chunkSeconds;  // a step of that many prompt tokens, less its attention
    double pairSeconds = 0;            // attention of prompts, a pair of positions
    // Share of the shorter part that a step of both kinds saves, because the weights are read once.
    double overlap = 0.7;
    Seconds promptLatency; // a prompt's own time outside of steps: network, tokenising, queueing

    // Decode alone; 0 for no sequences.
    double decode(double sequences, double meanContext) const;
    // Chunks alone; 0 for no tokens.
    double prefill(double tokens, double pairs) const;
    Seconds step(const StepContents &load) const;

    friend bool operator==(const StepTables &, const StepTables &) = default;
};

// BadInput unless the tables are whole, ascending, finite and not negative.
Result<void> checkStepTables(const StepTables &model);

// T_dec = base + perSequence B + perPosition B x context; T_pre = chunkBase + perToken q + perPair
// pairs. What hand-worked examples and queueing theory are made of.
struct LinearSteps
{
    double base = 0;
    double perSequence = 0;
    double perPosition = 0;
    double chunkBase = 0;
    double perToken = 0;
    double perPair = 0;
    double overlap = 0;
};
StepTables linearStepTables(const LinearSteps &steps);

} // namespace engine
