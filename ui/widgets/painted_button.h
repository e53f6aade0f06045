// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

#include "ui/widgets/themed.h"

class QPainter;

namespace ui {

// A focus ring: 2 px of accent just inside the widget's edge, painted on keyboard focus only.
void paintFocusRing(QPainter &painter, const QRectF &rect, double radius, const Theme &theme);

// True when the last focus came by the keyboard.
class KeyboardFocus
{
public:
    void focusIn(Qt::FocusReason reason);
    void focusOut() { m_shown = false; }
    bool isShown() const { return m_shown; }

private:
    bool m_shown = false;
};

// A button that paints itself from the theme: repaints when the pointer or the keyboard's focus
// comes and goes.
class PaintedButton : public QAbstractButton, public Themed
{
    Q_OBJECT

protected:
    explicit PaintedButton(QWidget *parent);

    // Whether paintFocusRing() is due.
    bool showsFocus() const { return m_focus.isShown(); }
    void themeChanged() override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    KeyboardFocus m_focus;
};

} // namespace ui
