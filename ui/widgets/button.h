// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QAbstractButton>

#include "ui/widgets/icons.h"
#include "ui/widgets/themed.h"

namespace ui {

// A focus ring: 2 px of accent just inside the widget's edge, painted on keyboard focus only.
void paintFocusRing(QPainter &painter, const QRectF &rect, double radius, const Theme &theme);

// True when the last focus came by the keyboard.
class KeyboardFocus
{
public:
    void focusIn(Qt::FocusReason reason);
    void focusOut() { m_shown = false; }
    bool isShown() const { return m_shown; }

private:
    bool m_shown = false;
};

class Button : public QAbstractButton, public Themed
{
    Q_OBJECT

public:
    enum class Kind {
        Primary,  // at most one on screen
        Standard, // bordered
        Quiet,    // text alone, filled under the pointer
        Link,     // accent text
    };

    Button(Kind kind, const QString &text, QWidget *parent = nullptr);
    Button(Icon icon, const QString &accessibleName, QWidget *parent = nullptr);

    void setKind(Kind kind);
    void setIconKind(Icon icon);
    // Drawn in a frame right of the text, "Ctrl R".
    void setKeyHint(const QString &keys);
    void setSmall(bool small); // 28 px high instead of 32

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    QColor fill() const;
    QColor ink() const;
    double textWidth() const;

    Kind m_kind;
    std::optional<Icon> m_icon;
    QString m_keyHint;
    bool m_small = false;
    KeyboardFocus m_focus;
};

// A square of 16 px with its word; checked state by QAbstractButton.
class CheckBox : public QAbstractButton, public Themed
{
    Q_OBJECT

public:
    explicit CheckBox(const QString &text, QWidget *parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {28, sizeHint().height()}; }

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    KeyboardFocus m_focus;
};

} // namespace ui
