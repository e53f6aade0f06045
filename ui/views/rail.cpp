// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/rail.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kItemHeight = 50;
constexpr int kIconSize = 20;

} // namespace

RailButton::RailButton(Icon icon, const QString &word, QWidget *parent)
    : PaintedButton(parent), m_icon(icon)
{
    setText(word);
    setCheckable(true);
    setAutoExclusive(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize RailButton::sizeHint() const
{
    return {76, kItemHeight};
}

bool RailButton::fits() const
{
    return QFontMetricsF(theme().font(Type::Note, 600)).horizontalAdvance(text()) <= width() - 6;
}

void RailButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (isChecked())
        painter.fillRect(rect(), theme().select);
    else if (underMouse())
        painter.fillRect(rect(), theme().hover);
    if (isChecked())
        painter.fillRect(QRect(0, 0, 3, height()), theme().accent);
    const QColor ink = isChecked() ? theme().text1 : theme().text3;
    paintIcon(painter, m_icon, QRectF((width() - kIconSize) / 2.0, 7, kIconSize, kIconSize), ink);
    painter.setFont(theme().font(Type::Note, isChecked() ? 600 : 400));
    painter.setPen(ink);
    painter.drawText(QRectF(0, 28, width(), 16), Qt::AlignCenter, text());
    if (showsFocus())
        paintFocusRing(painter, rect(), 2, theme());
}

Rail::Rail(QWidget *parent) : QWidget(parent), m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 8, 1, 8);
    m_layout->setSpacing(0);
    m_layout->addStretch();
    setAccessibleName(tr("Views"));
}

void Rail::addView(const QString &name, Icon icon, const QString &word)
{
    auto *button = new RailButton(icon, word, this);
    button->setObjectName(QStringLiteral("rail_") + name);
    m_layout->insertWidget(m_layout->count() - 1, button);
    m_items.append({name, button});
    connect(button, &QAbstractButton::clicked, this, [this, name] { emit chosen(name); });
}

void Rail::setCurrent(const QString &name)
{
    if (RailButton *current = button(name))
        current->setChecked(true);
}

RailButton *Rail::button(const QString &name) const
{
    for (const Item &item : m_items) {
        if (item.name == name)
            return item.button;
    }
    return nullptr;
}

void Rail::themeChanged()
{
    update();
}

void Rail::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme().rail);
    painter.setPen(QPen(theme().strokeCard, 1));
    painter.drawLine(QPointF(width() - 0.5, 0), QPointF(width() - 0.5, height()));
}

} // namespace ui
