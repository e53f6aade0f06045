// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/cell_runner.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace engine {
namespace {

constexpr double kWarmUpSeconds = 10;     // of a cell, over all rounds
constexpr double kLongPrefillSeconds = 2; // a cell that needs longer shows its steps before
constexpr double kSlowStepsMs = 500;      // the first cell of all shows a few steps before
constexpr std::int64_t kLeastWaits = 5;   // below it a median is refused

} // namespace

std::int64_t sweepNowNs(const SweepHooks &hooks)
{
    using namespace std::chrono;
    if (hooks.nowNs)
        return hooks.nowNs();
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

bool CellRunner::needsLone(const ContextRecord &context) const
{
    return !context.finished && std::int64_t(context.lone.size()) < m_round;
}

bool CellRunner::needsSteps(const CellRecord &cell) const
{
    return !isConverged(cell.steps, m_hooks.windowBusy);
}

Result<void> CellRunner::measureLone(CellRecord &cell, ContextRecord &context, std::int64_t count,
                                     double capSeconds)
{
    const std::int64_t begin = now();
    Result<void> result;
    for (std::int64_t i = 0; i < count; ++i) {
        const double next = m_forecast.prefillSeconds(context.tokens);
        if (secondsSince(begin) + next > capSeconds)
            break;
        const std::int64_t start = now();
        const Result<std::vector<Seconds>> waits = m_target.prefill(1, context.tokens, m_stop);
        if (!waits) {
            result = tl::unexpected(waits.error());
            break;
        }
        context.lone.back().push_back({milliseconds(waits->front()), start, now()});
        m_callbacks.progress();
    }
    context.spent += Seconds(secondsSince(begin));
    // Shared work is not charged to the batch that happened to come first.
    cell.spent = cell.spent - Seconds(secondsSince(begin));
    return result;
}

Result<void> CellRunner::measureBursts(CellRecord &cell, const ContextRecord &context,
                                       const Effort &effort)
{
    const std::int64_t batch = cell.workload.batch;
    cell.waits.emplace_back();
    if (batch == 1) // the lone prefills are its bursts
        return {};
    const double one = double(batch) * m_forecast.prefillSeconds(context.tokens);
    const auto measured = std::int64_t(pooled(undisturbed(cell.waits, m_hooks.windowBusy)).size());
    const std::int64_t needed =
        std::max<std::int64_t>(0, (kLeastWaits - measured + batch - 1) / batch);
    // Once there are enough, more of them refine with what the steps leave of the cell's time.
    const double budget = needed > 0 ? effort.burstSeconds : effort.burstSeconds / 2;
    const auto most = std::int64_t((budget - cell.burstSpent.value) / one);
    const std::int64_t wanted =
        needed > 0 ? needed
                   : std::clamp<std::int64_t>(std::int64_t(2 / one), 1, (10 + batch - 1) / batch);
    const std::int64_t count = std::min(wanted, most);
    if (m_round == 1 && count < needed) // composed for now
        return {};
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t begin = now();
        const Result<std::vector<Seconds>> waits = m_target.prefill(batch, context.tokens, m_stop);
        if (!waits)
            return tl::unexpected(waits.error());
        const std::int64_t end = now();
        cell.burstSpent += Seconds(secondsSince(begin));
        for (Seconds wait : *waits)
            cell.waits.back().push_back({milliseconds(wait), begin, end});
        m_callbacks.progress();
    }
    return {};
}

Result<Sample> CellRunner::step()
{
    const std::int64_t begin = now();
    const Result<Seconds> time = m_target.step(m_stop);
    if (!time)
        return tl::unexpected(time.error());
    m_callbacks.progress();
    return Sample{milliseconds(*time), begin, now()};
}

