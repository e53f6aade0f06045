// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "app/catalog/catalog_file.h"

namespace app {

// A price version that one source has of one offer, believed today.
struct StoredVersion
{
    qint64 id = 0;
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;
    QString status; // active, announced
    QString basis;
    QString hash;
};

// One change to an offer's price history.
struct PriceEdit
{
    enum class Kind {
        Insert,    // `price`, with `changeKind`
        Copy,      // the card of `id`, over `from` to `to`
        Close,     // `id` ends at `to`
        Supersede, // `id` is believed no more
        Activate,  // the announced `id` has begun; it ends at `to`
        Cancel,    // the announced `id` will not come
        Confirm,   // `id` was seen again
    };
    Kind kind = Kind::Insert;
    qint64 id = 0;
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;
    QString basis; // Copy: of its start
    FilePrice price;
    QString changeKind;
};

// What a list without dates of its own says at one instant.
struct Observation
{
    UnixSeconds at = 0;
    std::optional<UnixSeconds> next; // when the source was next known to list the offer
    bool first = false;              // no copy of the source was ever read
};

// Puts an observed card into the history. Versions are the run lengths of all observations in the
// order of their instants, so that the order of reading does not matter: an old copy read late
// goes into the middle. Nothing is ever reopened.
std::vector<PriceEdit> observe(const std::vector<StoredVersion> &stored, const FilePrice &price,
                               const Observation &observation);

// Replaces the history by one that the source declares with its own dates, as of `at`. Periods that
// lie ahead are announced, and cancelled where a later list has them no more. What was closed and
// now reads otherwise is a correction. With `complete` false, periods that are not mentioned stay
// unless a mentioned one overlaps them.
std::vector<PriceEdit> declare(const std::vector<StoredVersion> &stored,
                               const std::vector<FilePrice> &declared, UnixSeconds at,
                               bool complete);

} // namespace app
