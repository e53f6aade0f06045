// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/top_bar.h"

#include <QHBoxLayout>
#include <QMenuBar>
#include <QPainter>

namespace ui {
namespace {

constexpr int kMarkSize = 20;
constexpr int kMarkLeft = 14;

} // namespace

TopBar::TopBar(QWidget *parent)
    : QWidget(parent),
      m_name(new TextLabel(Type::Body, Tone::Text1, this)),
      m_menus(new QMenuBar(this)),
      m_title(new TextLabel(Type::Body, Tone::Text1, this)),
      m_note(new TextLabel(Type::Body, Tone::Text3, this)),
      m_undo(new Button(Icon::Undo, tr("Undo"), this)),
      m_redo(new Button(Icon::Redo, tr("Redo"), this))
{
    m_name->setText(QStringLiteral("Paretoscope"));
    m_name->setWeight(600);
    m_title->setWeight(600);
    m_menus->setNativeMenuBar(false);
    m_menus->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(kMarkLeft + kMarkSize + 10, 0, 12, 1);
    layout->setSpacing(8);
    layout->addWidget(m_name);
    layout->addSpacing(4);
    layout->addWidget(m_menus);
    layout->addSpacing(16);
    layout->addWidget(m_title);
    layout->addWidget(m_note, 1);
    layout->addWidget(m_undo);
    layout->addWidget(m_redo);
}

void TopBar::setTitle(const QString &title, const QString &note)
{
    m_title->setText(title);
    m_note->setText(note);
}

void TopBar::setUndo(bool canUndo, bool canRedo)
{
    m_undo->setEnabled(canUndo);
    m_redo->setEnabled(canRedo);
}

void TopBar::setNarrow(bool narrow)
{
    m_name->setVisible(!narrow);
    m_note->setVisible(!narrow);
}

void TopBar::themeChanged()
{
    m_menus->setFont(theme().font(Type::Body));
    update();
}

void TopBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme().window);
    paintMark(painter, QRectF(kMarkLeft, (height() - kMarkSize) / 2.0, kMarkSize, kMarkSize),
              theme().text3, theme().seriesColor(1), theme().seriesColor(0));
    painter.setPen(QPen(theme().strokeCard, 1));
    painter.drawLine(QPointF(0, height() - 0.5), QPointF(width(), height() - 0.5));
    const double x = m_title->x() - 12.5;
    painter.drawLine(QPointF(x, height() / 2.0 - 10), QPointF(x, height() / 2.0 + 10));
}

} // namespace ui
