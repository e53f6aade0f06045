// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "ui/widgets/button.h"
#include "ui/widgets/text_label.h"

namespace ui {

// What the user just did, in one sentence, and a way back. Six seconds at the lower right of its
// parent, longer under the pointer; a new one replaces the old.
class Toast : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit Toast(QWidget *parent);

    // `action` empty: nothing to undo. `bottom` is kept free below.
    void tell(const QString &sentence, const QString &action, int bottom);
    QString sentence() const { return m_sentence->text(); }

signals:
    void actionRequested();

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    TextLabel *m_sentence;
    Button *m_action;
    QTimer m_life;
};

} // namespace ui
