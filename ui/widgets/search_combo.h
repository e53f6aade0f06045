// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

#include "ui/widgets/painted_button.h"

namespace ui {

// One entry of a searchable list: its name, what decides between it and its neighbours, and where
// it cannot be chosen, why.
struct ComboEntry
{
    QString id;
    QString name;
    QString detail;
    QString section;     // entries of one section follow each other
    QString unavailable; // not empty: greyed with this reason

    friend bool operator==(const ComboEntry &, const ComboEntry &) = default;
};

// A button that opens a list which typing filters; the user's choice is announced.
class SearchCombo : public PaintedButton
{
    Q_OBJECT

public:
    explicit SearchCombo(const QString &accessibleName, QWidget *parent = nullptr);

    void setEntries(const QList<ComboEntry> &entries);
    const QList<ComboEntry> &entries() const { return m_entries; }
    void setCurrent(const QString &id); // silent
    QString current() const { return m_current; }
    void openList();

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void chosen(const QString &id);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    const ComboEntry *entry(const QString &id) const;

    QList<ComboEntry> m_entries;
    QString m_current;
};

} // namespace ui
