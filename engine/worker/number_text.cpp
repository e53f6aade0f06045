// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/number_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace engine {

std::string threeDigits(double value)
{
    char text[40];
    const double size = std::abs(value);
    if (size >= 99.95 || size == 0) {
        std::snprintf(text, sizeof text, "%.0f", value);
    } else {
        const int digits = std::clamp(2 - int(std::floor(std::log10(size * 1.0005))), 0, 9);
        std::snprintf(text, sizeof text, "%.*f", digits, value);
    }
    return text;
}

std::string durationText(double milliseconds)
{
    if (milliseconds < 1)
        return threeDigits(milliseconds * 1e3) + " us";
    if (milliseconds < 10000)
        return threeDigits(milliseconds) + " ms";
    return threeDigits(milliseconds / 1e3) + " s";
}

std::string clockText(double seconds)
{
    const auto whole = std::int64_t(std::clamp(std::ceil(seconds), 0.0, 1e9));
    char text[40];
    std::snprintf(text, sizeof text, "%lld:%02d", static_cast<long long>(whole / 60),
                  int(whole % 60));
    return text;
}

std::string countText(std::int64_t count)
{
    if (count < 1000000)
        return std::to_string(count);
    if (count < 1000000000)
        return threeDigits(double(count) / 1e6) + " M";
    return threeDigits(double(count) / 1e9) + " B";
}

} // namespace engine
