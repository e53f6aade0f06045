// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/glyphs.h"
#include "ui/widgets/painted_button.h"

namespace ui {

// A series of the charts: glyph, name and the value at the crosshair. A click toggles it, a double
// click solos it, the pointer over it lifts its curve.
class Chip : public PaintedButton
{
    Q_OBJECT

public:
    Chip(int series, const QString &name, QWidget *parent = nullptr);

    void setName(const QString &name);
    void setValueText(const QString &text);
    // What stands for the series, as on the charts: its glyph, the shape of a kind, a line with its
    // band, or a ghost's pale line.
    enum class Mark { Glyph, Kind, Line, Ghost };
    void setMark(Mark mark);
    // Draws the kind's shape; hollow while all its points are provisional.
    void setKind(Provenance kind, bool hollow = false);
    // No wider than this, the name elided; the whole is then the tooltip. 0: as wide as it needs.
    void setWidthLimit(int pixels);
    // The user may take it away: Delete, or its menu.
    void setRemovable(bool removable);
    void setSolo(bool solo);
    bool isSolo() const { return m_solo; }
    int series() const { return m_series; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void hovered(bool inside);
    void soloRequested();
    void removeRequested();

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    double textRoom() const;
    void paintMark(QPainter &painter, const QPointF &at) const;

    int m_series;
    Mark m_mark = Mark::Glyph;
    Provenance m_kind = Provenance::Measured;
    bool m_hollow = false;
    QString m_value;
    int m_widthLimit = 0;
    bool m_removable = false;
    bool m_solo = false;
};

} // namespace ui
