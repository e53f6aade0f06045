// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "ui/theme/theme.h"

class QWidget;

namespace ui {

using ThemePtr = std::shared_ptr<const Theme>;

// A widget that paints from theme tokens. Starts dark; applyTheme() hands it another one.
class Themed
{
public:
    Themed();
    virtual ~Themed();

    const Theme &theme() const { return *m_theme; }
    void setTheme(const ThemePtr &theme);

protected:
    // Fonts, cached layouts and repaint.
    virtual void themeChanged() = 0;

private:
    ThemePtr m_theme; // never null
};

// Gives the theme to `root` and to every themed widget below it.
void applyTheme(QWidget *root, const ThemePtr &theme);

} // namespace ui
