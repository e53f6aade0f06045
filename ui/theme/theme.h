// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

#include <array>

namespace ui {

enum class ThemeKind { Dark, Light, HighContrast };

// Text styles, smallest use of size first to last: see typeStyle().
enum class Type { Hero, Figure, Title, Heading, Body, Axis, Note };

struct TypeStyle
{
    int pixelSize = 13;
    int lineHeight = 19;
    int weight = 400;

    friend bool operator==(const TypeStyle &, const TypeStyle &) = default;
};

// What a theme is made from, besides its colours.
struct ThemeOptions
{
    bool chinese = false;      // notes are 12 px and lines 2 px higher
    bool presenter = false;    // type and marks for a stage
    double typeScale = 1.0;    // 0.9 to 1.6; 11 px stays the floor
    bool dashBySeries = false; // tell lines apart without colour (always so in high contrast)
    bool reducedMotion = false;

    friend bool operator==(const ThemeOptions &, const ThemeOptions &) = default;
};

constexpr int kSeriesCount = 8;

// Every colour, font and distance of the program, as plain values. Style sheets are generated from
// it (styleSheet()) and painters read it; no other file names a colour.
struct Theme
{
    ThemeKind kind = ThemeKind::Dark;
    ThemeOptions options;

    QColor window; // behind everything
    QColor rail;   // navigation rail, run bar
    QColor card;   // panels and charts
    QColor raised; // popups, tooltips, selected segment
    QColor input;  // fields, slider groove, unknown lane
    QColor hover;
    QColor pressed;
    QColor select;        // selected row, current navigation item
    QColor strokeCard;    // card border (ornament)
    QColor strokeControl; // border of what can be clicked
    QColor gridMajor;
    QColor gridMinor; // invalid in high contrast: no minor grid
    QColor axis;      // axis line, crosshair
    QColor text1;     // figures, titles
    QColor text2;     // body, axis labels
    QColor text3;     // units, notes, sources
    QColor textOff;   // disabled only
    QColor accent;    // the control under the hand, primary button, focus
    QColor onAccent;
    QColor good;
    QColor warn;
    QColor bad;
    QColor goodBg;
    QColor warnBg;
    QColor badBg;
    QColor crossChip; // value chips on axes
    QColor onCrossChip;
    std::array<QColor, kSeriesCount> series; // 0 is the scenario in hand

    std::array<TypeStyle, 7> types; // by Type
    std::array<QFont, 7> fonts;     // by Type, pixel sizes, no hinting
    QFont fixedFont;                // paths, commands, JSON

    // Distances in logical pixels.
    int windowMargin = 12;
    int gap = 12;
    int cardPadding = 16;
    int labelGap = 6;
    int groupGap = 24;
    int radiusCard = 8;
    int radiusPopup = 8;
    int radiusControl = 6;
    int radiusBadge = 4;
    int controlHeight = 32;
    int toolbarHeight = 28;
    int primaryHeight = 40;
    double markScale = 1.0; // points, whiskers and lines; 1.6 on a stage

    friend bool operator==(const Theme &, const Theme &) = default;

    const TypeStyle &type(Type style) const { return types[static_cast<std::size_t>(style)]; }
    const QFont &font(Type style) const { return fonts[static_cast<std::size_t>(style)]; }
    // The style's font in another weight (400, 500 or 600).
    QFont font(Type style, int weight) const;

    // Colour of series `index` (colours repeat after the eighth).
    QColor seriesColor(int index) const;
    // A band of the series: 18 % of its colour in the card's, opaque.
    QColor bandColor(int index) const;
    // A pinned scenario's line: half of its colour in the card's.
    QColor ghostColor(int index) const;
    // A dominated point: 35 % of its colour in the card's.
    QColor dominatedColor(int index) const;
    // Readable text on a fill of the series' colour.
    QColor textOnSeries(int index) const;
    // Dash pattern of the series' solid line in pen widths; empty for a plain line.
    QList<qreal> seriesDash(int index) const;
};

Theme makeTheme(ThemeKind kind, const ThemeOptions &options = {});

// The whole program's style sheet, for Fusion as base style. Object names and dynamic properties
// that it knows are listed in style_sheet.cpp.
QString styleSheet(const Theme &theme);
// The palette behind the style sheet, for what Qt paints without one.
QPalette themePalette(const Theme &theme);

// Opaque mix: `share` of `over` in `under`, per sRGB channel.
QColor mixed(const QColor &under, const QColor &over, double share);

} // namespace ui
