// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/readout_tile.h"

#include <QFontMetricsF>
#include <QPainter>

#include "ui/widgets/digits.h"

namespace ui {
namespace {

constexpr double kPadding = 12;
constexpr double kVerdictSize = 12;

} // namespace

ReadoutTile::ReadoutTile(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ReadoutTile::setContent(const TileContent &content)
{
    if (content == m_content)
        return;
    m_content = content;
    setAccessibleName(content.label);
    QString spoken = content.figure.text();
    if (content.kind)
        spoken += QStringLiteral(", ") + provenanceWord(*content.kind);
    setAccessibleDescription(
        content.second.isEmpty() ? spoken : spoken + QStringLiteral(". ") + content.second);
    setToolTip(content.explanation);
    update();
}

void ReadoutTile::setCompact(bool compact)
{
    if (compact == m_compact)
        return;
    m_compact = compact;
    updateGeometry();
    update();
}

void ReadoutTile::setBadgeForm(BadgeForm form)
{
    if (form == m_badgeForm)
        return;
    m_badgeForm = form;
    update();
}

bool ReadoutTile::hasRoomForWord() const
{
    if (!m_content.kind)
        return true;
    const double label = QFontMetricsF(theme().font(Type::Axis)).horizontalAdvance(m_content.label);
    return label + 8 + badgeWidth(*m_content.kind, BadgeForm::Word, theme()) <=
           width() - 2 * kPadding;
}

bool ReadoutTile::isClipped() const
{
    const double room = width() - 2 * kPadding;
    double label = QFontMetricsF(theme().font(Type::Axis)).horizontalAdvance(m_content.label);
    if (m_content.kind)
        label += 8 + badgeWidth(*m_content.kind, m_badgeForm, theme());
    double second = QFontMetricsF(theme().font(Type::Note)).horizontalAdvance(m_content.second);
    if (m_content.verdict)
        second += kVerdictSize + 6;
    const double figure = digitsWidth(m_content.figure.digits, theme().font(Type::Figure)) + 4 +
                          QFontMetricsF(theme().font(Type::Note)).horizontalAdvance(besideFigure());
    return label > room + 0.5 || figure > room + 0.5 || (!m_compact && second > room + 0.5);
}

// The unit; where there is neither a figure nor a second line, the reason.
QString ReadoutTile::besideFigure() const
{
    return m_compact && !m_content.kind ? m_content.second : m_content.figure.unit;
}

QSize ReadoutTile::sizeHint() const
{
    return {200, m_compact ? 60 : 84};
}

QSize ReadoutTile::minimumSizeHint() const
{
    return {110, m_compact ? 56 : 72};
}

void ReadoutTile::themeChanged()
{
    updateGeometry();
    update();
}

void ReadoutTile::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme().strokeCard, 1));
    painter.setBrush(theme().card);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme().radiusCard,
                            theme().radiusCard);

    const double labelHeight = theme().type(Type::Axis).lineHeight;
    const double figureHeight = theme().type(Type::Figure).lineHeight;
    const double noteHeight = theme().type(Type::Note).lineHeight;
    const double used = labelHeight + figureHeight + (m_compact ? 0 : noteHeight);
    const double spare = height() - used;
    double top = std::round(spare * (m_compact ? 0.5 : 0.46));

    painter.setFont(theme().font(Type::Axis));
    painter.setPen(theme().text2);
    double labelRoom = width() - 2 * kPadding;
    if (m_content.kind) {
        const double badge = badgeWidth(*m_content.kind, m_badgeForm, theme());
        paintBadge(painter,
                   {width() - kPadding - badge + 3, top + (labelHeight - kBadgeHeight) / 2},
                   *m_content.kind, m_badgeForm, theme(), theme().card);
        labelRoom -= badge + 5;
    }
    painter.drawText(
        QRectF(kPadding, top, labelRoom, labelHeight), Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(painter.font()).elidedText(m_content.label, Qt::ElideRight, labelRoom));
    top += labelHeight;

    const QFont figureFont = theme().font(Type::Figure);
    const QFontMetricsF metrics(figureFont);
    const double baseline = top + (figureHeight + metrics.ascent() - metrics.descent()) / 2;
    painter.setPen(m_content.kind ? theme().text1 : theme().text3);
    paintDigits(painter, {kPadding, baseline}, m_content.figure.digits, figureFont);
    painter.setFont(theme().font(Type::Note));
    painter.setPen(theme().text3);
    const double digits = digitsWidth(m_content.figure.digits, figureFont);
    painter.drawText(QPointF(kPadding + digits + 4, baseline), besideFigure());
    if (!m_content.bar.isEmpty()) {
        const double from = kPadding + digits + 4 +
                            QFontMetricsF(painter.font()).horizontalAdvance(m_content.figure.unit) +
                            12;
        const double barWidth = std::min(width() - kPadding - from, 120.0);
        if (barWidth > 36)
            paintBar(painter, QRectF(width() - kPadding - barWidth, baseline - 9, barWidth, 6));
    }
    top += figureHeight;
    if (!m_compact)
        paintSecond(painter, kPadding, top);
}

void ReadoutTile::paintSecond(QPainter &painter, double left, double top) const
{
    const double noteHeight = theme().type(Type::Note).lineHeight;
    if (m_content.verdict) {
        const QColor color = *m_content.verdict == Verdict::Good   ? theme().good
                             : *m_content.verdict == Verdict::Bad  ? theme().bad
                             : *m_content.verdict == Verdict::Warn ? theme().warn
                                                                   : theme().text3;
        paintVerdict(painter, *m_content.verdict, {left + kVerdictSize / 2, top + noteHeight / 2},
                     kVerdictSize, color, theme().card);
        left += kVerdictSize + 6;
    }
    painter.setFont(theme().font(Type::Note));
    painter.setPen(theme().text3);
    const double room = width() - kPadding - left;
    painter.drawText(
        QRectF(left, top, room, noteHeight), Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(painter.font()).elidedText(m_content.second, Qt::ElideRight, room));
}

void ReadoutTile::paintBar(QPainter &painter, const QRectF &rect) const
{
    painter.save();
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().pressed);
    painter.drawRoundedRect(rect, 2, 2);
    double left = rect.left();
    int part = 0;
    for (double share : m_content.bar) {
        const double partWidth = std::clamp(share, 0.0, 1.0) * rect.width();
        const double bounded = std::min(partWidth, rect.right() - left);
        // Parts of one thing are told apart by strength, not by a series' hue.
        painter.setBrush(mixed(theme().card, theme().text2,
                               part == 0   ? 0.9
                               : part == 1 ? 0.55
                                           : 0.3));
        painter.drawRect(QRectF(left, rect.top(), std::max(0.0, bounded - 1), rect.height()));
        left += bounded;
        ++part;
    }
    painter.restore();
}

} // namespace ui
