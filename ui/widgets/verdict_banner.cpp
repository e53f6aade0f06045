// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/verdict_banner.h"

#include <QHBoxLayout>
#include <QPainter>

namespace ui {
namespace {

constexpr int kHeight = 36;
constexpr int kTextLeft = 38;
constexpr int kRight = 12;

} // namespace

VerdictBanner::VerdictBanner(QWidget *parent)
    : QWidget(parent),
      m_sentence(new TextLabel(Type::Body, Tone::Text2, this)),
      m_more(new TextLabel(Type::Note, Tone::Text3, this)),
      m_layout(new QHBoxLayout(this))
{
    m_sentence->setWrapped(true);
    m_layout->setContentsMargins(kTextLeft, 8, kRight, 8);
    m_layout->setSpacing(12);
    m_layout->addWidget(m_sentence, 1, Qt::AlignVCenter);
    m_layout->addWidget(m_more, 0, Qt::AlignVCenter);
    m_more->hide();
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void VerdictBanner::tell(Verdict verdict, const QString &sentence, int more)
{
    m_verdict = verdict;
    m_sentence->setText(sentence);
    m_more->setText(more > 0 ? tr("+%1").arg(more) : QString());
    m_more->setVisible(more > 0);
    setAccessibleName(plainText(sentence));
    updateGeometry();
    update();
}

Button *VerdictBanner::addLink(const QString &text)
{
    auto *link = new Button(Button::Kind::Link, text, this);
    link->setSmall(true);
    link->setTheme(std::make_shared<const Theme>(theme()));
    m_layout->addWidget(link, 0, Qt::AlignVCenter);
    return link;
}

QSize VerdictBanner::sizeHint() const
{
    return {400, kHeight};
}

QSize VerdictBanner::minimumSizeHint() const
{
    return {200, kHeight};
}

int VerdictBanner::heightForWidth(int width) const
{
    int beside = 0; // what stands right of the sentence
    for (int i = 1; i < m_layout->count(); ++i) {
        const QWidget *widget = m_layout->itemAt(i)->widget();
        if (widget && !widget->isHidden())
            beside += widget->sizeHint().width() + m_layout->spacing();
    }
    return std::max(kHeight, m_sentence->heightForWidth(width - kTextLeft - kRight - beside) + 16);
}

QColor VerdictBanner::ink() const
{
    switch (m_verdict) {
    case Verdict::Good:
        return theme().good;
    case Verdict::Warn:
        return theme().warn;
    case Verdict::Bad:
        return theme().bad;
    case Verdict::Note:
        return theme().text3;
    }
    return theme().text3;
}

void VerdictBanner::themeChanged()
{
    updateGeometry();
    update();
}

void VerdictBanner::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor fill = m_verdict == Verdict::Good   ? theme().goodBg
                        : m_verdict == Verdict::Warn ? theme().warnBg
                        : m_verdict == Verdict::Bad  ? theme().badBg
                                                     : theme().input;
    const bool bordered = theme().kind == ThemeKind::HighContrast;
    painter.setPen(bordered ? QPen(ink(), 2) : QPen(Qt::NoPen));
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), theme().radiusControl,
                            theme().radiusControl);
    paintVerdict(painter, m_verdict, {20, height() / 2.0}, 16, ink(), fill);
}

} // namespace ui
