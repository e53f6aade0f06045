// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include "app/catalog/catalog.h"
#include "app/catalog/freshness.h"

namespace app {

// Which offers to show. Empty and absent let every one pass.
struct OfferFilter
{
    QString search; // every word of it occurs in model, seller, gateway, id or label
    QString provider;
    std::optional<std::int64_t> contextAtLeast;
    QString region;
    QString quantization;
    std::optional<Freshness> freshness; // no worse than this

    friend bool operator==(const OfferFilter &, const OfferFilter &) = default;
};

// The offers of one snapshot as rows. Texts are in the display role; figures are raw in
// SortRole (millionths per million, tokens, milliseconds), invalid where unknown, so that a view
// can form its own words. The offer itself is in OfferRole as `const app::Offer *`, which lives as
// long as the snapshot does.
class OfferTable : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        Label,
        Provider,
        Model,
        Region,
        Quantization,
        Tier,
        Input,
        CachedInput,
        Output,
        Blended, // input : output 3 : 1, no cache
        Context,
        Wait,
        Date,
        Source,
        ColumnCount
    };
    enum Role { SortRole = Qt::UserRole, OfferRole, FreshnessRole, DoubtsRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setCatalog(CatalogPtr catalog);
    const CatalogPtr &catalog() const { return m_catalog; }
    const Offer *offerAt(int row) const;
    // Lower-case text that searches look through.
    const QString &searchText(int row) const { return m_searchTexts[std::size_t(row)]; }
    Freshness freshnessAt(int row) const { return m_freshness[std::size_t(row)]; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    CatalogPtr m_catalog;
    std::vector<QString> m_searchTexts;
    std::vector<Freshness> m_freshness;
};

// Filters and sorts an OfferTable; what is unknown sorts last in either order.
class OfferTableView : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit OfferTableView(QObject *parent = nullptr);

    void setFilter(const OfferFilter &filter);
    const OfferFilter &filter() const { return m_filter; }
    const Offer *offerAt(int row) const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    OfferFilter m_filter;
    QStringList m_words;
};

} // namespace app
