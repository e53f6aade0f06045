// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chip.h"

#include <cmath>

#include <QFocusEvent>
#include <QFontMetricsF>
#include <QMouseEvent>

#include "ui/widgets/digits.h"

namespace ui {
namespace {

constexpr int kPadding = 12;
constexpr int kGlyph = 10;

} // namespace

Chip::Chip(int series, const QString &name, QWidget *parent)
    : QAbstractButton(parent), m_series(series)
{
    setCheckable(true);
    setChecked(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setName(name);
}

void Chip::setName(const QString &name)
{
    if (name == text())
        return;
    setText(name);
    setAccessibleName(name);
    updateGeometry();
    update();
}

void Chip::setValueText(const QString &text)
{
    if (text == m_value)
        return;
    m_value = text;
    updateGeometry();
    update();
}

void Chip::setKind(Provenance kind)
{
    m_kind = kind;
    update();
}

void Chip::setSolo(bool solo)
{
    if (solo == m_solo)
        return;
    m_solo = solo;
    update();
}

QSize Chip::sizeHint() const
{
    double width = 2 * kPadding + kGlyph + 8;
    width += QFontMetricsF(theme().font(Type::Axis, 500)).horizontalAdvance(text());
    if (!m_value.isEmpty())
        width += 8 + digitsWidth(m_value, theme().font(Type::Axis, 600));
    return {static_cast<int>(std::ceil(width)), theme().toolbarHeight};
}

void Chip::themeChanged()
{
    updateGeometry();
    update();
}

void Chip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = theme().seriesColor(m_series);
    const QRectF frame = QRectF(rect()).adjusted(1, 1, -1, -1);
    painter.setPen(m_solo ? QPen(color, 2) : QPen(theme().strokeCard, 1));
    painter.setBrush(underMouse() ? theme().hover : theme().card);
    painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2);
    const double middle = height() / 2.0;
    const QPointF at(kPadding + kGlyph / 2.0, middle);
    if (m_kind)
        paintProvenance(painter, *m_kind, at, kGlyph, isChecked() ? color : theme().text3,
                        theme().card, !isChecked());
    else
        paintSeriesGlyph(painter, m_series, at, kGlyph, color, isChecked());
    const QFont font = theme().font(Type::Axis, 500);
    const double left = kPadding + kGlyph + 8;
    painter.setFont(font);
    painter.setPen(isChecked() ? theme().text1 : theme().text3);
    painter.drawText(QRectF(left, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter, text());
    if (!m_value.isEmpty()) {
        const QFont bold = theme().font(Type::Axis, 600);
        const QFontMetricsF metrics(bold);
        const double baseline = (height() + metrics.ascent() - metrics.descent()) / 2;
        paintDigits(painter, {left + QFontMetricsF(font).horizontalAdvance(text()) + 8, baseline},
                    m_value, bold);
    }
    if (m_focus.isShown())
        paintFocusRing(painter, rect(), height() / 2.0, theme());
}

void Chip::enterEvent(QEnterEvent *event)
{
    QAbstractButton::enterEvent(event);
    emit hovered(true);
    update();
}

void Chip::leaveEvent(QEvent *event)
{
    QAbstractButton::leaveEvent(event);
    emit hovered(false);
    update();
}

void Chip::mouseDoubleClickEvent(QMouseEvent *event)
{
    // The first click of the pair has toggled; the second one takes that back.
    setChecked(true);
    emit soloRequested();
    event->accept();
}

void Chip::focusInEvent(QFocusEvent *event)
{
    m_focus.focusIn(event->reason());
    QAbstractButton::focusInEvent(event);
    update();
}

void Chip::focusOutEvent(QFocusEvent *event)
{
    m_focus.focusOut();
    QAbstractButton::focusOutEvent(event);
    update();
}

} // namespace ui
