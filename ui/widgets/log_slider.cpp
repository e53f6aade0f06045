// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/log_slider.h"

#include <algorithm>
#include <cmath>

#include <QFocusEvent>
#include <QFontMetricsF>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainterPath>

#include "ui/widgets/format.h"

namespace ui {
namespace {

constexpr double kInset = 8; // half a handle, so that both ends of the groove can be reached
constexpr int kFieldWidth = 88;
constexpr int kFieldHeight = 24;
constexpr int kFieldHang = 9;
constexpr double kGrooveY = 36;
constexpr double kTickTop = 43;
constexpr double kTickLength = 4;
constexpr double kTickTextTop = 47;
constexpr int kHeight = 62;

} // namespace

SliderScale binaryScale(double lowest, double highest)
{
    SliderScale scale;
    scale.lowest = lowest;
    scale.highest = std::max(lowest, highest);
    scale.ticks.append(lowest);
    for (double tick = 1; tick < scale.highest; tick *= 2) {
        if (tick > lowest)
            scale.ticks.append(tick);
    }
    if (scale.highest > lowest)
        scale.ticks.append(scale.highest);
    scale.tickText = [](double value) { return formatCount(std::llround(value)); };
    scale.fieldText = scale.tickText;
    scale.parse = parseCount;
    return scale;
}

SliderScale moneyScale(double lowest, double highest)
{
    SliderScale scale;
    scale.lowest = lowest;
    scale.highest = highest;
    scale.whole = false;
    for (double decade = 1e-4; decade <= highest; decade *= 10) {
        for (double step : {1.0, 2.0, 5.0}) {
            const double tick = decade * step;
            if (tick >= lowest * 0.999 && tick <= highest * 1.001)
                scale.ticks.append(tick);
        }
    }
    scale.tickText = [](double value) { return QLatin1Char('$') + QString::number(value, 'g', 4); };
    scale.fieldText = [](double value) { return formatMoney(value).text(); };
    scale.parse = parseNumber;
    return scale;
}

SliderScale percentScale(double lowest)
{
    SliderScale scale;
    scale.kind = SliderScale::Kind::Linear;
    scale.lowest = lowest;
    scale.highest = 1;
    scale.whole = false;
    for (int percent = 0; percent <= 100; percent += 10) {
        if (percent / 100.0 >= lowest)
            scale.ticks.append(percent / 100.0);
    }
    if (scale.ticks.isEmpty() || scale.ticks.first() > lowest)
        scale.ticks.prepend(lowest);
    scale.tickText = [](double value) {
        return QString::number(std::lround(value * 100)) + QStringLiteral(" %");
    };
    scale.fieldText = scale.tickText;
    scale.parse = [](const QString &text) -> std::optional<double> {
        const std::optional<double> percent = parseNumber(text);
        return percent ? std::optional<double>(*percent / 100) : std::nullopt;
    };
    return scale;
}

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
    m_value = cleaned(m_value);
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

double LogSlider::unitOf(double value) const
{
    const double low = m_scale.lowest;
    const double high = m_scale.highest;
    if (high <= low)
        return 0;
    const double bounded = std::clamp(value, low, high);
    return m_scale.kind == SliderScale::Kind::Log ? std::log(bounded / low) / std::log(high / low)
                                                  : (bounded - low) / (high - low);
}

double LogSlider::positionOf(double value) const
{
    return kInset + unitOf(value) * (width() - 2 * kInset);
}

double LogSlider::valueAt(double x) const
{
    const double span = std::max(1.0, width() - 2 * kInset);
    const double unit = std::clamp((x - kInset) / span, 0.0, 1.0);
    const double low = m_scale.lowest;
    const double high = m_scale.highest;
    return m_scale.kind == SliderScale::Kind::Log ? low * std::pow(high / low, unit)
                                                  : low + (high - low) * unit;
}

double LogSlider::cleaned(double value) const
{
    const double bounded = std::clamp(value, m_scale.lowest, m_scale.highest);
    return m_scale.whole ? std::round(bounded) : bounded;
}

double LogSlider::snapped(double value, Qt::KeyboardModifiers modifiers) const
{
    if (modifiers.testFlag(Qt::ShiftModifier) || m_scale.ticks.size() < 2)
        return cleaned(value);
    const double unit = unitOf(value);
    const int parts = modifiers.testFlag(Qt::ControlModifier) ? 8 : 1;
    double best = m_scale.ticks.first();
    double bestDistance = 2;
    for (qsizetype i = 0; i < m_scale.ticks.size(); ++i) {
        const bool isLast = i + 1 == m_scale.ticks.size();
        for (int part = 0; part < (isLast ? 1 : parts); ++part) {
            const double from = unitOf(m_scale.ticks[i]);
            const double to = isLast ? from : unitOf(m_scale.ticks[i + 1]);
            const double at = from + (to - from) * part / parts;
            if (std::abs(at - unit) < bestDistance) {
                bestDistance = std::abs(at - unit);
                best = part == 0 ? m_scale.ticks[i] : valueAt(kInset + at * (width() - 2 * kInset));
            }
        }
    }
    return cleaned(best);
}

double LogSlider::stepped(double from, int ticks) const
{
    if (m_scale.ticks.isEmpty())
        return from;
    const auto begin = m_scale.ticks.begin();
    const auto end = m_scale.ticks.end();
    const double margin = 1e-9 * std::max(1.0, std::abs(from));
    const qsizetype last = m_scale.ticks.size() - 1;
    qsizetype index = 0;
    if (ticks > 0) {
        index = std::upper_bound(begin, end, from + margin) - begin + ticks - 1;
    } else {
        index = std::lower_bound(begin, end, from - margin) - begin + ticks;
    }
    return m_scale.ticks[std::clamp<qsizetype>(index, 0, last)];
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
    if (take(stepped(m_value, ticks)))
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
    const double value = cleaned(*typed);
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

void LogSlider::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool quiet = !isEnabled() || !m_unusedReason.isEmpty();
    painter.setFont(theme().font(Type::Body));
    painter.setPen(quiet ? theme().textOff : theme().text1);
    const QRectF row(0, 0, width(), kFieldHeight);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, m_label);
    if (!m_unit.isEmpty()) {
        painter.setPen(quiet ? theme().textOff : theme().text3);
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, m_unit);
    }
    paintGroove(painter);
    paintTicks(painter);
}

