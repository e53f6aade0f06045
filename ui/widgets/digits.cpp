// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/digits.h"

#include <cmath>

#include <QFontMetricsF>

namespace ui {
namespace {

constexpr double kUnitGap = 3;

double cellWidth(const QFontMetricsF &metrics)
{
    double widest = 0;
    for (char digit = '0'; digit <= '9'; ++digit)
        widest = std::max(widest, metrics.horizontalAdvance(QLatin1Char(digit)));
    return widest;
}

} // namespace

double digitsWidth(const QString &text, const QFont &font)
{
    const QFontMetricsF metrics(font);
    const double cell = cellWidth(metrics);
    double width = 0;
    for (const QChar character : text)
        width += character.isDigit() ? cell : metrics.horizontalAdvance(character);
    return width;
}

void paintDigits(QPainter &painter, const QPointF &baselineLeft, const QString &text,
                 const QFont &font)
{
    const QFontMetricsF metrics(font);
    const double cell = cellWidth(metrics);
    painter.setFont(font);
    QPointF at = baselineLeft;
    for (const QChar character : text) {
        const double advance = metrics.horizontalAdvance(character);
        const double slot = character.isDigit() ? cell : advance;
        painter.drawText(QPointF(at.x() + (slot - advance) / 2, at.y()), character);
        at.rx() += slot;
    }
}

DigitLabel::DigitLabel(Type style, Qt::Alignment alignment, QWidget *parent)
    : QWidget(parent), m_style(style), m_alignment(alignment)
{
}

void DigitLabel::setFigure(const Figure &figure)
{
    if (figure == m_figure)
        return;
    m_figure = figure;
    setAccessibleName(figure.text());
    updateGeometry();
    update();
}

void DigitLabel::setWidestText(const QString &text)
{
    m_widest = text;
    updateGeometry();
}

QSize DigitLabel::sizeHint() const
{
    const double digits = std::max(digitsWidth(m_widest, theme().font(m_style)),
                                   digitsWidth(m_figure.digits, theme().font(m_style)));
    const double unit =
        m_figure.unit.isEmpty()
            ? 0
            : kUnitGap + QFontMetricsF(theme().font(Type::Note)).horizontalAdvance(m_figure.unit);
    return {static_cast<int>(std::ceil(digits + unit)), theme().type(m_style).lineHeight};
}

void DigitLabel::themeChanged()
{
    updateGeometry();
    update();
}

void DigitLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QFont &font = theme().font(m_style);
    const QFont &unitFont = theme().font(Type::Note);
    const QFontMetricsF metrics(font);
    const double baseline = (height() + metrics.ascent() - metrics.descent()) / 2;
    const double digits = digitsWidth(m_figure.digits, font);
    const double unit = m_figure.unit.isEmpty()
                            ? 0
                            : kUnitGap + QFontMetricsF(unitFont).horizontalAdvance(m_figure.unit);
    const double left = m_alignment.testFlag(Qt::AlignRight) ? width() - unit - digits : 0;
    painter.setPen(isEnabled() ? theme().text1 : theme().textOff);
    paintDigits(painter, {left, baseline}, m_figure.digits, font);
    painter.setPen(isEnabled() ? theme().text3 : theme().textOff);
    painter.setFont(unitFont);
    painter.drawText(QPointF(left + digits + kUnitGap, baseline), m_figure.unit);
}

} // namespace ui
