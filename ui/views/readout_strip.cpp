// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/readout_strip.h"

#include <QHBoxLayout>

#include "ui/views/words.h"

namespace ui {
namespace {

constexpr std::array kTileMetrics{app::Metric::Ttft, app::Metric::Speed,  app::Metric::Throughput,
                                  app::Metric::Cost, app::Metric::Memory, app::Metric::RequestCost};

} // namespace

ReadoutStrip::ReadoutStrip(QWidget *parent) : QWidget(parent), m_layout(new QHBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    for (ReadoutTile *&tile : m_tiles) {
        tile = new ReadoutTile(this);
        m_layout->addWidget(tile, 1);
    }
}

void ReadoutStrip::setFindings(const app::Findings &findings, const app::Findings *pinned)
{
    for (std::size_t i = 0; i < m_tiles.size(); ++i)
        m_tiles[i]->setContent(tileOf(findings, kTileMetrics[i], pinned));
    chooseBadges();
}

void ReadoutStrip::chooseBadges()
{
    bool room = true;
    for (const ReadoutTile *tile : m_tiles)
        room = room && (tile->isHidden() || tile->hasRoomForWord());
    for (ReadoutTile *tile : m_tiles)
        tile->setBadgeForm(room ? BadgeForm::Word : BadgeForm::Letter);
}

void ReadoutStrip::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_layout->activate();
    chooseBadges();
}

void ReadoutStrip::setLayoutFor(int tiles, int height, int gap, bool compact)
{
    m_layout->setSpacing(gap);
    setFixedHeight(height);
    for (std::size_t i = 0; i < m_tiles.size(); ++i) {
        m_tiles[i]->setVisible(static_cast<int>(i) < tiles);
        m_tiles[i]->setCompact(compact);
    }
}

ReadoutTile *ReadoutStrip::tile(app::Metric metric) const
{
    for (std::size_t i = 0; i < m_tiles.size(); ++i) {
        if (kTileMetrics[i] == metric)
            return m_tiles[i];
    }
    return nullptr;
}

} // namespace ui
