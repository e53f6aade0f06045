// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <QDate>
#include <QString>
#include <QStringList>

#include "app/explore/scenario.h"
#include "engine/spec/workload.h"

namespace app {

// The quantities that are shown, and the unit of every value of theirs.
enum class Metric {
    Ttft,        // time to first token, ms
    Tpot,        // time per output token, ms
    Speed,       // tokens per second of one user: 1000 / TPOT
    Throughput,  // output tokens per second of the whole batch
    Cost,        // USD per million tokens, blended at the scenario's mix
    Memory,      // bytes held: weights, KV cache and workspace
    RequestCost, // USD of one request (context in, output out)
    EndToEnd,    // ms from the request to its last token
};
inline constexpr std::array kAllMetrics{Metric::Ttft,        Metric::Tpot,    Metric::Speed,
                                        Metric::Throughput,  Metric::Cost,    Metric::Memory,
                                        Metric::RequestCost, Metric::EndToEnd};
inline constexpr std::size_t kMetricCount = kAllMetrics.size();

// How a figure is known; each has its own badge.
enum class Evidence { None, Measured, Recorded, Imported, Observed, Estimated, Claimed };

// Why a figure is absent.
enum class Absence {
    None,         // it is there
    NotMeasured,  // nothing to form it from
    DoesNotFit,   // memory
    OverContext,  // more positions than the model was made for
    NoPrice,      // no price per hour, or one of an offer's prices is not published
    UnknownModel, // the scenario names none of the inventory
    UnknownDevice,
    FormatNotOffered, // this model in this number format cannot be estimated on this device
    OneToken,         // an answer of one token has no pace
};

// A value with what it takes to trust it: an estimate's P10 and P90, a measurement's 95 % interval
// of the median. Absent is not zero.
struct Figure
{
    std::optional<double> value;
    std::optional<double> low;
    std::optional<double> high;
    Evidence evidence = Evidence::None;
    std::int64_t samples = 0; // measured: of the median
    Absence absence = Absence::NotMeasured;

    friend bool operator==(const Figure &, const Figure &) = default;
};

// One position of an estimated line. Past the validated range the line is drawn thin.
struct CurvePoint
{
    double x = 0;
    double mid = 0;
    double low = 0;  // P10
    double high = 0; // P90
    bool extrapolated = false;

    friend bool operator==(const CurvePoint &, const CurvePoint &) = default;
};

// A measured cell on a chart. Hollow: under six samples or still provisional, so without whisker.
struct CurveDot
{
    double x = 0;
    Figure figure;
    engine::Workload workload;
    bool hollow = false;
    bool provisional = false;
    bool warned = false; // a flag of amber or red level: throttled, noisy, not_steady …
    QStringList flags;   // keys of the point
    QString run;         // RunHead::id

    friend bool operator==(const CurveDot &, const CurveDot &) = default;
};

enum class CurveStatus { Nothing, Estimated, Measured, Both };

// One metric over the scenario's axis. The estimate ends where memory or the model's limit ends.
struct Curve
{
    Metric metric = Metric::Ttft;
    CurveStatus status = CurveStatus::Nothing;
    std::vector<CurvePoint> estimate; // ascending x
    std::vector<CurveDot> dots;       // ascending x

    friend bool operator==(const Curve &, const Curve &) = default;
};

// Where the axis' values stop being possible.
struct FitEnd
{
    Absence reason = Absence::None; // None: everything on the axis fits
    std::int64_t last = 0;          // the largest value that fits; 0 = none does
    std::int64_t firstRefused = 0;  // the smallest position tried that does not
    double neededBytes = 0;         // of firstRefused
    double availableBytes = 0;

    friend bool operator==(const FitEnd &, const FitEnd &) = default;
};

struct MemoryParts
{
    double weightBytes = 0;
    double kvBytes = 0;
    double workspaceBytes = 0;
    double availableBytes = 0;
    bool fits = true;

    friend bool operator==(const MemoryParts &, const MemoryParts &) = default;
};

enum class Bound { Unknown, Memory, Compute, Network, Overhead };

// What the estimate of a phase rests on: the data sheet alone (points 0), or measured cells too.
struct EstimateBasis
{
    int points = 0;
    bool sameModel = false;
    bool extrapolating = false;

    friend bool operator==(const EstimateBasis &, const EstimateBasis &) = default;
};

enum class LimitState { Off, Met, Missed };

// What stands in a tile: the figure at the scenario's own batch and context.
struct Readout
{
    Metric metric = Metric::Ttft;
    Figure figure;                  // measured where that very cell was measured, else estimated
    std::optional<double> estimate; // beside a measured figure: what was expected
    LimitState limit = LimitState::Off;
    double limitValue = 0;

