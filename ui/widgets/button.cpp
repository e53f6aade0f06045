// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/button.h"

#include <cmath>

#include <QFontMetricsF>
#include <QPainter>

namespace ui {
namespace {

constexpr int kPadding = 14;
constexpr int kHintPadding = 5;

} // namespace

Button::Button(Kind kind, const QString &text, QWidget *parent)
    : PaintedButton(parent), m_kind(kind)
{
    setText(text);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

Button::Button(Icon icon, const QString &accessibleName, QWidget *parent)
    : PaintedButton(parent), m_kind(Kind::Quiet), m_icon(icon)
{
    setAccessibleName(accessibleName);
    setToolTip(accessibleName);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Button::setKind(Kind kind)
{
    if (kind == m_kind)
        return;
    m_kind = kind;
    update();
}

void Button::setIconKind(Icon icon)
{
    m_icon = icon;
    update();
}

void Button::setKeyHint(const QString &keys)
{
    m_keyHint = keys;
    updateGeometry();
    update();
}

void Button::setSmall(bool small)
{
    m_small = small;
    updateGeometry();
}

double Button::textWidth() const
{
    return QFontMetricsF(theme().font(Type::Body, 600)).horizontalAdvance(text());
}

QSize Button::sizeHint() const
{
    const int height = m_small ? theme().toolbarHeight : theme().controlHeight;
    if (m_icon && text().isEmpty())
        return {height, height};
    double width = textWidth() + (m_kind == Kind::Link ? 8 : 2 * kPadding);
    if (m_icon)
        width += 24;
    if (!m_keyHint.isEmpty()) {
        width += QFontMetricsF(theme().font(Type::Note)).horizontalAdvance(m_keyHint) + 8 +
                 2 * kHintPadding;
    }
    return {std::max(m_kind == Kind::Link ? 0 : 64, static_cast<int>(std::ceil(width))), height};
}

QColor Button::fill() const
{
    const bool under = underMouse() && isEnabled();
    if (m_kind == Kind::Primary) {
        if (!isEnabled())
            return theme().hover;
        return isDown() ? mixed(theme().accent, theme().card, 0.25)
               : under  ? mixed(theme().accent, theme().text1, 0.15)
                        : theme().accent;
    }
    if (isDown())
        return theme().pressed;
    if (under && m_kind != Kind::Link)
        return theme().hover;
    return m_kind == Kind::Standard ? theme().card : QColor();
}

QColor Button::ink() const
{
    if (!isEnabled())
        return theme().textOff;
    if (m_kind == Kind::Primary)
        return theme().onAccent;
    if (m_kind == Kind::Link)
        return theme().accent;
    return m_icon && text().isEmpty() ? theme().text2 : theme().text1;
}

void Button::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    const QColor background = fill();
    painter.setPen(m_kind == Kind::Standard
                       ? QPen(isEnabled() ? theme().strokeControl : theme().strokeCard, 1)
                       : QPen(Qt::NoPen));
    painter.setBrush(background.isValid() ? QBrush(background) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(frame, theme().radiusControl, theme().radiusControl);

    double content = text().isEmpty() ? 0 : textWidth();
    const QFont hintFont = theme().font(Type::Note);
    const double hint = m_keyHint.isEmpty() ? 0
                                            : QFontMetricsF(hintFont).horizontalAdvance(m_keyHint) +
                                                  2 * kHintPadding;
    if (hint > 0)
        content += 8 + hint;
    if (m_icon)
        content += text().isEmpty() ? 20 : 26;
    double left = std::round((width() - content) / 2);
    if (m_icon) {
        paintIcon(painter, *m_icon, QRectF(left, (height() - 20) / 2.0, 20, 20), ink());
        left += 26;
    }
    painter.setPen(ink());
    painter.setFont(theme().font(Type::Body, 600));
    painter.drawText(QRectF(left, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter, text());
    if (hint > 0) {
        const QRectF box(left + textWidth() + 8, (height() - 18) / 2.0 + 0.5, hint, 17);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(m_kind == Kind::Primary ? ink() : theme().strokeCard, 1));
        painter.drawRoundedRect(box, 4, 4);
        painter.setPen(m_kind == Kind::Primary ? ink() : theme().text3);
        painter.setFont(hintFont);
        painter.drawText(box, Qt::AlignCenter, m_keyHint);
    }
    if (showsFocus())
        paintFocusRing(painter, rect(), theme().radiusControl, theme());
}

CheckBox::CheckBox(const QString &text, QWidget *parent) : PaintedButton(parent)
{
    setText(text);
    setCheckable(true);
}

QSize CheckBox::sizeHint() const
{
    const double text_ = QFontMetricsF(theme().font(Type::Body)).horizontalAdvance(text());
    return {static_cast<int>(std::ceil(text_)) + 26, theme().toolbarHeight};
}

void CheckBox::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box(0.5, (height() - 16) / 2.0 + 0.5, 15, 15);
    painter.setPen(QPen(isChecked() ? theme().accent : theme().strokeControl, 1));
    painter.setBrush(isChecked() ? theme().accent : theme().input);
    painter.drawRoundedRect(box, 4, 4);
    if (isChecked()) {
        painter.setPen(QPen(theme().onAccent, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(
            QPolygonF({box.topLeft() + QPointF(3.6, 7.8), box.topLeft() + QPointF(6.4, 10.6),
                       box.topLeft() + QPointF(11.4, 4.6)}));
    }
    painter.setPen(isEnabled() ? (isChecked() ? theme().text1 : theme().text2) : theme().textOff);
    painter.setFont(theme().font(Type::Body));
    const QRectF place(24, 0, width() - 24, height());
    painter.drawText(
        place, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(painter.font()).elidedText(text(), Qt::ElideRight, place.width()));
    if (showsFocus())
        paintFocusRing(painter, rect(), 4, theme());
}

} // namespace ui
