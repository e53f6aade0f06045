// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "app/explore/explorer.h"
#include "app/measure/bench_runner.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/button.h"
#include "ui/widgets/progress_row.h"
#include "ui/widgets/text_label.h"

namespace ui {

// The foot of the window: Measure or Stop, what was found or how far the sweep is, what the catalog
// knows, the theme.
class RunBar : public QWidget, public Themed
{
    Q_OBJECT

public:
    // Neither is owned; both must outlive the bar.
    RunBar(app::Explorer *explorer, app::BenchRunner *runner, QWidget *parent = nullptr);

    void setFindings(const app::Findings &findings);
    void setThemeWord(const QString &word, Icon icon);
    // Leaves out what is only nice to know.
    void setNarrow(bool narrow);
    Button *measureButton() const { return m_measure; }
    QString statusText() const { return m_status->text(); }
    ProgressRow *progress() const { return m_progress; }

signals:
    void measureRequested();
    void stopRequested();
    void themeRequested();

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    void showState();
    void showProgress();
    void showStatus();

    app::Explorer *m_explorer;
    app::BenchRunner *m_runner;
    std::size_t m_measured = 0;
    bool m_here = false;
    Button *m_measure;
    Badge *m_badge;
    TextLabel *m_status;
    ProgressRow *m_progress;
    TextLabel *m_catalog;
    Button *m_theme;
    QTimer m_progressFrame; // progress is drawn four times a second at most
};

} // namespace ui
