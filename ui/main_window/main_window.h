// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>

namespace app {
class BenchRunner;
class Explorer;
} // namespace app

namespace ui {

// The explorer's window: shows the explorer's findings, sends the user's edits to it and drives
// the runner's sweeps. Neither is owned; both must outlive the window.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    MainWindow(app::Explorer *explorer, app::BenchRunner *runner, QWidget *parent = nullptr);
    ~MainWindow() override;

    // "dark", "light" or "contrast"; anything else is dark.
    void setThemeName(const QString &name);
    // "curves" or "providers"; false when there is no such view.
    bool showView(const QString &name);
};

} // namespace ui
