// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

#include "app/explore/findings.h"
#include "ui/widgets/painted_button.h"

namespace ui {

// What the scenario panel says, in one row, where a narrow window has no room for the panel: a
// click opens the panel over the view. Values that find no room are left out from the right.
class ValueStrip : public PaintedButton
{
    Q_OBJECT

public:
    struct Value
    {
        QString label; // may be empty: the value says it
        QString text;

        friend bool operator==(const Value &, const Value &) = default;
    };

    explicit ValueStrip(QWidget *parent = nullptr);

    void setFindings(const app::Findings &findings);
    const QList<Value> &values() const { return m_values; }
    int shownValues() const; // at the current width

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    double widthOf(const Value &value) const;

    QList<Value> m_values;
};

} // namespace ui
