// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace ui {

// How much of a core this program takes, four times a second while it runs: a sweep on the CPU
// must know when drawing disturbed it.
class BusyMeter : public QObject
{
    Q_OBJECT

public:
    explicit BusyMeter(QObject *parent = nullptr);

    void setRunning(bool running);
    bool isRunning() const { return m_timer.isActive(); }

signals:
    // Only intervals over 5 % of a core.
    void busy(double sharePct);

private:
    void sample();

    QTimer m_timer;
    QElapsedTimer m_wall;
    double m_cpuSeconds = 0;
};

} // namespace ui
