// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/sweep.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>
#include <map>

#include "engine/measure/forecast.h"

namespace engine {
namespace {

constexpr double kWarmUpSeconds = 10; // of a cell, over all rounds
constexpr double kProgressSeconds = 0.25;
constexpr double kLongPrefillSeconds = 2; // a cell that needs longer shows its steps before
constexpr double kSlowStepsMs = 500;      // the first cell of all shows a few steps before
constexpr std::int64_t kLeastWaits = 5;   // below it a median is refused
constexpr double kCeilingDrift = 0.03;

std::int64_t steadyNowNs()
{
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string utcNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

class Runner
{
public:
    Runner(SweepTarget &target, const SweepPlan &plan, const SweepHooks &hooks,
           std::stop_token stop)
        : m_target(target), m_plan(plan), m_hooks(hooks), m_stop(stop)
    {
    }

    SweepOutcome run();

private:
    Result<void> measure();
    Result<void> runRound(int round);
    Result<void> runCell(CellRecord &cell, int round);
    Result<void> measureCell(CellRecord &cell, ContextRecord &context, const Effort &effort);
    Result<void> measureLone(CellRecord &cell, ContextRecord &context, std::int64_t count,
                             double capSeconds);
    Result<void> measureBursts(CellRecord &cell, const ContextRecord &context,
                               const Effort &effort);
    Result<void> warmUp(CellRecord &cell, const Effort &effort);
    Result<void> measureSteps(CellRecord &cell, const Effort &effort);
    Result<Sample> step();

    std::vector<CellRecord *> orderOf(int round);
    bool needsLone(const ContextRecord &context) const;
    bool needsSteps(const CellRecord &cell) const;
    void finishIfDone(CellRecord &cell, const ContextRecord &context) const;
    void emit(const CellRecord &cell);
    void reportProgress(bool always);
    void compareCeilings(SweepOutcome &outcome);
    bool isDone(const CellRecord &cell) const;
    Forecast forecast() const { return {m_plan, m_ceilings, m_contexts}; }
    CellContext known() const;
    double secondsSince(std::int64_t begin) const { return double(now() - begin) * 1e-9; }
    std::int64_t now() const { return m_hooks.nowNs ? m_hooks.nowNs() : steadyNowNs(); }

    SweepTarget &m_target;
    const SweepPlan &m_plan;
    const SweepHooks &m_hooks;
    std::stop_token m_stop;
    Ceilings m_ceilings;
    std::vector<CellRecord> m_cells; // in the order of round 1
    std::map<std::int64_t, ContextRecord> m_contexts;
    bool m_ceilingsDrifted = false;
    bool m_hasEmitted = false;
    int m_round = 1;
    int m_finishedBefore = 0; // cells of an earlier run
    CellRecord *m_current = nullptr;
    std::int64_t m_begin = 0;
    std::int64_t m_lastProgress = 0;
    double m_fraction = 0;
};

CellContext Runner::known() const
{
    CellContext known;
    known.model = &m_plan.model;
    known.weightType = m_plan.weightType;
    known.kvType = m_plan.kvType;
    known.ceilings = m_ceilings;
    known.ceilingsDrifted = m_ceilingsDrifted;
    known.lastLevelCacheBytes = m_plan.lastLevelCacheBytes;
    known.busy = m_hooks.windowBusy;
    return known;
}

bool Runner::isDone(const CellRecord &cell) const
{
    return cell.finished || (m_plan.quick && cell.rounds > 0);
}

void Runner::reportProgress(bool always)
{
    const std::int64_t time = now();
    if (!m_hooks.onProgress || (!always && double(time - m_lastProgress) * 1e-9 < kProgressSeconds))
        return;
    m_lastProgress = time;
    SweepStatus status;
    status.cellsTotal = int(m_cells.size()) + m_finishedBefore;
    status.cellsDone = m_finishedBefore +
                       int(std::count_if(m_cells.begin(), m_cells.end(),
                                         [this](const CellRecord &cell) { return isDone(cell); }));
    status.round = m_round;
    if (m_current)
        status.cell = m_current->workload;
    const double left = forecast().secondsLeft(m_cells, m_round);
    const double spent = double(time - m_begin) * 1e-9;
    // Never back, whatever is learnt about the time that is left.
    m_fraction = std::max(m_fraction, spent > 0 ? spent / (spent + left) : 0);
    status.fraction = m_fraction;
    status.secondsLeft = left;
    m_hooks.onProgress(status);
}

void Runner::emit(const CellRecord &cell)
{
    m_hasEmitted = true;
    if (m_hooks.onPoint)
        m_hooks.onPoint(makePoint(cell, m_contexts[cell.workload.contextTokens], known()));
}

bool Runner::needsLone(const ContextRecord &context) const
{
    return !context.finished && std::int64_t(context.lone.size()) < m_round;
}

bool Runner::needsSteps(const CellRecord &cell) const
{
    return !isConverged(cell.steps, m_hooks.windowBusy);
}

Result<void> Runner::measureLone(CellRecord &cell, ContextRecord &context, std::int64_t count,
                                 double capSeconds)
{
    const std::int64_t begin = now();
    Result<void> result;
    for (std::int64_t i = 0; i < count; ++i) {
        const double next = forecast().prefillSeconds(context.tokens);
        if (secondsSince(begin) + next > capSeconds)
            break;
        const std::int64_t start = now();
        const Result<std::vector<Seconds>> waits = m_target.prefill(1, context.tokens, m_stop);
        if (!waits) {
            result = tl::unexpected(waits.error());
            break;
        }
        context.lone.back().push_back({milliseconds(waits->front()), start, now()});
        reportProgress(false);
    }
    context.spent += Seconds(secondsSince(begin));
    // Shared work is not charged to the batch that happened to come first.
    cell.spent = cell.spent - Seconds(secondsSince(begin));
    return result;
}

Result<void> Runner::measureBursts(CellRecord &cell, const ContextRecord &context,
                                   const Effort &effort)
{
    const std::int64_t batch = cell.workload.batch;
    cell.waits.emplace_back();
    if (batch == 1) // the lone prefills are its bursts
        return {};
    const double one = double(batch) * forecast().prefillSeconds(context.tokens);
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
        reportProgress(false);
    }
    return {};
}

Result<Sample> Runner::step()
{
    const std::int64_t begin = now();
    const Result<Seconds> time = m_target.step(m_stop);
    if (!time)
        return tl::unexpected(time.error());
    reportProgress(false);
    return Sample{milliseconds(*time), begin, now()};
}

Result<void> Runner::warmUp(CellRecord &cell, const Effort &effort)
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

Result<void> Runner::measureSteps(CellRecord &cell, const Effort &effort)
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
        if (!m_hasEmitted && std::int64_t(samples.size()) == effort.enoughSteps &&
            sample->ms * double(effort.leastSteps) > kSlowStepsMs) {
            cell.rounds = m_round;
            emit(cell);
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

Result<void> Runner::measureCell(CellRecord &cell, ContextRecord &context, const Effort &effort)
{
    const bool wantsLone = needsLone(context);
    if (wantsLone) {
        context.lone.emplace_back();
        // The first shows what the others will take, and leaves the prompt that is decoded from.
        constexpr double kWhateverItTakes = std::numeric_limits<double>::infinity();
        if (const Result<void> first = measureLone(cell, context, 1, kWhateverItTakes); !first)
            return first;
    }
    const double prefill = forecast().prefillSeconds(context.tokens);
    const double pending = wantsLone ? prefill * double(effort.lonePrefills - 1) : 0;
    if (m_round == 1 && pending > kLongPrefillSeconds) {
        if (const Result<void> steps = measureSteps(cell, effort); !steps)
            return steps;
        cell.rounds = m_round;
        emit(cell);
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

void Runner::finishIfDone(CellRecord &cell, const ContextRecord &context) const
{
    const bool isKnown = !needsSteps(cell) && context.finished;
    const bool atCap = m_round >= m_plan.maxRounds || cell.spent >= m_plan.cellCap;
    cell.finished = isKnown || (atCap && (context.finished || m_round >= m_plan.maxRounds)) ||
                    cell.failure.has_value();
}

Result<void> Runner::runCell(CellRecord &cell, int round)
{
    m_current = &cell;
    reportProgress(true);
    if (cell.startedUtc.empty())
        cell.startedUtc = utcNow();
    ContextRecord &context = m_contexts[cell.workload.contextTokens];
    context.tokens = cell.workload.contextTokens;
    const std::int64_t begin = now();
    const auto wallBegin = std::chrono::system_clock::now();
    const std::int64_t steadyBegin = steadyNowNs();
    const std::optional<LoadReading> before = m_hooks.readLoad ? m_hooks.readLoad() : std::nullopt;

    const Result<void> measured = measureCell(cell, context, effortOf(round, m_plan.cellCap));

    cell.spent += Seconds(secondsSince(begin));
    const double wall =
        std::chrono::duration<double>(std::chrono::system_clock::now() - wallBegin).count();
    const double steady = double(steadyNowNs() - steadyBegin) * 1e-9;
    cell.suspended = cell.suspended || std::abs(wall - steady) > 0.5;
    if (before) {
        if (const std::optional<LoadReading> after = m_hooks.readLoad()) {
            cell.hasLoad = true;
            cell.watched += Seconds(secondsSince(begin));
            cell.load.busySeconds += after->busySeconds - before->busySeconds;
            cell.load.stealSeconds += after->stealSeconds - before->stealSeconds;
            cell.load.totalSeconds += after->totalSeconds - before->totalSeconds;
            cell.load.ownSeconds += after->ownSeconds - before->ownSeconds;
            cell.load.loadAverage = after->loadAverage;
            cell.load.coreMhz = after->coreMhz;
            cell.load.coreBaseMhz = after->coreBaseMhz;
        }
    }
    if (!measured && measured.error().kind == ErrorKind::Cancelled)
        return measured;
    if (!measured)
        cell.failure = measured.error();
    cell.rounds = round;
    cell.memoryBytes = m_target.memoryBytes(cell.workload);
    context.finished = context.finished || isConverged(context.lone, m_hooks.windowBusy) ||
                       round >= m_plan.maxRounds || context.spent >= m_plan.cellCap;
    finishIfDone(cell, context);
    emit(cell);
    return {};
}

// Round 1 goes coarse to fine; later ones along the grid, every second one backwards.
std::vector<CellRecord *> Runner::orderOf(int round)
{
    std::vector<CellRecord *> order;
    for (CellRecord &cell : m_cells) {
        if (!cell.finished)
            order.push_back(&cell);
    }
    if (round == 1)
        return order;
    std::sort(order.begin(), order.end(), [](const CellRecord *a, const CellRecord *b) {
        return std::pair(a->workload.contextTokens, a->workload.batch) <
               std::pair(b->workload.contextTokens, b->workload.batch);
    });
    if (round % 2 == 0)
        std::reverse(order.begin(), order.end());
    return order;
}

Result<void> Runner::runRound(int round)
{
    m_round = round;
    for (CellRecord *cell : orderOf(round)) {
        if (m_stop.stop_requested())
            return fail(ErrorKind::Cancelled, "The sweep was stopped.");
        if (Result<void> measured = runCell(*cell, round); !measured)
            return measured;
    }
    m_current = nullptr;
    return {};
}

Result<void> Runner::measure()
{
    const int rounds = m_plan.quick ? 1 : int(m_plan.maxRounds);
    for (int round = 1; round <= rounds && !orderOf(round).empty(); ++round) {
        if (Result<void> done = runRound(round); !done)
            return done;
    }
    return {};
}

SweepOutcome Runner::run()
{
    SweepOutcome outcome;
    m_begin = now();
    std::vector<Workload> wanted;
    for (const Workload &cell : coarseToFine(m_plan.cells)) {
        const bool isDone =
            std::any_of(m_plan.done.begin(), m_plan.done.end(), [&](const Point &point) {
                return point.workload == cell && isFinished(point, m_plan.quick);
            });
        if (isDone)
            ++m_finishedBefore;
        else
            wanted.push_back(cell);
    }
    for (const Workload &cell : wanted)
        m_cells.emplace_back().workload = cell;
    if (m_hooks.measureCeilings && !m_cells.empty()) {
        if (m_hooks.onProgress) {
            m_hooks.onProgress({SweepStatus::Phase::Ceilings,
                                m_finishedBefore,
                                int(m_cells.size()) + m_finishedBefore,
                                0,
                                {},
                                0,
                                {}});
        }
        const Result<Ceilings> ceilings = m_hooks.measureCeilings(m_stop);
        if (!ceilings) {
            outcome.error = ceilings.error();
            return outcome;
        }
        m_ceilings = *ceilings;
    }
    if (m_hooks.onCeilings)
        m_hooks.onCeilings(m_ceilings);
    if (const Result<void> measured = measure(); !measured) {
        outcome.error = measured.error();
        return outcome;
    }
    compareCeilings(outcome);
    reportProgress(true);
    return outcome;
}

// Ceilings that moved say that the machine did: every point measured between is marked.
void Runner::compareCeilings(SweepOutcome &outcome)
{
    if (!m_hooks.measureCeilings || m_cells.empty())
        return;
    const Result<Ceilings> after = m_hooks.measureCeilings(m_stop);
    if (!after)
        return; // every point stands; only the comparison is missing
    outcome.ceilingsAfter = *after;
    const auto moved = [](double before, double now) {
        return std::abs(now - before) > kCeilingDrift * before;
    };
    m_ceilingsDrifted =
        (m_ceilings.read && after->read && moved(m_ceilings.read->value, after->read->value)) ||
        (m_ceilings.dense && after->dense && moved(m_ceilings.dense->value, after->dense->value));
    for (const CellRecord &cell : m_cells) {
        if (m_ceilingsDrifted && cell.rounds > 0)
            emit(cell);
    }
}

} // namespace

SweepOutcome runSweep(SweepTarget &target, const SweepPlan &plan, const SweepHooks &hooks,
                      std::stop_token stop)
{
    return Runner(target, plan, hooks, stop).run();
}

} // namespace engine
