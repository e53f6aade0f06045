// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "ui/widgets/icons.h"
#include "ui/widgets/painted_button.h"

namespace ui {

class Button : public PaintedButton
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
    void paintEvent(QPaintEvent *event) override;

private:
    QColor fill() const;
    QColor ink() const;
    double textWidth() const;

    Kind m_kind;
    std::optional<Icon> m_icon;
    QString m_keyHint;
    bool m_small = false;
};

// A square of 16 px with its word; checked state by QAbstractButton.
class CheckBox : public PaintedButton
{
    Q_OBJECT

public:
    explicit CheckBox(const QString &text, QWidget *parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {28, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;
};

} // namespace ui
