// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/progress_row.h"

#include <algorithm>

#include <QFontMetricsF>
#include <QPainter>

#include "ui/widgets/format.h"

namespace ui {
namespace {

constexpr int kBarWidth = 180;
constexpr qint64 kQuietMs = 2000;

} // namespace

ProgressRow::ProgressRow(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ProgressRow::begin()
{
    m_since.start();
    m_secondsLeft.reset();
    m_fraction = 0;
    m_shown.clear();
    update();
}

void ProgressRow::setProgress(double fraction, const QString &words,
                              std::optional<double> secondsLeft)
{
    m_fraction = std::clamp(fraction, 0.0, 1.0);
    if (secondsLeft && m_secondsLeft && *secondsLeft > *m_secondsLeft &&
        *secondsLeft < *m_secondsLeft * 1.2)
        secondsLeft = m_secondsLeft;
    m_secondsLeft = secondsLeft;
    QString shown = words;
    if (secondsLeft && m_since.isValid() && m_since.elapsed() >= kQuietMs) {
        const QString left = formatTimeLeft(*secondsLeft);
        shown = shown.isEmpty() ? left : shown + QStringLiteral(" · ") + left;
    }
    if (shown != m_shown) {
        m_shown = shown;
        setAccessibleName(shown);
    }
    update();
}

QSize ProgressRow::sizeHint() const
{
    return {kBarWidth + 320, theme().toolbarHeight};
}

QSize ProgressRow::minimumSizeHint() const
{
    return {160, theme().toolbarHeight};
}

void ProgressRow::themeChanged()
{
    update();
}

void ProgressRow::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double bar = std::min<double>(kBarWidth, width() * 0.35);
    const QRectF groove(0, height() / 2.0 - 2, bar, 4);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().pressed);
    painter.drawRoundedRect(groove, 2, 2);
    painter.setBrush(theme().accent);
    painter.drawRoundedRect(QRectF(groove.topLeft(), QSizeF(bar * m_fraction, 4)), 2, 2);
    painter.setFont(theme().font(Type::Axis));
    painter.setPen(theme().text2);
    const double room = width() - bar - 12;
    painter.drawText(QRectF(bar + 12, 0, room, height()), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetricsF(painter.font()).elidedText(m_shown, Qt::ElideRight, room));
}

} // namespace ui
