// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/measure/point_inbox.h"

#include <utility>

namespace app {

void PointInbox::push(engine::Point point)
{
    bool first = false;
    {
        const std::lock_guard lock(m_mutex);
        first = m_points.empty();
        m_points.push_back(std::move(point));
    }
    if (first)
        QMetaObject::invokeMethod(this, &PointInbox::drain, Qt::QueuedConnection);
}

void PointInbox::drain()
{
    std::vector<engine::Point> points;
    {
        const std::lock_guard lock(m_mutex);
        points.swap(m_points);
    }
    if (!points.empty())
        emit burst(points);
}

void PointInbox::clear()
{
    const std::lock_guard lock(m_mutex);
    m_points.clear();
}

} // namespace app
