// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/widgets/themed.h"

namespace ui {

// A panel: the card's fill, one pixel of border, its radius.
class Card : public QWidget, public Themed
{
    Q_OBJECT

public:
    using QWidget::QWidget;

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
};

} // namespace ui
