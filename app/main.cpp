// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <cstdlib>
#include <optional>

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

constexpr auto kWithoutDisplay =
    "Without one, \"measure --quick\" measures this machine and \"--render OUT.png\" draws the "
    "window into a picture.";

// While the application object is made. Qt ends the program with an abort where no window system
// answers, whatever the environment promises: one sentence and an exit code instead.
class StartWatch
{
public:
    StartWatch() { qInstallMessageHandler(&StartWatch::take); }
    ~StartWatch()
    {
        qInstallMessageHandler(nullptr);
        for (const QString &message : s_kept)
            qWarning("%s", qPrintable(message));
    }
    Q_DISABLE_COPY_MOVE(StartWatch)

private:
    static void take(QtMsgType type, const QMessageLogContext &, const QString &message)
    {
        if (type != QtFatalMsg) {
            s_kept.append(message);
            return;
        }
        const QByteArray where = isSet("QT_QPA_PLATFORM")
                                     ? "QT_QPA_PLATFORM=" + qgetenv("QT_QPA_PLATFORM")
                                 : isSet("WAYLAND_DISPLAY") && !isSet("DISPLAY")
                                     ? "WAYLAND_DISPLAY=" + qgetenv("WAYLAND_DISPLAY")
                                     : "DISPLAY=" + qgetenv("DISPLAY");
        std::fprintf(
            stderr, "paretoscope: No window can be opened: the display of %s does not answer. %s\n",
            where.constData(), kWithoutDisplay);
        std::fflush(stderr);
        std::_Exit(1);
    }

    inline static QStringList s_kept; // what is no reason to end
};

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
        std::fprintf(stderr, "paretoscope: There is no display to open a window on. %s\n",
                     kWithoutDisplay);
        return 1;
    }
    std::optional<StartWatch> watch(std::in_place);
    QApplication application(argc, argv);
    watch.reset();
    QCoreApplication::setApplicationName(QStringLiteral("paretoscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(PARETOSCOPE_VERSION));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Paretoscope"));
    return run(*parsed.wanted);
}
