// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include <QHash>

namespace ui {

namespace {

// Names in @ are replaced by the theme's tokens. Dynamic properties used by widgets:
//   type = hero|figure|title|heading|axis|note   on QLabel: text style
//   tone = 1|3|off|good|warn|bad|accent          on QLabel: text colour (body text is text2)
//   surface = card|rail|raised|input|good|warn|bad on QFrame: fill and border
//   primary = true, flat = true, segment = true  on buttons; quiet = true on QLineEdit
constexpr auto kSheet = R"(
QWidget { color: @text2; font-size: @bodyPx; }
QMainWindow, QDialog, QWidget[surface="window"] { background: @window; }
QFrame[surface="card"] { background: @card; border: 1px solid @strokeCard; border-radius: @rCard; }
QFrame[surface="rail"] { background: @rail; border: none; }
QFrame[surface="raised"] { background: @raised; border: 1px solid @strokeControl; border-radius: @rPopup; }
QFrame[surface="input"] { background: @input; border: none; border-radius: @rControl; }
QFrame[surface="good"] { background: @goodBg; border: @verdictBorder solid @good; border-radius: @rControl; }
QFrame[surface="warn"] { background: @warnBg; border: @verdictBorder solid @warn; border-radius: @rControl; }
QFrame[surface="bad"] { background: @badBg; border: @verdictBorder solid @bad; border-radius: @rControl; }

QLabel { background: transparent; color: @text2; }
QLabel[type="hero"] { font-size: @heroPx; font-weight: 600; color: @text1; }
QLabel[type="figure"] { font-size: @figurePx; font-weight: 600; color: @text1; }
QLabel[type="title"] { font-size: @titlePx; font-weight: 600; color: @text1; }
QLabel[type="heading"] { font-size: @headingPx; font-weight: 600; color: @text1; }
QLabel[type="axis"] { font-size: @axisPx; }
QLabel[type="note"] { font-size: @notePx; color: @text3; }
QLabel[tone="1"] { color: @text1; }
QLabel[tone="3"] { color: @text3; }
QLabel[tone="off"], QLabel:disabled { color: @textOff; }
QLabel[tone="good"] { color: @good; }
QLabel[tone="warn"] { color: @warn; }
QLabel[tone="bad"] { color: @bad; }
QLabel[tone="accent"] { color: @accent; }

QPushButton, QToolButton { background: @card; color: @text1; border: 1px solid @strokeControl; border-radius: @rControl; padding: 0 12px; min-height: @buttonH; font-weight: 500; }
QPushButton:hover, QToolButton:hover { background: @hover; }
QPushButton:pressed, QToolButton:pressed { background: @pressed; }
QPushButton:checked, QToolButton:checked { background: @select; }
QPushButton:disabled, QToolButton:disabled { color: @textOff; border-color: @strokeCard; }
QPushButton:focus, QToolButton:focus { border: 2px solid @accent; padding: 0 11px; min-height: @buttonFocusH; }
QPushButton[primary="true"] { background: @accent; color: @onAccent; border: 1px solid @accent; font-weight: 600; padding: 0 16px; }
QPushButton[primary="true"]:hover { background: @accentHover; }
QPushButton[primary="true"]:pressed { background: @accentPressed; }
QPushButton[primary="true"]:disabled { background: @hover; color: @textOff; border-color: @hover; }
QPushButton[primary="true"]:focus { border: 2px solid @text1; padding: 0 15px; }
QPushButton[flat="true"], QToolButton[flat="true"] { background: transparent; border: 1px solid transparent; padding: 0 8px; }
QPushButton[flat="true"]:hover, QToolButton[flat="true"]:hover { background: @hover; }
QPushButton[flat="true"]:focus, QToolButton[flat="true"]:focus { border: 2px solid @accent; padding: 0 7px; }
QToolButton[tool="true"] { background: transparent; border: 1px solid transparent; padding: 0; min-height: 26px; max-height: 26px; min-width: 26px; max-width: 26px; color: @text2; }
QToolButton[tool="true"]:hover { background: @hover; }
QToolButton[tool="true"]:focus { border: 2px solid @accent; min-height: 24px; max-height: 24px; min-width: 24px; max-width: 24px; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }

QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit { background: @input; color: @text1; border: 1px solid @strokeControl; border-radius: @rControl; padding: 0 8px; selection-background-color: @select; selection-color: @text1; }
QLineEdit, QSpinBox, QDoubleSpinBox { min-height: @fieldH; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid @accent; padding: 0 7px; }
QLineEdit:disabled, QSpinBox:disabled { color: @textOff; border-color: @strokeCard; }
QLineEdit[quiet="true"] { background: transparent; border: 1px solid transparent; padding: 0 6px; font-weight: 600; min-height: 22px; }
QLineEdit[quiet="true"]:hover { border-color: @strokeControl; background: @input; }
QLineEdit[quiet="true"]:focus { border: 2px solid @accent; background: @input; padding: 0 5px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }

QComboBox { background: @card; color: @text1; border: 1px solid @strokeControl; border-radius: @rControl; padding: 0 28px 0 10px; min-height: @fieldH; font-weight: 500; }
QComboBox:hover { background: @hover; }
QComboBox:focus { border: 2px solid @accent; padding: 0 27px 0 9px; }
QComboBox:disabled { color: @textOff; border-color: @strokeCard; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: @raised; color: @text1; border: 1px solid @strokeControl; selection-background-color: @select; selection-color: @text1; outline: none; padding: 4px; }

QCheckBox, QRadioButton { color: @text1; spacing: 8px; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: @textOff; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @strokeControl; border-radius: 4px; background: @input; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; }
QCheckBox::indicator:focus { border: 2px solid @accent; width: 12px; height: 12px; }

QSlider { background: transparent; min-height: 20px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @groove; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -6px 0; border-radius: 8px; background: @card; border: 2px solid @accent; }
QSlider::handle:horizontal:hover { background: @hover; }
QSlider::handle:horizontal:focus { background: @accent; }
QSlider::sub-page:horizontal:disabled { background: @textOff; }
QSlider::handle:horizontal:disabled { border-color: @textOff; }

QProgressBar { background: @groove; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: @accent; border-radius: 2px; }

QTableView, QTreeView, QListView { background: @card; color: @text2; border: none; gridline-color: @rule; selection-background-color: @select; selection-color: @text1; outline: none; font-size: @axisPx; }
QTableView::item { padding: 0 8px; border: none; }
QTableView::item:hover, QListView::item:hover, QTreeView::item:hover { background: @hover; }
QTableView::item:selected, QListView::item:selected, QTreeView::item:selected { background: @select; color: @text1; }
QTableView:focus, QTreeView:focus, QListView:focus { border: 2px solid @accent; }
QHeaderView { background: @card; border: none; }
QHeaderView::section { background: @card; color: @text3; border: none; border-bottom: 1px solid @gridMajor; padding: 0 8px; min-height: 30px; font-size: @notePx; font-weight: 600; }
QTableCornerButton::section { background: @card; border: none; }

QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @pressed; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @strokeControl; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenuBar { background: @window; color: @text2; }
QMenuBar::item { padding: 6px 10px; background: transparent; }
QMenuBar::item:selected { background: @hover; color: @text1; }
QMenu { background: @raised; color: @text1; border: 1px solid @strokeControl; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @hover; }
QMenu::item:disabled { color: @textOff; }
QMenu::separator { height: 1px; background: @gridMajor; margin: 4px 8px; }
QToolTip { background: @raised; color: @text2; border: 1px solid @strokeControl; padding: 6px 8px; font-size: @bodyPx; }
QSplitter::handle { background: @window; }
QTabBar::tab { background: transparent; color: @text2; padding: 6px 12px; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text1; border-bottom: 2px solid @accent; }
QTabWidget::pane { border: none; }
)";

QString pixels(int value)
{
    return QString::number(value) + QStringLiteral("px");
}

QHash<QString, QString> tokens(const Theme &t)
{
    const QColor rule = t.gridMinor.isValid() ? t.gridMinor : t.gridMajor;
    return {
        {QStringLiteral("window"), t.window.name()},
        {QStringLiteral("rail"), t.rail.name()},
        {QStringLiteral("card"), t.card.name()},
        {QStringLiteral("raised"), t.raised.name()},
        {QStringLiteral("input"), t.input.name()},
        {QStringLiteral("hover"), t.hover.name()},
        {QStringLiteral("pressed"), t.pressed.name()},
        {QStringLiteral("select"), t.select.name()},
        {QStringLiteral("strokeCard"), t.strokeCard.name()},
        {QStringLiteral("strokeControl"), t.strokeControl.name()},
        {QStringLiteral("gridMajor"), t.gridMajor.name()},
        {QStringLiteral("rule"), rule.name()},
        {QStringLiteral("groove"), t.pressed.name()},
        {QStringLiteral("text1"), t.text1.name()},
        {QStringLiteral("text2"), t.text2.name()},
        {QStringLiteral("text3"), t.text3.name()},
        {QStringLiteral("textOff"), t.textOff.name()},
        {QStringLiteral("accent"), t.accent.name()},
        {QStringLiteral("accentHover"), mixed(t.accent, t.text1, 0.12).name()},
        {QStringLiteral("accentPressed"), mixed(t.accent, t.window, 0.15).name()},
        {QStringLiteral("onAccent"), t.onAccent.name()},
        {QStringLiteral("good"), t.good.name()},
        {QStringLiteral("warn"), t.warn.name()},
        {QStringLiteral("bad"), t.bad.name()},
        {QStringLiteral("goodBg"), t.goodBg.name()},
        {QStringLiteral("warnBg"), t.warnBg.name()},
        {QStringLiteral("badBg"), t.badBg.name()},
        {QStringLiteral("verdictBorder"), pixels(t.kind == ThemeKind::HighContrast ? 2 : 0)},
        {QStringLiteral("rCard"), pixels(t.radiusCard)},
        {QStringLiteral("rPopup"), pixels(t.radiusPopup)},
        {QStringLiteral("rControl"), pixels(t.radiusControl)},
        {QStringLiteral("buttonH"), pixels(t.controlHeight - 2)},
        {QStringLiteral("buttonFocusH"), pixels(t.controlHeight - 4)},
        {QStringLiteral("fieldH"), pixels(t.controlHeight - 4)},
        {QStringLiteral("heroPx"), pixels(t.type(Type::Hero).pixelSize)},
        {QStringLiteral("figurePx"), pixels(t.type(Type::Figure).pixelSize)},
        {QStringLiteral("titlePx"), pixels(t.type(Type::Title).pixelSize)},
        {QStringLiteral("headingPx"), pixels(t.type(Type::Heading).pixelSize)},
        {QStringLiteral("bodyPx"), pixels(t.type(Type::Body).pixelSize)},
        {QStringLiteral("axisPx"), pixels(t.type(Type::Axis).pixelSize)},
        {QStringLiteral("notePx"), pixels(t.type(Type::Note).pixelSize)},
    };
}

} // namespace

QString styleSheet(const Theme &theme)
{
    const QHash<QString, QString> values = tokens(theme);
    const QString sheet = QString::fromUtf8(kSheet);
    QString out;
    out.reserve(sheet.size());
    for (qsizetype i = 0; i < sheet.size(); ++i) {
        if (sheet[i] != QLatin1Char('@')) {
            out += sheet[i];
            continue;
        }
        qsizetype end = i + 1;
        while (end < sheet.size() && sheet[end].isLetterOrNumber())
            ++end;
        const QString name = sheet.mid(i + 1, end - i - 1);
        Q_ASSERT(values.contains(name));
        out += values.value(name);
        i = end - 1;
    }
    return out;
}

} // namespace ui
