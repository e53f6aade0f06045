// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/search_combo.h"

#include <cmath>

#include <QApplication>
#include <QFocusEvent>
#include <QFontMetricsF>
#include <QFrame>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScreen>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "ui/widgets/icons.h"

namespace ui {
namespace {

enum Role { IdRole = Qt::UserRole + 1, DetailRole, ReasonRole, SectionRole };

constexpr int kRowHeight = 30;
constexpr int kListWidth = 360;
constexpr int kListHeight = 420;

class EntryDelegate : public QStyledItemDelegate
{
public:
    EntryDelegate(const Theme &theme, QObject *parent) : QStyledItemDelegate(parent), m_theme(theme)
    {
    }

    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {kListWidth - 24, kRowHeight};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        const QRect row = option.rect;
        const QString section = index.data(SectionRole).toString();
        if (!section.isEmpty()) {
            painter->setFont(m_theme.font(Type::Note, 600));
            painter->setPen(m_theme.text3);
            painter->drawText(row.adjusted(10, 6, -10, 0), Qt::AlignLeft | Qt::AlignVCenter,
                              section);
            return;
        }
        const QString reason = index.data(ReasonRole).toString();
        if (option.state.testFlag(QStyle::State_Selected))
            painter->fillRect(row, m_theme.select);
        else if (option.state.testFlag(QStyle::State_MouseOver) && reason.isEmpty())
            painter->fillRect(row, m_theme.hover);
        const QString detail = reason.isEmpty() ? index.data(DetailRole).toString() : reason;
        painter->setFont(m_theme.font(Type::Note));
        const double detailWidth = std::min<double>(
            row.width() * 0.55, QFontMetricsF(painter->font()).horizontalAdvance(detail) + 2);
        painter->setPen(m_theme.text3);
        const QRectF right(row.right() - 10 - detailWidth, row.top(), detailWidth, row.height());
        painter->drawText(
            right, Qt::AlignRight | Qt::AlignVCenter,
            QFontMetricsF(painter->font()).elidedText(detail, Qt::ElideRight, detailWidth));
        painter->setFont(m_theme.font(Type::Body, 500));
        painter->setPen(reason.isEmpty() ? m_theme.text1 : m_theme.textOff);
        const QRectF left(row.left() + 10, row.top(), right.left() - row.left() - 22, row.height());
        painter->drawText(
            left, Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetricsF(painter->font())
                .elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, left.width()));
    }

private:
    const Theme m_theme;
};

// The list below the button; ends itself when the user chooses or leaves.
class EntryPopup : public QFrame
{
public:
    EntryPopup(SearchCombo *combo, const Theme &theme)
        : QFrame(combo, Qt::Popup),
          m_combo(combo),
          m_filter(new QLineEdit(this)),
          m_list(new QListView(this)),
          m_model(new QStandardItemModel(this))
    {
        setAttribute(Qt::WA_DeleteOnClose);
        setProperty("surface", "raised");
        setFrameShape(QFrame::StyledPanel);
        setObjectName(QStringLiteral("comboPopup"));
        m_filter->setPlaceholderText(SearchCombo::tr("Type to filter"));
        m_filter->setObjectName(QStringLiteral("comboFilter"));
        m_list->setModel(m_model);
        m_list->setItemDelegate(new EntryDelegate(theme, m_list));
        m_list->setMouseTracking(true);
        m_list->setFocusPolicy(Qt::NoFocus);
        m_list->setUniformItemSizes(true);
        m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
        m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_list->setStyleSheet(QStringLiteral("QListView { background: transparent; }"));
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(8, 8, 8, 8);
        layout->setSpacing(6);
        layout->addWidget(m_filter);
        layout->addWidget(m_list);
        setFocusProxy(m_filter);
        m_filter->installEventFilter(this);
        connect(m_filter, &QLineEdit::textChanged, this, &EntryPopup::fill);
        connect(m_list, &QListView::clicked, this, &EntryPopup::take);
        fill({});
    }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (watched != m_filter || event->type() != QEvent::KeyPress)
            return QFrame::eventFilter(watched, event);
        switch (static_cast<QKeyEvent *>(event)->key()) {
        case Qt::Key_Down:
            moveBy(1);
            return true;
        case Qt::Key_Up:
            moveBy(-1);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            take(m_list->currentIndex());
            return true;
        default:
            return QFrame::eventFilter(watched, event);
        }
    }

