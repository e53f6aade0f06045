// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <vector>

#include <QByteArray>
#include <QDate>
#include <QString>

#include "app/catalog/catalog_file.h"
#include "engine/spec/result.h"

namespace app {

// One offer as a price list has it. Its prices are either observed, one card without dates of its
// own, or declared: the list states when each held.
struct ForeignOffer
{
    QString key;    // the list's own word for it
    QString source; // slug of who says so; empty: the file's source
    FileOffer offer;
    QString modelKey; // which model this seems to be, see modelKey()
    QString modelName;
    QString family;
    bool declared = false;
    QString unpriced; // why it has no price; empty where it has one
};

// A price list of somebody else, read and understood but not yet compared with what is known.
struct ForeignFile
{
    QString importer;        // "litellm": names the format
    int importerVersion = 1; // rises when the same file would be understood differently
    QString dialect;         // which spelling of the format
    QString scope;           // the part of the source that this file lists; empty: all of it
    bool complete = true;    // what it does not list is gone; false: it only adds
    QString source;          // slug of the source whose offers these are
    QDate date;              // newest date that the file names of itself; invalid where none
    CatalogFile names;       // sources, providers, schedules, workloads; no offers
    std::vector<ForeignOffer> offers;
    std::map<QString, int> unknownFields; // and how many records have each
    std::vector<QString> notes;           // whole sentences
    int skipped = 0;                      // records that sell no tokens
};

// Recognises the format by its shape and reads it. `name` is for messages. BadInput where it is
// none that is known, is cut off, or is larger than 64 MiB; nothing else is an error here.
engine::Result<ForeignFile> readForeignFile(const QByteArray &content, const QString &name);

// A guess at which model a seller's id means: without paths, regions, variants and dates, in lower
// case. Ids of one key are compared with each other, not identified.
QString modelKey(const QString &modelId);

// `key` with every "." as "-": lists differ in how they write version numbers.
QString looseKey(const QString &key);

} // namespace app
