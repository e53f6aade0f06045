// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QPainter>
#include <QString>

#include "ui/widgets/format.h"
#include "ui/widgets/themed.h"

#include <QWidget>

namespace ui {

// Tabular digits: each digit in a cell as wide as the font's widest one, everything else at its own
// width, so that a changing value keeps its place.
double digitsWidth(const QString &text, const QFont &font);
void paintDigits(QPainter &painter, const QPointF &baselineLeft, const QString &text,
                 const QFont &font);

// A changing figure with its unit at note size 3 px after it. Right-aligned digits keep a fixed
// field, as wide as the widest text given; left-aligned ones start at the left edge.
class DigitLabel : public QWidget, public Themed
{
    Q_OBJECT

public:
    DigitLabel(Type style, Qt::Alignment alignment, QWidget *parent = nullptr);

    void setFigure(const Figure &figure);
    const Figure &figure() const { return m_figure; }
    void setWidestText(const QString &text);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    Type m_style;
    Qt::Alignment m_alignment;
    Figure m_figure;
    QString m_widest;
};

} // namespace ui
