// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/cell.h"

#include <algorithm>
#include <utility>

#include "engine/spec/work.h"

namespace engine {
namespace {

constexpr double kCacheFactor = 3;     // a footprint below this many caches may live in them
constexpr double kAboveLimitPct = 102; // of a measured ceiling
constexpr double kNoisyShare = 0.10;   // interquartile range over median
constexpr double kStealShare = 0.01;
constexpr double kNeighbourCores = 0.5;
constexpr double kSlowClockShare = 0.75; // of the base clock
constexpr std::size_t kLeastWaits = 5;   // below it a median is refused

bool isDisturbed(const Sample &sample, const BusySpans *busy)
{
    return busy && busy->overlaps(sample.begin, sample.end);
}

// Waits of the B prompts of a burst, for every lone prefill that was measured: wait i is i of them.
std::vector<double> composedWaits(const std::vector<double> &lone, std::int64_t batch)
{
    std::vector<double> waits;
    waits.reserve(lone.size() * std::size_t(batch));
    for (double prefillMs : lone) {
        for (std::int64_t i = 1; i <= batch; ++i)
            waits.push_back(double(i) * prefillMs);
    }
    return waits;
}

std::optional<double> combine(std::optional<double> wait, std::optional<double> perToken,
                              std::int64_t outputTokens)
{
    if (!wait || !perToken)
        return std::nullopt;
    return *wait + double(outputTokens - 1) * *perToken;
}

// e2e = ttft + (n - 1) tpot, for the medians and for either end of their intervals: the sum lies
// between them whenever both do.
MedianInterval endToEnd(const MedianInterval &ttft, const MedianInterval &tpot,
                        std::int64_t outputTokens)
{
    return {combine(ttft.p50, tpot.p50, outputTokens), combine(ttft.lo, tpot.lo, outputTokens),
            combine(ttft.hi, tpot.hi, outputTokens), ttft.n};
}

void setWaits(Point &point, const CellRecord &cell, const ContextRecord &context,
              const BusySpans *busy)
{
    const std::vector<double> lone = pooled(undisturbed(context.lone, busy));
    const std::vector<double> waits = pooled(undisturbed(cell.waits, busy));
    const std::int64_t batch = cell.workload.batch;
    point.ttftIdleMs = medianInterval(lone);
    if (batch == 1) {
        point.ttftMs = point.ttftIdleMs;
    } else if (waits.size() >= kLeastWaits) {
        point.ttftMs = medianInterval(waits);
    } else {
        point.ttftMs = medianInterval(composedWaits(lone, batch));
        point.flags.push_back("ttft_composed");
    }
}

void setShares(Point &point, const CellContext &known)
{
    const Workload &load = point.workload;
    const Work step = decodeStepWork(*known.model, known.weightType, known.kvType, load.batch,
                                     load.contextTokens);
    const Work prefill =
        prefillWork(*known.model, known.weightType, known.kvType, load.contextTokens, 0);
    point.bytesStep = std::int64_t(step.bytes().value);
    point.flopsStep = std::int64_t(step.flops.value);
    point.flopsPrefill = std::int64_t(prefill.flops.value);
    const double footprint = (step.weightBytes + step.kvReadBytes).value;
    const bool isResident =
        known.lastLevelCacheBytes && footprint < kCacheFactor * double(*known.lastLevelCacheBytes);
    if (isResident)
        point.flags.push_back("cache_resident");
    if (point.stepWallMs.p50) {
        const Seconds time(*point.stepWallMs.p50 / 1e3);
        if (known.ceilings.read && !isResident)
            point.bwPct = shareOfCeiling(step.bytes().value, time, known.ceilings.read->value);
        if (known.ceilings.dense)
            point.flopPct = shareOfCeiling(step.flops.value, time, known.ceilings.dense->value);
    }
    if (point.ttftIdleMs.p50 && known.ceilings.dense) {
        point.prefillFlopPct = shareOfCeiling(
            prefill.flops.value, Seconds(*point.ttftIdleMs.p50 / 1e3), known.ceilings.dense->value);
    }
    for (const std::optional<double> &share : {point.bwPct, point.flopPct, point.prefillFlopPct}) {
        if (share && *share > kAboveLimitPct) {
            point.flags.push_back("above_limit");
            break;
        }
    }
    if (!point.bwPct)
        point.why["bw_pct"] = isResident            ? "cache_resident"
                              : known.ceilings.read ? "too_few"
                                                    : "unknown";
    if (!point.flopPct)
        point.why["flop_pct"] = known.ceilings.dense ? "too_few" : "unknown";
    if (!point.prefillFlopPct)
        point.why["prefill_flop_pct"] = known.ceilings.dense ? "too_few" : "unknown";
}

void setReasons(Point &point)
{
    const std::pair<const char *, bool> formed[] = {
        {"ttft_ms", point.ttftMs.p50.has_value()},
        {"ttft_idle_ms", point.ttftIdleMs.p50.has_value()},
        {"tpot_ms", point.tpotMs.p50.has_value()},
        {"step_wall_ms", point.stepWallMs.p50.has_value()},
        {"e2e_ms", point.e2eMs.p50.has_value()},
        {"itl_ms", point.itlMs.p50 && point.itlMs.p95 && point.itlMs.p99},
        {"output_tps", point.outputTps.has_value()},
        {"prefill_tps", point.prefillTps.has_value()}};
    for (const auto &[key, isFormed] : formed) {
        if (!isFormed)
            point.why[key] = "too_few";
    }
}

void setLoad(Point &point, const CellRecord &cell)
{
    Environment &environment = point.environment;
    for (const char *key : {"steal_pct", "load_avg", "cpu_mhz"})
        environment[key] = EnvironmentValue();
    if (!cell.hasLoad)
        return;
    const LoadReading &load = cell.load;
    if (load.loadAverage)
        environment["load_avg"] = *load.loadAverage;
    if (load.coreMhz)
        environment["cpu_mhz"] = *load.coreMhz;
    if (load.totalSeconds > 0) {
        const double steal = load.stealSeconds / load.totalSeconds;
        environment["steal_pct"] = 100 * steal;
        if (steal > kStealShare)
            point.flags.push_back("steal");
    }
    if (load.coreMhz && load.coreBaseMhz && *load.coreMhz < kSlowClockShare * *load.coreBaseMhz)
        point.flags.push_back("throttled");
    if (cell.watched.value > 0) {
        const double foreign = (load.busySeconds - load.ownSeconds) / cell.watched.value;
        environment["foreign_cores"] = std::max(0.0, foreign);
        if (foreign > kNeighbourCores)
            point.flags.push_back("busy_neighbour");
    }
}

void setVerdicts(Point &point, const CellRecord &cell, const ContextRecord &context,
                 const CellContext &known)
{
    const Rounds steps = undisturbed(cell.steps, known.busy);
    const Rounds lone = undisturbed(context.lone, known.busy);
    const bool isConvergedAll = isConverged(steps) && isConverged(lone);
    if (!cell.finished)
        point.flags.push_back("provisional");
    else if (!isConvergedAll)
        point.flags.push_back("not_converged");
    if (!cell.isSteady)
        point.flags.push_back("not_steady");
    if (hasDrift(steps) || hasDrift(lone) || known.ceilingsDrifted)
        point.flags.push_back("drift");
    if (relativeQuartileRange(steps).value_or(0) > kNoisyShare)
        point.flags.push_back("noisy");
    if (gradeOf(point.stepWallMs.n, 0.5) != Grade::Solid ||
        gradeOf(point.ttftMs.n, 0.5) != Grade::Solid)
        point.flags.push_back("few_samples");
    if (cell.suspended)
        point.flags.push_back("suspended");
    Environment &environment = point.environment;
    environment["samples"] = point.stepWallMs.n;
    environment["rounds"] = std::int64_t(cell.rounds);
    environment["warmup_ms"] = cell.warmUpMs;
    environment["started_utc"] = cell.startedUtc;
    environment["outliers"] = outlierCount(steps);
    environment["window_busy_steps"] = disturbedCount(cell.steps, known.busy);
    const std::optional<double> width = relativeWidth(point.stepWallMs);
    environment["interval_pct"] = width ? EnvironmentValue(100 * *width) : EnvironmentValue();
}

} // namespace

Rounds undisturbed(const SampleRounds &rounds, const BusySpans *busy)
{
    Rounds clean;
    Rounds all;
    bool hasClean = false;
    for (const std::vector<Sample> &round : rounds) {
        clean.emplace_back();
        all.emplace_back();
        for (const Sample &sample : round) {
            all.back().push_back(sample.ms);
            if (isDisturbed(sample, busy))
                continue;
            clean.back().push_back(sample.ms);
            hasClean = true;
        }
    }
    return hasClean ? clean : all;
}

std::int64_t disturbedCount(const SampleRounds &rounds, const BusySpans *busy)
{
    std::int64_t count = 0;
    for (const std::vector<Sample> &round : rounds) {
        count += std::count_if(round.begin(), round.end(),
                               [busy](const Sample &sample) { return isDisturbed(sample, busy); });
    }
    return count;
}

double shareOfCeiling(double work, Seconds time, double ceilingPerSecond)
{
    return 100 * work / time.value / ceilingPerSecond;
}

bool isConverged(const SampleRounds &rounds, const BusySpans *busy)
{
    return isConverged(undisturbed(rounds, busy));
}

Point makePoint(const CellRecord &cell, const ContextRecord &context, const CellContext &known)
{
    if (cell.failure) {
        Point failed = unmeasuredPoint(cell.workload, PointStatus::Failed, cell.failure->message);
        failed.rounds = cell.rounds;
        return failed;
    }
    Point point;
    point.workload = cell.workload;
    point.rounds = cell.rounds;
    const std::vector<double> steps = pooled(undisturbed(cell.steps, known.busy));
    setWaits(point, cell, context, known.busy);
    // Every sequence gets one token a step, so a step is the gap between its tokens.
    point.stepWallMs = medianInterval(steps);
    point.tpotMs = point.stepWallMs;
    point.itlMs = percentilesOf(steps);
    point.e2eMs = endToEnd(point.ttftMs, point.tpotMs, cell.workload.outputTokens);
    if (point.stepWallMs.p50)
        point.outputTps = double(cell.workload.batch) * 1e3 / *point.stepWallMs.p50;
    if (point.ttftIdleMs.p50)
        point.prefillTps = double(cell.workload.contextTokens) * 1e3 / *point.ttftIdleMs.p50;
    point.memPeakBytes = cell.memoryBytes;
    setShares(point, known);
    setReasons(point);
    setVerdicts(point, cell, context, known);
    setLoad(point, cell);
    return point;
}

} // namespace engine
