// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/spec/point.h"

namespace engine::samples {

// A point with every field set to a value of its own.
inline Point fullPoint()
{
    Point point;
    point.workload = {.batch = 8, .contextTokens = 512, .outputTokens = 32};
    point.ttftMs = {900.25, 200.5, 1600.125, 24};
    point.ttftIdleMs = {200.5, 199.0, 202.75, 30};
    point.tpotMs = {41.1, 40.9, 41.3, 102};
    point.stepWallMs = {41.1, 40.9, 41.3, 102};
    point.e2eMs = {2174.35, 1468.4, 2880.425, 24};
    point.itlMs = {41.1, 43.7, 47.0001, 102};
    point.outputTps = 194.6472;
    point.prefillTps = 2553.6;
    point.bwPct = 91.5;
    point.flopPct = 12.25;
    point.prefillFlopPct = 81.0625;
    point.memPeakBytes = 1700000001;
    point.memNeededBytes = 1700000002;
    point.memAvailableBytes = 1700000003;
    point.bytesStep = 1300000000;
    point.flopsStep = 9700000000;
    point.flopsPrefill = 620000000000;
    point.rounds = 3;
    point.flags = {"ttft_composed", "noisy"};
    point.why = {{"bw_pct", "not_applicable"}};
    point.environment = {{"load_avg", 0.5},           {"steal_pct", EnvironmentValue()},
                         {"rounds", std::int64_t(3)}, {"whole", 2.0},
                         {"synthetic_weights", true}, {"mode", std::string("fixed")}};
    point.message = "a \"quoted\" sentence, with a comma";
    return point;
}

} // namespace engine::samples
