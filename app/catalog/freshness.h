// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QString>

#include "app/catalog/catalog.h"

namespace app {

enum class Freshness { Fresh, Stale, Dead };

// How old a figure is, by the date of its source and not of its reading: a fresh download of an old
// list is old. `reason` is a clause that names the date and the limit; empty where it is fresh.
struct Age
{
    Freshness freshness = Freshness::Fresh;
    QDate date;
    QString reason;

    friend bool operator==(const Age &, const Age &) = default;
};

// A price, by the kind of its source: gateways' own prices are fresh for 1 day and stale after 7,
// catalogues 14 and 60, vendors' pages 30 and 90, unless the source has limits of its own.
Age ageOfPrice(const Provenance &provenance, UnixSeconds now);
// A wait or a pace: 2 and 14 days. Claims do not age; they say when they were made.
Age ageOfObservation(const Provenance &provenance, UnixSeconds now);
// The age of what was computed from all these: that of the oldest.
Age oldest(const std::vector<Age> &ages);

// Everything that is in doubt about an offer at that time, one clause each; empty where nothing is.
std::vector<QString> doubtsAbout(const Offer &offer, UnixSeconds now);

} // namespace app
