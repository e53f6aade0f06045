// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/ghost_chips.h"

#include <QMenu>

#include "ui/views/words.h"

namespace ui {
namespace {

constexpr int kGap = 8;
constexpr int kWidestChip = 220;

} // namespace

GhostChips::GhostChips(app::Explorer *explorer, QWidget *parent)
    : QWidget(parent),
      m_explorer(explorer),
      m_more(new Button(Button::Kind::Quiet, QStringLiteral("+1"), this))
{
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setAccessibleName(tr("Pinned scenarios"));
    m_more->setSmall(true);
    m_more->hide();
    connect(m_more, &QAbstractButton::clicked, this, &GhostChips::showRest);
    connect(m_explorer, &app::Explorer::pinsChanged, this, &GhostChips::rebuild);
    rebuild();
}

bool GhostChips::isOn(std::size_t index) const
{
    const auto place = static_cast<qsizetype>(index);
    return place < m_chips.size() && m_chips[place]->isChecked();
}

void GhostChips::setOn(bool on)
{
    for (Chip *chip : m_chips)
        chip->setChecked(on);
}

// Chips of pins that stay keep their state.
void GhostChips::rebuild()
{
    std::vector<app::Scenario> pins;
    for (const app::Pinned &pinned : m_explorer->pins())
        pins.push_back(pinned.scenario);
    const auto same = [](app::Scenario a, const app::Scenario &b) {
        a.axis = b.axis;
        return a == b;
    };
    std::vector<bool> on;
    for (const app::Scenario &pin : pins) {
        bool checked = true;
        for (std::size_t i = 0; i < m_shown.size(); ++i) {
            if (same(m_shown[i], pin))
                checked = isOn(i);
        }
        on.push_back(checked);
    }
    m_shown = std::move(pins);
    qDeleteAll(m_chips);
    m_chips.clear();
    for (std::size_t i = 0; i < m_shown.size(); ++i) {
        const QString name = pinTitle(*m_explorer->pins()[i].findings);
        auto *chip = new Chip(static_cast<int>(i) + 1, name, this);
        chip->setObjectName(QStringLiteral("ghostChip%1").arg(i));
        chip->setMark(Chip::Mark::Ghost);
        chip->setWidthLimit(kWidestChip);
        chip->setRemovable(true);
        chip->setToolTip(tr("%1. Click shows or hides it, Delete takes it away.").arg(name));
        chip->setChecked(on[i]);
        chip->setTheme(std::make_shared<const Theme>(theme()));
        connect(chip, &QAbstractButton::toggled, this, &GhostChips::changed);
        connect(chip, &Chip::hovered, this,
                [this, i](bool inside) { emit hovered(inside ? static_cast<int>(i) + 1 : -1); });
        // The chip itself goes with its pin: not before its own event is over.
        connect(
            chip, &Chip::removeRequested, this, [this, i] { m_explorer->unpin(i); },
            Qt::QueuedConnection);
        m_chips.append(chip);
    }
    updateGeometry();
    layOut();
    emit changed();
}

QSize GhostChips::sizeHint() const
{
    int width = 0;
    for (const Chip *chip : m_chips)
        width += chip->sizeHint().width() + (width > 0 ? kGap : 0);
    return {width, theme().toolbarHeight};
}

QSize GhostChips::minimumSizeHint() const
{
    return {m_chips.isEmpty() ? 0 : m_more->sizeHint().width(), theme().toolbarHeight};
}

void GhostChips::layOut()
{
    const int whole = sizeHint().width();
    const int rest = m_more->sizeHint().width();
    int left = 0;
    int hidden = 0;
    for (Chip *chip : m_chips) {
        const QSize size = chip->sizeHint();
        const int room = width() - (whole > width() ? rest + kGap : 0);
        const bool fits = hidden == 0 && left + size.width() <= room;
        chip->setVisible(fits);
        if (fits) {
            chip->setGeometry(QRect(QPoint(left, 0), size));
            left += size.width() + kGap;
        } else {
            ++hidden;
        }
    }
    m_more->setVisible(hidden > 0);
    m_more->setText(QStringLiteral("+%1").arg(hidden));
    m_more->setGeometry(left, 0, rest, theme().toolbarHeight);
}

void GhostChips::showRest()
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (qsizetype i = 0; i < m_chips.size(); ++i) {
        Chip *chip = m_chips[i];
        if (chip->isVisible())
            continue;
        QAction *action = menu->addAction(chip->text());
        action->setCheckable(true);
        action->setChecked(chip->isChecked());
        connect(action, &QAction::toggled, chip, &QAbstractButton::setChecked);
    }
    menu->popup(m_more->mapToGlobal(QPoint(0, m_more->height() + 2)));
}

void GhostChips::themeChanged()
{
    updateGeometry();
    layOut();
}

void GhostChips::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    layOut();
}

} // namespace ui
