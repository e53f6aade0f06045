// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <QDate>
#include <QString>

#include "app/catalog/price_card.h"

namespace app {

enum class Confidence { High, Medium, Low };

// How a figure came to be. A dated price list or a gateway's statistics are observed; what somebody
// said is claimed.
enum class FigureKind { Unknown, Observed, Claimed };

// How the start of a price is known: the vendor said so, the source said so, it is the day on which
// the source first had it, or the day of the one copy that was read.
enum class DateBasis { VendorDeclared, SourceDeclared, FirstSeen, Snapshot, Unknown };

// Who says so, where, when, and how far it can be trusted.
struct Provenance
{
    QString sourceName;
    QString source;     // its slug
    QString sourceKind; // vendor_page, catalog, gateway_api, measurement, user, seed
    int freshDays = 0;  // its figures are fresh for so long; 0: they do not age
    int staleDays = 0;  // and of doubtful use after so long
    QString address;    // of the page or file that was read
    QDate date;         // of the source, not of our reading
    Confidence confidence = Confidence::Medium;
    FigureKind kind = FigureKind::Unknown;
    QString note; // what a reader must know: corrections, conflicts, conditions

    friend bool operator==(const Provenance &, const Provenance &) = default;
};

// Time to the first token. Observed: percentiles over `n` requests. Claimed: a bound, open where
// absent. Unknown: nothing is set.
struct Wait
{
    FigureKind kind = FigureKind::Unknown;
    std::optional<double> p50Ms;
    std::optional<double> p99Ms;
    std::optional<std::int64_t> n;
    std::optional<double> lowerMs; // claimed: at least
    std::optional<double> upperMs; // claimed: at most
    QString text;                  // the claim or the observation's conditions, in plain words
    UnixSeconds windowStart = 0;
    UnixSeconds windowEnd = 0;
    bool datedAfterAsOf = false; // only a later figure is known
    Provenance provenance;

    friend bool operator==(const Wait &, const Wait &) = default;
};

// Output tokens per second of one request, by the same rules. A gateway divides by the whole time,
// wait included, so its figure is its own and not comparable with ours digit by digit.
struct Pace
{
    FigureKind kind = FigureKind::Unknown;
    std::optional<double> p50TokensPerSecond;
    std::optional<std::int64_t> n;
    std::optional<double> lowerTokensPerSecond;
    std::optional<double> upperTokensPerSecond;
    QString text;
    bool datedAfterAsOf = false;
    Provenance provenance;

    friend bool operator==(const Pace &, const Pace &) = default;
};

// Only a range of the blended price is known (input : output 3 : 1), in the card's currency.
struct BlendedRange
{
    MicroPerMillion lower = 0;
    MicroPerMillion upper = 0;
    QString text;
    Provenance provenance;

    friend bool operator==(const BlendedRange &, const BlendedRange &) = default;
};

// What another source says of the same offer at the same date.
struct ConflictingPrices
{
    Prices prices;
    Provenance provenance;

    friend bool operator==(const ConflictingPrices &, const ConflictingPrices &) = default;
};

// A price of the user's own that stands in the place of an imported one.
struct AppliedOverride
{
    std::int64_t id = 0;
    QString component;
    std::int64_t aboveInputTokens = 0;
    QString schedule; // slug, empty at any hour
    Pico amount = 0;
    std::optional<Pico> imported; // what it stands in the place of
    QString reason;
    UnixSeconds since = 0;
    bool baseChanged = false; // the imported card is another than when it was made

    friend bool operator==(const AppliedOverride &, const AppliedOverride &) = default;
};

// One thing that can be bought, as it stood at the catalog's date.
struct Offer
{
    QString id; // stable text key: "deepseek/deepseek-reasoner"
    QString provider;
    QString providerName;
    QString via; // the gateway it was seen through, empty if bought from the provider
    QString viaName;
    QString providerModelId; // the seller's own word
    QString model;           // "deepseek-r1-0528"
    QString modelName;       // "DeepSeek R1-0528"
    QString family;          // "deepseek-r1"
    QString region;
    QString serviceTier = QStringLiteral("standard");
    QString quantization = QStringLiteral("unknown");
    PriceCard card;
    std::optional<BlendedRange> blendedRange;
    std::vector<ConflictingPrices> conflicts;
    std::optional<std::int64_t> contextWindow;
    std::optional<std::int64_t> maxOutput;
    Provenance contextProvenance;
    Wait wait;
    Pace pace;
    std::optional<UnixSeconds> validFrom; // of the card
    std::optional<UnixSeconds> validTo;
    DateBasis basis = DateBasis::Unknown;
    bool datedAfterAsOf = false; // the first known card is later than the catalog's date
    Provenance provenance;       // of the card
    QString label;               // complete, and no other offer of the catalog has it
    QString unpriced;            // why there is no price, one clause; empty where there is one
    bool heldForReview = false;  // a newer figure was refused by a gate
    std::optional<UnixSeconds> withdrawnSince; // its source lists it no more
    std::vector<AppliedOverride> overrides;    // laid over the card already

    friend bool operator==(const Offer &, const Offer &) = default;
};

// A claim that ties two offers: "this one's first token came 25 s earlier".
struct WaitRelation
{
    QString offer;
    QString versus;
    double differenceMs = 0; // of `offer` minus `versus`
    QString text;
    Provenance provenance;

    friend bool operator==(const WaitRelation &, const WaitRelation &) = default;
};

struct CatalogModel
{
    QString id;
    QString name;
    QString family;
    QDate releasedOn;
    std::optional<std::int64_t> paramsTotal;
    std::optional<std::int64_t> paramsActive;

    friend bool operator==(const CatalogModel &, const CatalogModel &) = default;
};

// Everything that is known of offers at one instant. Never changes once made: hold it by CatalogPtr
// and share it between threads.
struct Catalog
{
    UnixSeconds asOf = 0;
    QDate seedDate;            // newest fact of the shipped seed
    std::vector<Offer> offers; // by provider name, then model, then id
    std::vector<WaitRelation> relations;
    std::vector<CatalogModel> models;

    const Offer *find(const QString &id) const;
    // The offers of a model family ("deepseek-r1") or of one model ("deepseek-r1-0528").
    std::vector<const Offer *> offersOf(const QString &familyOrModel) const;
};

using CatalogPtr = std::shared_ptr<const Catalog>;

} // namespace app
