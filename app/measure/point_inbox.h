// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <vector>

#include <QObject>

#include "engine/spec/point.h"

namespace app {

// Gathers points until its own thread's event loop turns, then hands over all of them at once: any
// number of points cost one event.
class PointInbox : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    // From any thread.
    void push(engine::Point point);
    // Hands over what is there now, if anything.
    void drain();
    // Forgets what is there.
    void clear();

signals:
    void burst(const std::vector<engine::Point> &points);

private:
    std::mutex m_mutex;
    std::vector<engine::Point> m_points; // guarded by m_mutex
};

} // namespace app
