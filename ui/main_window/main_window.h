// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QMainWindow>
#include <QPointer>
#include <QStringList>

#include "app/explore/explorer.h"
#include "app/measure/bench_runner.h"
#include "app/measure/worker_probe.h"
#include "ui/widgets/themed.h"

class QMenu;
class QStackedWidget;

namespace ui {

class CurvesView;
class Doors;
class ErrorBlock;
class ProvidersView;
class Rail;
class ReadoutStrip;
class RunBar;
class ScenarioPanel;
class SettingsDialog;
class Toast;
class TopBar;
class ValueStrip;

// The explorer's window: shows the explorer's findings, sends the user's edits to it and drives
// the runner's sweeps. Nothing it is given is owned; all of it must outlive the window.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    // Without a log, data cannot be exported.
    MainWindow(app::Explorer *explorer, app::BenchRunner *runner,
               const app::MeasurementLog *log = nullptr, QWidget *parent = nullptr);
    ~MainWindow() override;

    // "dark", "light" or "contrast"; anything else is dark.
    void setThemeName(const QString &name);
    QString themeName() const;
    // "curves" or "providers"; false when there is no such view.
    bool showView(const QString &name);
    QString viewName() const { return m_view; }

    // What the menus do once a path is chosen; what goes wrong is told in the window.
    void openModel(const QString &path);
    void openScenario(const QString &path);
    void saveScenario(const QString &path);
    void exportPicture(const QString &path);
    void exportData(const QString &path); // .csv or .json
    // A model or a scenario, by what lies there.
    void openPath(const QString &path);
    // The scenario in hand stays on the charts as a ghost.
    void pin();
    // Something went wrong outside of the window: told in place, like its own failures.
    void warn(const engine::Error &error) { fail(error, {}, {}); }
    // Moves to this machine if need be and starts a sweep along the axis in view.
    void measure(bool quick);
    void stop();
    void resume();
    // What a report of a fault needs; the engine's own words come last, once it has been asked.
    QString diagnostics() const;
    // Asks the engine what it is, then copies; at most as long as a worker may take to come up.
    void copyDiagnostics();
    // Lines about the program that only its root knows: commit, files, what the stores say.
    void setProgramFacts(const QStringList &facts) { m_facts = facts; }

    // What is remembered between two starts; settingsChanged() tells of the user's changes.
    void setWorkerCommand(const QStringList &command); // empty = the worker beside the program
    const QStringList &workerCommand() const { return m_workerCommand; }
    void setRecentFiles(const QStringList &paths);
    const QStringList &recentFiles() const { return m_recent; }
    void setDoorsShown(bool shown); // the three doors of the first start
    bool areDoorsShown() const { return m_doorsWanted; }
    void editSettings();

    ScenarioPanel *panel() const { return m_panel; }
    ReadoutStrip *strip() const { return m_strip; }
    CurvesView *curves() const { return m_curves; }
    ProvidersView *providers() const { return m_providers; }
    RunBar *runBar() const { return m_runBar; }
    TopBar *topBar() const { return m_topBar; }
    ErrorBlock *errorBlock() const { return m_error; }
    Toast *toast() const { return m_toast; }
    Doors *doors() const { return m_doors; }
    SettingsDialog *settingsDialog() const; // null unless it is open
    ValueStrip *valueStrip() const { return m_values; }

    QSize sizeHint() const override { return {1440, 900}; }

signals:
    void themeNameChanged(const QString &name);
    void viewChanged(const QString &name);
    void settingsChanged();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void buildRegions();
    void connectParts();
    void buildMenus();
    void buildShortcuts();
    void addStep(const QString &key, int ticks, bool batch);
    void layOut();
    void placePanel(bool overlaid);
    void placeDoors();
    void togglePanel();
    void editPrice();
    void chooseModel();
    void fillRecent(QMenu *menu);
    static QString refusal(const QString &path);
    void remember(const QString &path);
    void showTiles();
    void cycleRegions(bool forward);
    void applyThemeKind(ThemeKind kind);
    void nextTheme();
    void showFindings(const std::shared_ptr<const app::Findings> &findings);
    void runnerChanged(app::BenchState state);
    void runnerFinished(const app::BenchOutcome &outcome);
    void fail(const engine::Error &error, const QString &action, const QStringList &log);
    void tell(const QString &sentence, bool undoable);
    void about();

    app::Explorer *m_explorer;
    app::BenchRunner *m_runner;
    const app::MeasurementLog *m_log;
    ThemePtr m_theme;
    QString m_view = QStringLiteral("curves");
    QString m_lastView = QStringLiteral("providers");
    bool m_panelWanted = true;    // Ctrl+B
    bool m_panelOverlaid = false; // in a narrow window, opened over the view
    bool m_doorsWanted = false;
    bool m_restartable = false; // what the error block's button does
    QStringList m_facts;
    QStringList m_workerCommand;
    QStringList m_recent; // newest first
    app::WorkerProbe m_probe;
    QPointer<SettingsDialog> m_settings; // while it is open
    TopBar *m_topBar = nullptr;
    Rail *m_rail = nullptr;
    ScenarioPanel *m_panel = nullptr;
    QWidget *m_body = nullptr;
    QWidget *m_content = nullptr;
    Doors *m_doors = nullptr;
    ValueStrip *m_values = nullptr;
    ReadoutStrip *m_strip = nullptr;
    ErrorBlock *m_error = nullptr;
    QStackedWidget *m_views = nullptr;
    CurvesView *m_curves = nullptr;
    ProvidersView *m_providers = nullptr;
    RunBar *m_runBar = nullptr;
    Toast *m_toast = nullptr;
    QAction *m_undoAction = nullptr;
    QAction *m_redoAction = nullptr;
    QAction *m_measureAction = nullptr;
    QAction *m_quickAction = nullptr;
    QAction *m_stopAction = nullptr;
    QAction *m_resumeAction = nullptr;
    QAction *m_exportDataAction = nullptr;
};

} // namespace ui
