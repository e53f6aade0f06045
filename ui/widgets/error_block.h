// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

#include "ui/widgets/button.h"
#include "ui/widgets/text_label.h"

class QPlainTextEdit;

namespace ui {

// A failure told where it happened: what, what to do, the button that does it, and the log behind
// "Details".
class ErrorBlock : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit ErrorBlock(QWidget *parent = nullptr);

    void tell(const QString &title, const QString &message, const QString &action,
              const QStringList &log);
    QString message() const { return m_message->text(); }
    QString logText() const;
    Button *actionButton() const { return m_action; }
    Button *detailsButton() const { return m_details; }

signals:
    void actionRequested();
    void dismissed();

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    TextLabel *m_title;
    TextLabel *m_message;
    Button *m_action;
    Button *m_details;
    Button *m_copy;
    Button *m_close;
    QPlainTextEdit *m_log;
};

// Nothing is there yet: a line drawing, one sentence, and the button that brings it.
class EmptyState : public QWidget, public Themed
{
    Q_OBJECT

public:
    EmptyState(Icon icon, const QString &sentence, const QString &action,
               QWidget *parent = nullptr);

    void setSentence(const QString &sentence);

signals:
    void actionRequested();

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    Icon m_icon;
    TextLabel *m_sentence;
    Button *m_action;
};

} // namespace ui
