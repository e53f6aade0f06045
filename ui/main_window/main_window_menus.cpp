// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QScreen>
#include <QShortcut>
#include <QStackedWidget>

#include "ui/main_window/main_window.h"
#include "ui/views/curves_view.h"
#include "ui/views/doors.h"
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
    file->addAction(tr("Open model folder…"), this, &MainWindow::chooseModel);
    file->addSeparator();
    file->addAction(tr("Open scenario…"), QKeySequence::Open, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Open scenario"), {},
                                                          tr("Scenarios (*.paretoscope *.json)"));
        if (!path.isEmpty())
            openScenario(path);
    });
    QMenu *recent = file->addMenu(tr("Open recent"));
    recent->setObjectName(QStringLiteral("recentMenu"));
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(recent); });
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
    edit->addSeparator();
    edit->addAction(tr("Pin scenario as ghost"), QKeySequence(tr("P")), this, &MainWindow::pin);
    QAction *unpin =
        edit->addAction(tr("Take all ghosts away"), this, [this] { m_explorer->setPins({}); });
    const auto enableUnpin = [this, unpin] { unpin->setEnabled(!m_explorer->pins().empty()); };
    connect(m_explorer, &app::Explorer::pinsChanged, unpin, enableUnpin);
    enableUnpin();
    edit->addSeparator();
    edit->addAction(tr("Settings…"), QKeySequence(tr("Ctrl+,")), this, &MainWindow::editSettings);

    QMenu *view = menus->addMenu(tr("&View"));
    const QStringList words{tr("Curves"), tr("Providers")};
    for (int i = 0; i < kViewNames.size(); ++i) {
        view->addAction(words[i], QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1)), this,
                        [this, i] { showView(kViewNames[i]); });
    }
    view->addAction(tr("Last view"), QKeySequence(tr("Ctrl+Tab")), this,
                    [this] { showView(m_lastView); });
    view->addSeparator();
    view->addAction(tr("Scenario panel"), QKeySequence(tr("Ctrl+B")), this,
                    &MainWindow::togglePanel);
    view->addAction(tr("Ghosts"), QKeySequence(tr("G")), this, [this] {
        GhostChips *ghosts = m_curves->ghosts();
        bool any = false;
        for (const Chip *chip : ghosts->chips())
            any = any || chip->isChecked();
        ghosts->setOn(!any);
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
    help->addAction(tr("First steps"), this, [this] {
        setDoorsShown(true);
        if (!m_doors->isVisible())
            showView(QStringLiteral("curves"));
    });
    help->addAction(tr("Copy diagnostics"), this, &MainWindow::copyDiagnostics);
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

void MainWindow::chooseModel()
{
    const QString path = QFileDialog::getExistingDirectory(this, tr("Open model folder"));
    if (!path.isEmpty())
        openModel(path);
}

void MainWindow::fillRecent(QMenu *menu)
{
    menu->clear();
    for (const QString &path : m_recent) {
        const QString name = QDir::toNativeSeparators(path);
        menu->addAction(QString(name).replace(QLatin1Char('&'), QLatin1String("&&")), this,
                        [this, path] { openPath(path); });
    }
    if (m_recent.isEmpty())
        menu->addAction(tr("Nothing has been opened yet"))->setEnabled(false);
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
