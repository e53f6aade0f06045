// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QAbstractButton>

#include "ui/theme/glyphs.h"
#include "ui/widgets/button.h"
#include "ui/widgets/themed.h"

namespace ui {

// A series of the charts: glyph, name and the value at the crosshair. A click toggles it, a double
// click solos it, the pointer over it lifts its curve.
class Chip : public QAbstractButton, public Themed
{
    Q_OBJECT

public:
    Chip(int series, const QString &name, QWidget *parent = nullptr);

    void setName(const QString &name);
    void setValueText(const QString &text);
    // Draws the kind's shape instead of the series' glyph.
    void setKind(Provenance kind);
    void setSolo(bool solo);
    bool isSolo() const { return m_solo; }
    int series() const { return m_series; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void hovered(bool inside);
    void soloRequested();

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    int m_series;
    std::optional<Provenance> m_kind;
    QString m_value;
    bool m_solo = false;
    KeyboardFocus m_focus;
};

} // namespace ui
