// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/forecast.h"

#include <algorithm>

#include "engine/spec/work.h"

namespace engine {
namespace {

// Stand in until something was measured: a slow core, a step of a small model.
constexpr double kUnknownFlopsPerSecond = 2e11;
constexpr double kUnknownStepSeconds = 0.05;
constexpr double kPrefillEfficiency = 0.5;
constexpr double kStepOverhead = 1.2;

std::optional<double> medianSeconds(const SampleRounds &rounds)
{
    std::vector<double> samples = pooled(undisturbed(rounds, nullptr));
    if (samples.empty())
        return std::nullopt;
    std::sort(samples.begin(), samples.end());
    return percentile(samples, 0.5) / 1e3;
}

} // namespace

Effort effortOf(int round, Seconds cellCap)
{
    const double cap = cellCap.value;
    Effort effort;
    if (round == 1) {
        effort.leastSteps = 20;
        effort.mostSteps = 60;
        effort.enoughSteps = 6;
        effort.aimSeconds = 0.6;
        effort.stepSeconds = std::min(4.0, cap);
        effort.warmUpSeconds = 0.5;
        effort.burstSeconds = std::min(4.0, cap);
        effort.lonePrefills = 5;
        // Five are the fewest that have a median: a prompt gets the whole cap for them.
        effort.loneSeconds = cap;
    } else {
        effort.leastSteps = 40;
        effort.mostSteps = 200;
        effort.enoughSteps = 10;
        effort.aimSeconds = 2;
        effort.stepSeconds = cap / 6;
        effort.warmUpSeconds = 2;
        effort.burstSeconds = cap;
        effort.lonePrefills = 13; // with the five of round 1, thirty after three rounds
        effort.loneSeconds = cap / 3;
    }
    return effort;
}

double Forecast::prefillSeconds(std::int64_t tokens) const
{
    const auto flops = [this](std::int64_t length) {
        return prefillWork(m_plan.model, m_plan.weightType, m_plan.kvType, length, 0).flops.value;
    };
    double rate =
        m_ceilings.dense ? kPrefillEfficiency * m_ceilings.dense->value : kUnknownFlopsPerSecond;
    for (const auto &[length, context] : m_contexts) {
        const std::optional<double> measured = medianSeconds(context.lone);
        if (measured && length == tokens)
            return *measured;
        if (measured)
            rate = flops(length) / *measured;
    }
    return flops(tokens) / rate;
}

double Forecast::stepSeconds(const CellRecord &cell) const
{
    if (const std::optional<double> measured = medianSeconds(cell.steps))
        return *measured;
    if (!m_ceilings.read || !m_ceilings.dense)
        return kUnknownStepSeconds;
    const Work work = decodeStepWork(m_plan.model, m_plan.weightType, m_plan.kvType,
                                     cell.workload.batch, cell.workload.contextTokens);
    return kStepOverhead * std::max((work.bytes() / *m_ceilings.read).value,
                                    (work.flops / *m_ceilings.dense).value);
}

double Forecast::cellSeconds(const CellRecord &cell, int round) const
{
    const Effort effort = effortOf(round, m_plan.cellCap);
    const double prefill = prefillSeconds(cell.workload.contextTokens);
    const double step = stepSeconds(cell);
    const double steps =
        std::clamp(effort.aimSeconds / step, double(effort.leastSteps), double(effort.mostSteps));
    double total = std::min(effort.stepSeconds, steps * step) + effort.warmUpSeconds / 2;
    const double burst = double(cell.workload.batch) * prefill;
    if (cell.workload.batch == 1)
        total += std::min(effort.loneSeconds, double(effort.lonePrefills) * prefill);
    else if (burst <= effort.burstSeconds - cell.burstSpent.value)
        total += burst;
    return std::min(total, m_plan.cellCap.value);
}

double Forecast::secondsLeft(const std::vector<CellRecord> &cells, int round) const
{
    const int last = m_plan.quick ? 1 : std::max(3, round);
    double left = 0;
    for (const CellRecord &cell : cells) {
        for (int next = cell.rounds + 1; !cell.finished && next <= last; ++next)
            left += cellSeconds(cell, next);
    }
    return left;
}

} // namespace engine
