// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/text_label.h"

class QHBoxLayout;

namespace ui {

// One way in: what it gives, how long it takes, and the button that opens it.
class Door : public Card
{
    Q_OBJECT

public:
    Door(Icon icon, const QString &title, const QString &gives, const QString &takes,
         Button *button, QWidget *parent = nullptr);

    // Title and button alone.
    void setCompact(bool compact);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Icon m_icon;
    TextLabel *m_title;
    TextLabel *m_gives;
    TextLabel *m_takes;
    bool m_compact = false;
};

// The first start: three doors above what is already there. Nothing has to be chosen.
class Doors : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit Doors(QWidget *parent = nullptr);

    void setLayoutFor(bool large, int gap, bool low);
    Button *compareButton() const { return m_compare; }
    Button *measureButton() const { return m_measure; }
    Button *openButton() const { return m_open; }
    Button *hideButton() const { return m_hide; }

signals:
    void compareRequested();
    void measureRequested();
    void openRequested();
    void hideRequested();

protected:
    void themeChanged() override {}

private:
    TextLabel *m_note;
    Button *m_compare;
    Button *m_measure;
    Button *m_open;
    Button *m_hide;
    QHBoxLayout *m_row;
    QList<Door *> m_doors;
};

} // namespace ui
