// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/words.h"

#include <cmath>

#include <QCoreApplication>

#include "ui/widgets/text_label.h"

namespace ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("ui::words", text);
}

QString bytesText(double bytes)
{
    return formatBytes(bytes).text();
}

QString fitText(const app::Note &note)
{
    const QString need = strong(bytesText(note.numbers[0]));
    const QString have = strong(bytesText(note.numbers[1]));
    if (note.numbers[2] < 1)
        return translated(
                   "Does not fit: this needs %1 of %2. Choose a smaller model, number format "
                   "or context.")
            .arg(need, have);
    return translated("Does not fit: this needs %1 of %2. The largest value that fits is %3.")
        .arg(need, have, strong(formatCount(std::llround(note.numbers[2]))));
}

QString spreadText(const app::Note &note)
{
    if (!note.subject.isEmpty())
        return translated(
                   "%1 asks from %2 to %3 per million tokens, by model and hours: %4 prices.")
            .arg(strong(note.subject), strong(formatMoney(note.numbers[0]).text()),
                 strong(formatMoney(note.numbers[1]).text()),
                 QString::number(std::lround(note.numbers[2])));
    return translated("The same model, from %1 to %2 per million tokens in %3 offers.")
        .arg(strong(formatMoney(note.numbers[0]).text()),
             strong(formatMoney(note.numbers[1]).text()),
             QString::number(std::lround(note.numbers[2])));
}

QString tradeText(const app::Note &note)
{
    return translated("Batching trades waiting for money: from %1 and %2 alone to %3 and %4 at the "
                      "largest batch.")
        .arg(strong(formatMoney(note.numbers[0]).text()),
             strong(formatDuration(note.numbers[2] / 1e3).text()),
             strong(formatMoney(note.numbers[1]).text()),
             strong(formatDuration(note.numbers[3] / 1e3).text()));
}

QString intervalText(const app::Readout &readout)
{
    const app::Figure &figure = readout.figure;
    if (!figure.low || !figure.high)
        return {};
    const Figure low = metricFigure(readout.metric, figure.low);
    const Figure high = metricFigure(readout.metric, figure.high);
    const QString span = low.unit == high.unit
                             ? translated("%1 to %2").arg(low.digits, high.text())
                             : translated("%1 to %2").arg(low.text(), high.text());
    return figure.evidence == app::Evidence::Estimated ? translated("8 in 10: %1").arg(span)
                                                       : translated("95 %: %1").arg(span);
}

QString limitText(const app::Readout &readout)
{
    const QString value = metricFigure(readout.metric, readout.limitValue).trimmed().text();
    return readout.limit == app::LimitState::Met ? translated("limit %1 met").arg(value)
                                                 : translated("limit %1 missed").arg(value);
}

} // namespace

QString metricTitle(app::Metric metric)
{
    switch (metric) {
    case app::Metric::Ttft:
        return translated("Time to first token");
    case app::Metric::Tpot:
        return translated("Time per output token");
    case app::Metric::Speed:
        return translated("Speed per user");
    case app::Metric::Throughput:
        return translated("Throughput");
    case app::Metric::Cost:
        return translated("Cost");
    case app::Metric::Memory:
        return translated("Memory");
    case app::Metric::RequestCost:
        return translated("Cost per request");
    case app::Metric::EndToEnd:
        return translated("Time for the answer");
    }
    return {};
}

QString metricUnit(app::Metric metric)
{
    switch (metric) {
    case app::Metric::Ttft:
        return translated("prompt in, first word out");
    case app::Metric::Tpot:
        return translated("between two words");
    case app::Metric::Speed:
        return translated("tokens per second");
    case app::Metric::Throughput:
        return translated("output tokens per second, everybody");
    case app::Metric::Cost:
        return translated("$ per million tokens");
    case app::Metric::Memory:
        return translated("weights, KV cache, workspace");
    case app::Metric::RequestCost:
        return translated("$ per request");
    case app::Metric::EndToEnd:
        return translated("first token and all others");
    }
    return {};
}

QString metricDefinition(app::Metric metric)
{
    switch (metric) {
    case app::Metric::Ttft:
        return translated(
            "From handing over the prompts to a request's first output token. All "
            "prompts of a batch arrive at once at an idle engine; the median of their "
            "waits.");
    case app::Metric::Tpot:
        return translated("Median time of one decode step: every request of the batch gets one "
                          "token.");
    case app::Metric::Speed:
        return translated(
            "Output tokens per second that one user sees: 1 / time per output token.");
    case app::Metric::Throughput:
        return translated("Output tokens per second of the whole batch: batch x speed per user.");
    case app::Metric::Cost:
        return translated(
            "US dollars per million tokens, input and output blended at the mix, from "
            "the price of an hour and the share of it that is used.");
    case app::Metric::Memory:
        return translated("Bytes held on the device: weights, KV cache of every request and "
                          "workspace.");
    case app::Metric::RequestCost:
        return translated("US dollars for one request: the prompt in, the answer out.");
    case app::Metric::EndToEnd:
        return translated("Time to first token, then one time per output token for each further "
                          "token of the answer.");
    }
    return {};
}