void LogSlider::paintGroove(QPainter &painter) const
{
    const bool quiet = !isEnabled() || !m_unusedReason.isEmpty();
    const QRectF groove(kInset, kGrooveY - 2, width() - 2 * kInset, 4);
    const double handle = positionOf(m_value);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().pressed);
    painter.drawRoundedRect(groove, 2, 2);
    painter.setBrush(quiet ? theme().textOff : theme().accent);
    painter.drawRoundedRect(QRectF(groove.left(), groove.top(), handle - kInset, 4), 2, 2);
    if (m_lastFitting && *m_lastFitting < m_scale.highest) {
        const double from = positionOf(std::max(*m_lastFitting, m_scale.lowest));
        const QRectF refused(from, kGrooveY - 4, groove.right() - from, 8);
        painter.fillRect(refused, theme().card);
        painter.save();
        painter.setClipRect(refused);
        painter.setPen(QPen(theme().strokeControl, 1));
        for (double x = refused.left() - 8; x < refused.right(); x += 5)
            painter.drawLine(QPointF(x, refused.bottom()), QPointF(x + 8, refused.top()));
        painter.restore();
        painter.setPen(QPen(theme().strokeControl, 1.5));
        painter.drawLine(QPointF(from, kGrooveY - 5), QPointF(from, kGrooveY + 5));
    }
    painter.setPen(Qt::NoPen);
    for (double value : m_measured) {
        painter.setBrush(value <= m_value ? theme().text1 : theme().text2);
        painter.drawEllipse(QPointF(positionOf(value), kGrooveY), 2.2, 2.2);
    }
    const QColor ink = quiet ? theme().textOff : theme().accent;
    painter.setPen(QPen(ink, 2));
    painter.setBrush(m_dragging ? ink : theme().card);
    painter.drawEllipse(QPointF(handle, kGrooveY), 7, 7);
    if (!m_dragging) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawEllipse(QPointF(handle, kGrooveY), 3, 3);
    }
    if (m_focus.isShown()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme().accent, 2));
        painter.drawEllipse(QPointF(handle, kGrooveY), 10, 10);
    }
}

void LogSlider::paintTicks(QPainter &painter) const
{
    const QFont font = theme().font(Type::Note);
    const QFontMetricsF metrics(font);
    painter.setFont(font);
    const QRectF row(0, kTickTextTop, width(), kHeight - kTickTextTop);
    if (!m_notice.isEmpty() || !m_unusedReason.isEmpty()) {
        painter.setPen(m_notice.isEmpty() ? theme().text3 : theme().warn);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(m_notice.isEmpty() ? m_unusedReason : m_notice,
                                            Qt::ElideRight, row.width()));
        return;
    }
    if (m_scale.ticks.isEmpty())
        return;
    // Every n-th tick is labelled, the smallest n for which no two labels touch; both ends are.
    const qsizetype count = m_scale.ticks.size();
    const auto boxOf = [&](qsizetype i) {
        const double half = metrics.horizontalAdvance(m_scale.tickText(m_scale.ticks[i])) / 2;
        const double middle = std::clamp(positionOf(m_scale.ticks[i]), half, width() - half);
        return QRectF(middle - half, row.top(), 2 * half, row.height());
    };
    const QRectF last = boxOf(count - 1);
    for (qsizetype stride = 1; stride <= count; ++stride) {
        QList<qsizetype> labelled;
        double right = -100;
        bool touches = false;
        for (qsizetype i = 0; i < count - 1 && !touches; i += stride) {
            const QRectF box = boxOf(i);
            if (box.right() + 10 > last.left())
                break;
            touches = box.left() < right + 12;
            right = box.right();
            labelled.append(i);
        }
        if (touches)
            continue;
        labelled.append(count - 1);
        for (qsizetype i : labelled) {
            const double x = std::round(positionOf(m_scale.ticks[i])) + 0.5;
            painter.setPen(QPen(theme().axis, 1));
            painter.setRenderHint(QPainter::Antialiasing, false);
            painter.drawLine(QPointF(x, kTickTop), QPointF(x, kTickTop + kTickLength - 1));
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(theme().text3);
            painter.drawText(boxOf(i).adjusted(-2, 0, 2, 0), Qt::AlignCenter,
                             m_scale.tickText(m_scale.ticks[i]));
        }
        return;
    }
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
        target = stepped(m_value, -1);
        break;
    case Qt::Key_Right:
    case Qt::Key_Up:
        target = stepped(m_value, 1);
        break;
    case Qt::Key_PageDown:
        target = stepped(m_value, -4);
        break;
    case Qt::Key_PageUp:
        target = stepped(m_value, 4);
        break;
    case Qt::Key_Home:
        target = cleaned(m_scale.lowest);
        break;
    case Qt::Key_End:
        target = cleaned(m_scale.highest);
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
