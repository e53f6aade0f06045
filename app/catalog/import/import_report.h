// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QByteArray>
#include <QDate>
#include <QString>

namespace app {

// One offer whose price an import changes or adds.
struct PriceChange
{
    QString offer;
    QString kind;   // new, price_change, correction, schema_change, announced, cancelled, earlier
    QString before; // "0.55 in, 2.19 out" per million; empty where it is new
    QString after;
};

// A record that was held back for review.
struct HeldRecord
{
    QString key;
    QString offer;
    QString rule; // one clause: why
    QString before;
    QString after;
};

// What another source says otherwise, by more than 1%.
struct SourceConflict
{
    QString offer;
    QString component;
    QString other; // the other source's name
    qint64 here = 0;
    qint64 there = 0;  // millionths per million tokens
    double spread = 0; // largest over smallest, less 1
};

// What an import did, or would do.
struct ImportReport
{
    enum class Status { Applied, NoChange, Rejected };
    Status status = Status::Applied;
    bool dryRun = false;
    QString importer;
    QString sourceName;
    QDate date; // of the list, not of the import
    int seen = 0;
    int added = 0;   // offers that were not known
    int changed = 0; // known offers with another price
    int unchanged = 0;
    int unpriced = 0;
    int missing = 0; // known of this source, not in this list
    int skipped = 0; // records that sell no tokens
    QString message; // why it was rejected, one sentence
    std::vector<PriceChange> changes;
    std::vector<HeldRecord> held;
    std::vector<SourceConflict> conflicts;
    std::vector<QString> unknownFields;
    std::vector<QString> notes;
};

// For people, and for programs (docs/catalog.md).
QByteArray reportText(const ImportReport &report);
QByteArray reportJson(const ImportReport &report);

} // namespace app
