// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/badge.h"

#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

namespace ui {
namespace {

constexpr double kShape = 8;
constexpr double kPadding = 6;

QString translated(const char *text)
{
    return QCoreApplication::translate("ui::badge", text);
}

QString badgeText(Provenance kind, BadgeForm form)
{
    return form == BadgeForm::Word ? provenanceWord(kind) : QString(provenanceLetter(kind));
}

// Without serifs an I reads as a rule.
void paintSerifs(QPainter &painter, const QRectF &box, const QFontMetricsF &metrics)
{
    const double middle = box.left() + metrics.horizontalAdvance(QLatin1Char('I')) / 2;
    const double cap = metrics.capHeight();
    const double base = box.center().y() + cap / 2;
    painter.drawLine(QPointF(middle - 2, base - 0.5), QPointF(middle + 2, base - 0.5));
    painter.drawLine(QPointF(middle - 2, base - cap + 0.5), QPointF(middle + 2, base - cap + 0.5));
}

} // namespace

QString provenanceWord(Provenance kind)
{
    switch (kind) {
    case Provenance::Measured:
        return translated("measured");
    case Provenance::Recorded:
        return translated("recorded");
    case Provenance::Imported:
        return translated("imported");
    case Provenance::Observed:
        return translated("observed");
    case Provenance::Estimated:
        return translated("estimated");
    case Provenance::Claimed:
        return translated("claimed");
    }
    return {};
}

QString provenanceMeaning(Provenance kind)
{
    switch (kind) {
    case Provenance::Measured:
        return translated("Measured on this machine by this program's own engine.");
    case Provenance::Recorded:
        return translated(
            "A run of this program's engine on another machine, kept in the package.");
    case Provenance::Imported:
        return translated("A run of another tool, read from its file.");
    case Provenance::Observed:
        return translated("A gateway's statistics or a dated price list.");
    case Provenance::Estimated:
        return translated("Computed from the device's rates and the model's shape.");
    case Provenance::Claimed:
        return translated("Somebody said so; nobody here has checked it.");
    }
    return {};
}

double badgeWidth(Provenance kind, BadgeForm form, const Theme &theme)
{
    const QFontMetricsF metrics(theme.font(Type::Note, 600));
    return std::ceil(2 * kPadding + kShape + 5 + metrics.horizontalAdvance(badgeText(kind, form)));
}

void paintBadge(QPainter &painter, const QPointF &topLeft, Provenance kind, BadgeForm form,
                const Theme &theme, const QColor &surface)
{
    const QRectF frame(topLeft.x() + 0.75, topLeft.y() + 0.75, badgeWidth(kind, form, theme) - 1.5,
                       kBadgeHeight - 1.5);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    QPen border(theme.axis, kind == Provenance::Measured ? 1.5 : 1);
    if (kind == Provenance::Estimated)
        border.setDashPattern({3, 2});
    if (kind == Provenance::Claimed)
        border.setDashPattern({1, 2});
    painter.setPen(border);
    painter.drawRoundedRect(frame, theme.radiusBadge, theme.radiusBadge);
    if (kind == Provenance::Recorded)
        painter.drawRoundedRect(frame.adjusted(2, 2, -2, -2), 2.5, 2.5);
    const QPointF at(frame.left() + kPadding + kShape / 2 - 0.75, frame.center().y());
    paintProvenance(painter, kind, at, kShape, theme.text2, surface);
    const QFont font = theme.font(Type::Note, 600);
    const QRectF place(at.x() + kShape / 2 + 5, frame.top(), frame.width(), frame.height());
    painter.setFont(font);
    painter.setPen(theme.text2);
    const QString text = badgeText(kind, form);
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, text);
    if (text == QLatin1String("I"))
        paintSerifs(painter, place, QFontMetricsF(font));
    painter.restore();
}

Badge::Badge(Provenance kind, BadgeForm form, QWidget *parent)
    : QWidget(parent), m_kind(kind), m_form(form)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(provenanceWord(kind));
    setToolTip(provenanceMeaning(kind));
}

void Badge::setKind(Provenance kind)
{
    if (kind == m_kind)
        return;
    m_kind = kind;
    setAccessibleName(provenanceWord(kind));
    setToolTip(provenanceMeaning(kind));
    updateGeometry();
    update();
}

QSize Badge::sizeHint() const
{
    return {static_cast<int>(badgeWidth(m_kind, m_form, theme())), kBadgeHeight};
}

void Badge::themeChanged()
{
    updateGeometry();
    update();
}

void Badge::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintBadge(painter, {0, 0}, m_kind, m_form, theme(), theme().card);
}

} // namespace ui
