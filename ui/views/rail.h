// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

#include "ui/widgets/icons.h"
#include "ui/widgets/painted_button.h"
#include "ui/widgets/themed.h"

class QVBoxLayout;

namespace ui {

// One view on the rail: icon, word, an accent bar while it is the current one.
class RailButton : public PaintedButton
{
    Q_OBJECT

public:
    RailButton(Icon icon, const QString &word, QWidget *parent = nullptr);

    QSize sizeHint() const override;
    bool fits() const; // the word at the current width

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Icon m_icon;
};

// The navigation at the left: the views that exist, one of them current.
class Rail : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit Rail(QWidget *parent = nullptr);

    void addView(const QString &name, Icon icon, const QString &word);
    void setCurrent(const QString &name); // silent
    RailButton *button(const QString &name) const;

signals:
    void chosen(const QString &name);

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    struct Item
    {
        QString name;
        RailButton *button;
    };
    QList<Item> m_items;
    QVBoxLayout *m_layout;
};

} // namespace ui
