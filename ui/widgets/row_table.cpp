// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/row_table.h"

#include <cmath>

#include <QClipboard>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "ui/widgets/badge.h"
#include "ui/widgets/digits.h"

namespace ui {
namespace {

constexpr double kHeader = 26;
constexpr double kRow = 28;
constexpr double kPadding = 8;
constexpr double kColumnGap = 16;
constexpr double kShape = 8;
constexpr double kFactGap = 8;
constexpr double kFactLabelGap = 16;

bool isNumber(const QString &text)
{
    return !text.isEmpty() && (text[0].isDigit() || text[0] == QLatin1Char('$'));
}

} // namespace

RowTable::RowTable(const QStringList &titles, QWidget *parent) : QWidget(parent), m_titles(titles)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RowTable::setRows(const QList<TableRow> &rows)
{
    if (rows == m_rows)
        return;
    m_rows = rows;
    m_hovered = -1;
    updateGeometry();
    update();
}

void RowTable::setSelected(const QString &id)
{
    if (id == m_selected)
        return;
    m_selected = id;
    update();
}

QString RowTable::text() const
{
    QStringList lines{m_titles.join(QLatin1Char('\t'))};
    for (const TableRow &row : m_rows)
        lines.append(row.cells.join(QLatin1Char('\t')));
    return lines.join(QLatin1Char('\n'));
}

QRectF RowTable::rowRect(int index) const
{
    return {0, kHeader + kRow * index, double(width()), kRow};
}

QSize RowTable::sizeHint() const
{
    return {360, static_cast<int>(kHeader + kRow * double(m_rows.size()))};
}

int RowTable::rowAt(double y) const
{
    const int row = static_cast<int>(std::floor((y - kHeader) / kRow));
    return y >= kHeader && row < m_rows.size() ? row : -1;
}

QList<double> RowTable::columnLefts() const
{
    const QFont head = theme().font(Type::Note, 600);
    const QFont cell = theme().font(Type::Axis);
    QList<double> lefts(m_titles.size() + 1, 0);
    double right = width() - kPadding;
    lefts.last() = right;
    for (qsizetype column = m_titles.size() - 1; column > 0; --column) {
        double widest = QFontMetricsF(head).horizontalAdvance(m_titles[column]);
        for (const TableRow &row : m_rows)
            widest = std::max(widest, digitsWidth(row.cells.value(column), cell));
        right -= std::ceil(widest);
        lefts[column] = right;
        right -= kColumnGap;
    }
    lefts[0] = kPadding;
    return lefts;
}

void RowTable::themeChanged()
{
    update();
}

void RowTable::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QList<double> lefts = columnLefts();
    const QFont headFont = theme().font(Type::Note, 600);
    const QFont cellFont = theme().font(Type::Axis);
    const QFontMetricsF metrics(cellFont);
    const QColor rule = theme().gridMinor.isValid() ? theme().gridMinor : theme().gridMajor;
    const bool hasShapes =
        std::any_of(m_rows.begin(), m_rows.end(), [](const TableRow &row) { return row.kind; });
    const double textLeft = lefts[0] + (hasShapes ? kShape + 8 : 0);
    const auto firstRoom = [&] {
        return (m_titles.size() > 1 ? lefts[1] - kColumnGap : lefts.last()) - textLeft;
    }();

    painter.setFont(headFont);
    painter.setPen(theme().text3);
    painter.drawText(QRectF(lefts[0], 0, firstRoom, kHeader), Qt::AlignLeft | Qt::AlignVCenter,
                     m_titles.value(0));
    for (qsizetype column = 1; column < m_titles.size(); ++column) {
        const double right =
            column + 1 < m_titles.size() ? lefts[column + 1] - kColumnGap : lefts.last();
        painter.drawText(QRectF(lefts[column] - 20, 0, right - lefts[column] + 20, kHeader),
                         Qt::AlignRight | Qt::AlignVCenter, m_titles[column]);
    }
    for (int index = 0; index < m_rows.size(); ++index) {
        const TableRow &row = m_rows[index];
        const QRectF box = rowRect(index);
        if (row.id == m_selected && !m_selected.isEmpty()) {
            painter.fillRect(box, theme().select);
            painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), theme().accent);
        } else if (index == m_hovered) {
            painter.fillRect(box, theme().hover);
        }
        painter.setPen(QPen(rule, 1));
        painter.drawLine(QPointF(box.left(), box.bottom() - 0.5),
                         QPointF(box.right(), box.bottom() - 0.5));
        if (row.kind) {
            paintProvenance(painter, *row.kind, {lefts[0] + kShape / 2, box.center().y()}, kShape,
                            theme().text2, theme().card);
        }
        painter.setFont(cellFont);
        painter.setPen(theme().text1);
        painter.drawText(QRectF(textLeft, box.top(), firstRoom, kRow),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(row.cells.value(0), Qt::ElideRight, firstRoom));
        const double baseline = box.top() + (kRow + metrics.ascent() - metrics.descent()) / 2;
        for (qsizetype column = 1; column < m_titles.size(); ++column) {
            const QString cell = row.cells.value(column);
            const double right =
                column + 1 < m_titles.size() ? lefts[column + 1] - kColumnGap : lefts.last();
            painter.setPen(isNumber(cell) ? theme().text1 : theme().text3);
            paintDigits(painter, {right - digitsWidth(cell, cellFont), baseline}, cell, cellFont);
        }
    }
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme().accent, 2));
        painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
    }
}