Figure metricFigure(app::Metric metric, std::optional<double> value)
{
    switch (metric) {
    case app::Metric::Ttft:
    case app::Metric::Tpot:
    case app::Metric::EndToEnd:
        return formatDuration(value ? std::optional<double>(*value / 1e3) : std::nullopt);
    case app::Metric::Speed:
    case app::Metric::Throughput:
        return formatRate(value);
    case app::Metric::Cost:
        return formatMoney(value);
    case app::Metric::RequestCost:
        return formatMoney(value, 4);
    case app::Metric::Memory:
        return formatBytes(value);
    }
    return {absentText(), {}};
}

LabelKind metricLabels(app::Metric metric)
{
    switch (metric) {
    case app::Metric::Ttft:
    case app::Metric::Tpot:
    case app::Metric::EndToEnd:
        return LabelKind::Milliseconds;
    case app::Metric::Speed:
    case app::Metric::Throughput:
        return LabelKind::Count;
    case app::Metric::Cost:
    case app::Metric::RequestCost:
        return LabelKind::Dollars;
    case app::Metric::Memory:
        return LabelKind::Bytes;
    }
    return LabelKind::Plain;
}

std::optional<Provenance> provenanceOf(app::Evidence evidence)
{
    switch (evidence) {
    case app::Evidence::None:
        return std::nullopt;
    case app::Evidence::Measured:
        return Provenance::Measured;
    case app::Evidence::Recorded:
        return Provenance::Recorded;
    case app::Evidence::Imported:
        return Provenance::Imported;
    case app::Evidence::Observed:
        return Provenance::Observed;
    case app::Evidence::Estimated:
        return Provenance::Estimated;
    case app::Evidence::Claimed:
        return Provenance::Claimed;
    }
    return std::nullopt;
}

Verdict verdictOf(app::NoteLevel level)
{
    switch (level) {
    case app::NoteLevel::Plain:
        return Verdict::Note;
    case app::NoteLevel::Good:
        return Verdict::Good;
    case app::NoteLevel::Warn:
        return Verdict::Warn;
    case app::NoteLevel::Bad:
        return Verdict::Bad;
    }
    return Verdict::Note;
}

QString absenceText(app::Absence absence)
{
    switch (absence) {
    case app::Absence::None:
        return {};
    case app::Absence::NotMeasured:
        return translated("not measured");
    case app::Absence::DoesNotFit:
        return translated("does not fit into memory");
    case app::Absence::OverContext:
        return translated("over the model's context limit");
    case app::Absence::NoPrice:
        return translated("no price per hour");
    case app::Absence::UnknownModel:
        return translated("model not known here");
    case app::Absence::UnknownDevice:
        return translated("device not known here");
    case app::Absence::FormatNotOffered:
        return translated("no such number format here");
    case app::Absence::OneToken:
        return translated("one token has no pace");
    }
    return {};
}

QString boundText(app::Bound bound)
{
    switch (bound) {
    case app::Bound::Unknown:
        return {};
    case app::Bound::Memory:
        return translated("bound by memory");
    case app::Bound::Compute:
        return translated("bound by compute");
    case app::Bound::Network:
        return translated("bound by the network");
    case app::Bound::Overhead:
        return translated("bound by overhead");
    }
    return {};
}

QString noteText(const app::Note &note)
{
    switch (note.kind) {
    case app::NoteKind::DoesNotFit:
        return fitText(note);
    case app::NoteKind::ContextOverLimit:
        return translated("A context of %1 is over the model's limit of %2.")
            .arg(strong(formatCount(std::llround(note.numbers[0]))),
                 strong(formatCount(std::llround(note.numbers[1]))));
    case app::NoteKind::UnknownModel:
        return translated("The model %1 is not known here: open its folder or choose another.")
            .arg(strong(note.subject));
    case app::NoteKind::UnknownDevice:
        return translated("The device %1 is not known here: choose another.")
            .arg(strong(note.subject));
    case app::NoteKind::FormatNotOffered:
        return translated("%1 does not offer this number format: choose another.")
            .arg(strong(note.subject));
    case app::NoteKind::NoPrice:
        return translated("No price per hour is set, so nothing here costs anything yet.");
    case app::NoteKind::EstimateOnly:
        return translated("Estimates only: nothing has been measured for this model and device.");
    case app::NoteKind::MeasuredElsewhere:
        return translated("%1 measured points lie at other batches or contexts.")
            .arg(strong(QString::number(std::lround(note.numbers[0]))));
    case app::NoteKind::CacheResident:
        return translated("This model fits into the last-level cache, so its speed says little "
                          "about memory.");
    case app::NoteKind::Extrapolated:
        return translated("Here the estimate is outside of what it was checked on.");
    case app::NoteKind::OffersSpread:
        return spreadText(note);
    case app::NoteKind::BatchTrade:
        return tradeText(note);
    case app::NoteKind::LimitNeverMet:
        return translated("No value on this axis keeps all limits: loosen one.");
    }
    return {};
}

