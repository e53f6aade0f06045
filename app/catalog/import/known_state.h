// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <vector>

#include <QSqlDatabase>

#include "app/catalog/import/foreign_file.h"
#include "app/catalog/import/timeline.h"
#include "engine/spec/result.h"

namespace app {

// The base figures of a card: what the gates compare.
struct BaseFigures
{
    std::optional<Pico> input;
    std::optional<Pico> output;
    std::optional<Pico> cacheRead;
};

struct KnownLimits
{
    qint64 id = 0;
    UnixSeconds from = 0;
    std::optional<std::int64_t> contextWindow;
    std::optional<std::int64_t> maxOutput;
};

// What one source is known to say of one offer.
struct KnownOffer
{
    qint64 id = 0;
    std::vector<StoredVersion> versions; // believed ones: the open and announced, or all
    BaseFigures current;                 // of the open version
    std::optional<KnownLimits> limits;   // open
    std::optional<UnixSeconds> firstSeen, lastSeen;
    bool missing = false;
    QString unpriced;
};

// What another source asks for the same offer today.
struct OtherPrice
{
    QString sourceName;
    QString hash;
    BaseFigures figures;
};

// What a review has decided of a record, so that it is asked only once.
struct ReviewedRecord
{
    bool decided = false;
    bool accepted = false;
};

// Everything of the database that an import is compared with.
struct KnownState
{
    std::map<QString, qint64> offers;                               // by key
    std::map<std::pair<QString, QString>, KnownOffer> bySource;     // source, offer key
    std::map<QString, std::vector<OtherPrice>> others;              // by offer key
    std::map<QString, std::vector<Pico>> inputsByModel;             // loose model key
    std::map<QString, QString> models;                              // loose key to slug
    std::set<std::pair<QString, QString>> aliases;                  // provider, its word
    std::map<std::pair<QString, QString>, ReviewedRecord> reviewed; // offer key, card hash
    std::vector<UnixSeconds> runs; // dates of the source's lists of this scope, ascending
    std::optional<int> lastCount;  // offers in the newest of them
    int lastImporterVersion = 0;
    QString lastDialect;
    bool sameAsNewest = false;   // the newest run read these very bytes
    bool sameOfThatDate = false; // a run of the same date read these very bytes
};

// `at` is the list's date: where it is not the newest of its source, whole histories are read.
engine::Result<KnownState> readKnownState(const QSqlDatabase &database, const ForeignFile &file,
                                          const QByteArray &sha256, UnixSeconds at);

} // namespace app
