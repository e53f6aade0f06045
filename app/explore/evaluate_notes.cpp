// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/evaluate_notes.h"

#include <algorithm>
#include <optional>

namespace app {

namespace {

void addObstacle(Findings &findings)
{
    const Figure &tpot = findings.readout(Metric::Tpot).figure;
    const engine::Workload &cell = findings.scenario.workload;
    switch (tpot.absence) {
    case Absence::DoesNotFit: {
        const MemoryParts &memory = findings.memory;
        const AxisRange &range =
            findings.scenario.axis == CurveAxis::Batch ? findings.batch : findings.context;
        findings.notes.push_back(
            {NoteKind::DoesNotFit,
             NoteLevel::Bad,
             {memory.weightBytes + memory.kvBytes + memory.workspaceBytes, memory.availableBytes,
              static_cast<double>(range.lastFitting.value_or(0)), 0},
             findings.deviceName});
        break;
    }
    case Absence::OverContext:
        findings.notes.push_back({NoteKind::ContextOverLimit,
                                  NoteLevel::Bad,
                                  {static_cast<double>(cell.contextTokens + cell.outputTokens),
                                   static_cast<double>(findings.context.highest), 0, 0},
                                  findings.modelName});
        break;
    case Absence::UnknownModel:
        findings.notes.push_back({NoteKind::UnknownModel, NoteLevel::Bad, {}, findings.modelName});
        break;
    case Absence::UnknownDevice:
        findings.notes.push_back(
            {NoteKind::UnknownDevice, NoteLevel::Bad, {}, findings.deviceName});
        break;
    case Absence::FormatNotOffered:
        findings.notes.push_back(
            {NoteKind::FormatNotOffered, NoteLevel::Bad, {}, findings.deviceName});
        break;
    default:
        break;
    }
}

// The offers' spread, cheapest to dearest, of those that have a price.
void addOffersSpread(Findings &findings)
{
    std::optional<engine::MicroUsd> lowest;
    std::optional<engine::MicroUsd> highest;
    int count = 0;
    QString seller;
    bool onlySeller = true;
    for (const OfferMark &mark : findings.offers) {
        if (!mark.blended)
            continue;
        if (count == 0)
            seller = mark.provider;
        onlySeller = onlySeller && mark.provider == seller;
        lowest = std::min(lowest.value_or(*mark.blended), *mark.blended);
        highest = std::max(highest.value_or(*mark.blended), *mark.blended);
        ++count;
    }
    if (count >= 2)
        findings.notes.push_back(
            {NoteKind::OffersSpread,
             NoteLevel::Plain,
             {static_cast<double>(*lowest) * 1e-6, static_cast<double>(*highest) * 1e-6,
              static_cast<double>(count), 0},
             onlySeller ? seller : QString()});
}

void addBatchTrade(Findings &findings)
{
    if (findings.own.size() < 2)
        return;
    const OwnMark &alone = findings.own.front();
    const OwnMark &together = findings.own.back();
    findings.notes.push_back(
        {NoteKind::BatchTrade,
         NoteLevel::Plain,
         {alone.usdPerMillion, together.usdPerMillion, alone.ttftMs, together.ttftMs},
         QString::number(together.batch)});
}

bool keeps(const Limit &limit, const CurvePoint &point, bool atMost)
{
    return !limit.on || (atMost ? point.mid <= limit.value : point.mid >= limit.value);
}

void addLimitNeverMet(Findings &findings)
{
    const Limits &limits = findings.scenario.limits;
    if (!limits.ttftMs.on && !limits.tokensPerSecond.on && !limits.usdPerMillion.on)
        return;
    const std::vector<CurvePoint> &ttft = findings.curve(Metric::Ttft).estimate;
    const std::vector<CurvePoint> &speed = findings.curve(Metric::Speed).estimate;
    const std::vector<CurvePoint> &cost = findings.curve(Metric::Cost).estimate;
    const bool priced = cost.size() == ttft.size();
    if (ttft.empty() || (limits.usdPerMillion.on && !priced))
        return;
    for (std::size_t i = 0; i < ttft.size(); ++i) {
        if (keeps(limits.ttftMs, ttft[i], true) && keeps(limits.tokensPerSecond, speed[i], false) &&
            (!priced || keeps(limits.usdPerMillion, cost[i], true)))
            return;
    }
    findings.notes.push_back({NoteKind::LimitNeverMet, NoteLevel::Warn, {}, {}});
}

} // namespace

void addNotes(Findings &findings, std::size_t measuredPoints)
{
    addObstacle(findings);
    addLimitNeverMet(findings);
    const std::vector<CurveDot> &dots = findings.curve(Metric::Tpot).dots;
    if (std::ranges::any_of(dots, [](const CurveDot &dot) {
            return dot.flags.contains(QLatin1String("cache_resident"));
        }))
        findings.notes.push_back(
            {NoteKind::CacheResident, NoteLevel::Warn, {}, findings.modelName});
    if (findings.scenario.usdPerHour <= 0)
        findings.notes.push_back({NoteKind::NoPrice, NoteLevel::Plain, {}, findings.deviceName});
    if (measuredPoints == 0)
        findings.notes.push_back({NoteKind::EstimateOnly, NoteLevel::Plain, {}, {}});
    else if (dots.empty())
        findings.notes.push_back({NoteKind::MeasuredElsewhere,
                                  NoteLevel::Plain,
                                  {static_cast<double>(measuredPoints), 0, 0, 0},
                                  {}});
    if (findings.decodeBasis.extrapolating || findings.prefillBasis.extrapolating)
        findings.notes.push_back({NoteKind::Extrapolated, NoteLevel::Plain, {}, {}});
    addBatchTrade(findings);
    addOffersSpread(findings);
}

} // namespace app
