// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QString>

#include "app/catalog/catalog.h"
#include "engine/spec/result.h"

namespace app {

// One step of an offer's price history.
struct PriceStep
{
    PriceCard card;
    std::optional<UnixSeconds> validFrom;
    std::optional<UnixSeconds> validTo;
    DateBasis basis = DateBasis::Unknown;
    Provenance provenance;

    friend bool operator==(const PriceStep &, const PriceStep &) = default;
};

// Owns catalog.sqlite. A store belongs to the thread that opened it; several stores, in one program
// or in two, may share a file.
class CatalogStore
{
public:
    // Opens the file, or makes it from the seed that is compiled in. A damaged file is set aside
    // beside it and made anew, which notice() then says. Errors: Io (folder cannot be written, disk
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
    // Every card an offer had, oldest first.
    engine::Result<std::vector<PriceStep>> priceHistory(const QString &offerId) const;

    // What the user must be told about the file, one sentence; empty if nothing.
    const QString &notice() const { return m_notice; }
    bool isPersistent() const { return m_persistent; }

private:
    explicit CatalogStore(QString connection);

    QString m_connection; // name of the QSqlDatabase
    QString m_notice;
    bool m_persistent = false;
};

} // namespace app