private:
    void fill(const QString &filter)
    {
        m_model->clear();
        QString section;
        for (const ComboEntry &entry : m_combo->entries()) {
            if (!filter.isEmpty() && !entry.name.contains(filter, Qt::CaseInsensitive) &&
                !entry.detail.contains(filter, Qt::CaseInsensitive))
                continue;
            if (entry.section != section && !entry.section.isEmpty()) {
                auto *head = new QStandardItem;
                head->setData(entry.section, SectionRole);
                head->setFlags(Qt::NoItemFlags);
                m_model->appendRow(head);
            }
            section = entry.section;
            auto *item = new QStandardItem(entry.name);
            item->setData(entry.id, IdRole);
            item->setData(entry.detail, DetailRole);
            item->setData(entry.unavailable, ReasonRole);
            item->setToolTip(entry.unavailable);
            if (!entry.unavailable.isEmpty())
                item->setFlags(Qt::ItemIsEnabled);
            m_model->appendRow(item);
            if (entry.id == m_combo->current())
                m_list->setCurrentIndex(item->index());
        }
        if (!m_list->currentIndex().isValid())
            moveBy(1);
    }

    void moveBy(int step)
    {
        int row = m_list->currentIndex().isValid() ? m_list->currentIndex().row() : -1;
        for (row += step; row >= 0 && row < m_model->rowCount(); row += step) {
            const QModelIndex index = m_model->index(row, 0);
            if (index.flags().testFlag(Qt::ItemIsSelectable)) {
                m_list->setCurrentIndex(index);
                m_list->scrollTo(index);
                return;
            }
        }
    }

    void take(const QModelIndex &index)
    {
        if (!index.isValid() || !index.flags().testFlag(Qt::ItemIsSelectable))
            return;
        const QString id = index.data(IdRole).toString();
        SearchCombo *combo = m_combo;
        close();
        if (id != combo->current()) {
            combo->setCurrent(id);
            emit combo->chosen(id);
        }
    }

    SearchCombo *m_combo;
    QLineEdit *m_filter;
    QListView *m_list;
    QStandardItemModel *m_model;
};

} // namespace

SearchCombo::SearchCombo(const QString &accessibleName, QWidget *parent) : PaintedButton(parent)
{
    setAccessibleName(accessibleName);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &QAbstractButton::clicked, this, &SearchCombo::openList);
}

void SearchCombo::setEntries(const QList<ComboEntry> &entries)
{
    if (entries == m_entries)
        return;
    m_entries = entries;
    update();
}

void SearchCombo::setCurrent(const QString &id)
{
    m_current = id;
    const ComboEntry *shown = entry(id);
    setAccessibleDescription(shown ? shown->name : id);
    setToolTip(shown ? shown->name : id);
    update();
}

const ComboEntry *SearchCombo::entry(const QString &id) const
{
    for (const ComboEntry &candidate : m_entries) {
        if (candidate.id == id)
            return &candidate;
    }
    return nullptr;
}

void SearchCombo::openList()
{
    auto *popup = new EntryPopup(this, theme());
    const int listWidth = std::max(kListWidth, width());
    popup->resize(
        listWidth,
        std::min<int>(kListHeight, 70 + kRowHeight * (static_cast<int>(m_entries.size()) + 3)));
    QPoint at = mapToGlobal(QPoint(0, height() + 4));
    if (const QScreen *screen = this->screen()) {
        const QRect space = screen->availableGeometry();
        at.setY(std::max(space.top(), std::min(at.y(), space.bottom() - popup->height())));
        at.setX(std::max(space.left(), std::min(at.x(), space.right() - popup->width())));
    }
    popup->move(at);
    popup->show();
    popup->setFocus(Qt::PopupFocusReason);
}

QSize SearchCombo::sizeHint() const
{
    return {160, theme().controlHeight};
}

QSize SearchCombo::minimumSizeHint() const
{
    return {72, theme().controlHeight};
}

void SearchCombo::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(QPen(isEnabled() ? theme().strokeControl : theme().strokeCard, 1));
    painter.setBrush(underMouse() && isEnabled() ? theme().hover : theme().card);
    painter.drawRoundedRect(frame, theme().radiusControl, theme().radiusControl);
    const ComboEntry *shown = entry(m_current);
    const QString name = shown ? shown->name : m_current;
    const QString detail = shown ? shown->detail : QString();
    const QFont font = theme().font(Type::Body, 500);
    const QFontMetricsF metrics(font);
    const QRectF place(10, 0, width() - 10 - 28, height());
    const QString fitted = metrics.elidedText(name, Qt::ElideRight, place.width());
    painter.setFont(font);
    painter.setPen(isEnabled() ? theme().text1 : theme().textOff);
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, fitted);
    const double used = metrics.horizontalAdvance(fitted) + 8;
    const QFontMetricsF detailMetrics(theme().font(Type::Body));
    // What decides is shown beside the name where the whole of it has room.
    if (used + detailMetrics.horizontalAdvance(detail) <= place.width()) {
        painter.setFont(theme().font(Type::Body));
        painter.setPen(isEnabled() ? theme().text3 : theme().textOff);
        painter.drawText(place.adjusted(used, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, detail);
    }
    paintIcon(painter, Icon::Chevron, QRectF(width() - 27, (height() - 18) / 2.0, 18, 18),
              isEnabled() ? theme().text2 : theme().textOff);
    if (showsFocus())
        paintFocusRing(painter, rect(), theme().radiusControl, theme());
}

void SearchCombo::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Return ||
        event->key() == Qt::Key_Enter || event->key() == Qt::Key_F4) {
        openList();
        return;
    }
    PaintedButton::keyPressEvent(event);
}

} // namespace ui
