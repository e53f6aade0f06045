// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/digits.h"

#include <algorithm>

namespace ui {

namespace {

double digitCell(const QFontMetricsF &metrics)
{
    double cell = 0;
    for (char digit = '0'; digit <= '9'; ++digit)
        cell = std::max(cell, metrics.horizontalAdvance(QLatin1Char(digit)));
    return cell;
}

bool isDigit(QChar c)
{
    return c >= QLatin1Char('0') && c <= QLatin1Char('9');
}

} // namespace

double tabularWidth(const QFontMetricsF &metrics, const QString &text)
{
    const double cell = digitCell(metrics);
    double width = 0;
    qsizetype plain = 0;
    for (qsizetype i = 0; i <= text.size(); ++i) {
        if (i < text.size() && !isDigit(text[i]))
            continue;
        if (i > plain)
            width += metrics.horizontalAdvance(text.mid(plain, i - plain));
        if (i < text.size())
            width += cell;
        plain = i + 1;
    }
    return width;
}

void drawTabularRight(QPainter &painter, const QPointF &baselineRight, const QString &text)
{
    const QFontMetricsF metrics(painter.font());
    const double cell = digitCell(metrics);
    double x = baselineRight.x();
    qsizetype end = text.size();
    while (end > 0) {
        qsizetype start = end;
        while (start > 0 && !isDigit(text[start - 1]))
            --start;
        if (start < end) {
            const QString plain = text.mid(start, end - start);
            x -= metrics.horizontalAdvance(plain);
            painter.drawText(QPointF(x, baselineRight.y()), plain);
        } else {
            --start;
            const QChar digit = text[start];
            x -= cell;
            const double inset = (cell - metrics.horizontalAdvance(digit)) / 2;
            painter.drawText(QPointF(x + inset, baselineRight.y()), QString(digit));
        }
        end = start;
    }
}

} // namespace ui
