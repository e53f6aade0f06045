// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/freshness.h"

#include <algorithm>
#include <tuple>

namespace app {
namespace {

struct Limits
{
    int fresh = 0;
    int stale = 0;
};

constexpr Limits kObservation{2, 14};

Limits limitsOf(const Provenance &provenance)
{
    if (provenance.sourceKind == QLatin1String("user"))
        return {};
    if (provenance.freshDays > 0)
        return {provenance.freshDays, provenance.staleDays};
    if (provenance.sourceKind == QLatin1String("gateway_api"))
        return {1, 7};
    if (provenance.sourceKind == QLatin1String("catalog"))
        return {14, 60};
    return {30, 90};
}

Age ageOf(const Provenance &provenance, Limits limits, UnixSeconds now)
{
    Age age;
    age.date = provenance.date;
    const qint64 days = provenance.date.daysTo(dayOf(now));
    if (limits.fresh == 0 || !provenance.date.isValid() || days <= limits.fresh)
        return age;
    const bool dead = days > limits.stale;
    age.freshness = dead ? Freshness::Dead : Freshness::Stale;
    age.reason = QStringLiteral("%1 is of %2, %3 days old; it is good for %4 days")
                     .arg(provenance.sourceName, provenance.date.toString(Qt::ISODate))
                     .arg(days)
                     .arg(dead ? limits.stale : limits.fresh);
    return age;
}

} // namespace

Age ageOfPrice(const Provenance &provenance, UnixSeconds now)
{
    return ageOf(provenance, limitsOf(provenance), now);
}

Age ageOfObservation(const Provenance &provenance, UnixSeconds now)
{
    return ageOf(provenance, provenance.kind == FigureKind::Observed ? kObservation : Limits{},
                 now);
}

Age oldest(const std::vector<Age> &ages)
{
    const auto found = std::min_element(ages.begin(), ages.end(), [](const Age &a, const Age &b) {
        return std::tuple(b.freshness, a.date) < std::tuple(a.freshness, b.date);
    });
    return found == ages.end() ? Age{} : *found;
}

std::vector<QString> doubtsAbout(const Offer &offer, UnixSeconds now)
{
    std::vector<QString> doubts;
    const auto add = [&doubts](const QString &doubt) {
        if (!doubt.isEmpty())
            doubts.push_back(doubt);
    };
    if (offer.card.base.input || offer.card.base.output)
        add(ageOfPrice(offer.provenance, now).reason);
    else
        add(offer.unpriced);
    if (offer.wait.kind == FigureKind::Observed)
        add(ageOfObservation(offer.wait.provenance, now).reason);
    if (offer.datedAfterAsOf)
        add(QStringLiteral("its first known price is of a later day"));
    if (offer.heldForReview)
        add(QStringLiteral("a newer figure was held for review"));
    if (offer.withdrawnSince)
        add(QStringLiteral("withdrawn by its source on %1")
                .arg(dayOf(*offer.withdrawnSince).toString(Qt::ISODate)));
    for (const AppliedOverride &over : offer.overrides) {
        if (over.baseChanged)
            add(QStringLiteral("your own %1 price was made against an older price")
                    .arg(over.component));
    }
    return doubts;
}

} // namespace app
