// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QList>
#include <QWidget>

#include "ui/theme/glyphs.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/format.h"
#include "ui/widgets/themed.h"

namespace ui {

// What a tile shows: one figure with its kind, what it is, and one line that qualifies it.
struct TileContent
{
    QString label;
    Figure figure;
    std::optional<Provenance> kind; // absent: no figure, no badge
    QString second;                 // "8 in 10: 410 to 560 ms"
    std::optional<Verdict> verdict; // shape before the second line
    QList<double> bar;              // parts of one, in series colours; empty: no bar
    QString explanation;            // tooltip

    friend bool operator==(const TileContent &, const TileContent &) = default;
};

class ReadoutTile : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit ReadoutTile(QWidget *parent = nullptr);

    void setContent(const TileContent &content);
    const TileContent &content() const { return m_content; }
    // Without the second line, where the window is low.
    void setCompact(bool compact);
    // The badge's word where every tile of a row has room for it, else its letter.
    void setBadgeForm(BadgeForm form);
    bool hasRoomForWord() const;
    // Text that did not fit at the current width.
    bool isClipped() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    QString besideFigure() const;
    void paintSecond(QPainter &painter, double left, double top) const;
    void paintBar(QPainter &painter, const QRectF &rect) const;

    TileContent m_content;
    BadgeForm m_badgeForm = BadgeForm::Letter;
    bool m_compact = false;
};

} // namespace ui
