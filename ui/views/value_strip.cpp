// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/value_strip.h"

#include <QFontMetricsF>
#include <QPainter>

#include "ui/views/words.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icons.h"

namespace ui {
namespace {

constexpr double kPadding = 12;
constexpr double kBetween = 16; // from one value to the next
constexpr double kLabelGap = 5;
constexpr double kChevron = 20;

} // namespace

ValueStrip::ValueStrip(QWidget *parent) : PaintedButton(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Scenario"));
    setToolTip(tr("Change what is shown (Ctrl+B)"));
}

void ValueStrip::setFindings(const app::Findings &findings)
{
    const app::Scenario &scenario = findings.scenario;
    QList<Value> values{
        {{}, findings.modelName},
        {tr("on"), findings.deviceName},
        {tr("Batch"), formatCount(scenario.workload.batch)},
        {tr("Context"), formatCount(scenario.workload.contextTokens)},
        {tr("Output"), formatCount(scenario.workload.outputTokens)},
        {{},
         scenario.usdPerHour > 0
             ? tr("%1 / h").arg(formatPrice(scenario.usdPerHour).trimmed().text())
             : tr("no price")},
    };
    if (values == m_values)
        return;
    m_values = values;
    QStringList spoken;
    for (const Value &value : m_values)
        spoken.append((value.label + QLatin1Char(' ') + value.text).trimmed());
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    update();
}

QSize ValueStrip::sizeHint() const
{
    return {600, theme().controlHeight};
}

double ValueStrip::widthOf(const Value &value) const
{
    const double label =
        value.label.isEmpty()
            ? 0
            : QFontMetricsF(theme().font(Type::Axis)).horizontalAdvance(value.label) + kLabelGap;
    return label + QFontMetricsF(theme().font(Type::Body, 600)).horizontalAdvance(value.text);
}

int ValueStrip::shownValues() const
{
    double left = kPadding;
    int shown = 0;
    for (const Value &value : m_values) {
        left += widthOf(value);
        if (left > width() - kPadding - kChevron)
            break;
        left += kBetween;
        ++shown;
    }
    return shown;
}

void ValueStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme().strokeControl, 1));
    painter.setBrush(isDown() ? theme().pressed : underMouse() ? theme().hover : theme().card);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme().radiusControl,
                            theme().radiusControl);
    const int shown = shownValues();
    double left = kPadding;
    for (int i = 0; i < shown; ++i) {
        const Value &value = m_values[i];
        const double right = left + widthOf(value);
        const QRectF row(left, 0, right - left + 1, height());
        painter.setFont(theme().font(Type::Axis));
        painter.setPen(theme().text3);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, value.label);
        painter.setFont(theme().font(Type::Body, 600));
        painter.setPen(theme().text1);
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, value.text);
        left = right + kBetween;
    }
    paintIcon(
        painter, Icon::Chevron,
        QRectF(width() - kPadding - kChevron + 6, (height() - kChevron) / 2.0, kChevron, kChevron),
        theme().text2);
    if (showsFocus())
        paintFocusRing(painter, rect(), theme().radiusControl, theme());
}

} // namespace ui
