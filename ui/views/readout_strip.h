// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QWidget>

#include "app/explore/findings.h"
#include "ui/widgets/readout_tile.h"

class QHBoxLayout;

namespace ui {

// The row of large figures at the scenario's own batch and context.
class ReadoutStrip : public QWidget
{
    Q_OBJECT

public:
    explicit ReadoutStrip(QWidget *parent = nullptr);

    // `pinned`, the scenario that the tiles compare with, may be null.
    void setFindings(const app::Findings &findings, const app::Findings *pinned = nullptr);
    // `tiles` of the six are shown, the last ones drop first.
    void setLayoutFor(int tiles, int height, int gap, bool compact);
    ReadoutTile *tile(app::Metric metric) const;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void chooseBadges();

    QHBoxLayout *m_layout;
    std::array<ReadoutTile *, 6> m_tiles{};
};

} // namespace ui
