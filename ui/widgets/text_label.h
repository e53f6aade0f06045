// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include "ui/widgets/themed.h"

class QTextLayout;

namespace ui {

enum class Tone { Text1, Text2, Text3, Accent, Good, Warn, Bad };

QColor toneColor(const Theme &theme, Tone tone);

// Marks a part of a sentence that TextLabel paints in semibold and text1.
QString strong(const QString &text);
// The sentence without those marks.
QString plainText(const QString &text);

// Text in one of the theme's styles: one line that elides, or wrapped. Never reads mark-up other
// than strong(), so names from outside cannot change the picture.
class TextLabel : public QWidget, public Themed
{
    Q_OBJECT

public:
    TextLabel(Type style, Tone tone, QWidget *parent = nullptr);

    void setText(const QString &text);
    const QString &text() const { return m_text; }
    void setTone(Tone tone);
    void setWeight(int weight); // 0 = the style's own
    void setWrapped(bool wrapped);
    void setAlignment(Qt::Alignment alignment);
    // Text that does not fit is elided, or cut where it wraps; the whole is then the tooltip.
    bool isElided() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return m_wrapped; }
    int heightForWidth(int width) const override;

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    QFont usedFont() const;
    double layOut(QTextLayout &layout, double width) const;

    Type m_style;
    Tone m_tone;
    int m_weight = 0;
    bool m_wrapped = false;
    Qt::Alignment m_alignment = Qt::AlignLeft | Qt::AlignVCenter;
    QString m_text;
};

} // namespace ui
