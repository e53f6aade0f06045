// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QList>
#include <QStringList>
#include <QWidget>

#include "ui/theme/glyphs.h"
#include "ui/widgets/themed.h"

namespace ui {

struct TableRow
{
    QString id;
    std::optional<Provenance> kind; // shape before the first cell
    QStringList cells;

    friend bool operator==(const TableRow &, const TableRow &) = default;
};

// A short table of figures: the first column is text and takes what is left, the others are numbers
// and end at the right. Hover, click and arrow keys choose a row; Ctrl+C copies all rows.
class RowTable : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit RowTable(const QStringList &titles, QWidget *parent = nullptr);

    void setRows(const QList<TableRow> &rows);
    const QList<TableRow> &rows() const { return m_rows; }
    void setSelected(const QString &id); // silent
    QString selected() const { return m_selected; }
    // Tab separated, a header line first.
    QString text() const;
    QRectF rowRect(int index) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {160, sizeHint().height()}; }

signals:
    void hovered(const QString &id); // empty: none
    void chosen(const QString &id);
    void activated(const QString &id); // double click, Enter

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    int rowAt(double y) const;
    QList<double> columnLefts() const; // of each column, and the right edge
    void hover(int row);
    void choose(int row);

    QStringList m_titles;
    QList<TableRow> m_rows;
    QString m_selected;
    int m_hovered = -1;
};

// Label and value pairs below each other; long values wrap.
struct Fact
{
    QString label;
    QString value;
    std::optional<Provenance> kind;
    bool strong = false;

    friend bool operator==(const Fact &, const Fact &) = default;
};

class FactRows : public QWidget, public Themed
{
    Q_OBJECT

public:
    explicit FactRows(QWidget *parent = nullptr);

    void setFacts(const QList<Fact> &facts);
    const QList<Fact> &facts() const { return m_facts; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    double labelWidth() const;
    double valueHeight(const Fact &fact, double width) const;

    QList<Fact> m_facts;
};

} // namespace ui