TileContent tileOf(const app::Findings &findings, app::Metric metric, const app::Findings *pinned)
{
    const app::Readout &readout = findings.readout(metric);
    TileContent tile;
    tile.label = metric == app::Metric::Cost ? translated("Cost per million") : metricTitle(metric);
    tile.figure = metricFigure(metric, readout.figure.value);
    tile.kind = readout.figure.value ? provenanceOf(readout.figure.evidence) : std::nullopt;
    tile.explanation = metricDefinition(metric);
    if (!readout.figure.value) {
        tile.second = absenceText(readout.figure.absence);
        return tile;
    }
    if (readout.limit != app::LimitState::Off) {
        tile.verdict = readout.limit == app::LimitState::Met ? Verdict::Good : Verdict::Bad;
        tile.second = limitText(readout);
    } else if (const std::optional<double> times =
                   pinned ? app::ratioTo(findings, *pinned, metric) : std::nullopt) {
        tile.second = translated("%1 of the pinned").arg(formatRatio(times).text());
    } else if (metric == app::Metric::Memory) {
        const app::MemoryParts &memory = findings.memory;
        tile.second = translated("of %1").arg(bytesText(memory.availableBytes));
    } else if (readout.estimate && readout.figure.evidence == app::Evidence::Measured) {
        tile.second = translated("estimated %1").arg(metricFigure(metric, readout.estimate).text());
    } else {
        tile.second = intervalText(readout);
    }
    if (metric == app::Metric::Memory && findings.memory.availableBytes > 0) {
        const app::MemoryParts &memory = findings.memory;
        tile.bar = {memory.weightBytes / memory.availableBytes,
                    memory.kvBytes / memory.availableBytes,
                    memory.workspaceBytes / memory.availableBytes};
        if (!memory.fits)
            tile.verdict = Verdict::Bad;
    }
    return tile;
}

QString fitEndText(const app::FitEnd &end)
{
    switch (end.reason) {
    case app::Absence::DoesNotFit:
        return translated("does not fit: needs %1 of %2")
            .arg(bytesText(end.neededBytes), bytesText(end.availableBytes));
    case app::Absence::OverContext:
        return translated("over the model's limit");
    default:
        return {};
    }
}

QString waitText(const app::OfferMark &offer)
{
    const QString figure = offer.ttftMs ? formatDuration(*offer.ttftMs / 1e3).text() : absentText();
    switch (offer.wait) {
    case app::WaitKind::NotPublished:
        return translated("not published");
    case app::WaitKind::Observed:
        return figure;
    case app::WaitKind::AtMost:
        return translated("at most %1").arg(figure);
    case app::WaitKind::AtLeast:
        return translated("at least %1").arg(figure);
    }
    return absentText();
}

QString blendedText(const app::OfferMark &offer)
{
    if (offer.blended)
        return formatPrice(offer.blended).text();
    if (offer.blendedForeign)
        return formatPrice(offer.blendedForeign, offer.currency).text();
    if (offer.blendedLow && offer.blendedHigh)
        return translated("%1 to %2")
            .arg(formatPrice(offer.blendedLow).text(), formatPrice(offer.blendedHigh).text());
    return {};
}

QString pinTitle(const app::Findings &pinned)
{
    const app::Scenario &scenario = pinned.scenario;
    if (!scenario.name.isEmpty())
        return scenario.name;
    const QString load = scenario.axis == app::CurveAxis::Batch
                             ? translated("%1 in").arg(formatCount(scenario.workload.contextTokens))
                             : translated("batch %1").arg(formatCount(scenario.workload.batch));
    return translated("%1, %2, %3").arg(pinned.modelName, pinned.deviceName, load);
}

QString scenarioTitle(const app::Findings &findings)
{
    const app::Scenario &scenario = findings.scenario;
    if (!scenario.name.isEmpty())
        return scenario.name;
    const QString model = findings.modelName.isEmpty() ? scenario.model : findings.modelName;
    return translated("%1, %2 in, %3 out")
        .arg(model, formatCount(scenario.workload.contextTokens),
             formatCount(scenario.workload.outputTokens));
}

} // namespace ui
