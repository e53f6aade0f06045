// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/evaluate.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "app/explore/cell_figures.h"
#include "app/explore/evaluate_notes.h"
#include "app/explore/offer_marks.h"
#include "engine/predict/predictor.h"

namespace app {

namespace {

constexpr int kStepsPerOctave = 4;

std::int64_t alongAxis(const engine::Workload &cell, CurveAxis axis)
{
    return axis == CurveAxis::Batch ? cell.batch : cell.contextTokens;
}

engine::Workload moved(engine::Workload cell, CurveAxis axis, std::int64_t value)
{
    (axis == CurveAxis::Batch ? cell.batch : cell.contextTokens) = value;
    return cell;
}

// Whole numbers spread evenly over the logarithm, with the powers of two and `extra` among them.
std::vector<std::int64_t> positions(const AxisRange &range,
                                    std::initializer_list<std::int64_t> extra)
{
    std::set<std::int64_t> values(extra);
    values.insert(range.measured.begin(), range.measured.end());
    const double last = std::log2(static_cast<double>(range.highest));
    for (int step = 0; step <= kStepsPerOctave * static_cast<int>(std::ceil(last)); ++step)
        values.insert(std::llround(std::exp2(static_cast<double>(step) / kStepsPerOctave)));
    std::vector<std::int64_t> result;
    for (const std::int64_t value : values) {
        if (value >= range.lowest && value <= range.highest)
            result.push_back(value);
    }
    return result;
}

void setRanges(Findings &findings, const Inventory &inventory,
               const std::vector<const Measurement *> &points)
{
    const ScenarioRanges ranges = rangesOf(inventory, findings.scenario);
    std::set<std::int64_t> batches;
    std::set<std::int64_t> contexts;
    for (const Measurement *measurement : points) {
        batches.insert(measurement->point.workload.batch);
        contexts.insert(measurement->point.workload.contextTokens);
    }
    findings.batch = {
        ranges.batch.lowest, ranges.batch.highest, {batches.begin(), batches.end()}, std::nullopt};
    findings.context = {ranges.context.lowest,
                        ranges.context.highest,
                        {contexts.begin(), contexts.end()},
                        std::nullopt};
    findings.output = {ranges.output.lowest, ranges.output.highest, {}, std::nullopt};
}

Bound boundOf(engine::Bound bound)
{
    switch (bound) {
    case engine::Bound::Compute:
        return Bound::Compute;
    case engine::Bound::Memory:
        return Bound::Memory;
    case engine::Bound::Overhead:
        return Bound::Overhead;
    case engine::Bound::Network:
        return Bound::Network;
    }
    return Bound::Unknown;
}

EstimateBasis basisOf(const engine::Basis &basis)
{
    return {basis.points, basis.sameModel, basis.extrapolating};
}

// Which phase's evidence a metric rests on: the weaker one where it rests on both.
bool isExtrapolated(Metric metric, const engine::Estimate &estimate)
{
    switch (metric) {
    case Metric::Ttft:
        return estimate.prefillBasis.extrapolating;
    case Metric::Tpot:
    case Metric::Speed:
    case Metric::Throughput:
        return estimate.decodeBasis.extrapolating;
    case Metric::Cost:
    case Metric::RequestCost:
    case Metric::EndToEnd:
        return estimate.prefillBasis.extrapolating || estimate.decodeBasis.extrapolating;
    case Metric::Memory:
        break;
    }
    return false;
}

void addEstimates(Findings &findings, const engine::Predictor &predictor)
{
    const Scenario &scenario = findings.scenario;
    const CurveAxis axis = scenario.axis;
    AxisRange &range = axis == CurveAxis::Batch ? findings.batch : findings.context;
    const std::int64_t last = range.lastFitting.value_or(range.highest);
    std::vector<engine::Workload> cells;
    for (const std::int64_t value :
         positions(range, {alongAxis(scenario.workload, axis), last, range.lowest}))
        cells.push_back(moved(scenario.workload, axis, value));
    std::vector<engine::Estimate> estimates;
    if (!predictor.at(cells, estimates))
        return;
    for (const engine::Estimate &estimate : estimates) {
        const auto x = static_cast<double>(alongAxis(estimate.workload, axis));
        if (estimate.memory.fit != engine::Fit::Fits) {
            if (findings.fitEnd.reason == Absence::None) {
                findings.fitEnd = {absenceOf(estimate.memory.fit), range.lastFitting.value_or(0),
                                   alongAxis(estimate.workload, axis),
                                   estimate.memory.needed().value, estimate.memory.available.value};
            }
            continue;
        }
        const CellFigures figures = figuresOf(estimate, scenario);
        for (const Metric metric : kAllMetrics) {
            const Figure &figure = at(figures, metric);
            if (!figure.value)
                continue;
            findings.curves[static_cast<std::size_t>(metric)].estimate.push_back(
                {x, *figure.value, figure.low.value_or(*figure.value),
                 figure.high.value_or(*figure.value), isExtrapolated(metric, estimate)});
        }
    }
}

void addDots(Findings &findings, const std::vector<const Measurement *> &points)
{
    const Scenario &scenario = findings.scenario;
    const CurveAxis axis = scenario.axis;
    const CurveAxis other = axis == CurveAxis::Batch ? CurveAxis::Context : CurveAxis::Batch;
    for (const Measurement *measurement : points) {
        const engine::Point &point = measurement->point;
        if (alongAxis(point.workload, other) != alongAxis(scenario.workload, other))
            continue;
        const CellFigures figures = figuresOf(point, scenario);
        QStringList flags;
        for (const std::string &flag : point.flags)
            flags.append(QString::fromStdString(flag));
        for (const Metric metric : kAllMetrics) {
            const Figure &figure = at(figures, metric);
            if (!figure.value)
                continue;
            CurveDot dot;
            dot.x = static_cast<double>(alongAxis(point.workload, axis));
            dot.figure = figure;
            dot.workload = point.workload;
            dot.provisional = flags.contains(QLatin1String("provisional"));
            dot.hollow = isHollow(point, metric, figure);
            dot.warned = isWarned(point);
            dot.flags = flags;
            dot.run = measurement->run->id;
            findings.curves[static_cast<std::size_t>(metric)].dots.push_back(std::move(dot));
        }
    }
}

LimitState judge(const Limit &limit, const Figure &figure, bool atMost)
{
    if (!limit.on || !figure.value)
        return LimitState::Off;
    const bool met = atMost ? *figure.value <= limit.value : *figure.value >= limit.value;
    return met ? LimitState::Met : LimitState::Missed;
}

void setReadouts(Findings &findings, const CellFigures &estimate,
                 const std::vector<const Measurement *> &points)
{
    const Scenario &scenario = findings.scenario;
    const auto same = std::ranges::find_if(points, [&scenario](const Measurement *measurement) {
        const engine::Workload &cell = measurement->point.workload;
        return cell.batch == scenario.workload.batch &&
               cell.contextTokens == scenario.workload.contextTokens;
    });
    const CellFigures measured =
        same == points.end() ? CellFigures{} : figuresOf((*same)->point, scenario);
    for (const Metric metric : kAllMetrics) {
        Readout &readout = findings.readouts[static_cast<std::size_t>(metric)];
        readout.metric = metric;
        readout.figure = at(measured, metric).value ? at(measured, metric) : at(estimate, metric);
        if (at(measured, metric).value)
            readout.estimate = at(estimate, metric).value;
    }
    const auto limit = [&findings](Metric metric, const Limit &bound, bool atMost) {
        Readout &readout = findings.readouts[static_cast<std::size_t>(metric)];
        readout.limit = judge(bound, readout.figure, atMost);
        readout.limitValue = bound.value;
    };
    limit(Metric::Ttft, scenario.limits.ttftMs, true);
    limit(Metric::Speed, scenario.limits.tokensPerSecond, false);
    limit(Metric::Cost, scenario.limits.usdPerMillion, true);
}

// The curve of our own hardware in the axes of price and wait: a measured cell where price and wait
// were both measured, else the estimate.
void addOwnMarks(Findings &findings, const engine::Predictor *predictor,
                 const std::vector<const Measurement *> &points)
{
    const Scenario &scenario = findings.scenario;
    std::set<std::int64_t> batches{scenario.workload.batch};
    for (std::int64_t batch = 1; batch <= findings.batch.highest; batch *= 2)
        batches.insert(batch);
    for (const std::int64_t batch : batches) {
        const engine::Workload cell = moved(scenario.workload, CurveAxis::Batch, batch);
        const auto point = std::ranges::find_if(points, [&cell](const Measurement *measurement) {
            const engine::Workload &own = measurement->point.workload;
            return own.batch == cell.batch && own.contextTokens == cell.contextTokens;
        });
        CellFigures figures;
        if (point != points.end())
            figures = figuresOf((*point)->point, scenario);
        if (!at(figures, Metric::Cost).value || !at(figures, Metric::Ttft).value) {
            const auto estimate =
                predictor ? predictor->at(cell) : engine::Result<engine::Estimate>();
            if (!predictor || !estimate)
                continue;
            figures = figuresOf(*estimate, scenario);
        }
        const Figure &cost = at(figures, Metric::Cost);
        const Figure &ttft = at(figures, Metric::Ttft);
        if (!cost.value || !ttft.value)
            continue;
        findings.own.push_back({batch, *cost.value, *ttft.value,
                                at(figures, Metric::Speed).value.value_or(0), cost.evidence,
                                batch == scenario.workload.batch});
    }
}

void setStatus(Findings &findings)
{
    for (const Metric metric : kAllMetrics) {
        Curve &curve = findings.curves[static_cast<std::size_t>(metric)];
        curve.metric = metric;
        if (!curve.estimate.empty())
            curve.status = curve.dots.empty() ? CurveStatus::Estimated : CurveStatus::Both;
        else
            curve.status = curve.dots.empty() ? CurveStatus::Nothing : CurveStatus::Measured;
    }
}

// What the predictor says of the cell in hand and of where the axes end.
CellFigures estimateCell(Findings &findings, const engine::Predictor &predictor)
{
    const Scenario &scenario = findings.scenario;
    const auto lastOf = [](std::int64_t last, const AxisRange &range) {
        return last < range.highest ? std::optional(last) : std::nullopt;
    };
    findings.batch.lastFitting =
        lastOf(engine::largestBatch(predictor.model(), predictor.device(), predictor.deployment(),
                                    scenario.workload),
               findings.batch);
    findings.context.lastFitting =
        lastOf(engine::longestContext(predictor.model(), predictor.device(), predictor.deployment(),
                                      scenario.workload),
               findings.context);
    const auto estimate = predictor.at(scenario.workload);
    if (!estimate)
        return {};
    findings.memory = {estimate->memory.weights.value, estimate->memory.kv.value,
                       estimate->memory.workspace.value, estimate->memory.available.value,
                       estimate->memory.fit == engine::Fit::Fits};
    findings.decodeBound = boundOf(estimate->decodeBound);
    findings.prefillBound = boundOf(estimate->prefillBound);
    findings.decodeBasis = basisOf(estimate->decodeBasis);
    findings.prefillBasis = basisOf(estimate->prefillBasis);
    if (scenario.usdPerHour > 0) {
        if (estimate->cost.input)
            findings.usdPerMillionInput = estimate->cost.input->mid;
        if (estimate->cost.output)
            findings.usdPerMillionOutput = estimate->cost.output->mid;
    }
    return figuresOf(*estimate, scenario);
}

std::optional<engine::Predictor> predictorOf(const ModelEntry &model, const DeviceKnowledge &device,
                                             const Scenario &scenario)
{
    engine::Deployment deployment;
    deployment.dtype = scenario.dtype;
    deployment.kvDType = scenario.kvDtype;
    if (scenario.usdPerHour > 0)
        deployment.pricePerHour = scenario.usdPerHour;
    deployment.utilisation = scenario.utilisation;
    auto predictor =
        engine::Predictor::create(model.spec, device.spec, deployment, device.calibration);
    if (!predictor)
        return std::nullopt;
    return std::move(*predictor);
}

} // namespace

Findings evaluate(const Knowledge &knowledge, const Scenario &scenario)
{
    Findings findings;
    findings.scenario = scenario;
    findings.offersAsOf = dayOf(knowledge.catalog.asOf);
    findings.offers = offerMarks(knowledge.catalog, scenario);
    findings.relations = offerRelations(knowledge.catalog, findings.offers);
    const ModelEntry *model = knowledge.inventory.model(scenario.model);
    const DeviceEntry *device = knowledge.inventory.device(scenario.device);
    findings.modelName = model ? model->name : scenario.model;
    findings.deviceName =
        knowledge.device ? QString::fromStdString(knowledge.device->spec.name) : scenario.device;
    findings.deviceIsThisMachine = device && device->thisMachine;
    const std::vector<const Measurement *> points =
        pointsOf(knowledge.measurements, scenario.model, scenario.device, scenario.dtype);
    setRanges(findings, knowledge.inventory, points);

    std::optional<engine::Predictor> predictor;
    if (model && knowledge.device)
        predictor = predictorOf(*model, *knowledge.device, scenario);
    CellFigures estimate;
    if (predictor) {
        estimate = estimateCell(findings, *predictor);
        addEstimates(findings, *predictor);
    } else {
        for (Figure &figure : estimate)
            figure.absence = !model              ? Absence::UnknownModel
                             : !knowledge.device ? Absence::UnknownDevice
                                                 : Absence::FormatNotOffered;
    }
    addDots(findings, points);
    setReadouts(findings, estimate, points);
    addOwnMarks(findings, predictor ? &*predictor : nullptr, points);
    setStatus(findings);
    addNotes(findings, points.size());
    return findings;
}

} // namespace app
