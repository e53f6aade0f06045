// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/measure/sweep.h"

namespace engine {

// How much is measured of a cell in one round.
struct Effort
{
    std::int64_t leastSteps = 0;
    std::int64_t mostSteps = 0;
    std::int64_t enoughSteps = 0; // fewer than leastSteps, where these would take too long
    double aimSeconds = 0;        // of steps, between leastSteps and mostSteps
    double stepSeconds = 0;       // cap of the steps once there are enough
    double warmUpSeconds = 0;     // cap of the warm-up in this round
    double burstSeconds = 0;      // cap of a cell's bursts; beyond it they are composed
    std::int64_t lonePrefills = 0;
    double loneSeconds = 0; // cap of the lone prefills
};

// Round 1 takes few samples of each, so that the whole grid shows soon.
Effort effortOf(int round, Seconds cellCap);

// How long things will take, from what was measured so far and else from counted work. Holds
// references to what it is made with.
class Forecast
{
public:
    Forecast(const SweepPlan &plan, const Ceilings &ceilings,
             const std::map<std::int64_t, ContextRecord> &contexts)
        : m_plan(plan), m_ceilings(ceilings), m_contexts(contexts)
    {
    }

    // Of one prompt on an idle engine.
    double prefillSeconds(std::int64_t tokens) const;
    // Of the rounds that are still to come, the current one included.
    double secondsLeft(const std::vector<CellRecord> &cells, int round) const;

private:
    double stepSeconds(const CellRecord &cell) const;
    double cellSeconds(const CellRecord &cell, int round) const;

    const SweepPlan &m_plan;
    const Ceilings &m_ceilings;
    const std::map<std::int64_t, ContextRecord> &m_contexts;
};

} // namespace engine
