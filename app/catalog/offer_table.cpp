// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/offer_table.h"

#include <algorithm>

namespace app {
namespace {

template <class T>
QVariant raw(const std::optional<T> &value)
{
    if constexpr (std::is_floating_point_v<T>)
        return value ? QVariant(*value) : QVariant();
    else
        return value ? QVariant(static_cast<qlonglong>(*value)) : QVariant();
}

QVariant textOf(const Offer &offer, int column)
{
    switch (column) {
    case OfferTable::Label:
        return offer.label;
    case OfferTable::Provider:
        return offer.providerName;
    case OfferTable::Model:
        return offer.modelName;
    case OfferTable::Region:
        return offer.region;
    case OfferTable::Quantization:
        return offer.quantization == QLatin1String("unknown") ? QString() : offer.quantization;
    case OfferTable::Tier:
        return offer.serviceTier;
    case OfferTable::Source:
        return offer.provenance.sourceName;
    default:
        return {};
    }
}

QVariant figureOf(const Offer &offer, int column)
{
    const Prices &base = offer.card.base;
    switch (column) {
    case OfferTable::Input:
        return raw(base.input);
    case OfferTable::CachedInput:
        return raw(base.cacheRead);
    case OfferTable::Output:
        return raw(base.output);
    case OfferTable::Blended:
        if (const auto mixed = blended(base, {3, 1, 0}))
            return QVariant(static_cast<qlonglong>(mixed->amount));
        return offer.blendedRange ? QVariant(static_cast<qlonglong>(offer.blendedRange->lower))
                                  : QVariant();
    case OfferTable::Context:
        return raw(offer.contextWindow);
    case OfferTable::Wait:
        return raw(offer.wait.p50Ms);
    case OfferTable::Date:
        return offer.provenance.date.isValid() ? QVariant(offer.provenance.date) : QVariant();
    default:
        return textOf(offer, column);
    }
}

} // namespace

void OfferTable::setCatalog(CatalogPtr catalog)
{
    beginResetModel();
    m_catalog = std::move(catalog);
    m_searchTexts.clear();
    m_freshness.clear();
    if (m_catalog) {
        for (const Offer &offer : m_catalog->offers) {
            m_searchTexts.push_back(
                QStringList{offer.label, offer.id, offer.family, offer.provenance.sourceName}
                    .join(QLatin1Char('\n'))
                    .toLower());
            m_freshness.push_back(ageOfPrice(offer.provenance, m_catalog->asOf).freshness);
        }
    }
    endResetModel();
}

const Offer *OfferTable::offerAt(int row) const
{
    return m_catalog && row >= 0 && row < rowCount() ? &m_catalog->offers[std::size_t(row)]
                                                     : nullptr;
}

int OfferTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_catalog ? 0 : static_cast<int>(m_catalog->offers.size());
}

int OfferTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant OfferTable::data(const QModelIndex &index, int role) const
{
    const Offer *offer = offerAt(index.row());
    if (!offer || !index.isValid())
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return textOf(*offer, index.column());
    case SortRole:
        return figureOf(*offer, index.column());
    case OfferRole:
        return QVariant::fromValue(static_cast<const void *>(offer));
    case FreshnessRole:
        return static_cast<int>(freshnessAt(index.row()));
    case DoubtsRole: {
        const std::vector<QString> doubts = doubtsAbout(*offer, m_catalog->asOf);
        return QStringList(doubts.begin(), doubts.end());
    }
    default:
        return {};
    }
}

OfferTableView::OfferTableView(QObject *parent) : QSortFilterProxyModel(parent)
{
    setSortRole(OfferTable::SortRole);
    setDynamicSortFilter(true);
}

void OfferTableView::setFilter(const OfferFilter &filter)
{
    if (filter == m_filter)
        return;
    m_filter = filter;
    m_words = filter.search.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

const Offer *OfferTableView::offerAt(int row) const
{
    const auto *table = qobject_cast<const OfferTable *>(sourceModel());
    return table ? table->offerAt(mapToSource(index(row, 0)).row()) : nullptr;
}

bool OfferTableView::filterAcceptsRow(int row, const QModelIndex &) const
{
    const auto *table = qobject_cast<const OfferTable *>(sourceModel());
    const Offer *offer = table ? table->offerAt(row) : nullptr;
    if (!offer)
        return false;
    const auto matches = [](const QString &wanted, const QString &value) {
        return wanted.isEmpty() || wanted == value;
    };
    return matches(m_filter.provider, offer->provider) && matches(m_filter.region, offer->region) &&
           matches(m_filter.quantization, offer->quantization) &&
           (!m_filter.contextAtLeast ||
            (offer->contextWindow && *offer->contextWindow >= *m_filter.contextAtLeast)) &&
           (!m_filter.freshness || table->freshnessAt(row) <= *m_filter.freshness) &&
           std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString &word) { return table->searchText(row).contains(word); });
}

bool OfferTableView::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const QVariant a = left.data(OfferTable::SortRole);
    const QVariant b = right.data(OfferTable::SortRole);
    if (a.isValid() != b.isValid())
        return a.isValid() == (sortOrder() == Qt::AscendingOrder);
    if (!a.isValid())
        return false;
    const bool figures = a.typeId() == QMetaType::LongLong || a.typeId() == QMetaType::Double;
    if (figures)
        return a.toDouble() < b.toDouble();
    if (a.typeId() == QMetaType::QDate)
        return a.toDate() < b.toDate();
    return QString::compare(a.toString(), b.toString(), Qt::CaseInsensitive) < 0;
}

} // namespace app
