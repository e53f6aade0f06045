// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/segmented_switch.h"

#include <cmath>

#include <QFocusEvent>
#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainterPath>

namespace ui {
namespace {

constexpr int kPadding = 12;

} // namespace

SegmentedSwitch::SegmentedSwitch(const QStringList &words, QWidget *parent)
    : QWidget(parent), m_words(words)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleDescription(words.join(QStringLiteral(", ")));
}

void SegmentedSwitch::setCurrent(int index)
{
    if (index == m_current || index < -1 || index >= m_words.size())
        return;
    m_current = index;
    update();
}

void SegmentedSwitch::setStretched(bool stretched)
{
    m_stretched = stretched;
    setSizePolicy(stretched ? QSizePolicy::Expanding : QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize SegmentedSwitch::sizeHint() const
{
    const QFontMetricsF metrics(theme().font(Type::Body, 500));
    double width = 2;
    for (const QString &word : m_words)
        width += std::ceil(metrics.horizontalAdvance(word)) + 2 * (m_stretched ? 6 : kPadding);
    return {static_cast<int>(width), theme().toolbarHeight};
}

QList<QRectF> SegmentedSwitch::parts() const
{
    const QFontMetricsF metrics(theme().font(Type::Body, 500));
    QList<QRectF> result;
    double left = 0;
    for (const QString &word : m_words) {
        const double width = m_stretched
                                 ? double(this->width()) / static_cast<double>(m_words.size())
                                 : std::ceil(metrics.horizontalAdvance(word)) + 2 * kPadding;
        result.append(QRectF(left, 0, width, height()));
        left += width;
    }
    if (!result.isEmpty())
        result.last().setRight(width());
    return result;
}

int SegmentedSwitch::partAt(const QPointF &position) const
{
    const QList<QRectF> places = parts();
    for (int i = 0; i < places.size(); ++i) {
        if (places[i].contains(position))
            return i;
    }
    return -1;
}

void SegmentedSwitch::choose(int index)
{
    if (index < 0 || index >= m_words.size() || index == m_current)
        return;
    m_current = index;
    update();
    emit chosen(index);
}

void SegmentedSwitch::themeChanged()
{
    updateGeometry();
    update();
}

void SegmentedSwitch::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    QPainterPath outline;
    outline.addRoundedRect(frame, theme().radiusControl, theme().radiusControl);
    painter.fillPath(outline, theme().card);
    const QList<QRectF> places = parts();
    for (int i = 0; i < places.size(); ++i) {
        QPainterPath part;
        part.addRect(places[i]);
        if (i == m_current)
            painter.fillPath(outline.intersected(part), theme().raised);
        else if (i == m_hovered && isEnabled())
            painter.fillPath(outline.intersected(part), theme().hover);
        if (i == m_current) {
            QPainterPath line;
            line.addRect(QRectF(places[i].left(), height() - 3, places[i].width(), 3));
            painter.fillPath(outline.intersected(line),
                             isEnabled() ? theme().accent : theme().textOff);
        }
        if (i > 0) {
            painter.setPen(QPen(theme().strokeControl, 1));
            const double x = std::round(places[i].left()) + 0.5;
            painter.drawLine(QPointF(x, 1), QPointF(x, height() - 1));
        }
        painter.setFont(theme().font(Type::Body, 500));
        painter.setPen(!isEnabled()     ? theme().textOff
                       : i == m_current ? theme().text1
                                        : theme().text2);
        painter.drawText(places[i], Qt::AlignCenter, m_words[i]);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().strokeControl, 1));
    painter.drawPath(outline);
    if (m_focus.isShown())
        paintFocusRing(painter, rect(), theme().radiusControl, theme());
}

void SegmentedSwitch::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        choose(partAt(event->position()));
}

void SegmentedSwitch::mouseMoveEvent(QMouseEvent *event)
{
    const int part = partAt(event->position());
    if (part != m_hovered) {
        m_hovered = part;
        update();
    }
}

void SegmentedSwitch::leaveEvent(QEvent *)
{
    m_hovered = -1;
    update();
}

void SegmentedSwitch::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Left)
        choose(m_current - 1);
    else if (event->key() == Qt::Key_Right)
        choose(m_current + 1);
    else
        QWidget::keyPressEvent(event);
}

void SegmentedSwitch::focusInEvent(QFocusEvent *event)
{
    m_focus.focusIn(event->reason());
    update();
}

void SegmentedSwitch::focusOutEvent(QFocusEvent *)
{
    m_focus.focusOut();
    update();
}

} // namespace ui
