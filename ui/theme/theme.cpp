// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace ui {

namespace {

constexpr QRgb kNone = 0xFFFFFFFF; // this theme has no such colour

// A token of the design: where it is kept, and its colour in dark, light and high contrast.
struct ColorToken
{
    QColor Theme::*place;
    std::array<QRgb, 3> rgb;
};
constexpr std::array kTokens{
    ColorToken{&Theme::window, {0x0D1015, 0xF2F4F8, 0x000000}},
    ColorToken{&Theme::rail, {0x090B0F, 0xE6EAF1, 0x000000}},
    ColorToken{&Theme::card, {0x161A21, 0xFFFFFF, 0x000000}},
    ColorToken{&Theme::raised, {0x20262F, 0xFFFFFF, 0x000000}},
    ColorToken{&Theme::input, {0x0F1318, 0xFFFFFF, 0x000000}},
    ColorToken{&Theme::hover, {0x262D38, 0xEBEFF5, 0x1F1F1F}},
    ColorToken{&Theme::pressed, {0x303947, 0xDDE3EC, 0x333333}},
    ColorToken{&Theme::select, {0x1D2F4C, 0xDCE8FC, 0x003A66}},
    ColorToken{&Theme::strokeCard, {0x252C36, 0xD9DFE8, 0xFFFFFF}},
    ColorToken{&Theme::strokeControl, {0x6B7789, 0x7B8696, 0xFFFFFF}},
    ColorToken{&Theme::gridMajor, {0x2A313C, 0xDDE2EA, 0x4A4A4A}},
    ColorToken{&Theme::gridMinor, {0x1E242C, 0xEDF0F4, kNone}},
    ColorToken{&Theme::axis, {0x66738A, 0x848E9D, 0xFFFFFF}},
    ColorToken{&Theme::text1, {0xF1F4F8, 0x12161D, 0xFFFFFF}},
    ColorToken{&Theme::text2, {0xB6BFCB, 0x434C5A, 0xFFFFFF}},
    ColorToken{&Theme::text3, {0x8D97A6, 0x5C6675, 0xE6E6E6}},
    ColorToken{&Theme::textOff, {0x5C6572, 0xA0A8B4, 0x9A9A9A}},
    ColorToken{&Theme::accent, {0x7AB0FF, 0x1B5FD9, 0xFFE14D}},
    ColorToken{&Theme::onAccent, {0x08131F, 0xFFFFFF, 0x000000}},
    ColorToken{&Theme::good, {0x58D39A, 0x0B7048, 0x5CFFB0}},
    ColorToken{&Theme::warn, {0xF5C04F, 0x8A5700, 0xFFD24D}},
    ColorToken{&Theme::bad, {0xFF8A80, 0xB42318, 0xFF9B94}},
    ColorToken{&Theme::goodBg, {0x12291F, 0xE3F4EC, 0x000000}},
    ColorToken{&Theme::warnBg, {0x2E2412, 0xFBF0DA, 0x000000}},
    ColorToken{&Theme::badBg, {0x331A19, 0xFCE8E6, 0x000000}},
    ColorToken{&Theme::crossChip, {0xF1F4F8, 0x12161D, 0xFFE14D}},
    ColorToken{&Theme::onCrossChip, {0x12161D, 0xFFFFFF, 0x000000}},
};
constexpr std::array<std::array<QRgb, kSeriesCount>, 3> kSeries{{
    {0xF6AB45, 0x6480F5, 0x9EF0DF, 0xF4481F, 0x99B286, 0xCDAFF8, 0xEDFA5A, 0x9D7692},
    {0xC8785E, 0x4051CF, 0x159CA4, 0xA12147, 0x034617, 0xA46DF0, 0x696D0E, 0x552D57},
    {0xF8A454, 0x63A4F7, 0xB9FBF5, 0xF04333, 0x759274, 0xB9B9E1, 0xE1DE9E, 0xAF6695},
}};

Theme coloredTheme(ThemeKind kind)
{
    const auto column = static_cast<std::size_t>(kind);
    Theme theme;
    theme.kind = kind;
    for (const ColorToken &token : kTokens) {
        const QRgb rgb = token.rgb[column];
        theme.*token.place = rgb == kNone ? QColor() : QColor(rgb);
    }
    for (std::size_t i = 0; i < kSeriesCount; ++i)
        theme.series[i] = QColor(kSeries[column][i]);
    return theme;
}

std::array<TypeStyle, 7> typeStyles(const ThemeOptions &options)
{
    std::array<TypeStyle, 7> styles = {{{44, 52, 600},
                                        {26, 32, 600},
                                        {17, 24, 600},
                                        {14, 20, 600},
                                        {13, 19, 400},
                                        {12, 16, 400},
                                        {11, 15, 400}}};
    if (options.presenter) {
        styles = {{{88, 96, 600},
                   {44, 52, 600},
                   {34, 44, 600},
                   {23, 32, 600},
                   {21, 30, 400},
                   {20, 26, 400},
                   {18, 24, 400}}};
    }
    for (TypeStyle &style : styles) {
        if (options.chinese) {
            style.pixelSize += style.pixelSize < 13 ? 1 : 0;
            style.lineHeight += 2;
        }
        const double scale = std::clamp(options.typeScale, 0.9, 1.6);
        style.pixelSize = std::max(11, static_cast<int>(std::lround(style.pixelSize * scale)));
        style.lineHeight = static_cast<int>(std::lround(style.lineHeight * scale));
    }
    return styles;
}

QFont uiFont(const TypeStyle &style)
{
    QFont font;
    // Both families by name: a fallback chosen by the system mixes Han forms.
    font.setFamilies({QStringLiteral("Inter"), QStringLiteral("Noto Sans CJK SC"),
                      QStringLiteral("Noto Sans"), QStringLiteral("sans-serif")});
    font.setPixelSize(style.pixelSize);
    font.setWeight(static_cast<QFont::Weight>(style.weight));
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

} // namespace

Theme makeTheme(ThemeKind kind, const ThemeOptions &options)
{
    Theme theme = coloredTheme(kind);
    theme.options = options;
    theme.options.dashBySeries = options.dashBySeries || kind == ThemeKind::HighContrast;
    theme.types = typeStyles(options);
    for (std::size_t i = 0; i < theme.types.size(); ++i)
        theme.fonts[i] = uiFont(theme.types[i]);
    theme.fixedFont = theme.font(Type::Body);
    theme.fixedFont.setFamilies({QStringLiteral("JetBrains Mono"),
                                 QStringLiteral("DejaVu Sans Mono"), QStringLiteral("monospace")});
    if (options.presenter) {
        theme.markScale = 1.6;
        theme.controlHeight = 48;
        theme.toolbarHeight = 48;
        theme.primaryHeight = 48;
    }
    return theme;
}

QFont Theme::font(Type style, int weight) const
{
    QFont font = fonts[static_cast<std::size_t>(style)];
    font.setWeight(static_cast<QFont::Weight>(weight));
    return font;
}

QColor Theme::seriesColor(int index) const
{
    return series[static_cast<std::size_t>(std::max(0, index) % kSeriesCount)];
}

QColor Theme::bandColor(int index) const
{
    return mixed(card, seriesColor(index), 0.18);
}

QColor Theme::ghostColor(int index) const
{
    return mixed(card, seriesColor(index), 0.50);
}

QColor Theme::dominatedColor(int index) const
{
    return mixed(card, seriesColor(index), 0.35);
}

QColor Theme::textOnSeries(int index) const
{
    const int number = std::max(0, index) % kSeriesCount;
    const bool paleInLight = number == 0 || number == 2 || number == 5;
    return kind == ThemeKind::Light && paleInLight ? text1 : card;
}

QList<qreal> Theme::seriesDash(int index) const
{
    const int step = std::max(0, index);
    const int dash = options.dashBySeries ? step % 3 : (step / kSeriesCount) % 3;
    if (dash == 1)
        return {9, 4};
    if (dash == 2)
        return {9, 3, 2, 3};
    return {};
}

QColor mixed(const QColor &under, const QColor &over, double share)
{
    const auto channel = [share](int a, int b) {
        return static_cast<int>(std::lround(a + (b - a) * share));
    };
    return {channel(under.red(), over.red()), channel(under.green(), over.green()),
            channel(under.blue(), over.blue())};
}

QPalette themePalette(const Theme &t)
{
    QPalette palette;
    palette.setColor(QPalette::Window, t.window);
    palette.setColor(QPalette::WindowText, t.text2);
    palette.setColor(QPalette::Base, t.input);
    palette.setColor(QPalette::AlternateBase, t.card);
    palette.setColor(QPalette::Text, t.text1);
    palette.setColor(QPalette::PlaceholderText, t.text3);
    palette.setColor(QPalette::Button, t.card);
    palette.setColor(QPalette::ButtonText, t.text1);
    palette.setColor(QPalette::BrightText, t.text1);
    palette.setColor(QPalette::Highlight, t.select);
    palette.setColor(QPalette::HighlightedText, t.text1);
    palette.setColor(QPalette::ToolTipBase, t.raised);
    palette.setColor(QPalette::ToolTipText, t.text2);
    palette.setColor(QPalette::Link, t.accent);
    palette.setColor(QPalette::LinkVisited, t.accent);
    palette.setColor(QPalette::Light, t.hover);
    palette.setColor(QPalette::Midlight, t.hover);
    palette.setColor(QPalette::Mid, t.strokeControl);
    palette.setColor(QPalette::Dark, t.strokeCard);
    palette.setColor(QPalette::Shadow, t.strokeCard);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, t.textOff);
    return palette;
}

} // namespace ui
