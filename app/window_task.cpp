// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_task.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QImage>
#include <QTimer>

#include "app/explore/explorer.h"
#include "app/measure/bench_runner.h"
#include "app/parts.h"
#include "app/program_facts.h"
#include "ui/main_window/main_window.h"
#include "ui/main_window/render.h"

namespace app {

namespace {

constexpr int kSessionDelayMs = 1000;

// Opens what the command line names as a model; scenario files were read by firstScenario().
engine::Result<void> openModelOf(const CommandLine &wanted, Explorer &explorer)
{
    if (wanted.path.isEmpty() || wanted.path.endsWith(QLatin1String(".paretoscope")))
        return {};
    return explorer.openModel(wanted.path);
}

QString chosen(const QString &asked, const QString &remembered)
{
    return asked.isEmpty() ? remembered : asked;
}

// The session file follows the scenario a second behind, so that a kill loses little.
void keepSession(Explorer &explorer, QTimer &delay)
{
    delay.setSingleShot(true);
    delay.setInterval(kSessionDelayMs);
    QObject::connect(&explorer, &Explorer::scenarioChanged, &delay, [&delay] { delay.start(); });
    QObject::connect(&delay, &QTimer::timeout, &explorer,
                     [&explorer] { (void)writeSession(explorer.scenario()); });
}

// Moving the scenario to another day brings that day's offers.
void followDay(Explorer &explorer, const Parts &parts)
{
    QObject::connect(&explorer, &Explorer::scenarioChanged, &explorer,
                     [&explorer, &parts,
                      day = explorer.scenario().offersAsOf](const Scenario &scenario) mutable {
                         if (scenario.offersAsOf == day)
                             return;
                         day = scenario.offersAsOf;
                         explorer.setCatalog(catalogOf(parts, scenario));
                     });
}

// What was remembered of the last start is put into the window, and what the user changes is
// written at once: a kill loses nothing.
void remember(const Settings &last, ui::MainWindow &window)
{
    window.setWorkerCommand(last.workerCommand);
    window.setRecentFiles(last.recentFiles);
    window.setDoorsShown(!last.firstRunStripHidden);
    const auto write = [&window] {
        Settings settings;
        settings.theme = window.themeName();
        settings.view = window.viewName();
        settings.windowGeometry = window.saveGeometry();
        settings.workerCommand = window.workerCommand();
        settings.firstRunStripHidden = !window.areDoorsShown();
        settings.recentFiles = window.recentFiles();
        writeSettings(settings);
    };
    QObject::connect(&window, &ui::MainWindow::settingsChanged, &window, write);
    QObject::connect(qApp, &QCoreApplication::aboutToQuit, &window, write);
}

} // namespace

int runWindow(const CommandLine &wanted)
{
    auto parts = makeParts(wanted);
    if (!parts)
        return reportError(parts.error());
    const auto scenario = firstScenario(wanted, (*parts)->inventory);
    if (!scenario)
        return reportError(scenario.error());
    BenchRunner runner((*parts)->log);
    runner.setResources(wanted.resources);
    if (!(*parts)->log.runs().empty())
        runner.adopt((*parts)->log.runs().back());
    Explorer explorer(catalogOf(**parts, *scenario), (*parts)->inventory, (*parts)->log);
    explorer.begin(*scenario);
    if (const auto opened = openModelOf(wanted, explorer); !opened)
        return reportError(opened.error());

    ui::MainWindow window(&explorer, &runner, &(*parts)->log);
    window.setThemeName(chosen(wanted.theme, (*parts)->settings.theme));
    window.showView(chosen(wanted.view, (*parts)->settings.view));
    if (!(*parts)->settings.windowGeometry.isEmpty())
        window.restoreGeometry((*parts)->settings.windowGeometry);
    else
        window.resize(window.sizeHint());
    remember((*parts)->settings, window);
    window.setProgramFacts(programFacts(**parts));
    window.show();
    for (const engine::Error &notice : (*parts)->notices)
        window.warn(notice);
    if ((*parts)->runs)
        QObject::connect((*parts)->runs.get(), &RunStore::writeFailed, &window,
                         &ui::MainWindow::warn);
    followDay(explorer, **parts);
    QTimer sessionDelay;
    keepSession(explorer, sessionDelay);
    const int code = QCoreApplication::exec();
    (void)writeSession(explorer.scenario());
    return code;
}

int renderPicture(const CommandLine &wanted)
{
    auto parts = makeParts(wanted);
    if (!parts)
        return reportError(parts.error());
    const auto scenario = firstScenario(wanted, (*parts)->inventory);
    if (!scenario)
        return reportError(scenario.error());
    BenchRunner runner((*parts)->log);
    Explorer explorer(catalogOf(**parts, *scenario), (*parts)->inventory, (*parts)->log);
    explorer.begin(*scenario);
    if (const auto opened = openModelOf(wanted, explorer); !opened)
        return reportError(opened.error());
    const QImage picture = ui::renderWindow(
        explorer, runner,
        {.size = wanted.size,
         .theme = chosen(wanted.theme, (*parts)->settings.theme),
         .view = chosen(wanted.view, (*parts)->settings.view),
         // As a first start shows them; a scenario that is named is a picture of its own.
         .doors = !(*parts)->settings.firstRunStripHidden && wanted.scenario.isEmpty() &&
                  wanted.path.isEmpty()});
    const QString suffix = QFileInfo(wanted.picture).suffix();
    if (picture.isNull() || !picture.save(wanted.picture, suffix.isEmpty() ? "PNG" : nullptr))
        return reportError({engine::ErrorKind::Io,
                            "The picture cannot be written; --render needs a file that ends in "
                            ".png, in a folder of your own.",
                            wanted.picture.toStdString()});
    return 0;
}

} // namespace app
