// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/doors.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kIconColumn = 52;
constexpr int kIcon = 28;
constexpr int kPadding = 14;
constexpr int kHeadHeight = 28;
constexpr int kDoorHeight = 88;
constexpr int kCompactDoorHeight = 46;
constexpr int kLowGap = 4;

} // namespace

Door::Door(Icon icon, const QString &title, const QString &gives, const QString &takes,
           Button *button, QWidget *parent)
    : Card(parent),
      m_icon(icon),
      m_title(new TextLabel(Type::Heading, Tone::Text1, this)),
      m_gives(new TextLabel(Type::Body, Tone::Text2, this)),
      m_takes(new TextLabel(Type::Note, Tone::Text3, this))
{
    m_title->setText(title);
    m_gives->setText(gives);
    m_gives->setWrapped(true);
    m_takes->setText(takes);
    m_takes->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    button->setToolTip(takes);
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    words->addWidget(m_gives, 1, Qt::AlignTop);
    auto *action = new QVBoxLayout;
    action->setSpacing(6);
    action->addStretch();
    action->addWidget(button, 0, Qt::AlignRight);
    action->addWidget(m_takes, 0, Qt::AlignRight);
    action->addStretch();
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(kIconColumn, 10, kPadding, 10);
    layout->setSpacing(12);
    layout->addLayout(words, 1);
    layout->addLayout(action);
}

void Door::setCompact(bool compact)
{
    m_compact = compact;
    m_gives->setVisible(!compact);
    m_takes->setVisible(!compact);
    layout()->setContentsMargins(compact ? kPadding : kIconColumn, compact ? 6 : 10,
                                 compact ? 8 : kPadding, compact ? 6 : 10);
    update();
}

void Door::paintEvent(QPaintEvent *event)
{
    Card::paintEvent(event);
    if (m_compact)
        return;
    QPainter painter(this);
    paintIcon(painter, m_icon, QRectF(kPadding, (height() - kIcon) / 2.0, kIcon, kIcon),
              theme().accent);
}

Doors::Doors(QWidget *parent)
    : QWidget(parent),
      m_note(new TextLabel(Type::Body, Tone::Text3, this)),
      m_compare(new Button(Button::Kind::Standard, tr("Compare"), this)),
      m_measure(new Button(Button::Kind::Standard, tr("Measure"), this)),
      m_open(new Button(Button::Kind::Standard, tr("Open"), this)),
      m_hide(new Button(Icon::Close, tr("Hide these; Help brings them back"), this)),
      m_row(new QHBoxLayout)
{
    m_compare->setObjectName(QStringLiteral("compareDoor"));
    m_measure->setObjectName(QStringLiteral("measureDoor"));
    m_open->setObjectName(QStringLiteral("openDoor"));
    m_hide->setObjectName(QStringLiteral("hideDoors"));
    auto *title = new TextLabel(Type::Title, Tone::Text1, this);
    title->setText(tr("What a token costs, and how long it makes you wait"));
    m_note->setText(tr("Everything below is already live. Pick a door, or just move a slider."));
    auto *head = new QHBoxLayout;
    head->setSpacing(12);
    head->addWidget(title);
    head->addWidget(m_note, 1);
    head->addWidget(m_hide);
    m_doors = {
        new Door(Icon::Providers, tr("Compare offers"),
                 tr("What would it cost, and how long would people wait? Offers of the same model "
                    "side by side."),
                 tr("nothing to install"), m_compare, this),
        new Door(Icon::Chip, tr("Measure this machine"),
                 tr("The same curves, filled with points from your own hardware, one quick round."),
                 tr("about 2 min, you can stop"), m_measure, this),
        new Door(Icon::Curves, tr("Open your own model"),
                 tr("A Hugging Face folder or its config.json: its curves at once, with or without "
                    "weights."),
                 tr("or drop it on the window"), m_open, this),
    };
    for (Door *door : m_doors)
        m_row->addWidget(door, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(head);
    layout->addLayout(m_row);
    connect(m_compare, &QAbstractButton::clicked, this, &Doors::compareRequested);
    connect(m_measure, &QAbstractButton::clicked, this, &Doors::measureRequested);
    connect(m_open, &QAbstractButton::clicked, this, &Doors::openRequested);
    connect(m_hide, &QAbstractButton::clicked, this, &Doors::hideRequested);
}

void Doors::setLayoutFor(bool large, int gap, bool low)
{
    const int between = low ? kLowGap : gap;
    m_row->setSpacing(gap);
    layout()->setSpacing(between);
    setFixedHeight(kHeadHeight + between + (large ? kDoorHeight : kCompactDoorHeight));
    m_note->setVisible(large);
    for (Door *door : m_doors)
        door->setCompact(!large);
}

} // namespace ui
