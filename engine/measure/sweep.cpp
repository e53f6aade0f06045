// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/sweep.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>

#include "engine/measure/cell_runner.h"
#include "engine/measure/forecast.h"

namespace engine {
namespace {

constexpr double kProgressSeconds = 0.25;
constexpr double kCeilingDrift = 0.03;

std::string utcNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

// What the processor did while the cell was measured.
void addLoad(CellRecord &cell, const LoadReading &before, const LoadReading &after, Seconds time)
{
    cell.hasLoad = true;
    cell.watched += time;
    cell.load.busySeconds += after.busySeconds - before.busySeconds;
    cell.load.stealSeconds += after.stealSeconds - before.stealSeconds;
    cell.load.totalSeconds += after.totalSeconds - before.totalSeconds;
    cell.load.ownSeconds += after.ownSeconds - before.ownSeconds;
    cell.load.loadAverage = after.loadAverage;
    cell.load.coreMhz = after.coreMhz;
    cell.load.coreBaseMhz = after.coreBaseMhz;
}

class Runner
{
public:
    Runner(SweepTarget &target, const SweepPlan &plan, const SweepHooks &hooks,
           std::stop_token stop)
        : m_target(target),
          m_plan(plan),
          m_hooks(hooks),
          m_stop(stop),
          m_cellRunner(
              target, plan, hooks, {m_plan, m_ceilings, m_contexts}, stop,
              {[this](const CellRecord &cell) { emit(cell); }, [this] { reportProgress(false); }})
    {
    }

    SweepOutcome run();

private:
    Result<void> measure();
    Result<void> runRound(int round);
    Result<void> runCell(CellRecord &cell, int round);
    std::vector<CellRecord *> orderOf(int round);
    void finishIfDone(CellRecord &cell, const ContextRecord &context) const;
    void emit(const CellRecord &cell);
    void reportProgress(bool always);
    void compareCeilings(SweepOutcome &outcome);
    bool isDone(const CellRecord &cell) const;
    CellContext known() const;
    double secondsSince(std::int64_t begin) const { return double(now() - begin) * 1e-9; }
    std::int64_t now() const { return sweepNowNs(m_hooks); }

    SweepTarget &m_target;
    const SweepPlan &m_plan;
    const SweepHooks &m_hooks;
    std::stop_token m_stop;
    Ceilings m_ceilings;
    std::vector<CellRecord> m_cells; // in the order of round 1
    std::map<std::int64_t, ContextRecord> m_contexts;
    bool m_ceilingsDrifted = false;
    int m_round = 1;
    int m_finishedBefore = 0; // cells of an earlier run
    CellRecord *m_current = nullptr;
    std::int64_t m_begin = 0;
    std::int64_t m_lastProgress = 0;
    double m_fraction = 0;
    CellRunner m_cellRunner; // last: it reads the members above
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
    const double left = Forecast(m_plan, m_ceilings, m_contexts).secondsLeft(m_cells, m_round);
    const double spent = double(time - m_begin) * 1e-9;
    // Never back, whatever is learnt about the time that is left.
    m_fraction = std::max(m_fraction, spent > 0 ? spent / (spent + left) : 0);
    status.fraction = m_fraction;
    status.secondsLeft = left;
    m_hooks.onProgress(status);
}

void Runner::emit(const CellRecord &cell)
{
    if (m_hooks.onPoint)
        m_hooks.onPoint(makePoint(cell, m_contexts[cell.workload.contextTokens], known()));
}

void Runner::finishIfDone(CellRecord &cell, const ContextRecord &context) const
{
    const bool isKnown = !m_cellRunner.needsSteps(cell) && context.finished;
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
    cell.memoryBytes = m_target.memoryBytes(cell.workload);
    const std::int64_t begin = now();
    const auto wallBegin = std::chrono::system_clock::now();
    const auto steadyBegin = std::chrono::steady_clock::now();
    const std::optional<LoadReading> before = m_hooks.readLoad ? m_hooks.readLoad() : std::nullopt;

    const Result<void> measured = m_cellRunner.run(cell, context, round);

    cell.spent += Seconds(secondsSince(begin));
    const double wall =
        std::chrono::duration<double>(std::chrono::system_clock::now() - wallBegin).count();
    const double steady =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - steadyBegin).count();
    cell.suspended = cell.suspended || std::abs(wall - steady) > 0.5;
    const std::optional<LoadReading> after = before ? m_hooks.readLoad() : std::nullopt;
    if (after)
        addLoad(cell, *before, *after, Seconds(secondsSince(begin)));
    if (!measured && measured.error().kind == ErrorKind::Cancelled)
        return measured;
    if (!measured)
        cell.failure = measured.error();
    cell.rounds = round;
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

// Ceilings that moved say that the machine did: every point measured between is marked. Shares are
// of the higher ones, since what disturbs a ceiling only lowers it.
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
    m_ceilings = {std::max(m_ceilings.read, after->read), std::max(m_ceilings.dense, after->dense)};
    outcome.ceilings = m_ceilings;
    for (const CellRecord &cell : m_cells) {
        if (cell.rounds > 0)
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
