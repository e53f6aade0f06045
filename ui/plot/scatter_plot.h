// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/plot.h"

namespace ui {

// A plot of offers as bubbles: the radius tells a weight, the shape inside tells where the figure
// comes from, an arrow where a claim is open. Bubbles without y stand in a lane along the x axis.
// Lines and dots of Plot (our own curve, labelled by batch) run through the same axes.
class ScatterPlot : public Plot
{
    Q_OBJECT

public:
    explicit ScatterPlot(QWidget *parent = nullptr);
    ~ScatterPlot() override;

    void setBubbles(const QList<Bubble> &bubbles);
    // Title of the lane ("wait not published").
    void setLaneTitle(const QString &title);
    // Weights that the key shows at the right of the heading, with its word ("context"); radii run
    // from 7 to 16 px over [first, last], by the logarithm.
    void setWeightKey(const QList<double> &weights, const QString &word, LabelKind labels);

    int bubbleCount() const;          // on the plot
    int laneCount() const;            // in the lane
    QStringList bubbleLabels() const; // labels that found a place
    QString bubbleAt(const QPointF &pixel) const;
    QPointF bubblePixel(const QString &id) const;

signals:
    void bubbleHovered(const QString &id); // empty: none
    void bubbleClicked(const QString &id);
    void bubbleActivated(const QString &id); // double click, Enter

protected:
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void hover(const QString &id);
};

} // namespace ui
