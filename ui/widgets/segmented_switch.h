// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

#include "ui/widgets/button.h"
#include "ui/widgets/themed.h"

namespace ui {

// Two to four exclusive words in one border; Left and Right move, the user's choice is announced.
class SegmentedSwitch : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit SegmentedSwitch(const QStringList &words, QWidget *parent = nullptr);

    void setCurrent(int index); // silent
    int current() const { return m_current; }
    // Every part as wide as the widest, over the whole width.
    void setStretched(bool stretched);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void chosen(int index);

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    QList<QRectF> parts() const;
    int partAt(const QPointF &position) const;
    void choose(int index);

    QStringList m_words;
    int m_current = 0;
    int m_hovered = -1;
    bool m_stretched = false;
    KeyboardFocus m_focus;
};

} // namespace ui
