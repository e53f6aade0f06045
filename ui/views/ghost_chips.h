// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QList>
#include <QWidget>

#include "app/explore/explorer.h"
#include "ui/widgets/button.h"
#include "ui/widgets/chip.h"

namespace ui {

// A chip for each pinned scenario: shows or hides its ghost, Delete takes it away. What finds no
// room is behind "+3".
class GhostChips : public QWidget, public Themed
{
    Q_OBJECT

public:
    // The explorer is not owned and must outlive the chips.
    explicit GhostChips(app::Explorer *explorer, QWidget *parent = nullptr);

    // Whether the ghost of pin `index` is drawn.
    bool isOn(std::size_t index) const;
    // All of them at once.
    void setOn(bool on);
    const QList<Chip *> &chips() const { return m_chips; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void changed();
    void hovered(int series); // -1: none

protected:
    void themeChanged() override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void rebuild();
    void layOut();
    void showRest();

    app::Explorer *m_explorer;
    std::vector<app::Scenario> m_shown; // the pins that the chips stand for
    QList<Chip *> m_chips;
    Button *m_more;
};

} // namespace ui
