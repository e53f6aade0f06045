// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <utility>

#include "engine/measure/forecast.h"
#include "engine/measure/sweep.h"

namespace engine {

// Nanoseconds of the clock that the sweep goes by.
std::int64_t sweepNowNs(const SweepHooks &hooks);

// Measures one cell in one round: the context's lone prefills where they are due, bursts, decode
// steps after a warm-up. Holds references to what the sweep owns.
class CellRunner
{
public:
    struct Callbacks
    {
        std::function<void(const CellRecord &)> emit; // a cell worth showing before it is complete
        std::function<void()> progress;               // after each action
    };

    CellRunner(SweepTarget &target, const SweepPlan &plan, const SweepHooks &hooks,
               const Forecast &forecast, std::stop_token stop, Callbacks callbacks)
        : m_target(target),
          m_plan(plan),
          m_hooks(hooks),
          m_forecast(forecast),
          m_stop(std::move(stop)),
          m_callbacks(std::move(callbacks))
    {
    }

    // Adds samples to the records; the error is the target's.
    Result<void> run(CellRecord &cell, ContextRecord &context, int round);
    // Whether the stopping rule does not hold yet for the cell's steps.
    bool needsSteps(const CellRecord &cell) const;

private:
    Result<void> measure(CellRecord &cell, ContextRecord &context, const Effort &effort);
    Result<void> measureLone(CellRecord &cell, ContextRecord &context, std::int64_t count,
                             double capSeconds);
    Result<void> measureBursts(CellRecord &cell, const ContextRecord &context,
                               const Effort &effort);
    Result<void> measureSteps(CellRecord &cell, const Effort &effort);
    Result<void> warmUp(CellRecord &cell, const Effort &effort);
    Result<Sample> step();
    void show(CellRecord &cell);
    bool needsLone(const ContextRecord &context) const;
    std::int64_t now() const { return sweepNowNs(m_hooks); }
    double secondsSince(std::int64_t begin) const { return double(now() - begin) * 1e-9; }

    SweepTarget &m_target;
    const SweepPlan &m_plan;
    const SweepHooks &m_hooks;
    Forecast m_forecast;
    std::stop_token m_stop;
    Callbacks m_callbacks;
    int m_round = 1;
    bool m_hasShown = false; // any cell
};

} // namespace engine
