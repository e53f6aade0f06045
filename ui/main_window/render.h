// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QImage>
#include <QSize>
#include <QString>

#include "engine/spec/environment.h"
#include "engine/spec/point.h"

namespace app {
class BenchRunner;
class Explorer;
struct Findings;
} // namespace app

namespace ui {

// What `--render` asks for; size is in logical pixels (the picture has more where the screen's
// scale is above 1, as QT_SCALE_FACTOR sets it).
struct WindowRender
{
    QSize size{1920, 1080};
    QString theme = QStringLiteral("dark");  // "dark", "light" or "contrast"
    QString view = QStringLiteral("curves"); // "curves" or "providers"
    bool doors = false;                      // those of the first start
};

// The same window as on a screen, painted into a picture. Needs a QApplication (the offscreen
// platform will do); returns a null image when the view's name is unknown.
QImage renderWindow(app::Explorer &explorer, app::BenchRunner &runner, const WindowRender &options);

// What report.png shows: one finished run and, where there is one, the estimate beside it.
struct Report
{
    QString title; // "qwen3-0.6b on this machine"
    engine::Environment environment;
    engine::Environment model;
    std::vector<engine::Point> points;
    std::shared_ptr<const app::Findings> findings; // may be null: then points alone
    QString theme = QStringLiteral("light");
};

// One page, 1600 x 2100 device pixels: title, what was measured, charts with points and estimate,
// the table, and what makes it reproducible. Needs a QApplication.
QImage renderReport(const Report &report);

} // namespace ui
