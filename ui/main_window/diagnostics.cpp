// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QSysInfo>

#include "ui/main_window/main_window.h"

namespace ui {
namespace {

constexpr int kPatienceMs = 10'000;

// Not translated: it is read by whoever mends the fault.
QStringList wordsOf(const engine::Result<app::WorkerDescription> &answer)
{
    if (!answer)
        return {QStringLiteral("Engine does not answer: %1 %2")
                    .arg(QString::fromStdString(answer.error().message),
                         QString::fromStdString(answer.error().detail))
                    .trimmed()};
    QStringList lines{QStringLiteral("Engine version %1").arg(answer->engineVersion)};
    for (const app::WorkerDescription::Device &device : answer->devices) {
        lines.append(device.reason.isEmpty()
                         ? QStringLiteral("Engine device %1: %2, ISA %3, %4 bytes")
                               .arg(device.id, device.name, device.isa)
                               .arg(device.memBytes.value_or(0), 0, 'f', 0)
                         : QStringLiteral("Engine device %1: %2").arg(device.id, device.reason));
    }
    return lines;
}

} // namespace

QString MainWindow::diagnostics() const
{
    const app::Scenario &scenario = m_explorer->scenario();
    QStringList lines{
        QStringLiteral("Paretoscope %1").arg(QApplication::applicationVersion()),
    };
    lines += m_facts;
    lines += QStringList{
        QStringLiteral("Qt %1, %2, platform %3")
            .arg(QString::fromLatin1(qVersion()), QSysInfo::prettyProductName(),
                 QApplication::platformName()),
        QStringLiteral("Kernel %1 %2, %3")
            .arg(QSysInfo::kernelType(), QSysInfo::kernelVersion(),
                 QSysInfo::currentCpuArchitecture()),
        QStringLiteral("Window %1 x %2 at %3, theme %4, view %5")
            .arg(width())
            .arg(height())
            .arg(devicePixelRatioF())
            .arg(themeName(), m_view),
        QStringLiteral("Model %1, device %2, batch %3, context %4, output %5")
            .arg(scenario.model, scenario.device)
            .arg(scenario.workload.batch)
            .arg(scenario.workload.contextTokens)
            .arg(scenario.workload.outputTokens),
        QStringLiteral("Engine: %1").arg(m_runner->workerCommand().join(QLatin1Char(' '))),
    };
    for (const app::DeviceEntry &device : m_explorer->inventory().devices) {
        if (device.thisMachine)
            lines.append(QStringLiteral("Found: %1, %2 bytes")
                             .arg(device.name)
                             .arg(device.spec.memory.value, 0, 'f', 0));
    }
    if (m_log)
        lines.append(QStringLiteral("Runs kept: %1, points: %2")
                         .arg(m_log->runs().size())
                         .arg(m_log->measurements().size()));
    const QStringList log = m_runner->logTail();
    if (!log.isEmpty())
        lines.append(QStringLiteral("Last lines of the engine's log:\n") +
                     log.join(QLatin1Char('\n')));
    return lines.join(QLatin1Char('\n'));
}

void MainWindow::copyDiagnostics()
{
    m_probe.disconnect(this);
    connect(&m_probe, &app::WorkerProbe::finished, this,
            [this](const engine::Result<app::WorkerDescription> &answer) {
                m_probe.disconnect(this);
                QApplication::clipboard()->setText(
                    (QStringList(diagnostics()) + wordsOf(answer)).join(QLatin1Char('\n')));
                tell(tr("Copied what a report of a fault needs."), false);
            });
    m_probe.ask(m_runner->workerCommand(), kPatienceMs);
}

} // namespace ui
