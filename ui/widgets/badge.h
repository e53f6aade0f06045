// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>
#include <QWidget>

#include "ui/theme/glyphs.h"
#include "ui/widgets/themed.h"

namespace ui {

// "measured", "estimated" … in the window's language, and what the word promises.
QString provenanceWord(Provenance kind);
QString provenanceMeaning(Provenance kind);

enum class BadgeForm { Letter, Word };

constexpr int kBadgeHeight = 18;
double badgeWidth(Provenance kind, BadgeForm form, const Theme &theme);
// Shape, border and letter each tell the kind alone.
void paintBadge(QPainter &painter, const QPointF &topLeft, Provenance kind, BadgeForm form,
                const Theme &theme, const QColor &surface);

class Badge : public QWidget, public Themed
{
    Q_OBJECT

public:
    Badge(Provenance kind, BadgeForm form, QWidget *parent = nullptr);

    void setKind(Provenance kind);
    Provenance kind() const { return m_kind; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    Provenance m_kind;
    BadgeForm m_form;
};

} // namespace ui
