// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/widgets/button.h"
#include "ui/widgets/text_label.h"

class QMenuBar;

namespace ui {

// The head of the window: mark, menus, what the scenario is called, undo and redo.
class TopBar : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit TopBar(QWidget *parent = nullptr);

    QMenuBar *menus() const { return m_menus; }
    void setTitle(const QString &title, const QString &note);
    void setUndo(bool canUndo, bool canRedo);
    Button *undoButton() const { return m_undo; }
    Button *redoButton() const { return m_redo; }
    // Leaves out the program's name and the note.
    void setNarrow(bool narrow);

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    TextLabel *m_name;
    QMenuBar *m_menus;
    TextLabel *m_title;
    TextLabel *m_note;
    Button *m_undo;
    Button *m_redo;
};

} // namespace ui
