// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QByteArray>
#include <QString>
#include <QStringList>

#include "app/explore/inventory.h"
#include "app/explore/scenario.h"
#include "engine/spec/result.h"

namespace app {

// What is remembered between two starts. An absent entry is the default.
struct Settings
{
    QString theme = QStringLiteral("dark"); // "dark", "light", "contrast"
    QString view = QStringLiteral("curves");
    QByteArray windowGeometry; // as QWidget::saveGeometry() gives it
    QStringList workerCommand; // empty = the worker beside the program
    bool firstRunStripHidden = false;
    QStringList recentFiles; // newest first, ten at most

    friend bool operator==(const Settings &, const Settings &) = default;
};

// The folder of runs.sqlite, catalog.sqlite, settings.ini and session.paretoscope: the user's
// application data folder, made if need be.
QString dataFolder();

Settings readSettings(const QString &folder = dataFolder());
void writeSettings(const Settings &settings, const QString &folder = dataFolder());

// The scenario of the last session; absent at the first start or when the file is no good.
std::optional<Scenario> readSession(const Inventory &inventory,
                                    const QString &folder = dataFolder());
engine::Result<void> writeSession(const Scenario &scenario, const QString &folder = dataFolder());

} // namespace app
