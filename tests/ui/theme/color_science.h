// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

#include <array>

// Colour arithmetic for the theme's tests, written from the standards and independent of the
// program.
namespace color {

using Vector = std::array<double, 3>;

// sRGB (IEC 61966-2-1) to linear light, 0..1.
Vector linear(const QColor &color);

// Contrast ratio of WCAG 2.1.
double contrast(const QColor &a, const QColor &b);

enum class Vision { Normal, Protanopia, Deuteranopia, Tritanopia };

// Linear sRGB as seen, by the matrices of Machado, Oliveira and Fernandes (2009), severity 1.
Vector seen(const Vector &linear, Vision vision);

// CIE L*a*b* under D65 of linear sRGB.
Vector lab(const Vector &linear);

// CIEDE2000 colour difference (Sharma, Wu, Dalal 2005), kL = kC = kH = 1.
double ciede2000(const Vector &lab1, const Vector &lab2);

} // namespace color
