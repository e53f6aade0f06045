// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/toast.h"

#include <QHBoxLayout>
#include <QPainter>

namespace ui {
namespace {

constexpr int kWidth = 360;
constexpr int kLifeMs = 6000;

} // namespace

Toast::Toast(QWidget *parent)
    : QWidget(parent),
      m_sentence(new TextLabel(Type::Body, Tone::Text1, this)),
      m_action(new Button(Button::Kind::Link, {}, this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 10, 12, 10);
    m_sentence->setWrapped(true);
    layout->addWidget(m_sentence, 1);
    layout->addWidget(m_action);
    m_life.setSingleShot(true);
    m_life.setInterval(kLifeMs);
    connect(&m_life, &QTimer::timeout, this, &QWidget::hide);
    connect(m_action, &QAbstractButton::clicked, this, [this] {
        hide();
        emit actionRequested();
    });
    hide();
}

void Toast::tell(const QString &sentence, const QString &action, int bottom)
{
    m_sentence->setText(sentence);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    const int inner = kWidth - 28 - (action.isEmpty() ? 0 : m_action->sizeHint().width() + 6);
    resize(kWidth, std::max(48, m_sentence->heightForWidth(inner) + 22));
    const QSize space = parentWidget()->size();
    move(space.width() - kWidth - 16, space.height() - height() - bottom - 16);
    show();
    raise();
    m_life.start();
}

void Toast::themeChanged()
{
    update();
}

void Toast::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme().strokeControl, 1));
    painter.setBrush(theme().raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme().radiusPopup,
                            theme().radiusPopup);
}

void Toast::enterEvent(QEnterEvent *)
{
    m_life.stop();
}

void Toast::leaveEvent(QEvent *)
{
    if (isVisible())
        m_life.start();
}

} // namespace ui
