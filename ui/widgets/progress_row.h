// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QElapsedTimer>
#include <QWidget>

#include "ui/widgets/themed.h"

namespace ui {

// How far a long task is, in a 4 px bar and in words.
class ProgressRow : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit ProgressRow(QWidget *parent = nullptr);

    void begin();
    // `fraction` in 0..1; what is left is told from two seconds on and never rises by less than a
    // fifth, so that it does not flicker.
    void setProgress(double fraction, const QString &words, std::optional<double> secondsLeft);
    QString words() const { return m_shown; }
    double fraction() const { return m_fraction; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    double m_fraction = 0;
    QString m_shown;
    std::optional<double> m_secondsLeft;
    QElapsedTimer m_since;
};

} // namespace ui
