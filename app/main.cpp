// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include <QApplication>
#include <QDir>
#include <QFile>

#include "app/command_line.h"
#include "app/measure_task.h"
#include "app/storage/settings.h"
#include "app/window_task.h"

namespace {

bool isSet(const char *variable)
{
    return !qEnvironmentVariableIsEmpty(variable);
}

bool hasDisplay()
{
    return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY");
}

// Pictures and reports need no display, and are the same with one.
void paintOffScreen()
{
    if (!isSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    if (isSet("XDG_RUNTIME_DIR"))
        return;
    // Qt wants a private folder there and complains about any other.
    const QString folder =
        QDir::temp().filePath(QStringLiteral("paretoscope-%1").arg(qgetenv("USER").constData()));
    if (QDir().mkpath(folder) &&
        QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
        qputenv("XDG_RUNTIME_DIR", folder.toLocal8Bit());
}

// Needs no window system at all.
int runCatalogTask(int argc, char **argv, const app::CommandLine &wanted)
{
    const QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("paretoscope"));
    const QString usual = QDir(app::dataFolder()).filePath(QStringLiteral("catalog.sqlite"));
    const auto done = app::runCatalog(wanted.catalog, usual);
    return done ? 0 : app::reportError(done.error());
}

int run(const app::CommandLine &wanted)
{
    switch (wanted.task) {
    case app::CommandLine::Task::Window:
        return app::runWindow(wanted);
    case app::CommandLine::Task::Render:
        return app::renderPicture(wanted);
    case app::CommandLine::Task::Measure:
        return app::runMeasure(wanted);
    case app::CommandLine::Task::Catalog:
        break; // has no window application to run in
    }
    return 1;
}

} // namespace

int main(int argc, char **argv)
{
    const app::ParsedCommandLine parsed = app::parseCommandLine(argc, argv);
    if (!parsed.wanted)
        return parsed.exitCode;
    if (parsed.wanted->task == app::CommandLine::Task::Catalog)
        return runCatalogTask(argc, argv, *parsed.wanted);
    if (parsed.wanted->task != app::CommandLine::Task::Window) {
        paintOffScreen();
    } else if (!hasDisplay() && !isSet("QT_QPA_PLATFORM")) {
        std::fprintf(stderr,
                     "paretoscope: There is no display to open a window on. Without one, \"measure "
                     "--quick\" measures this machine and \"--render OUT.png\" draws the window "
                     "into a picture.\n");
        return 1;
    }
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("paretoscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(PARETOSCOPE_VERSION));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Paretoscope"));
    return run(*parsed.wanted);
}
