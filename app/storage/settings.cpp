// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/storage/settings.h"

#include <QDir>
#include <QSettings>
#include <QStandardPaths>

#include "app/storage/scenario_file.h"

namespace app {

namespace {

constexpr qsizetype kRecentFiles = 10;

const QString kTheme = QStringLiteral("window/theme");
const QString kView = QStringLiteral("window/view");
const QString kGeometry = QStringLiteral("window/geometry");
const QString kFirstRunStripHidden = QStringLiteral("window/first_run_strip_hidden");
const QString kWorkerCommand = QStringLiteral("worker/command");
const QString kRecent = QStringLiteral("files/recent");

QString settingsFile(const QString &folder)
{
    return QDir(folder).filePath(QStringLiteral("settings.ini"));
}

QString sessionFile(const QString &folder)
{
    return QDir(folder).filePath(QStringLiteral("session.paretoscope"));
}

} // namespace

QString dataFolder()
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    QDir().mkpath(folder);
    return folder;
}

Settings readSettings(const QString &folder)
{
    const QSettings file(settingsFile(folder), QSettings::IniFormat);
    Settings settings;
    settings.theme = file.value(kTheme, settings.theme).toString();
    settings.view = file.value(kView, settings.view).toString();
    settings.windowGeometry = file.value(kGeometry).toByteArray();
    settings.firstRunStripHidden = file.value(kFirstRunStripHidden, false).toBool();
    settings.workerCommand = file.value(kWorkerCommand).toStringList();
    settings.recentFiles = file.value(kRecent).toStringList().mid(0, kRecentFiles);
    return settings;
}

void writeSettings(const Settings &settings, const QString &folder)
{
    QSettings file(settingsFile(folder), QSettings::IniFormat);
    file.setValue(kTheme, settings.theme);
    file.setValue(kView, settings.view);
    file.setValue(kGeometry, settings.windowGeometry);
    file.setValue(kFirstRunStripHidden, settings.firstRunStripHidden);
    file.setValue(kWorkerCommand, settings.workerCommand);
    file.setValue(kRecent, QStringList(settings.recentFiles.mid(0, kRecentFiles)));
}

std::optional<Scenario> readSession(const Inventory &inventory, const QString &folder)
{
    const auto scenario = readScenario(sessionFile(folder), inventory);
    return scenario ? std::optional(*scenario) : std::nullopt;
}

engine::Result<void> writeSession(const Scenario &scenario, const QString &folder)
{
    return writeScenario(sessionFile(folder), scenario);
}

} // namespace app
