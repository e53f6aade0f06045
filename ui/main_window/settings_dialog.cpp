// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/settings_dialog.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QProcess>
#include <QVBoxLayout>

#include "ui/main_window/main_window.h"
#include "ui/widgets/format.h"

namespace ui {
namespace {

constexpr int kWidth = 560;
constexpr int kVerdictHeight = 40; // two lines

} // namespace

QString commandText(const QStringList &command)
{
    QStringList words;
    for (const QString &word : command) {
        // QProcess::splitCommand() reads three quotes as one that is meant.
        QString quoted = word;
        quoted.replace(QLatin1Char('"'), QLatin1String("\"\"\""));
        const bool spaced = word.isEmpty() || word.contains(QLatin1Char(' '));
        words.append(spaced ? QLatin1Char('"') + quoted + QLatin1Char('"') : quoted);
    }
    return words.join(QLatin1Char(' '));
}

QStringList commandOf(const QString &text)
{
    return QProcess::splitCommand(text);
}

SettingsDialog::SettingsDialog(const QStringList &command, const QStringList &usual,
                               QWidget *parent)
    : QDialog(parent),
      m_usual(usual),
      m_command(new QLineEdit(commandText(command), this)),
      m_test(new Button(Button::Kind::Standard, tr("Test"), this)),
      m_verdict(new TextLabel(Type::Body, Tone::Text2, this))
{
    setWindowTitle(tr("Settings"));
    setProperty("surface", "card");
    setMinimumWidth(kWidth);
    auto *title = new TextLabel(Type::Heading, Tone::Text1, this);
    title->setText(tr("Engine that measures"));
    auto *note = new TextLabel(Type::Body, Tone::Text2, this);
    note->setWrapped(true);
    note->setText(tr("The command that starts it. Leave this empty for the one that came with "
                     "Paretoscope. To measure on another computer, start it there: ssh box "
                     "paretoscope-engine worker"));
    m_command->setObjectName(QStringLiteral("workerCommand"));
    m_command->setPlaceholderText(commandText(m_usual));
    m_command->setAccessibleName(title->text());
    m_test->setObjectName(QStringLiteral("testWorker"));
    m_verdict->setObjectName(QStringLiteral("workerVerdict"));
    m_verdict->setWrapped(true);
    m_verdict->setMinimumHeight(kVerdictHeight);
    m_verdict->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    auto *save = new Button(Button::Kind::Primary, tr("Save"), this);
    save->setObjectName(QStringLiteral("saveSettings"));
    auto *cancel = new Button(Button::Kind::Standard, tr("Cancel"), this);

    auto *line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_command, 1);
    line->addWidget(m_test);
    auto *bottom = new QHBoxLayout;
    bottom->setSpacing(8);
    bottom->addStretch();
    bottom->addWidget(cancel);
    bottom->addWidget(save);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 16);
    layout->setSpacing(10);
    layout->addWidget(title);
    layout->addWidget(note);
    layout->addLayout(line);
    layout->addWidget(m_verdict);
    layout->addSpacing(8);
    layout->addStretch();
    layout->addLayout(bottom);

    connect(m_test, &QAbstractButton::clicked, this, &SettingsDialog::test);
    connect(m_command, &QLineEdit::returnPressed, this, &SettingsDialog::test);
    connect(m_command, &QLineEdit::textEdited, m_verdict, [this] { m_verdict->setText({}); });
    connect(&m_probe, &app::WorkerProbe::finished, this, &SettingsDialog::tell);
    connect(save, &QAbstractButton::clicked, this, &QDialog::accept);
    connect(cancel, &QAbstractButton::clicked, this, &QDialog::reject);
}

QStringList SettingsDialog::workerCommand() const
{
    return commandOf(m_command->text());
}

void SettingsDialog::test()
{
    m_test->setEnabled(false);
    m_verdict->setTone(Tone::Text3);
    m_verdict->setText(tr("Starting it…"));
    const QStringList command = workerCommand();
    m_probe.ask(command.isEmpty() ? m_usual : command);
}

void SettingsDialog::tell(const engine::Result<app::WorkerDescription> &answer)
{
    m_test->setEnabled(true);
    m_verdict->setTone(answer ? Tone::Good : Tone::Bad);
    if (!answer) {
        m_verdict->setText(QString::fromStdString(answer.error().message));
        return;
    }
    QStringList devices;
    for (const app::WorkerDescription::Device &device : answer->devices) {
        if (device.reason.isEmpty())
            devices.append(tr("%1, %2").arg(device.name, formatBytes(device.memBytes).text()));
    }
    m_verdict->setText(tr("It answers: engine %1 on %2.")
                           .arg(answer->engineVersion, devices.join(QStringLiteral("; "))));
}

void MainWindow::editSettings()
{
    if (!m_settings) {
        m_settings = new SettingsDialog(m_workerCommand, m_runner->usualCommand(), this);
        m_settings->setAttribute(Qt::WA_DeleteOnClose);
        applyTheme(m_settings, m_theme);
        connect(m_settings, &QDialog::accepted, this, [this] {
            setWorkerCommand(m_settings->workerCommand());
            emit settingsChanged();
        });
    }
    m_settings->open();
}

SettingsDialog *MainWindow::settingsDialog() const
{
    return m_settings;
}

void MainWindow::setWorkerCommand(const QStringList &command)
{
    m_workerCommand = command;
    m_runner->setWorkerCommand(command);
}

} // namespace ui
