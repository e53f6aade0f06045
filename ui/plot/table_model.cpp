// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/table_model.h"

namespace ui {

namespace {

constexpr int kColumns = 6;

QString noValue()
{
    return QStringLiteral("–");
}

QVariant alignmentOf(int column)
{
    const bool number = column >= 1 && column <= 4;
    return QVariant(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft));
}

QString rangeText(const Axis &axis, const std::optional<Range> &range, bool low)
{
    return range ? valueText(axis, low ? range->lo : range->hi) : noValue();
}

} // namespace

void PlotTableModel::setContent(const PlotContent &content)
{
    beginResetModel();
    m_rows.clear();
    m_xTitle = content.x.title;
    m_yTitle = content.heading.title;
    for (const PlotLine &line : content.lines) {
        const PlotBand *band = nullptr;
        for (const PlotBand &candidate : content.bands)
            band = candidate.id == line.id ? &candidate : band;
        for (const QPointF &point : line.points) {
            if (!AxisMapping{content.x.scale, {}}.canShow(point.x()) ||
                !AxisMapping{content.y.scale, {}}.canShow(point.y()))
                continue;
            std::optional<Range> range;
            for (const BandPoint &edge : band ? band->points : QList<BandPoint>()) {
                if (edge.x == point.x())
                    range = Range{edge.lo, edge.hi};
            }
            m_rows.append({line.name, valueText(content.x, point.x()),
                           valueText(content.y, point.y()), rangeText(content.y, range, true),
                           rangeText(content.y, range, false), line.kind});
        }
    }
    for (const PlotDot &dot : content.dots) {
        m_rows.append({dot.name, valueText(content.x, dot.at.x()), valueText(content.y, dot.at.y()),
                       rangeText(content.y, dot.whisker, true),
                       rangeText(content.y, dot.whisker, false), dot.kind});
    }
    for (const Bubble &bubble : content.bubbles) {
        QString y = bubble.y ? valueText(content.y, *bubble.y) : noValue();
        if (bubble.open == OpenSide::Up)
            y.prepend(QStringLiteral("≥ "));
        if (bubble.open == OpenSide::Down)
            y.prepend(QStringLiteral("≤ "));
        const QString x = bubble.xRange ? valueText(content.x, bubble.xRange->lo) + noValue() +
                                              valueText(content.x, bubble.xRange->hi)
                                        : valueText(content.x, bubble.x);
        m_rows.append({bubble.name, x, y, noValue(), noValue(), bubble.kind});
    }
    endResetModel();
}

int PlotTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int PlotTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

QString PlotTableModel::kindText(Provenance kind) const
{
    switch (kind) {
    case Provenance::Measured:
        return tr("measured");
    case Provenance::Recorded:
        return tr("recorded");
    case Provenance::Imported:
        return tr("imported");
    case Provenance::Observed:
        return tr("observed");
    case Provenance::Estimated:
        return tr("estimated");
    case Provenance::Claimed:
        break;
    }
    return tr("claimed");
}

QString PlotTableModel::cell(const Row &row, int column) const
{
    switch (column) {
    case 0:
        return row.name;
    case 1:
        return row.x;
    case 2:
        return row.y;
    case 3:
        return row.low;
    case 4:
        return row.high;
    default:
        return kindText(row.kind);
    }
}

QVariant PlotTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignmentOf(index.column());
    return role == Qt::DisplayRole ? QVariant(cell(m_rows[index.row()], index.column()))
                                   : QVariant();
}

QVariant PlotTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignmentOf(section);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case 0:
        return tr("Series");
    case 1:
        return m_xTitle;
    case 2:
        return m_yTitle;
    case 3:
        return tr("Low");
    case 4:
        return tr("High");
    case 5:
        return tr("Kind");
    default:
        return {};
    }
}

QString PlotTableModel::text() const
{
    QStringList header;
    for (int column = 0; column < kColumns; ++column)
        header.append(headerData(column, Qt::Horizontal).toString());
    QString out = header.join(QLatin1Char('\t')) + QLatin1Char('\n');
    for (const Row &row : m_rows) {
        QStringList cells;
        for (int column = 0; column < kColumns; ++column)
            cells.append(cell(row, column));
        out += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    return out;
}

} // namespace ui
