// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chip.h"

#include <cmath>

#include <QContextMenuEvent>
#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

#include "ui/widgets/digits.h"

namespace ui {
namespace {

constexpr int kPadding = 12;
constexpr int kGlyph = 10;

} // namespace

Chip::Chip(int series, const QString &name, QWidget *parent)
    : PaintedButton(parent), m_series(series)
{
    setCheckable(true);
    setChecked(true);
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

void Chip::setMark(Mark mark)
{
    m_mark = mark;
    update();
}

void Chip::setKind(Provenance kind, bool hollow)
{
    m_mark = Mark::Kind;
    m_kind = kind;
    m_hollow = hollow;
    update();
}

void Chip::setWidthLimit(int pixels)
{
    m_widthLimit = pixels;
    updateGeometry();
}

void Chip::setRemovable(bool removable)
{
    m_removable = removable;
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
    const int whole = static_cast<int>(std::ceil(width));
    return {m_widthLimit > 0 ? std::min(whole, m_widthLimit) : whole, theme().toolbarHeight};
}

double Chip::textRoom() const
{
    const double value =
        m_value.isEmpty() ? 0 : 8 + digitsWidth(m_value, theme().font(Type::Axis, 600));
    return width() - 2 * kPadding - kGlyph - 8 - value;
}

void Chip::paintMark(QPainter &painter, const QPointF &at) const
{
    const QColor color = theme().seriesColor(m_series);
    if (m_mark == Mark::Glyph) {
        paintSeriesGlyph(painter, m_series, at, kGlyph, color, isChecked());
        return;
    }
    const QColor ink = !isChecked()            ? theme().text3
                       : m_mark == Mark::Ghost ? theme().ghostColor(m_series)
                                               : color;
    if (m_mark == Mark::Kind) {
        paintProvenance(painter, m_kind, at, kGlyph, ink, theme().card, m_hollow || !isChecked());
        return;
    }
    const double half = kGlyph / 2.0 + 1;
    if (m_mark == Mark::Line && isChecked()) {
        painter.fillRect(QRectF(at.x() - half, at.y() - 5, 2 * half, 10),
                         theme().bandColor(m_series));
    }
    painter.setPen(QPen(ink, m_mark == Mark::Line ? 2.5 : 2, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(at - QPointF(half, 0), at + QPointF(half, 0));
}

void Chip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF frame = QRectF(rect()).adjusted(1, 1, -1, -1);
    painter.setPen(m_solo ? QPen(theme().seriesColor(m_series), 2) : QPen(theme().strokeCard, 1));
    painter.setBrush(underMouse() ? theme().hover : theme().card);
    painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2);
    paintMark(painter, QPointF(kPadding + kGlyph / 2.0, height() / 2.0));
    const QFont font = theme().font(Type::Axis, 500);
    const QFontMetricsF names(font);
    const double left = kPadding + kGlyph + 8;
    const QString name = names.elidedText(text(), Qt::ElideRight, textRoom() + 1);
    painter.setFont(font);
    painter.setPen(isChecked() ? theme().text1 : theme().text3);
    painter.drawText(QRectF(left, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter, name);
    if (!m_value.isEmpty()) {
        const QFont bold = theme().font(Type::Axis, 600);
        const QFontMetricsF metrics(bold);
        const double baseline = (height() + metrics.ascent() - metrics.descent()) / 2;
        paintDigits(painter, {left + names.horizontalAdvance(name) + 8, baseline}, m_value, bold);
    }
    if (showsFocus())
        paintFocusRing(painter, rect(), height() / 2.0, theme());
}

void Chip::enterEvent(QEnterEvent *event)
{
    PaintedButton::enterEvent(event);
    emit hovered(true);
}

void Chip::leaveEvent(QEvent *event)
{
    PaintedButton::leaveEvent(event);
    emit hovered(false);
}

void Chip::mouseDoubleClickEvent(QMouseEvent *event)
{
    // The first click of the pair has toggled; the second one takes that back.
    setChecked(true);
    emit soloRequested();
    event->accept();
}

void Chip::keyPressEvent(QKeyEvent *event)
{
    if (m_removable && (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace))
        emit removeRequested();
    else
        PaintedButton::keyPressEvent(event);
}

void Chip::contextMenuEvent(QContextMenuEvent *event)
{
    if (!m_removable)
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Remove"), this, &Chip::removeRequested);
    menu->popup(event->globalPos());
}

} // namespace ui
