// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps: what starts them, stops them, and what their ends say.
#include <QAction>

#include "ui/main_window/main_window.h"
#include "ui/views/sweep_plan.h"
#include "ui/widgets/error_block.h"

namespace ui {
namespace {

constexpr int kPointIntervalMs = 250; // live points in a CPU sweep: four times a second

} // namespace

void MainWindow::measure(bool quick)
{
    if (m_runner->isBusy())
        return;
    const app::Scenario before = m_explorer->scenario();
    const std::optional<app::Scenario> here = measurable(before, m_explorer->inventory());
    if (!here) {
        fail({engine::ErrorKind::NotFound,
              tr("No device of this machine is known, so nothing can be measured here.")
                  .toStdString(),
              {}},
             {}, {});
        return;
    }
    m_error->hide();
    m_explorer->setScenario(*here);
    if (m_explorer->scenario().device != before.device ||
        m_explorer->scenario().model != before.model) {
        m_explorer->evaluateNow();
        const auto &findings = m_explorer->findings();
        tell(tr("Measuring %1 on this machine.").arg(findings->modelName), true);
    }
    const engine::SweepRequest request = sweepOf(m_explorer->scenario(), quick);
    if (const engine::Result<void> started = m_runner->start(request); !started) {
        m_restartable = false;
        fail(started.error(), tr("Try again"), m_runner->logTail());
    }
}

void MainWindow::stop()
{
    m_runner->stop();
}

void MainWindow::resume()
{
    m_error->hide();
    if (const engine::Result<void> resumed = m_runner->resume(); !resumed) {
        m_restartable = m_runner->canResume();
        fail(resumed.error(), tr("Try again"), m_runner->logTail());
    }
}

void MainWindow::runnerChanged(app::BenchState state)
{
    const bool busy = state != app::BenchState::Idle;
    m_measureAction->setEnabled(!busy);
    m_quickAction->setEnabled(!busy);
    m_stopAction->setEnabled(busy);
    m_resumeAction->setEnabled(!busy && m_runner->canResume());
    m_exportDataAction->setEnabled(m_log && !m_log->runs().empty());
    // What is drawn is taken from what is measured, on the same cores.
    const bool sharesCores = busy && m_explorer->findings()->deviceIsThisMachine;
    m_explorer->setPointInterval(sharesCores ? kPointIntervalMs : 0);
}

void MainWindow::runnerFinished(const app::BenchOutcome &outcome)
{
    m_resumeAction->setEnabled(m_runner->canResume());
    if (outcome.how != engine::SweepFinished::How::Failed || !outcome.error)
        return;
    m_restartable = outcome.resumable;
    fail(*outcome.error, outcome.resumable ? tr("Restart") : tr("Try again"), m_runner->logTail());
}

} // namespace ui
