// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace ui {

namespace {

Theme darkColors()
{
    Theme t;
    t.kind = ThemeKind::Dark;
    t.window = QColor(0x0D1015U);
    t.rail = QColor(0x090B0FU);
    t.card = QColor(0x161A21U);
    t.raised = QColor(0x20262FU);
    t.input = QColor(0x0F1318U);
    t.hover = QColor(0x262D38U);
    t.pressed = QColor(0x303947U);
    t.select = QColor(0x1D2F4CU);
    t.strokeCard = QColor(0x252C36U);
    t.strokeControl = QColor(0x6B7789U);
    t.gridMajor = QColor(0x2A313CU);
    t.gridMinor = QColor(0x1E242CU);
    t.axis = QColor(0x66738AU);
    t.text1 = QColor(0xF1F4F8U);
    t.text2 = QColor(0xB6BFCBU);
    t.text3 = QColor(0x8D97A6U);
    t.textOff = QColor(0x5C6572U);
    t.accent = QColor(0x7AB0FFU);
    t.onAccent = QColor(0x08131FU);
    t.good = QColor(0x58D39AU);
    t.warn = QColor(0xF5C04FU);
    t.bad = QColor(0xFF8A80U);
    t.goodBg = QColor(0x12291FU);
    t.warnBg = QColor(0x2E2412U);
    t.badBg = QColor(0x331A19U);
    t.crossChip = QColor(0xF1F4F8U);
    t.onCrossChip = QColor(0x12161DU);
    t.series = {QColor(0xF6AB45U), QColor(0x6480F5U), QColor(0x9EF0DFU), QColor(0xF4481FU),
                QColor(0x99B286U), QColor(0xCDAFF8U), QColor(0xEDFA5AU), QColor(0x9D7692U)};
    return t;
}

Theme lightColors()
{
    Theme t;
    t.kind = ThemeKind::Light;
    t.window = QColor(0xF2F4F8U);
    t.rail = QColor(0xE6EAF1U);
    t.card = QColor(0xFFFFFFU);
    t.raised = QColor(0xFFFFFFU);
    t.input = QColor(0xFFFFFFU);
    t.hover = QColor(0xEBEFF5U);
    t.pressed = QColor(0xDDE3ECU);
    t.select = QColor(0xDCE8FCU);
    t.strokeCard = QColor(0xD9DFE8U);
    t.strokeControl = QColor(0x7B8696U);
    t.gridMajor = QColor(0xDDE2EAU);
    t.gridMinor = QColor(0xEDF0F4U);
    t.axis = QColor(0x848E9DU);
    t.text1 = QColor(0x12161DU);
    t.text2 = QColor(0x434C5AU);
    t.text3 = QColor(0x5C6675U);
    t.textOff = QColor(0xA0A8B4U);
    t.accent = QColor(0x1B5FD9U);
    t.onAccent = QColor(0xFFFFFFU);
    t.good = QColor(0x0B7048U);
    t.warn = QColor(0x8A5700U);
    t.bad = QColor(0xB42318U);
    t.goodBg = QColor(0xE3F4ECU);
    t.warnBg = QColor(0xFBF0DAU);
    t.badBg = QColor(0xFCE8E6U);
    t.crossChip = QColor(0x12161DU);
    t.onCrossChip = QColor(0xFFFFFFU);
    t.series = {QColor(0xC8785EU), QColor(0x4051CFU), QColor(0x159CA4U), QColor(0xA12147U),
                QColor(0x034617U), QColor(0xA46DF0U), QColor(0x696D0EU), QColor(0x552D57U)};
    return t;
}

Theme highContrastColors()
{
    Theme t;
    t.kind = ThemeKind::HighContrast;
    t.window = t.rail = t.card = t.raised = t.input = QColor(0x000000U);
    t.hover = QColor(0x1F1F1FU);
    t.pressed = QColor(0x333333U);
    t.select = QColor(0x003A66U);
    t.strokeCard = t.strokeControl = t.axis = QColor(0xFFFFFFU);
    t.gridMajor = QColor(0x4A4A4AU);
    t.gridMinor = QColor();
    t.text1 = t.text2 = QColor(0xFFFFFFU);
    t.text3 = QColor(0xE6E6E6U);
    t.textOff = QColor(0x9A9A9AU);
    t.accent = QColor(0xFFE14DU);
    t.onAccent = QColor(0x000000U);
    t.good = QColor(0x5CFFB0U);
    t.warn = QColor(0xFFD24DU);
    t.bad = QColor(0xFF9B94U);
    t.goodBg = t.warnBg = t.badBg = QColor(0x000000U);
    t.crossChip = QColor(0xFFE14DU);
    t.onCrossChip = QColor(0x000000U);
    t.series = {QColor(0xF8A454U), QColor(0x63A4F7U), QColor(0xB9FBF5U), QColor(0xF04333U),
                QColor(0x759274U), QColor(0xB9B9E1U), QColor(0xE1DE9EU), QColor(0xAF6695U)};
    return t;
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
    Theme theme = kind == ThemeKind::Dark    ? darkColors()
                  : kind == ThemeKind::Light ? lightColors()
                                             : highContrastColors();
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
