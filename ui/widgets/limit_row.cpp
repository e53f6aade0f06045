// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/limit_row.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>

namespace ui {
namespace {

constexpr int kFieldWidth = 84;
constexpr int kRelationRoom = 24;

} // namespace

LimitRow::LimitRow(const QString &metric, Relation relation, QWidget *parent)
    : QWidget(parent),
      m_relation(relation),
      m_check(new CheckBox(metric, this)),
      m_field(new QLineEdit(this))
{
    m_field->setFixedWidth(kFieldWidth);
    m_field->setAlignment(Qt::AlignRight);
    m_field->setAccessibleName(metric);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_check, 1);
    layout->addSpacing(kRelationRoom);
    layout->addWidget(m_field);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(m_check, &QAbstractButton::toggled, this,
            [this](bool on) { emit edited(on, m_value); });
    connect(m_field, &QLineEdit::editingFinished, this, &LimitRow::commit);
}

void LimitRow::setTexts(std::function<QString(double)> write,
                        std::function<std::optional<double>(const QString &)> read)
{
    m_write = std::move(write);
    m_read = std::move(read);
}

void LimitRow::setLimit(bool on, double value)
{
    const QSignalBlocker blocked(m_check);
    m_check->setChecked(on);
    m_value = value;
    if (!m_field->isModified() || !m_field->hasFocus())
        m_field->setText(m_write(value));
    m_check->update();
}

void LimitRow::commit()
{
    if (!m_field->isModified())
        return;
    m_field->setModified(false);
    const std::optional<double> typed = m_read(m_field->text());
    const bool changed = typed && *typed > 0 && *typed != m_value;
    if (changed)
        m_value = *typed;
    m_field->setText(m_write(m_value));
    if (!changed)
        return;
    // Whoever types a limit wants it to hold.
    const QSignalBlocker blocked(m_check);
    m_check->setChecked(true);
    emit edited(true, m_value);
}

void LimitRow::themeChanged()
{
    m_field->setFont(theme().font(Type::Body, 500));
    update();
}

void LimitRow::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setFont(theme().font(Type::Body));
    painter.setPen(theme().text3);
    painter.drawText(QRectF(m_field->x() - kRelationRoom, 0, kRelationRoom, height()),
                     Qt::AlignCenter,
                     QString(QChar(m_relation == Relation::AtMost ? 0x2264 : 0x2265)));
}

} // namespace ui
