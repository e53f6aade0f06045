// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QByteArray>
#include <QDate>
#include <QString>

#include "app/catalog/catalog.h"
#include "engine/spec/result.h"

namespace app {

// Our own catalog format (docs/catalog.md) as plain values: the seed is written in it. Every name
// refers to a slug of the same or an earlier part.

struct FileSource
{
    QString slug;
    QString name;
    QString kind;
    QString homepage;
    QString licence;
    int precedence = 100;
    int staleAfterDays = 0;
    int deadAfterDays = 0;
};

struct FileProvider
{
    QString slug;
    QString name;
    QString kind;
    QString country;
    QString pricingUrl;
};

struct FileModel
{
    QString slug;
    QString name;
    QString family;
    QString vendor;
    QDate releasedOn;
    std::optional<std::int64_t> paramsTotal;
    std::optional<std::int64_t> paramsActive;
    bool isReasoning = false;
};

struct FileSchedule
{
    QString slug;
    QString description;
    QString dayZone;
    QString holidayCalendar;
    std::vector<ScheduleWindow> windows;
};

// Who says so; every figure has one.
struct FileOrigin
{
    QString source;
    QString locator;
    QDate date;
    QString confidence;
    QString note;

    friend bool operator==(const FileOrigin &, const FileOrigin &) = default;
};

struct FileHolidays
{
    HolidayCalendar calendar;
    FileOrigin origin;
};

struct FileWorkload
{
    QString slug;
    QString kind;
    QString note;
};

struct FileAlias
{
    QString model;
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;
};

struct FileComponent
{
    QString component;
    std::int64_t aboveInputTokens = 0;
    QString schedule; // empty: at any hour
    Pico amount = 0;
    QString rawText; // as the source spells it; empty where it has a number
};

struct FilePrice
{
    FileOrigin origin;
    QString currency = QStringLiteral("USD");
    QString basis;
    QString status = QStringLiteral("active");
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;
    std::vector<FileComponent> components; // sorted, see sortComponents()
};

struct FileLimits
{
    FileOrigin origin;
    UnixSeconds from = 0;
    std::optional<UnixSeconds> to;
    std::optional<std::int64_t> contextWindow;
    std::optional<std::int64_t> maxOutput;
};

struct FileObservation
{
    FileOrigin origin;
    QString metric;
    QString workload;
    UnixSeconds start = 0;
    UnixSeconds end = 0;
    std::optional<std::int64_t> n;
    std::optional<double> p50;
    std::optional<double> p75;
    std::optional<double> p90;
    std::optional<double> p99;
};

struct FileClaim
{
    FileOrigin origin;
    QString metric;
    QString versus; // key of another offer: the bounds are of the difference from it
    std::optional<double> lower;
    std::optional<double> upper;
    QString words;
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;
};

struct FileOffer
{
    QString provider;
    QString via;
    QString modelId;
    QString region;
    QString tier = QStringLiteral("standard");
    QString quantization = QStringLiteral("unknown");
    QString endpoint;
    std::optional<UnixSeconds> retired;
    QString unpriced; // why it has no price, one clause; empty where it has one
    std::vector<FileAlias> models;
    std::vector<FilePrice> prices;
    std::vector<FileLimits> limits;
    std::vector<FileObservation> observations;
    std::vector<FileClaim> claims;
};

// What a model spent on a public set of tasks; completion tokens include its thinking.
struct FileTokenUse
{
    FileOrigin origin;
    QString model;
    QString setting; // "32k thinking", empty where there is but one
    QString task;
    std::int64_t cases = 0;
    std::int64_t passedPpm = 0;
    std::optional<std::int64_t> promptTokens;     // of all cases
    std::optional<std::int64_t> completionTokens; // of all cases
    std::optional<double> secondsPerCase;
};

struct CatalogFile
{
    int revision = 0; // higher replaces lower
    std::vector<FileSource> sources;
    std::vector<FileProvider> providers;
    std::vector<FileModel> models;
    std::vector<FileSchedule> schedules;
    std::vector<FileHolidays> holidays;
    std::vector<FileWorkload> workloads;
    std::vector<FileOffer> offers;
    std::vector<FileTokenUse> tokenUses;
};

// The parts of a price that requests are billed by, and the order in which they are shown.
inline constexpr const char *kComponentNames[] = {
    "input", "output", "cache_read", "cache_write", "reasoning", "request", "cache_write_1h"};

// By threshold, schedule and name, so that equal cards are equal lists.
void sortComponents(FilePrice &price);

// Hash of what a card asks, whatever its notes: equal hashes are no price change.
QString cardHash(const FilePrice &price);

// The stable text key of an offer: provider/model, then what differs from the usual (@gateway,
// #region, !tier, +quantisation, ~endpoint).
QString offerKey(const FileOffer &offer);

// Adds the parts of one JSON text to `file`. BadInput names `name`, the place in it and what is
// wrong; `file` is then to be thrown away. Text over 64 MiB is refused.
engine::Result<void> readCatalogJson(const QByteArray &json, const QString &name,
                                     CatalogFile *file);

// BadInput unless every name in the file is declared in it, every figure has a source, an address,
// a date and a confidence, intervals of one offer and source do not overlap, and prices are sane:
// none of 0 (but in tier "free"), none above 1,000 or below 0.0005 per million, no cache read above
// input.
engine::Result<void> checkCatalogFile(const CatalogFile &file);

// "0.55" -> 550,000. Absent for anything but a plain decimal of at most six places.
std::optional<MicroPerMillion> parsePrice(const QString &text);

// "2025-02-08" (its first second) or "2025-02-08T16:00:00Z".
std::optional<UnixSeconds> parseInstant(const QString &text);

} // namespace app
