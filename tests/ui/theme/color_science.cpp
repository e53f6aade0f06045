// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/theme/color_science.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace color {

namespace {

using Matrix = std::array<Vector, 3>;

Vector times(const Matrix &m, const Vector &v)
{
    Vector out{};
    for (std::size_t row = 0; row < 3; ++row)
        out[row] = m[row][0] * v[0] + m[row][1] * v[1] + m[row][2] * v[2];
    return out;
}

double luminance(const QColor &c)
{
    const Vector rgb = linear(c);
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

double degrees(double radians)
{
    return radians * 180 / std::numbers::pi;
}

double radians(double degreesValue)
{
    return degreesValue * std::numbers::pi / 180;
}

double hue(double a, double b)
{
    if (a == 0 && b == 0)
        return 0;
    const double h = degrees(std::atan2(b, a));
    return h < 0 ? h + 360 : h;
}

} // namespace

Vector linear(const QColor &color)
{
    const auto channel = [](int value) {
        const double v = value / 255.0;
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    return {channel(color.red()), channel(color.green()), channel(color.blue())};
}

double contrast(const QColor &a, const QColor &b)
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

Vector seen(const Vector &rgb, Vision vision)
{
    static const Matrix kProtan = {{{0.152286, 1.052583, -0.204868},
                                    {0.114503, 0.786281, 0.099216},
                                    {-0.003882, -0.048116, 1.051998}}};
    static const Matrix kDeutan = {{{0.367322, 0.860646, -0.227968},
                                    {0.280085, 0.672501, 0.047413},
                                    {-0.011820, 0.042940, 0.968881}}};
    static const Matrix kTritan = {{{1.255528, -0.076749, -0.178779},
                                    {-0.078411, 0.930809, 0.147602},
                                    {0.004733, 0.691367, 0.303900}}};
    Vector out = vision == Vision::Protanopia     ? times(kProtan, rgb)
                 : vision == Vision::Deuteranopia ? times(kDeutan, rgb)
                 : vision == Vision::Tritanopia   ? times(kTritan, rgb)
                                                  : rgb;
    for (double &value : out)
        value = std::clamp(value, 0.0, 1.0);
    return out;
}

Vector lab(const Vector &rgb)
{
    static const Matrix kToXyz = {{{0.4124564, 0.3575761, 0.1804375},
                                   {0.2126729, 0.7151522, 0.0721750},
                                   {0.0193339, 0.1191920, 0.9503041}}};
    static const Vector kWhite = {0.95047, 1.0, 1.08883};
    const Vector xyz = times(kToXyz, rgb);
    Vector f{};
    for (std::size_t i = 0; i < 3; ++i) {
        const double t = xyz[i] / kWhite[i];
        f[i] = t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    }
    return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

double ciede2000(const Vector &lab1, const Vector &lab2)
{
    const double c1 = std::hypot(lab1[1], lab1[2]);
    const double c2 = std::hypot(lab2[1], lab2[2]);
    const double mean7 = std::pow((c1 + c2) / 2, 7);
    const double g = 0.5 * (1 - std::sqrt(mean7 / (mean7 + std::pow(25.0, 7))));
    const double a1 = lab1[1] * (1 + g);
    const double a2 = lab2[1] * (1 + g);
    const double cp1 = std::hypot(a1, lab1[2]);
    const double cp2 = std::hypot(a2, lab2[2]);
    const double h1 = hue(a1, lab1[2]);
    const double h2 = hue(a2, lab2[2]);
    const bool grey = cp1 * cp2 == 0;

    const double dl = lab2[0] - lab1[0];
    const double dc = cp2 - cp1;
    double dh = h2 - h1;
    if (grey)
        dh = 0;
    else if (dh > 180)
        dh -= 360;
    else if (dh < -180)
        dh += 360;
    const double dH = 2 * std::sqrt(cp1 * cp2) * std::sin(radians(dh / 2));

    const double l = (lab1[0] + lab2[0]) / 2;
    const double c = (cp1 + cp2) / 2;
    double h = h1 + h2;
    if (!grey)
        h = std::fabs(h1 - h2) <= 180 ? h / 2 : h < 360 ? (h + 360) / 2 : (h - 360) / 2;
    const double t = 1 - 0.17 * std::cos(radians(h - 30)) + 0.24 * std::cos(radians(2 * h)) +
                     0.32 * std::cos(radians(3 * h + 6)) - 0.20 * std::cos(radians(4 * h - 63));
    const double turn = 30 * std::exp(-std::pow((h - 275) / 25, 2));
    const double c7 = std::pow(c, 7);
    const double rc = 2 * std::sqrt(c7 / (c7 + std::pow(25.0, 7)));
    const double sl = 1 + 0.015 * std::pow(l - 50, 2) / std::sqrt(20 + std::pow(l - 50, 2));
    const double sc = 1 + 0.045 * c;
    const double sh = 1 + 0.015 * c * t;
    const double rt = -std::sin(radians(2 * turn)) * rc;
    return std::sqrt(std::pow(dl / sl, 2) + std::pow(dc / sc, 2) + std::pow(dH / sh, 2) +
                     rt * (dc / sc) * (dH / sh));
}

} // namespace color
