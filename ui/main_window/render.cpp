// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/render.h"

#include <QCoreApplication>
#include <QPixmap>

#include "ui/main_window/main_window.h"

namespace ui {

QImage renderWindow(app::Explorer &explorer, app::BenchRunner &runner, const WindowRender &options)
{
    MainWindow window(&explorer, &runner);
    if (!window.showView(options.view))
        return {};
    window.setThemeName(options.theme);
    window.setDoorsShown(options.doors);
    window.setAttribute(Qt::WA_DontShowOnScreen);
    // A picture may be smaller than a window that a person can work in.
    window.setMinimumSize(320, 240);
    window.resize(options.size);
    window.show();
    explorer.evaluateNow();
    QCoreApplication::sendPostedEvents();
    return window.grab().toImage();
}

} // namespace ui
