// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

#include "app/measure/worker_probe.h"
#include "ui/widgets/button.h"
#include "ui/widgets/text_label.h"

class QLineEdit;

namespace ui {

// A command as one line and back; arguments with spaces stand in quotes.
QString commandText(const QStringList &command);
QStringList commandOf(const QString &text);

// What can be set once and for all. Accepted: workerCommand() is what the user wants.
class SettingsDialog : public QDialog
{
    Q_OBJECT

public:
    // `command` as it is set, empty for `usual`: the worker beside the program.
    SettingsDialog(const QStringList &command, const QStringList &usual, QWidget *parent);

    QStringList workerCommand() const;
    QLineEdit *commandField() const { return m_command; }
    Button *testButton() const { return m_test; }
    QString verdict() const { return m_verdict->text(); }

private:
    void test();
    void tell(const engine::Result<app::WorkerDescription> &answer);

    QStringList m_usual;
    QLineEdit *m_command;
    Button *m_test;
    TextLabel *m_verdict;
    app::WorkerProbe m_probe;
};

} // namespace ui
