// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/log_slider.h"

#include <algorithm>
#include <cmath>

#include "ui/widgets/slider_sizes.h"
#include <QFocusEvent>
#include <QFontMetricsF>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMouseEvent>

namespace ui {

LogSlider::LogSlider(const QString &label, QWidget *parent)
    : QWidget(parent), m_label(label), m_field(new QLineEdit(this))
{
    m_scale = binaryScale(1, 2);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(label);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_field->setProperty("quiet", true);
    m_field->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_field->setFocusPolicy(Qt::ClickFocus);
    m_field->setAccessibleName(label);
    m_field->installEventFilter(this);
    connect(m_field, &QLineEdit::returnPressed, this, &LogSlider::commitField);
    showValue();
}

void LogSlider::setScale(const SliderScale &scale)
{
    m_scale = scale;
    m_value = cleaned(m_scale, m_value);
    showValue();
    update();
}

void LogSlider::setValue(double value)
{
    // The hand has the slider: what comes back from the model is its own, older preview.
    if (m_dragging)
        return;
    if (value == m_value)
        return;
    m_value = value;
    showValue();
    update();
}

void LogSlider::setUnit(const QString &unit)
{
    m_unit = unit;
    resizeEvent(nullptr);
    update();
}

void LogSlider::setMeasured(const QList<double> &values)
{
    if (values == m_measured)
        return;
    m_measured = values;
    update();
}

void LogSlider::setLastFitting(std::optional<double> value)
{
    if (value == m_lastFitting)
        return;
    m_lastFitting = value;
    update();
}

void LogSlider::setUnused(const QString &reason)
{
    if (reason == m_unusedReason)
        return;
    m_unusedReason = reason;
    update();
}

double LogSlider::positionOf(double value) const
{
    return kInset + unitOf(m_scale, value) * (width() - 2 * kInset);
}

double LogSlider::valueAt(double x) const
{
    return valueAtUnit(m_scale, (x - kInset) / std::max(1.0, width() - 2 * kInset));
}

// Ticks attract the handle; Shift lets it go, Ctrl takes eighths.
double LogSlider::snapped(double value, Qt::KeyboardModifiers modifiers) const
{
    if (modifiers.testFlag(Qt::ShiftModifier))
        return cleaned(m_scale, value);
    return snappedTo(m_scale, value, modifiers.testFlag(Qt::ControlModifier) ? 8 : 1);
}

bool LogSlider::take(double value)
{
    if (value == m_value)
        return false;
    m_value = value;
    setNotice({});
    showValue();
    update();
    return true;
}

void LogSlider::stepBy(int ticks)
{
    if (take(steppedBy(m_scale, m_value, ticks)))
        emit settled(m_value);
}

void LogSlider::showValue()
{
    const QString text = m_scale.fieldText ? m_scale.fieldText(m_value) : QString::number(m_value);
    if (!m_field->hasFocus() || m_field->text().isEmpty() || !m_field->isModified())
        m_field->setText(text);
    setAccessibleDescription(m_unit.isEmpty() ? text : text + QLatin1Char(' ') + m_unit);
}

void LogSlider::setNotice(const QString &notice)
{
    if (notice == m_notice)
        return;
    m_notice = notice;
    update();
}

void LogSlider::commitField()
{
    const std::optional<double> typed =
        m_scale.parse ? m_scale.parse(m_field->text()) : std::nullopt;
    if (!typed) {
        setNotice(tr("Not a number: try %1").arg(m_scale.fieldText(m_value)));
        m_field->selectAll();
        return;
    }
    const double value = cleaned(m_scale, *typed);
    m_field->setModified(false);
    const bool changed = take(value);
    m_field->setText(m_scale.fieldText(m_value));
    m_field->selectAll();
    if (*typed > m_scale.highest)
        setNotice(tr("At most %1 here").arg(m_scale.fieldText(m_scale.highest)));
    else if (*typed < m_scale.lowest)
        setNotice(tr("At least %1 here").arg(m_scale.fieldText(m_scale.lowest)));
    else
        setNotice({});
    if (changed)
        emit settled(m_value);
}

QSize LogSlider::sizeHint() const
{
    return {220, kHeight};
}

QSize LogSlider::minimumSizeHint() const
{
    return {140, kHeight};
}

void LogSlider::themeChanged()
{
    m_field->setFont(theme().font(Type::Body, 600));
    resizeEvent(nullptr);
    update();
}

void LogSlider::resizeEvent(QResizeEvent *)
{
    const double unit = m_unit.isEmpty()
                            ? 0
                            : QFontMetricsF(theme().font(Type::Body)).horizontalAdvance(m_unit) + 4;
    const int right = width() - static_cast<int>(std::ceil(unit));
    // The field's own padding hangs over the edge, so that its digits end where the groove ends.
    m_field->setGeometry(right - kFieldWidth + kFieldHang, 0, kFieldWidth, kFieldHeight);
    m_field->raise();
}

void LogSlider::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || event->position().y() < kFieldHeight)
        return;
    m_dragging = true;
    m_moved = take(snapped(valueAt(event->position().x()), event->modifiers()));
    if (m_moved)
        emit previewed(m_value);
    update();
}

void LogSlider::mouseMoveEvent(QMouseEvent *event)
{
    if (!m_dragging)
        return;
    if (take(snapped(valueAt(event->position().x()), event->modifiers()))) {
        m_moved = true;
        emit previewed(m_value);
    }
}

void LogSlider::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_dragging)
        return;
    m_dragging = false;
    update();
    if (m_moved)
        emit settled(m_value);
}

void LogSlider::keyPressEvent(QKeyEvent *event)
{
    double target = m_value;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down:
        target = steppedBy(m_scale, m_value, -1);
        break;
    case Qt::Key_Right:
    case Qt::Key_Up:
        target = steppedBy(m_scale, m_value, 1);
        break;
    case Qt::Key_PageDown:
        target = steppedBy(m_scale, m_value, -4);
        break;
    case Qt::Key_PageUp:
        target = steppedBy(m_scale, m_value, 4);
        break;
    case Qt::Key_Home:
        target = cleaned(m_scale, m_scale.lowest);
        break;
    case Qt::Key_End:
        target = cleaned(m_scale, m_scale.highest);
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    if (take(target)) {
        m_keyPending = true;
        emit previewed(m_value);
    }
}

void LogSlider::keyReleaseEvent(QKeyEvent *event)
{
    // A key held down is one undo step, as one drag is.
    if (event->isAutoRepeat() || !m_keyPending) {
        QWidget::keyReleaseEvent(event);
        return;
    }
    m_keyPending = false;
    emit settled(m_value);
}

void LogSlider::focusInEvent(QFocusEvent *event)
{
    m_focus.focusIn(event->reason());
    update();
}

void LogSlider::focusOutEvent(QFocusEvent *)
{
    m_focus.focusOut();
    if (m_keyPending) {
        m_keyPending = false;
        emit settled(m_value);
    }
    update();
}

void LogSlider::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::EnabledChange)
        update();
    QWidget::changeEvent(event);
}

bool LogSlider::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_field)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        m_field->setModified(false);
        setNotice({});
        showValue();
        setFocus(Qt::OtherFocusReason);
        return true;
    }
    if (event->type() == QEvent::FocusOut && m_field->isModified()) {
        m_field->setModified(false);
        m_field->setText(m_scale.fieldText(m_value));
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace ui