void RowTable::hover(int row)
{
    if (row == m_hovered)
        return;
    m_hovered = row;
    emit hovered(row >= 0 ? m_rows[row].id : QString());
    update();
}

void RowTable::choose(int row)
{
    if (row < 0 || row >= m_rows.size())
        return;
    m_selected = m_rows[row].id;
    update();
    emit chosen(m_selected);
}

void RowTable::mouseMoveEvent(QMouseEvent *event)
{
    hover(rowAt(event->position().y()));
}

void RowTable::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        choose(rowAt(event->position().y()));
}

void RowTable::mouseDoubleClickEvent(QMouseEvent *event)
{
    const int row = rowAt(event->position().y());
    if (row >= 0)
        emit activated(m_rows[row].id);
}

void RowTable::leaveEvent(QEvent *)
{
    hover(-1);
}

void RowTable::keyPressEvent(QKeyEvent *event)
{
    int current = -1;
    for (int i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].id == m_selected)
            current = i;
    }
    if (event->matches(QKeySequence::Copy))
        QGuiApplication::clipboard()->setText(text());
    else if (event->key() == Qt::Key_Down)
        choose(std::min<int>(current + 1, static_cast<int>(m_rows.size()) - 1));
    else if (event->key() == Qt::Key_Up)
        choose(std::max(current - 1, 0));
    else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && current >= 0)
        emit activated(m_selected);
    else
        QWidget::keyPressEvent(event);
}

void RowTable::focusInEvent(QFocusEvent *)
{
    update();
}

void RowTable::focusOutEvent(QFocusEvent *)
{
    update();
}

FactRows::FactRows(QWidget *parent) : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void FactRows::setFacts(const QList<Fact> &facts)
{
    if (facts == m_facts)
        return;
    m_facts = facts;
    QStringList spoken;
    for (const Fact &fact : facts)
        spoken.append(fact.label + QStringLiteral(": ") + fact.value);
    setAccessibleDescription(spoken.join(QStringLiteral(". ")));
    updateGeometry();
    update();
}

double FactRows::labelWidth() const
{
    const QFontMetricsF metrics(theme().font(Type::Axis));
    double widest = 0;
    for (const Fact &fact : m_facts)
        widest = std::max(widest, metrics.horizontalAdvance(fact.label));
    return std::ceil(widest);
}

double FactRows::valueHeight(const Fact &fact, double width) const
{
    const QFontMetricsF metrics(theme().font(Type::Axis, fact.strong ? 600 : 400));
    const QRectF box = metrics.boundingRect(QRectF(0, 0, std::max(40.0, width), 1e4),
                                            Qt::AlignLeft | Qt::TextWordWrap, fact.value);
    return std::max<double>(theme().type(Type::Axis).lineHeight + 2, std::ceil(box.height()));
}

QSize FactRows::sizeHint() const
{
    return {320, heightForWidth(320)};
}

QSize FactRows::minimumSizeHint() const
{
    return {200, theme().type(Type::Axis).lineHeight};
}

int FactRows::heightForWidth(int width) const
{
    const double room = width - labelWidth() - kFactLabelGap;
    double height = 0;
    for (const Fact &fact : m_facts) {
        const double badge = fact.kind ? badgeWidth(*fact.kind, BadgeForm::Letter, theme()) + 8 : 0;
        height += valueHeight(fact, room - badge) + kFactGap;
    }
    return static_cast<int>(std::ceil(std::max(0.0, height - kFactGap)));
}

void FactRows::themeChanged()
{
    updateGeometry();
    update();
}

void FactRows::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const double left = labelWidth() + kFactLabelGap;
    const double line = theme().type(Type::Axis).lineHeight + 2;
    double top = 0;
    for (const Fact &fact : m_facts) {
        const double badge = fact.kind ? badgeWidth(*fact.kind, BadgeForm::Letter, theme()) + 8 : 0;
        const double room = width() - left - badge;
        const double height = valueHeight(fact, room);
        painter.setFont(theme().font(Type::Axis));
        painter.setPen(theme().text3);
        painter.drawText(QRectF(0, top, left, line), Qt::AlignLeft | Qt::AlignVCenter, fact.label);
        painter.setFont(theme().font(Type::Axis, fact.strong ? 600 : 400));
        painter.setPen(fact.strong ? theme().text1 : theme().text2);
        const int lines = height > line + 1 ? int(Qt::AlignTop) : int(Qt::AlignVCenter);
        painter.drawText(QRectF(left, top, room, height), lines | Qt::AlignLeft | Qt::TextWordWrap,
                         fact.value);
        if (fact.kind) {
            const double used =
                std::min(room, QFontMetricsF(painter.font()).horizontalAdvance(fact.value) + 8);
            paintBadge(painter, {left + used, top + (line - kBadgeHeight) / 2}, *fact.kind,
                       BadgeForm::Letter, theme(), theme().card);
        }
        top += height + kFactGap;
    }
}

} // namespace ui
