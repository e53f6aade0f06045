// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/painted_button.h"

#include <QFocusEvent>
#include <QPainter>

namespace ui {

void paintFocusRing(QPainter &painter, const QRectF &rect, double radius, const Theme &theme)
{
    painter.setPen(QPen(theme.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius);
}

void KeyboardFocus::focusIn(Qt::FocusReason reason)
{
    m_shown = reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason ||
              reason == Qt::ShortcutFocusReason;
}

PaintedButton::PaintedButton(QWidget *parent) : QAbstractButton(parent)
{
    setFocusPolicy(Qt::StrongFocus);
}

void PaintedButton::themeChanged()
{
    updateGeometry();
    update();
}

void PaintedButton::enterEvent(QEnterEvent *event)
{
    QAbstractButton::enterEvent(event);
    update();
}

void PaintedButton::leaveEvent(QEvent *event)
{
    QAbstractButton::leaveEvent(event);
    update();
}

void PaintedButton::focusInEvent(QFocusEvent *event)
{
    m_focus.focusIn(event->reason());
    QAbstractButton::focusInEvent(event);
    update();
}

void PaintedButton::focusOutEvent(QFocusEvent *event)
{
    m_focus.focusOut();
    QAbstractButton::focusOutEvent(event);
    update();
}

} // namespace ui
