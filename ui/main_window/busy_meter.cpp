// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/busy_meter.h"

#include <ctime>

namespace ui {
namespace {

constexpr int kIntervalMs = 250;
constexpr double kBusyPct = 5;

double processSeconds()
{
    timespec time{};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0)
        return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

} // namespace

BusyMeter::BusyMeter(QObject *parent) : QObject(parent)
{
    m_timer.setInterval(kIntervalMs);
    connect(&m_timer, &QTimer::timeout, this, &BusyMeter::sample);
}

void BusyMeter::setRunning(bool running)
{
    if (running == m_timer.isActive())
        return;
    if (!running) {
        m_timer.stop();
        return;
    }
    m_cpuSeconds = processSeconds();
    m_wall.start();
    m_timer.start();
}

void BusyMeter::sample()
{
    const double now = processSeconds();
    const double wall = static_cast<double>(m_wall.nsecsElapsed()) * 1e-9;
    const double share = wall > 0 ? 100 * (now - m_cpuSeconds) / wall : 0;
    m_cpuSeconds = now;
    m_wall.restart();
    if (share > kBusyPct)
        emit busy(share);
}

} // namespace ui