    friend bool operator==(const Readout &, const Readout &) = default;
};

// How an offer's wait is known: a figure, a bound that somebody claims, or not at all.
enum class WaitKind { NotPublished, Observed, AtMost, AtLeast };

// A hosted offer in the axes of price and wait. Money: millionths of the currency's unit per
// million tokens. Currencies stay apart: only a price in dollars is drawn beside others.
struct OfferMark
{
    QString id;      // Offer::id
    QString variant; // "off-peak" where a schedule has its own prices, else empty
    QString label;   // provider, with gateway, model, tier or hours where that tells offers apart
    QString provider;
    QString modelName;
    QString priceText;                          // where only words are known
    QString currency = QStringLiteral("USD");   // ISO 4217
    std::optional<engine::MicroUsd> blended;    // dollars only
    std::optional<engine::MicroUsd> blendedLow; // a claimed range has both and no `blended`
    std::optional<engine::MicroUsd> blendedHigh;
    std::optional<std::int64_t> blendedForeign; // in `currency` where that is no dollar
    std::optional<std::int64_t> input;          // this and the next two: in `currency`
    std::optional<std::int64_t> cachedInput;
    std::optional<std::int64_t> output;
    Evidence priceEvidence = Evidence::None;
    bool cachePriceUnknown = false; // cached input was priced as plain input
    WaitKind wait = WaitKind::NotPublished;
    std::optional<double> ttftMs; // the figure, or the bound
    std::optional<double> ttftP99Ms;
    std::optional<std::int64_t> waitSamples;
    Evidence waitEvidence = Evidence::None;
    QString waitText;
    std::optional<double> tokensPerSecond;
    Evidence paceEvidence = Evidence::None;
    std::optional<std::int64_t> contextWindow;
    std::optional<double> contextRatio; // window, of the model vendor's own offer
    QString source;                     // of the price
    QString sourceAddress;
    QDate sourceDate;
    QString waitSource;
    QDate waitDate;
    bool datedAfterAsOf = false;
    bool sourcesDisagree = false;

    friend bool operator==(const OfferMark &, const OfferMark &) = default;
};

// Our own curve in the same axes; one point a batch.
struct OwnMark
{
    std::int64_t batch = 1;
    double usdPerMillion = 0;
    double ttftMs = 0;
    double tokensPerSecond = 0; // of one user
    Evidence evidence = Evidence::Estimated;
    bool atCursor = false;

    friend bool operator==(const OwnMark &, const OwnMark &) = default;
};

// "25 s less for 2.46x the price": a claim that ties two marks.
struct OfferRelation
{
    QString offer;
    QString versus;
    double differenceMs = 0;
    std::optional<double> priceRatio; // blended, of `offer` to `versus`
    QString text;

    friend bool operator==(const OfferRelation &, const OfferRelation &) = default;
};

// A sentence in numbers; the window gives it words. `numbers` in the order of the comment.
enum class NoteKind {
    DoesNotFit,        // needed bytes, available bytes; last value that fits (0 = none)
    ContextOverLimit,  // context asked, the model's limit
    UnknownModel,      // subject: the id
    UnknownDevice,     // subject: the id
    FormatNotOffered,  // subject: device name
    NoPrice,           // the device has no price per hour
    EstimateOnly,      // nothing measured for this model and device
    MeasuredElsewhere, // points exist, but at other contexts or batches: how many
    CacheResident,     // the model fits the last-level cache
    Extrapolated,      // the estimate is outside of what it was checked on
    OffersSpread,      // lowest and highest blended USD per million, number of offers; subject: the
                       // seller, if all are his
    BatchTrade,        // cost at batch 1, cost at the last batch; TTFT ms at both
    LimitNeverMet,     // no value of the axis keeps all limits
};
enum class NoteLevel { Plain, Good, Warn, Bad };
struct Note
{
    NoteKind kind = NoteKind::EstimateOnly;
    NoteLevel level = NoteLevel::Plain;
    std::array<double, 4> numbers{};
    QString subject;

    friend bool operator==(const Note &, const Note &) = default;
};

// What the sliders may choose from, so that they and the curves agree.
struct AxisRange
{
    std::int64_t lowest = 1;
    std::int64_t highest = 1;
    std::vector<std::int64_t> measured;      // values with a measured point, ascending
    std::optional<std::int64_t> lastFitting; // the rest of the slider is hatched; absent: all fit

    friend bool operator==(const AxisRange &, const AxisRange &) = default;
};

// Everything that is known about a scenario. Made by evaluate(), never changed afterwards.
struct Findings
{
    Scenario scenario;
    std::uint64_t generation = 0; // counts evaluations
    QString modelName;
    QString deviceName;
    bool deviceIsThisMachine = false;
    AxisRange batch;
    AxisRange context;
    AxisRange output;
    std::array<Curve, kMetricCount> curves; // by Metric
    std::array<Readout, kMetricCount> readouts;
    FitEnd fitEnd;                      // along the scenario's axis
    MemoryParts memory;                 // at the scenario's own batch and context
    Bound decodeBound = Bound::Unknown; // at the scenario's own batch and context
    Bound prefillBound = Bound::Unknown;
    EstimateBasis decodeBasis;
    EstimateBasis prefillBasis;
    std::optional<engine::MicroUsd> usdPerMillionInput; // own hardware, split by GPU time
    std::optional<engine::MicroUsd> usdPerMillionOutput;
    std::vector<OfferMark> offers; // by price, unknown prices last
    std::vector<OwnMark> own;      // ascending batch
    std::vector<OfferRelation> relations;
    QDate offersAsOf;
    std::vector<Note> notes; // the most important first

    const Curve &curve(Metric metric) const { return curves[static_cast<std::size_t>(metric)]; }
    const Readout &readout(Metric metric) const
    {
        return readouts[static_cast<std::size_t>(metric)];
    }
    const OfferMark *offer(const QString &id) const
    {
        for (const OfferMark &mark : offers) {
            if (mark.id == id)
                return &mark;
        }
        return nullptr;
    }
};

// How many times the pinned scenario's figure this one's is, at each one's own batch and context;
// absent without a figure on either side.
inline std::optional<double> ratioTo(const Findings &findings, const Findings &pinned,
                                     Metric metric)
{
    const std::optional<double> &own = findings.readout(metric).figure.value;
    const std::optional<double> &other = pinned.readout(metric).figure.value;
    return own && other && *other > 0 ? std::optional(*own / *other) : std::nullopt;
}

} // namespace app
