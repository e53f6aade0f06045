// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QWidget>

#include "ui/widgets/button.h"

class QLineEdit;

namespace ui {

// A bound that can be switched on: check box, relation and an exact field. Off keeps its value.
class LimitRow : public QWidget, public Themed
{
    Q_OBJECT

public:
    enum class Relation { AtMost, AtLeast };

    LimitRow(const QString &metric, Relation relation, QWidget *parent = nullptr);

    void setTexts(std::function<QString(double)> write,
                  std::function<std::optional<double>(const QString &)> read);
    void setLimit(bool on, double value); // silent
    bool isOn() const { return m_check->isChecked(); }
    double value() const { return m_value; }
    CheckBox *check() const { return m_check; }
    QLineEdit *field() const { return m_field; }

signals:
    void edited(bool on, double value);

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    void commit();

    Relation m_relation;
    double m_value = 0;
    std::function<QString(double)> m_write;
    std::function<std::optional<double>(const QString &)> m_read;
    CheckBox *m_check;
    QLineEdit *m_field;
};

} // namespace ui
