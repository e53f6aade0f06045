// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/text_label.h"

#include <cmath>

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QTextLayout>
#include <QToolTip>

namespace ui {
namespace {

constexpr QChar kStrongStart(0x01);
constexpr QChar kStrongEnd(0x02);

struct Marked
{
    QString text;
    QList<QTextLayout::FormatRange> strong;
};

Marked unmarked(const QString &text, const QFont &bold, const QColor &color)
{
    Marked result;
    qsizetype start = -1;
    for (const QChar character : text) {
        if (character == kStrongStart) {
            start = result.text.size();
        } else if (character == kStrongEnd && start >= 0) {
            QTextLayout::FormatRange range;
            range.start = static_cast<int>(start);
            range.length = static_cast<int>(result.text.size() - start);
            range.format.setFont(bold);
            range.format.setForeground(color);
            result.strong.append(range);
            start = -1;
        } else {
            result.text.append(character);
        }
    }
    return result;
}

} // namespace

QColor toneColor(const Theme &theme, Tone tone)
{
    switch (tone) {
    case Tone::Text1:
        return theme.text1;
    case Tone::Text2:
        return theme.text2;
    case Tone::Text3:
        return theme.text3;
    case Tone::Accent:
        return theme.accent;
    case Tone::Good:
        return theme.good;
    case Tone::Warn:
        return theme.warn;
    case Tone::Bad:
        return theme.bad;
    }
    return theme.text1;
}

QString strong(const QString &text)
{
    return kStrongStart + text + kStrongEnd;
}

QString plainText(const QString &text)
{
    QString plain = text;
    plain.remove(kStrongStart);
    plain.remove(kStrongEnd);
    return plain;
}

TextLabel::TextLabel(Type style, Tone tone, QWidget *parent)
    : QWidget(parent), m_style(style), m_tone(tone)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void TextLabel::setText(const QString &text)
{
    if (text == m_text)
        return;
    m_text = text;
    setAccessibleName(plainText(text));
    updateGeometry();
    update();
}

void TextLabel::setTone(Tone tone)
{
    if (tone == m_tone)
        return;
    m_tone = tone;
    update();
}

void TextLabel::setWeight(int weight)
{
    m_weight = weight;
    updateGeometry();
    update();
}

void TextLabel::setWrapped(bool wrapped)
{
    m_wrapped = wrapped;
    // Fixed would hold a wrapped text at the one line of its hint.
    QSizePolicy policy(wrapped ? QSizePolicy::Expanding : QSizePolicy::Preferred,
                       wrapped ? QSizePolicy::Minimum : QSizePolicy::Fixed);
    policy.setHeightForWidth(wrapped);
    setSizePolicy(policy);
    updateGeometry();
}

void TextLabel::setAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment;
    update();
}

QFont TextLabel::usedFont() const
{
    return m_weight > 0 ? theme().font(m_style, m_weight) : theme().font(m_style);
}

double TextLabel::layOut(QTextLayout &layout, double width) const
{
    const double lineHeight = theme().type(m_style).lineHeight;
    double y = 0;
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        line.setPosition({0, y + (lineHeight - line.height()) / 2});
        y += lineHeight;
    }
    layout.endLayout();
    return std::max(y, lineHeight);
}

bool TextLabel::isElided() const
{
    return m_wrapped ? heightForWidth(width()) > height() : sizeHint().width() > width();
}

QSize TextLabel::sizeHint() const
{
    const Marked marked = unmarked(m_text, theme().font(m_style, 600), theme().text1);
    QTextLayout layout(marked.text, usedFont());
    layout.setFormats(marked.strong);
    layOut(layout, 1e6);
    const double width = layout.lineCount() > 0 ? layout.lineAt(0).naturalTextWidth() : 0;
    return {static_cast<int>(std::ceil(width)) + 1, theme().type(m_style).lineHeight};
}

QSize TextLabel::minimumSizeHint() const
{
    return {m_wrapped ? 60 : std::min(24, sizeHint().width()), theme().type(m_style).lineHeight};
}

int TextLabel::heightForWidth(int width) const
{
    if (!m_wrapped)
        return theme().type(m_style).lineHeight;
    const Marked marked = unmarked(m_text, theme().font(m_style, 600), theme().text1);
    QTextLayout layout(marked.text, usedFont());
    layout.setFormats(marked.strong);
    return static_cast<int>(std::ceil(layOut(layout, width)));
}

void TextLabel::themeChanged()
{
    updateGeometry();
    update();
}

void TextLabel::paintEvent(QPaintEvent *)
{
    if (m_text.isEmpty())
        return;
    QPainter painter(this);
    const QColor color = isEnabled() ? toneColor(theme(), m_tone) : theme().textOff;
    Marked marked = unmarked(m_text, theme().font(m_style, 600),
                             isEnabled() && m_tone != Tone::Bad ? theme().text1 : color);
    if (!m_wrapped && isElided()) {
        marked.text = QFontMetricsF(usedFont()).elidedText(marked.text, Qt::ElideRight, width());
        marked.strong.clear();
    }
    QTextLayout layout(marked.text, usedFont());
    layout.setFormats(marked.strong);
    QTextOption option;
    option.setWrapMode(m_wrapped ? QTextOption::WordWrap : QTextOption::NoWrap);
    option.setAlignment(m_alignment & Qt::AlignHorizontal_Mask);
    layout.setTextOption(option);
    const double used = layOut(layout, width());
    painter.setPen(color);
    const double top = m_alignment.testFlag(Qt::AlignTop) || m_wrapped ? 0 : (height() - used) / 2;
    layout.draw(&painter, {0, top});
}

bool TextLabel::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty() && isElided()) {
        QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(), plainText(m_text), this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace ui
