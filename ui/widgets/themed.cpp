// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/themed.h"

#include <QWidget>

namespace ui {

Themed::Themed()
{
    static const ThemePtr kStart = std::make_shared<const Theme>(makeTheme(ThemeKind::Dark));
    m_theme = kStart;
}

Themed::~Themed() = default;

void Themed::setTheme(const ThemePtr &theme)
{
    if (m_theme == theme)
        return;
    m_theme = theme;
    themeChanged();
}

void applyTheme(QWidget *root, const ThemePtr &theme)
{
    if (auto *themed = dynamic_cast<Themed *>(root))
        themed->setTheme(theme);
    const QList<QWidget *> children = root->findChildren<QWidget *>();
    for (QWidget *child : children) {
        if (auto *themed = dynamic_cast<Themed *>(child))
            themed->setTheme(theme);
    }
}

} // namespace ui
