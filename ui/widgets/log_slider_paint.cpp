// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QFontMetricsF>
#include <QPainter>

#include "ui/widgets/log_slider.h"
#include "ui/widgets/slider_sizes.h"

namespace ui {

void LogSlider::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool quiet = !isEnabled() || !m_unusedReason.isEmpty();
    painter.setFont(theme().font(Type::Body));
    painter.setPen(quiet ? theme().textOff : theme().text1);
    const QRectF row(0, 0, width(), kFieldHeight);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, m_label);
    if (!m_unit.isEmpty()) {
        painter.setPen(quiet ? theme().textOff : theme().text3);
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, m_unit);
    }
    paintGroove(painter);
    paintTicks(painter);
}

void LogSlider::paintGroove(QPainter &painter) const
{
    const bool quiet = !isEnabled() || !m_unusedReason.isEmpty();
    const QRectF groove(kInset, kGrooveY - 2, width() - 2 * kInset, 4);
    const double handle = positionOf(m_value);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().pressed);
    painter.drawRoundedRect(groove, 2, 2);
    painter.setBrush(quiet ? theme().textOff : theme().accent);
    painter.drawRoundedRect(QRectF(groove.left(), groove.top(), handle - kInset, 4), 2, 2);
    if (m_lastFitting && *m_lastFitting < m_scale.highest) {
        const double from = positionOf(std::max(*m_lastFitting, m_scale.lowest));
        const QRectF refused(from, kGrooveY - 4, groove.right() - from, 8);
        painter.fillRect(refused, theme().card);
        painter.save();
        painter.setClipRect(refused);
        painter.setPen(QPen(theme().strokeControl, 1));
        for (double x = refused.left() - 8; x < refused.right(); x += 5)
            painter.drawLine(QPointF(x, refused.bottom()), QPointF(x + 8, refused.top()));
        painter.restore();
        painter.setPen(QPen(theme().strokeControl, 1.5));
        painter.drawLine(QPointF(from, kGrooveY - 5), QPointF(from, kGrooveY + 5));
    }
    painter.setPen(Qt::NoPen);
    for (double value : m_measured) {
        painter.setBrush(value <= m_value ? theme().text1 : theme().text2);
        painter.drawEllipse(QPointF(positionOf(value), kGrooveY), 2.2, 2.2);
    }
    const QColor ink = quiet ? theme().textOff : theme().accent;
    painter.setPen(QPen(ink, 2));
    painter.setBrush(m_dragging ? ink : theme().card);
    painter.drawEllipse(QPointF(handle, kGrooveY), 7, 7);
    if (!m_dragging) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawEllipse(QPointF(handle, kGrooveY), 3, 3);
    }
    if (m_focus.isShown()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme().accent, 2));
        painter.drawEllipse(QPointF(handle, kGrooveY), 10, 10);
    }
}

void LogSlider::paintTicks(QPainter &painter) const
{
    const QFont font = theme().font(Type::Note);
    const QFontMetricsF metrics(font);
    painter.setFont(font);
    const QRectF row(0, kTickTextTop, width(), kHeight - kTickTextTop);
    if (!m_notice.isEmpty() || !m_unusedReason.isEmpty()) {
        painter.setPen(m_notice.isEmpty() ? theme().text3 : theme().warn);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(m_notice.isEmpty() ? m_unusedReason : m_notice,
                                            Qt::ElideRight, row.width()));
        return;
    }
    if (m_scale.ticks.isEmpty())
        return;
    // Every n-th tick is labelled, the smallest n for which no two labels touch; both ends are.
    const qsizetype count = m_scale.ticks.size();
    const auto boxOf = [&](qsizetype i) {
        const double half = metrics.horizontalAdvance(m_scale.tickText(m_scale.ticks[i])) / 2;
        const double middle = std::clamp(positionOf(m_scale.ticks[i]), half, width() - half);
        return QRectF(middle - half, row.top(), 2 * half, row.height());
    };
    const QRectF last = boxOf(count - 1);
    for (qsizetype stride = 1; stride <= count; ++stride) {
        QList<qsizetype> labelled;
        double right = -100;
        bool touches = false;
        for (qsizetype i = 0; i < count - 1 && !touches; i += stride) {
            const QRectF box = boxOf(i);
            if (box.right() + 10 > last.left())
                break;
            touches = box.left() < right + 12;
            right = box.right();
            labelled.append(i);
        }
        if (touches)
            continue;
        labelled.append(count - 1);
        for (qsizetype i : labelled) {
            const double x = std::round(positionOf(m_scale.ticks[i])) + 0.5;
            painter.setPen(QPen(theme().axis, 1));
            painter.setRenderHint(QPainter::Antialiasing, false);
            painter.drawLine(QPointF(x, kTickTop), QPointF(x, kTickTop + kTickLength - 1));
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(theme().text3);
            painter.drawText(boxOf(i).adjusted(-2, 0, 2, 0), Qt::AlignCenter,
                             m_scale.tickText(m_scale.ticks[i]));
        }
        return;
    }
}

} // namespace ui
