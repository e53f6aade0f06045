// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QSqlDatabase>
#include <QString>

#include "app/catalog/catalog.h"
#include "app/catalog/edits.h"
#include "app/catalog/import/import.h"
#include "app/catalog/refresh_sources.h"
#include "app/catalog/usage_cost.h"
#include "engine/spec/result.h"

namespace app {

// Active prices hold or held; an announced one is yet to come, a cancelled one never came.
enum class PriceStatus { Active, Announced, Cancelled };

// Why there is another price: the seller changed it, the source was wrong, or the source began to
// say more. Only the first is a move of the price.
enum class ChangeKind { Initial, PriceChange, Correction, SchemaChange };

// One step of an offer's price history.
struct PriceStep
{
    PriceCard card;
    std::optional<UnixSeconds> validFrom;
    std::optional<UnixSeconds> validTo;
    DateBasis basis = DateBasis::Unknown;
    Provenance provenance;
    PriceStatus status = PriceStatus::Active;
    ChangeKind change = ChangeKind::Initial;
    UnixSeconds recordedAt = 0; // when it came to be believed

    friend bool operator==(const PriceStep &, const PriceStep &) = default;
};

// One source's word on one part of an offer's price.
struct FigureTrail
{
    QString component;
    std::int64_t aboveInputTokens = 0;
    QString schedule; // slug, empty at any hour
    Pico amount = 0;
    QString currency;
    QString rawText; // as the source spells it; empty where it has a number
    std::optional<UnixSeconds> validFrom;
    DateBasis basis = DateBasis::Unknown;
    UnixSeconds recordedAt = 0;
    QString importer; // which reader brought it, and from which file or address
    QString uri;
    bool shown = false;
    Provenance provenance;

    friend bool operator==(const FigureTrail &, const FigureTrail &) = default;
};

// Owns catalog.sqlite. A store belongs to the thread that opened it; several stores, in one program
// or in two, may share a file.
class CatalogStore
{
public:
    // Opens the file, or makes it from the seed that is compiled in. A damaged file is set aside
    // beside it and restored from the newest good copy, or made anew where there is none, which
    // notice() then says. Errors: Io (folder cannot be written, disk
    // full), Unsupported (the file was written by a newer version; it is left untouched).
    static engine::Result<std::unique_ptr<CatalogStore>> open(const QString &path);
    // The seed alone, in memory: nothing is read from or written to disk.
    static engine::Result<std::unique_ptr<CatalogStore>> openInMemory();
    // As open(); where that fails, the seed in memory with the reason as notice(). An error only
    // where Qt's SQLite driver is missing.
    static engine::Result<std::unique_ptr<CatalogStore>> openOrInMemory(const QString &path);
    ~CatalogStore();

    CatalogStore(const CatalogStore &) = delete;
    CatalogStore &operator=(const CatalogStore &) = delete;

    // All offers as they stood at that instant.
    engine::Result<CatalogPtr> snapshot(UnixSeconds asOf) const;
    // The same as the catalog would have shown it at an earlier moment: corrections that came
    // later are left out.
    engine::Result<CatalogPtr> snapshotAsBelieved(UnixSeconds asOf, UnixSeconds believedAt) const;
    // One offer; NotFound for an unknown key or one that had no figure then.
    engine::Result<Offer> offer(const QString &offerId, UnixSeconds asOf) const;
    // The offers of one model ("o3") or family.
    engine::Result<CatalogPtr> offersOf(const QString &familyOrModel, UnixSeconds asOf) const;
    // Every card an offer had, oldest first.
    engine::Result<std::vector<PriceStep>> priceHistory(const QString &offerId) const;
    // Where each part of an offer's price comes from, the one that is shown first.
    engine::Result<std::vector<FigureTrail>> provenance(const QString &offerId,
                                                        UnixSeconds asOf) const;
    engine::Result<std::vector<TokenUse>> tokenUses() const;

    // Merges a price list (see importPriceList); after a change the last good copy is renewed.
    engine::Result<ImportReport> importList(const QByteArray &content,
                                            const ImportRequest &request);

    // The user's own prices, reviews and the log of both (edits.h).
    engine::Result<qint64> setOverride(const OverrideRequest &request);
    engine::Result<void> removeOverride(qint64 id);
    engine::Result<std::vector<ReviewItem>> review() const;
    engine::Result<void> decide(qint64 reviewId, bool accept);
    engine::Result<std::vector<EditEntry>> edits() const;
    engine::Result<EditEntry> undo();

    // Whom to ask for news; off until the user turns one on.
    engine::Result<std::vector<RefreshSource>> refreshSources() const;
    engine::Result<void> setRefreshSource(const RefreshSource &source);

    // SQLite's thorough look at every page and reference; BadInput says what is wrong.
    engine::Result<void> checkIntegrity() const;

    // What the user must be told about the file, one sentence; empty if nothing.
    const QString &notice() const { return m_notice; }
    bool isPersistent() const { return m_persistent; }

private:
    explicit CatalogStore(QString connection);
    QSqlDatabase database() const;

    QString m_connection;        // name of the QSqlDatabase
    QString m_path;              // empty in memory
    UnixSeconds m_checkedAt = 0; // when every page was last looked at
    QString m_notice;
    bool m_persistent = false;
};

} // namespace app
