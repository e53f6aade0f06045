// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <vector>

#include <QSqlDatabase>
#include <QSqlQuery>

#include "app/catalog/card_reader.h"
#include "app/catalog/catalog.h"
#include "app/catalog/database.h"
#include "app/catalog/snapshot.h"

namespace app {

struct Interval
{
    std::optional<UnixSeconds> from;
    std::optional<UnixSeconds> to;

    bool holds(UnixSeconds at) const { return (!from || *from <= at) && (!to || *to > at); }
    bool later(UnixSeconds at) const { return from && *from > at; }
};

// One price version of one source.
struct Version
{
    qint64 id = 0;
    Interval interval;
    DateBasis basis = DateBasis::Unknown;
    QString currency;
    QString hash;
    int precedence = 0;
    Provenance provenance;
};

// A user's price that holds at the instant.
struct OverrideRow
{
    AppliedOverride applied;
    qint64 schedule = 0;
    QString baseHash;
};

// An offer's figures while they are gathered.
struct Gathered
{
    Offer offer;
    std::vector<Version> holding; // at the instant, one a source
    std::vector<Version> later;   // earliest of each source that has only later ones
    std::vector<OverrideRow> overrides;
    std::map<QString, UnixSeconds> withdrawn; // by source
    bool retired = false;
};

// Reads the catalog, or a part of it, at one instant. The first error sticks.
class SnapshotReader
{
public:
    SnapshotReader(const QSqlDatabase &database, UnixSeconds asOf, SnapshotScope scope)
        : m_database(database), m_asOf(asOf), m_scope(std::move(scope))
    {
    }
    engine::Result<CatalogPtr> read();

private:
    struct AliasRow
    {
        QString model;
        Interval interval;
    };

    template <class Row>
    void each(const QString &sql, const QVariantList &values, const Row &row)
    {
        if (m_error)
            return;
        auto query = database::run(m_database, sql, values);
        if (!query) {
            m_error = query.error();
            return;
        }
        while (query->next())
            row(*query);
    }
    // "AND <column> IN (the offers of the scope)", empty where that is every offer.
    QString within(const char *column) const;

    // What is sold and what holds: snapshot.cpp.
    void readScope();
    void readNames();
    void readOffers();
    void readVersions();
    void readCards();
    void choose(Gathered &gathered, CardReader &cards);
    bool belongs(const Gathered &gathered) const;
    void nameModel(Offer &offer) const;

    // What is known besides the price: snapshot_figures.cpp.
    void readLimits();
    void readObservations();
    void readClaims();
    void readClaim(const QSqlQuery &row, Gathered &gathered);

    // What the user and the reviews say: snapshot_overrides.cpp.
    void readOverrides();
    void readMarks();
    static void applyOverrides(Gathered &gathered, CardReader &cards, const QString &hash);

    QSqlDatabase m_database;
    UnixSeconds m_asOf;
    SnapshotScope m_scope;
    std::optional<QString> m_ids; // "1,2,3" of the scope; absent: every offer
    std::optional<engine::Error> m_error;
    std::map<qint64, Gathered> m_offers;
    std::map<QString, CatalogModel> m_models;
    std::map<std::pair<QString, QString>, std::vector<AliasRow>> m_aliases; // provider, word
    Catalog m_catalog;
};

} // namespace app
