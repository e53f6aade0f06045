// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/catalog/catalog_file.h"
#include "app/catalog/name_writer.h"
#include "app/catalog/row_writer.h"

namespace app {

// How a price version is written.
struct PriceRow
{
    QString changeKind = QStringLiteral("initial");
    UnixSeconds recordedAt = 0;
};

// How a source lists an offer.
struct Seen
{
    QString key;      // its own word for it
    QString scope;    // the part of the source that lists it
    QString unpriced; // why it has no price there
};

// Writes the rows of offers and their figures for one import run. Sources, providers and the like
// must have been written by the NameWriter before.
class OfferWriter
{
public:
    OfferWriter(database::RowWriter &rows, const NameWriter &names, qint64 run)
        : m_rows(rows), m_names(names), m_run(run)
    {
    }

    // Finds or makes the offer's row; `retired` is set only where the file says so.
    qint64 offer(const FileOffer &offer);
    void alias(const FileOffer &offer, const FileAlias &alias, qint64 model, qint64 source,
               const char *confidence);
    qint64 price(const FilePrice &price, qint64 offerId, const PriceRow &row);
    void limits(const FileLimits &limits, qint64 offerId);
    // An observation of the same window is written once.
    void observation(const FileObservation &observed, qint64 offerId);
    void claim(const FileClaim &claim, qint64 offerId, qint64 versusId);
    // Widens the span in which the source is known to have had the offer.
    void seen(qint64 offerId, const QString &source, UnixSeconds at, const Seen &seen);
    // Call last: widens the spans of the offers themselves.
    void finish();

private:
    database::RowWriter &m_rows;
    const NameWriter &m_names;
    qint64 m_run;
};

} // namespace app
