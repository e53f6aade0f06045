// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/picture.h"

#include <QAbstractTableModel>

namespace ui {

// The rows of a plot's content, one per point, in drawing order. Columns: series, x, y, low, high,
// kind. A value that is not there is an en dash.
class PlotTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    // Replaces all rows by those of `content`.
    void setContent(const PlotContent &content);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation,
                        int role = Qt::DisplayRole) const override;

    // All rows with a header line, tab separated.
    QString text() const;

private:
    struct Row
    {
        QString name;
        QString x;
        QString y;
        QString low;
        QString high;
        Provenance kind;
    };

    QString kindText(Provenance kind) const;
    QString cell(const Row &row, int column) const;

    QList<Row> m_rows;
    QString m_xTitle;
    QString m_yTitle;
};

} // namespace ui