Result<void> CellRunner::warmUp(CellRecord &cell, const Effort &effort)
{
    const std::int64_t begin = now();
    const double left = std::min(effort.warmUpSeconds, kWarmUpSeconds - cell.warmUpMs / 1e3);
    WarmUp criterion;
    // A cell that has been steady once only needs its caches back: one window.
    const bool wasSteady = cell.isSteady;
    std::int64_t steps = 0;
    while (true) {
        const double spent = secondsSince(begin);
        if (wasSteady ? steps >= 20 || spent >= 0.2 : criterion.isSteady())
            break;
        if (steps > 0 && spent >= left)
            break;
        const Result<Sample> sample = step();
        if (!sample)
            return tl::unexpected(sample.error());
        criterion.add(sample->ms);
        ++steps;
    }
    cell.isSteady = wasSteady || criterion.isSteady();
    cell.warmUpMs += secondsSince(begin) * 1e3;
    return {};
}

Result<void> CellRunner::measureSteps(CellRecord &cell, const Effort &effort)
{
    if (const Result<void> ready =
            m_target.prepare(cell.workload.batch, cell.workload.contextTokens, m_stop);
        !ready)
        return ready;
    if (const Result<void> warm = warmUp(cell, effort); !warm)
        return warm;
    std::vector<Sample> &samples = cell.steps.emplace_back();
    const std::int64_t begin = now();
    std::int64_t clean = 0;
    std::int64_t wanted = effort.leastSteps;
    // Disturbed steps are run again, but not for ever beside a window that never rests.
    while (clean < wanted && std::int64_t(samples.size()) < 3 * wanted) {
        if (clean >= effort.enoughSteps && secondsSince(begin) >= effort.stepSeconds)
            break;
        const Result<Sample> sample = step();
        if (!sample)
            return tl::unexpected(sample.error());
        samples.push_back(*sample);
        // Nothing is on the screen yet: the first figures go out as soon as there are any.
        if (!m_hasShown && std::int64_t(samples.size()) == effort.enoughSteps &&
            sample->ms * double(effort.leastSteps) > kSlowStepsMs) {
            show(cell);
        }
        clean = std::int64_t(samples.size()) - disturbedCount({samples}, m_hooks.windowBusy);
        if (samples.size() == 3) { // enough to know how many the time allows
            std::vector<double> first{samples[0].ms, samples[1].ms, samples[2].ms};
            std::sort(first.begin(), first.end());
            wanted = std::clamp(std::int64_t(effort.aimSeconds * 1e3 / std::max(first[1], 1e-6)),
                                effort.leastSteps, effort.mostSteps);
        }
    }
    return {};
}

void CellRunner::show(CellRecord &cell)
{
    cell.rounds = m_round;
    m_hasShown = true;
    m_callbacks.emit(cell);
}

Result<void> CellRunner::run(CellRecord &cell, ContextRecord &context, int round)
{
    m_round = round;
    const Effort effort = effortOf(round, m_plan.cellCap);
    const Result<void> measured = measure(cell, context, effort);
    m_hasShown = m_hasShown || measured; // the whole cell goes out now
    return measured;
}

Result<void> CellRunner::measure(CellRecord &cell, ContextRecord &context, const Effort &effort)
{
    const bool wantsLone = needsLone(context);
    if (wantsLone) {
        context.lone.emplace_back();
        // The first shows what the others will take, and leaves the prompt that is decoded from.
        constexpr double kWhateverItTakes = std::numeric_limits<double>::infinity();
        if (const Result<void> first = measureLone(cell, context, 1, kWhateverItTakes); !first)
            return first;
    }
    const double prefill = m_forecast.prefillSeconds(context.tokens);
    const double pending = wantsLone ? prefill * double(effort.lonePrefills - 1) : 0;
    if (m_round == 1 && pending > kLongPrefillSeconds) {
        if (const Result<void> steps = measureSteps(cell, effort); !steps)
            return steps;
        show(cell);
    }
    if (wantsLone) {
        const Result<void> rest =
            measureLone(cell, context, effort.lonePrefills - 1, effort.loneSeconds - prefill);
        if (!rest)
            return rest;
    }
    if (const Result<void> bursts = measureBursts(cell, context, effort); !bursts)
        return bursts;
    if (std::int64_t(cell.steps.size()) < m_round && needsSteps(cell) &&
        cell.spent < m_plan.cellCap)
        return measureSteps(cell, effort);
    return {};
}

} // namespace engine
