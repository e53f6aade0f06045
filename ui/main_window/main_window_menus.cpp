// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QScreen>
#include <QShortcut>
#include <QStackedWidget>
#include <QSysInfo>

#include "ui/main_window/main_window.h"
#include "ui/views/curves_view.h"
#include "ui/views/rail.h"
#include "ui/views/run_bar.h"
#include "ui/views/scenario_panel.h"
#include "ui/views/top_bar.h"

namespace ui {
namespace {

const QString kScenarioSuffix = QStringLiteral(".paretoscope");

// Views of the rail in the order of their keys.
const QStringList kViewNames{QStringLiteral("curves"), QStringLiteral("providers")};

} // namespace

void MainWindow::buildMenus()
{
    QMenuBar *menus = m_topBar->menus();
    QMenu *file = menus->addMenu(tr("&File"));
    file->addAction(tr("Open model folder…"), this, [this] {
        const QString path = QFileDialog::getExistingDirectory(this, tr("Open model folder"));
        if (!path.isEmpty())
            openModel(path);
    });
    file->addSeparator();
    file->addAction(tr("Open scenario…"), QKeySequence::Open, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Open scenario"), {},
                                                          tr("Scenarios (*.paretoscope *.json)"));
        if (!path.isEmpty())
            openScenario(path);
    });
    file->addAction(tr("Save scenario…"), QKeySequence::Save, this, [this] {
        QString path = QFileDialog::getSaveFileName(this, tr("Save scenario"), {},
                                                    tr("Scenarios (*.paretoscope)"));
        if (path.isEmpty())
            return;
        if (!path.contains(QLatin1Char('.')))
            path += kScenarioSuffix;
        saveScenario(path);
    });
    file->addSeparator();
    file->addAction(tr("Export charts…"), QKeySequence(tr("Ctrl+E")), this, [this] {
        const QString path = QFileDialog::getSaveFileName(
            this, tr("Export charts"), QStringLiteral("charts.png"), tr("Pictures (*.png)"));
        if (!path.isEmpty())
            exportPicture(path);
    });
    m_exportDataAction = file->addAction(tr("Export measured data…"), this, [this] {
        const QString path =
            QFileDialog::getSaveFileName(this, tr("Export measured data"),
                                         QStringLiteral("curves.csv"), tr("Data (*.csv *.json)"));
        if (!path.isEmpty())
            exportData(path);
    });
    file->addSeparator();
    file->addAction(tr("Quit"), QKeySequence(tr("Ctrl+Q")), this, &QWidget::close);

    QMenu *edit = menus->addMenu(tr("&Edit"));
    m_undoAction =
        edit->addAction(tr("Undo"), QKeySequence(tr("Ctrl+Z")), m_explorer, &app::Explorer::undo);
    m_redoAction = edit->addAction(tr("Redo"), QKeySequence(tr("Ctrl+Shift+Z")), m_explorer,
                                   &app::Explorer::redo);
    edit->addSeparator();
    edit->addAction(tr("Copy charts as picture"), QKeySequence(tr("Ctrl+Shift+C")), this, [this] {
        QApplication::clipboard()->setPixmap(m_views->currentWidget()->grab());
        tell(tr("Copied the charts."), false);
    });

    QMenu *view = menus->addMenu(tr("&View"));
    const QStringList words{tr("Curves"), tr("Providers")};
    for (int i = 0; i < kViewNames.size(); ++i) {
        view->addAction(words[i], QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1)), this,
                        [this, i] { showView(kViewNames[i]); });
    }
    view->addAction(tr("Last view"), QKeySequence(tr("Ctrl+Tab")), this,
                    [this] { showView(m_lastView); });
    view->addSeparator();
    view->addAction(tr("Scenario panel"), QKeySequence(tr("Ctrl+B")), this, [this] {
        if (m_panel->isVisible()) {
            m_panelWanted = false;
            m_panelOverlaid = false;
        } else {
            m_panelWanted = true;
            m_panelOverlaid = true;
        }
        layOut();
    });
    view->addAction(tr("Full screen"), QKeySequence(tr("F11")), this,
                    [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    view->addSeparator();
    view->addAction(tr("Dark"), this, [this] { setThemeName(QStringLiteral("dark")); });
    view->addAction(tr("Light"), this, [this] { setThemeName(QStringLiteral("light")); });
    view->addAction(tr("High contrast"), this,
                    [this] { setThemeName(QStringLiteral("contrast")); });

    QMenu *bench = menus->addMenu(tr("&Measure"));
    m_measureAction = bench->addAction(tr("Measure"), QKeySequence(tr("Ctrl+R")), this,
                                       [this] { measure(false); });
    m_quickAction =
        bench->addAction(tr("Measure one quick round"), this, [this] { measure(true); });
    m_stopAction =
        bench->addAction(tr("Stop"), QKeySequence(tr("Ctrl+.")), this, &MainWindow::stop);
    m_resumeAction = bench->addAction(tr("Go on"), this, &MainWindow::resume);

    QMenu *help = menus->addMenu(tr("&Help"));
    help->addAction(tr("Copy diagnostics"), this, [this] {
        QApplication::clipboard()->setText(diagnostics());
        tell(tr("Copied what a report of a fault needs."), false);
    });
    help->addAction(tr("About Paretoscope"), this, &MainWindow::about);
}

void MainWindow::buildShortcuts()
{
    addStep(QStringLiteral("["), -1, true);
    addStep(QStringLiteral("]"), 1, true);
    addStep(QStringLiteral("{"), -4, true);
    addStep(QStringLiteral("}"), 4, true);
    addStep(QStringLiteral(";"), -1, false);
    addStep(QStringLiteral("'"), 1, false);
    addStep(QStringLiteral(":"), -4, false);
    addStep(QStringLiteral("\""), 4, false);
    connect(new QShortcut(QKeySequence(QStringLiteral("F6")), this), &QShortcut::activated, this,
            [this] { cycleRegions(true); });
    connect(new QShortcut(QKeySequence(QStringLiteral("Shift+F6")), this), &QShortcut::activated,
            this, [this] { cycleRegions(false); });
}

void MainWindow::addStep(const QString &key, int ticks, bool batch)
{
    connect(
        new QShortcut(QKeySequence(key), this), &QShortcut::activated, this,
        [this, ticks, batch] { (batch ? m_panel->batch() : m_panel->context())->stepBy(ticks); });
}

void MainWindow::cycleRegions(bool forward)
{
    const QList<QWidget *> regions{m_rail, m_panel, m_views, m_runBar, m_topBar};
    qsizetype current = -1;
    for (qsizetype i = 0; i < regions.size(); ++i) {
        if (QApplication::focusWidget() && regions[i]->isAncestorOf(QApplication::focusWidget()))
            current = i;
    }
    for (qsizetype step = 1; step <= regions.size(); ++step) {
        const qsizetype offset = forward ? step : regions.size() - step;
        QWidget *region =
            regions[(std::max<qsizetype>(current, -1) + offset + regions.size()) % regions.size()];
        const QList<QWidget *> children = region->findChildren<QWidget *>();
        for (QWidget *child : children) {
            if (child->isVisible() && child->isEnabled() &&
                (child->focusPolicy() & Qt::TabFocus) == Qt::TabFocus) {
                child->setFocus(Qt::ShortcutFocusReason);
                return;
            }
        }
    }
}

QString MainWindow::diagnostics() const
{
    const app::Scenario &scenario = m_explorer->scenario();
    QStringList lines{
        QStringLiteral("Paretoscope %1").arg(QApplication::applicationVersion()),
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

void MainWindow::about()
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Paretoscope"),
                                tr("Paretoscope %1").arg(QApplication::applicationVersion()),
                                QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr(
        "What a token costs, and how long it makes you wait: estimated from data sheets, measured "
        "on your own machine, compared with what others ask.\n\nThe window is under GPL-3.0 or "
        "later, the engine under Apache-2.0."));
    box->open();
}

} // namespace ui
