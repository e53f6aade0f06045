// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QList>
#include <QWidget>

#include "ui/widgets/painted_button.h"
#include "ui/widgets/slider_scale.h"

class QLineEdit;
class QPainter;

namespace ui {

// Label and exact field above a groove with ticks. Emits for the user's hand only: previewed()
// while dragging, settled() once it is let go, typed or stepped; setters are silent.
class LogSlider : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit LogSlider(const QString &label, QWidget *parent = nullptr);

    void setScale(const SliderScale &scale);
    const SliderScale &scale() const { return m_scale; }
    void setValue(double value);
    double value() const { return m_value; }
    void setUnit(const QString &unit); // behind the field, quiet
    // Dots on the groove where something was measured.
    void setMeasured(const QList<double> &values);
    // The groove is hatched beyond this value; absent: everything fits.
    void setLastFitting(std::optional<double> value);
    // Greyed with the reason; still usable.
    void setUnused(const QString &reason);
    bool isDragging() const { return m_dragging; }
    // The sentence under the field, if the last entry was refused or clamped.
    QString notice() const { return m_notice; }

    // Moves by ticks as the keys do: one settled() if the value changed.
    void stepBy(int ticks);

    QLineEdit *field() const { return m_field; }
    // Where the handle stands for a value, and back; in widget pixels.
    double positionOf(double value) const;
    double valueAt(double x) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void previewed(double value);
    void settled(double value);

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    double snapped(double value, Qt::KeyboardModifiers modifiers) const;
    bool take(double value); // true if it changed
    void commitField();
    void showValue();
    void setNotice(const QString &notice);
    void paintGroove(QPainter &painter) const;
    void paintTicks(QPainter &painter) const;

    QString m_label;
    QString m_unit;
    QString m_notice;
    QString m_unusedReason;
    SliderScale m_scale;
    double m_value = 1;
    QList<double> m_measured;
    std::optional<double> m_lastFitting;
    QLineEdit *m_field;
    bool m_dragging = false;
    bool m_moved = false;      // since the press
    bool m_keyPending = false; // a key has previewed and not yet settled
    KeyboardFocus m_focus;
};

} // namespace ui
